// The tokenizer that a recipe trains where none is given: the paper's kind.

import { type Tokenizer, trainByteLevelBpe, trainUnigram, trainWordPiece } from '../tokenizer/index.js'
import type { RecipeName } from './recipes.js'

export interface NewTokenizer {
  readonly vocabSize: number
  /** Keep capital letters (and Unigram's accents); RoBERTa's bytes always are. */
  readonly cased: boolean
  readonly maxLength: number
}

/** Trains a recipe's tokenizer on lines of text. */
export function trainTokenizer(
  recipe: RecipeName,
  lines: AsyncIterable<string>,
  { vocabSize, cased, maxLength }: NewTokenizer,
): Promise<Tokenizer> {
  const options = { vocabSize, modelMaxLength: maxLength }
  switch (recipe) {
    case 'roberta':
      return trainByteLevelBpe(lines, options)
    case 'albert':
      return trainUnigram(lines, { ...options, lowercase: !cased, stripAccents: !cased })
    default:
      return trainWordPiece(lines, { ...options, lowercase: !cased })
  }
}

/** What a recipe's vocabulary is made of. */
export const piecesOf = (recipe: RecipeName): string =>
  recipe === 'roberta' ? 'byte pairs' : recipe === 'albert' ? 'sentence pieces' : 'word pieces'
