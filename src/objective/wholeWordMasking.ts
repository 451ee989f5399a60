// Whole-word masking (Google's BERT code of May 2019): where a token is predicted, so is all of its word.

import type { Masking } from './masking.js'
import { type NgramMaskingOptions, ngramMasking } from './ngramMasking.js'
import type { WordVocabulary } from './words.js'

/**
 * Whole-word masking: words in random order until max(1, round(0.15 · tokens)) are chosen; a word with more tokens than
 * are left of that is passed over. Each token by itself becomes [MASK] (80 %), a random token (10 %), or stays: as in
 * the published code. It is n-gram masking of single words.
 *
 * @throws {BertkinError} `option-invalid` for impossible shares or limits, or a `startsWord` of another length
 *
 * @example
 * const startsWord = Uint8Array.from(['[PAD]', '[MASK]', 'play', '##ing'], (token) => (token.startsWith('##') ? 0 : 1))
 * const vocabulary = { vocabSize: 4, maskTokenId: 1, specialTokenIds: new Set([0, 1]), startsWord }
 * const { positions } = wholeWordMasking(vocabulary)([2, 3], new Random(1)) // both, or none
 */
export const wholeWordMasking = (
  vocabulary: WordVocabulary,
  options: Omit<NgramMaskingOptions, 'mostWords'> = {},
): Masking => ngramMasking(vocabulary, { ...options, mostWords: 1 })
