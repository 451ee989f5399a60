// Words in a sequence of tokens, for the ways of masking that do not split them.

import { BertkinError } from '../errors.js'
import type { MaskingVocabulary } from './masking.js'

/** A vocabulary that tells where words begin. */
export interface WordVocabulary extends MaskingVocabulary {
  /** For each id, 1 if such a token begins a word and 0 if it goes on with one; [vocabSize]. */
  readonly startsWord: Uint8Array
}

/** Columns of a word's tokens: `start` to before `end`. */
export interface Word {
  readonly start: number
  readonly end: number
}

/**
 * The words of a sequence, in order. Special tokens belong to none, and a token behind one begins a word whatever it
 * is: byte-level tokenizers do not mark a line's first word, and of a word that was cut only the end may be there.
 */
export function wordsOf(ids: ArrayLike<number>, { startsWord, specialTokenIds }: WordVocabulary): Word[] {
  const words: Word[] = []
  let start = -1 // of the word at hand
  for (let i = 0; i <= ids.length; i++) {
    const isSpecial = i === ids.length || specialTokenIds.has(ids[i]!)
    const goesOn = !isSpecial && start >= 0 && startsWord[ids[i]!] === 0
    if (goesOn) continue
    if (start >= 0) words.push({ start, end: i })
    start = isSpecial ? -1 : i
  }
  return words
}

/** Refuses a table of word beginnings that is not the vocabulary's. */
export function checkWords({ startsWord, vocabSize }: WordVocabulary): void {
  if (startsWord.length === vocabSize) return
  const message = `startsWord must have an entry for each of the ${vocabSize} tokens, not ${startsWord.length}`
  throw new BertkinError('option-invalid', message)
}
