// Trains a RoBERTa tokenizer on one's own text.
import { specialToken } from './addedTokens.js'
import { byteToUnit } from './byteAlphabet.js'
import { byteLevelDecoder } from './byteLevelDecoder.js'
import { ByteLevelPreTokenizer } from './byteLevelPreTokenizer.js'
import { BytePair } from './bytePair.js'
import { MergeTraining } from './mergeTraining.js'
import { robertaTemplate } from './robertaTemplate.js'
import { BARE_TEMPLATE } from './template.js'
import { Tokenizer } from './tokenizer.js'
import {
  breather,
  checkTrainingOptions,
  countWords,
  invalid,
  mergedVocabulary,
  specialTokenFinder,
  type TrainProgress,
} from './training.js'

/** Options of {@link trainByteLevelBpe}. */
export interface TrainByteLevelBpeOptions {
  /** How many ids, special tokens and the 256 bytes included; fewer if the text has no more pairs to merge. */
  vocabSize: number
  /** A pair of tokens seen less often than this is not merged. Default 2. */
  minFrequency?: number
  /** Put a space before each text that does not begin with one, in training and ever after. Default false. */
  addPrefixSpace?: boolean
  /** Leave the white space that a token begins or ends with out of its offsets. Default true. */
  trimOffsets?: boolean
  /**
   * Get the first ids, in this order. Default `<s>`, `<pad>`, `</s>`, `<unk>`, `<mask>`. Those names give them their
   * roles; `<s>` and `</s>` are put around texts if both are there, `<mask>` swallows the white space before it.
   */
  specialTokens?: readonly string[]
  /** The most tokens the model will take; kept in the tokenizer's files. Default: none. */
  modelMaxLength?: number
  /** Called now and then. */
  onProgress?: (progress: TrainProgress) => void
}

const ALPHABET: readonly string[] = Array.from(byteToUnit, (unit) => String.fromCharCode(unit))

/**
 * Trains byte-level BPE on texts (GPT-2's and RoBERTa's method: a word begins as its UTF-8 bytes, so no text is ever
 * unknown) with the method and the defaults of the reference library's ByteLevelBPETokenizer: the vocabulary and the
 * merges are the same. White space belongs to the word after it, so pass whole lines or documents, not single words.
 * Throws `TokenizerError` `option-invalid` for bad options or if there is no text.
 *
 * @example
 * import { readFile, writeFile } from 'node:fs/promises'
 * const lines = (await readFile('sample/stories.txt', 'utf8')).split('\n')
 * const tokenizer = await trainByteLevelBpe(lines, { vocabSize: 2000 })
 * for (const [name, text] of Object.entries(tokenizer.toFiles())) await writeFile(`models/mine/${name}`, text)
 */
export async function trainByteLevelBpe(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainByteLevelBpeOptions,
): Promise<Tokenizer> {
  const {
    vocabSize,
    minFrequency = 2,
    addPrefixSpace = false,
    trimOffsets = true,
    specialTokens = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'],
    modelMaxLength,
    onProgress = () => {},
  } = options
  checkOptions(vocabSize, minFrequency, specialTokens)
  const preTokenizer = new ByteLevelPreTokenizer({ addPrefixSpace, trimOffsets: true, useRegex: true })
  const breathe = breather()

  const words = await countWords(texts, undefined, preTokenizer, breathe, onProgress)
  const training = new MergeTraining(words, {
    vocabSize,
    minFrequency,
    limitAlphabet: undefined,
    initialAlphabet: ALPHABET,
    specialTokens,
    continuingSubwordPrefix: '',
  })
  const vocabulary = await mergedVocabulary(training, vocabSize, breathe, onProgress)
  const find = specialTokenFinder(specialTokens, (token) => vocabulary.idOf(token))
  const cls = find('<s>')
  const sep = find('</s>')
  const trim = { trimOffsets, addPrefixSpace }
  return new Tokenizer({
    normalizer: undefined,
    preTokenizer,
    model: new BytePair(vocabulary, training.merges),
    template: cls && sep ? robertaTemplate([cls.token, cls.id], [sep.token, sep.id], trim) : { ...BARE_TEMPLATE, trim },
    decoder: byteLevelDecoder,
    addedTokens: [...new Set(specialTokens)].map((token, id) => ({
      ...specialToken(token, id),
      lstrip: token === '<mask>',
    })),
    specialTokens: { cls, sep, pad: find('<pad>'), unk: find('<unk>'), mask: find('<mask>') },
    modelMaxLength,
  })
}

function checkOptions(vocabSize: number, minFrequency: number, specialTokens: readonly string[]): void {
  checkTrainingOptions(vocabSize, specialTokens)
  const alphabet = new Set([...specialTokens, ...ALPHABET]).size
  if (vocabSize < alphabet) {
    invalid(`vocabSize must be at least ${alphabet}, for the special tokens and the 256 bytes, not ${vocabSize}`)
  }
  if (!(minFrequency >= 0)) invalid(`minFrequency must be 0 or more, not ${minFrequency}`)
}
