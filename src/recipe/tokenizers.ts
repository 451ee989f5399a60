// Which kind of tokenizer is trained, by its own name or by the recipe whose paper has it.

import type { Corpus } from '../data/index.js'
import {
  type Tokenizer,
  type TrainProgress,
  trainByteLevelBpe,
  trainUnigram,
  trainWordPiece,
} from '../tokenizer/index.js'
import type { RecipeName } from './recipes.js'

/** The kinds of tokenizer that can be trained. */
export const TOKENIZER_TYPES = ['wordpiece', 'unigram', 'byte-level-bpe'] as const
export type TokenizerType = (typeof TOKENIZER_TYPES)[number]

export interface NewTokenizer {
  readonly vocabSize: number
  /** Keep capital letters (and Unigram's accents); RoBERTa's bytes always are. */
  readonly cased: boolean
  readonly maxLength?: number | undefined
  readonly onProgress?: (progress: TrainProgress) => void
}

/**
 * Trains a tokenizer on lines of text.
 *
 * @example
 * const lines = linesOf(memoryCorpus([['Tom has a dog.', 'The dog barks.']]))
 * const tokenizer = await trainTokenizerOfType('unigram', lines, { vocabSize: 300, cased: true })
 */
export function trainTokenizerOfType(
  type: TokenizerType,
  lines: AsyncIterable<string>,
  { vocabSize, cased, maxLength, onProgress }: NewTokenizer,
): Promise<Tokenizer> {
  const options = {
    vocabSize,
    ...(maxLength !== undefined && { modelMaxLength: maxLength }),
    ...(onProgress && { onProgress }),
  }
  switch (type) {
    case 'wordpiece':
      return trainWordPiece(lines, { ...options, lowercase: !cased })
    case 'unigram':
      return trainUnigram(lines, { ...options, lowercase: !cased, stripAccents: !cased })
    case 'byte-level-bpe':
      return trainByteLevelBpe(lines, options)
  }
}

const typeOf = (recipe: RecipeName): TokenizerType =>
  recipe === 'roberta' ? 'byte-level-bpe' : recipe === 'albert' ? 'unigram' : 'wordpiece'

/**
 * Trains a recipe's tokenizer on lines of text.
 *
 * @example
 * const lines = linesOf(memoryCorpus([['Tom has a dog.', 'The dog barks.']]))
 * const tokenizer = await trainTokenizer('roberta', lines, { vocabSize: 300, cased: true })
 */
export const trainTokenizer = (
  recipe: RecipeName,
  lines: AsyncIterable<string>,
  options: NewTokenizer,
): Promise<Tokenizer> => trainTokenizerOfType(typeOf(recipe), lines, options)

const PIECES = {
  wordpiece: 'word pieces',
  unigram: 'sentence pieces',
  'byte-level-bpe': 'byte pairs',
} as const satisfies Record<TokenizerType, string>

/**
 * What a recipe's vocabulary is made of, in words.
 *
 * @example
 * piecesOf('albert') // 'sentence pieces'
 */
export const piecesOf = (recipe: RecipeName): string => PIECES[typeOf(recipe)]

/**
 * What tokenizers are trained on: a corpus's lines.
 *
 * @example
 * for await (const line of linesOf(memoryCorpus([['Tom has a dog.']]))) console.log(line)
 */
export async function* linesOf(corpus: Corpus): AsyncGenerator<string> {
  for await (const document of corpus.documents()) yield* document.lines
}
