// What all trainers do alike: count the words of their texts, and let other work run meanwhile.
import { TokenizerError } from './error.js'
import type { MergeTraining } from './mergeTraining.js'
import type { Normalizer, PreTokenizer } from './steps.js'
import type { SpecialToken } from './tokenizer.js'
import { Vocabulary } from './vocabulary.js'
import { WordCounter } from './wordCounter.js'

/**
 * Where training stands: characters of text counted (the total is not known), then tokens made by merging, or pieces
 * dropped of those that Unigram training began with.
 */
export type TrainProgress =
  | { readonly phase: 'count'; readonly done: number; readonly total: undefined }
  | { readonly phase: 'merge'; readonly done: number; readonly total: number }
  | { readonly phase: 'prune'; readonly done: number; readonly total: number }

/** Lets other work run ten times a second; true when it did. */
export type Breathe = () => Promise<boolean>

/** A {@link Breathe} whose clock begins now. */
export function breather(): Breathe {
  let last = performance.now()
  let calls = 0
  return async () => {
    if ((++calls & 15) !== 0 || performance.now() - last < 100) return false
    await new Promise((resolve) => setTimeout(resolve))
    last = performance.now()
    return true
  }
}

/**
 * The words of the texts with their counts, as the tokenizer's own first steps cut them.
 * Throws `option-invalid` if there is none.
 */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  normalizer: Normalizer | undefined,
  preTokenizer: PreTokenizer,
  breathe: Breathe,
  onProgress: (progress: TrainProgress) => void,
): Promise<[word: string, count: number][]> {
  const counter = new WordCounter(normalizer, preTokenizer)
  let done = 0
  for await (const text of texts) {
    counter.add(text)
    done += text.length
    if (await breathe()) onProgress({ phase: 'count', done, total: undefined })
  }
  onProgress({ phase: 'count', done, total: undefined })
  const words = counter.entries()
  if (words.length === 0) invalid('there is no word in the texts to train on; pass at least one text')
  return words
}

/** Makes all merges; the vocabulary that they leave. */
export async function mergedVocabulary(
  training: MergeTraining,
  vocabSize: number,
  breathe: Breathe,
  onProgress: (progress: TrainProgress) => void,
): Promise<Vocabulary> {
  while (training.step()) {
    if (await breathe()) onProgress({ phase: 'merge', done: training.tokens.length, total: vocabSize })
  }
  onProgress({ phase: 'merge', done: training.tokens.length, total: vocabSize })
  return new Vocabulary(
    training.tokens.map((token, id) => [token, id]),
    'the trained vocabulary',
  )
}

/** Finds special tokens by name: those that training was given; ids are theirs in the vocabulary. */
export const specialTokenFinder =
  (specialTokens: readonly string[], idOf: (token: string) => number | undefined) =>
  (token: string): SpecialToken | undefined => {
    const id = specialTokens.includes(token) ? idOf(token) : undefined
    return id === undefined ? undefined : { token, id }
  }

/** Throws `option-invalid`. */
export function invalid(message: string): never {
  throw new TokenizerError('option-invalid', message)
}

/** Checks the options that all trainers have. */
export function checkTrainingOptions(vocabSize: number, specialTokens: readonly string[], unkToken?: string): void {
  if (!Number.isInteger(vocabSize) || vocabSize <= specialTokens.length) {
    invalid(`vocabSize must be a whole number above the ${specialTokens.length} special tokens, not ${vocabSize}`)
  }
  if (unkToken !== undefined && !specialTokens.includes(unkToken)) {
    invalid(`specialTokens must have '${unkToken}', the token for unknown words`)
  }
  if (specialTokens.includes('')) invalid('specialTokens must not have an empty token')
}
