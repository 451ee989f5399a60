// Masking of single tokens, as in BERT (Devlin et al., 2018, section 3.1), drawn anew each time a text is seen, as in
// RoBERTa (Liu et al., 2019, section 4.1).

import type { Random } from '../random.js'
import {
  checkMasking,
  drawDistinct,
  type Masked,
  type Masking,
  type MaskingOptions,
  type MaskingVocabulary,
  maskedAt,
  replacement,
} from './masking.js'

export interface TokenMaskingOptions extends MaskingOptions {
  /**
   * Special tokens are predicted like any others, and [MASK] may stand for a token as a random one: as in fairseq, where
   * RoBERTa learns where sentences end. Default false.
   */
  readonly predictSpecialTokens?: boolean
}

/**
 * BERT's masking, drawn anew: of the chosen tokens 80 % become [MASK], 10 % a random token, 10 % stay.
 *
 * The number of chosen tokens is rounded at random, so that short sequences have the right share on average, as in
 * fairseq; at least one is chosen where there is any that may be. Unlike fairseq (but see `predictSpecialTokens`),
 * special tokens are not chosen, and unlike transformers' collator, they do not appear as random tokens.
 *
 * @example
 * const vocabulary = { vocabSize: 8000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const { ids, positions, labels } = maskTokens([2, 57, 1203, 9, 3], vocabulary, new Random(1))
 */
export function maskTokens(
  ids: ArrayLike<number>,
  vocabulary: MaskingVocabulary,
  random: Random,
  options: TokenMaskingOptions = {},
): Masked {
  const { specialTokenIds, maskTokenId } = vocabulary
  const { maskProbability = 0.15, predictSpecialTokens = false } = options
  const candidates = Array.from(ids, (_, i) => i).filter((i) => predictSpecialTokens || !specialTokenIds.has(ids[i]!))
  const wanted = Math.max(1, Math.floor(maskProbability * ids.length + random.uniform()))
  const positions = drawDistinct(candidates, Math.min(wanted, candidates.length), random)
  const isDrawable = (id: number) => !specialTokenIds.has(id) || (predictSpecialTokens && id === maskTokenId)
  return maskedAt(ids, positions, replacement(vocabulary, random, options, isDrawable))
}

/**
 * {@link maskTokens} as a `Masking`.
 *
 * @throws {BertkinError} `option-invalid` for impossible shares or a vocabulary of nothing but special tokens
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), tokenMasking(vocabulary, { maskProbability: 0.4 }))
 */
export function tokenMasking(vocabulary: MaskingVocabulary, options: TokenMaskingOptions = {}): Masking {
  checkMasking(vocabulary, options)
  return (ids, random) => maskTokens(ids, vocabulary, random, options)
}
