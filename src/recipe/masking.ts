// From a tokenizer and an option's name to a way of masking.

import { BertkinError } from '../errors.js'
import {
  type Masking,
  type MaskingOptions,
  type MaskingVocabulary,
  ngramMasking,
  spanMasking,
  staticMasking,
  tokenMasking,
  wholeWordMasking,
} from '../objective/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { wordStarts } from './wordStarts.js'

/** What is masked together, by name. */
export const MASKINGS = ['token', 'whole-word', 'ngram', 'span'] as const
export type MaskingName = (typeof MASKINGS)[number]

export interface MaskingChoice extends MaskingOptions {
  readonly masking: MaskingName
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** So many copies of the data, each masked once and for all; default: masks are drawn anew each time. */
  readonly staticMasks?: number
  /** Of the static masks. */
  readonly seed: number
  /** Token masking: see `maskTokens`. */
  readonly predictSpecialTokens?: boolean
  /** Span masking: how often each token occurs in the corpus. */
  readonly tokenCounts?: ArrayLike<number>
}

/**
 * A way of masking, for a tokenizer.
 *
 * @throws {BertkinError} `option-invalid` if the tokenizer lacks what the masking needs
 *
 * @example
 * const tokenizer = await loadTokenizer('models/bert')
 * const mask = makeMasking(tokenizer, { masking: 'span', maskProbability: 0.15, seed: 0 })
 * mask(tokenizer.encodeIds('The river was cold.'), new Random(0))
 */
export function makeMasking(tokenizer: Tokenizer, choice: MaskingChoice): Masking {
  const masking = dynamicMasking(tokenizer, choice)
  return choice.staticMasks === undefined ? masking : staticMasking(masking, { seed: choice.seed })
}

function dynamicMasking(tokenizer: Tokenizer, options: MaskingChoice): Masking {
  const vocabulary = maskingVocabulary(tokenizer)
  if (options.masking === 'token') return tokenMasking(vocabulary, options)
  const words = { ...vocabulary, startsWord: wordStarts(tokenizer) }
  switch (options.masking) {
    case 'whole-word':
      return wholeWordMasking(words, options)
    case 'ngram':
      return ngramMasking(words, options)
    case 'span':
      return spanMasking(words, options)
  }
}

/**
 * What masking must know of a tokenizer.
 *
 * @throws {BertkinError} `option-invalid` if a special token is missing
 *
 * @example
 * const { maskTokenId } = maskingVocabulary(await loadTokenizer('models/bert'))
 */
export const maskingVocabulary = (tokenizer: Tokenizer): MaskingVocabulary => ({
  vocabSize: tokenizer.vocabSize,
  maskTokenId: requireSpecialTokens(tokenizer).mask,
  specialTokenIds: tokenizer.specialIds,
})

/** @throws {BertkinError} `option-invalid` if one is missing */
export function requireSpecialTokens({ specialTokens }: Tokenizer): { cls: number; sep: number; mask: number } {
  const { cls, sep, mask } = specialTokens
  if (cls && sep && mask) return { cls: cls.id, sep: sep.id, mask: mask.id }
  const lacking = Object.entries({ '[CLS]': cls, '[SEP]': sep, '[MASK]': mask }).flatMap(([name, t]) => (t ? [] : name))
  const message = `pretraining needs a tokenizer with [CLS], [SEP] and [MASK]; this one lacks ${lacking.join(' and ')}`
  throw new BertkinError('option-invalid', message)
}
