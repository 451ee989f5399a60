// Dynamic masking (Liu et al., 2019, section 4.1): which tokens to predict is drawn anew each time a text is seen.

import { BertkinError } from '../errors.js'
import type { Random } from '../random.js'

/** What masking needs to know of a vocabulary. */
export interface MaskingVocabulary {
  readonly vocabSize: number
  readonly maskTokenId: number
  /** Never chosen for prediction, nor put in place of a token: [CLS], [SEP], [PAD], … */
  readonly specialTokenIds: ReadonlySet<number>
}

export interface MaskingOptions {
  /** Share of a sequence's tokens, special ones included in the count, that is predicted. Default 0.15. */
  readonly maskProbability?: number
  /** Share of these that becomes [MASK]. Default 0.8. */
  readonly maskedShare?: number
  /** Share of these that becomes a random token. Default 0.1; the rest stays as it is. */
  readonly randomShare?: number
}

/** A masked sequence: what the model reads, and what it must say where. */
export interface Masked {
  readonly ids: Int32Array
  /** Columns to predict, ascending. */
  readonly positions: Int32Array
  /** The original ids there. */
  readonly labels: Int32Array
}

/**
 * BERT's masking, drawn anew: of the chosen tokens 80 % become [MASK], 10 % a random token, 10 % stay.
 *
 * The number of chosen tokens is rounded at random, so that short sequences have the right share on average, as in
 * fairseq; at least one is chosen where there is any that may be. Unlike fairseq, special tokens are not chosen, and
 * unlike transformers' collator, they do not appear as random tokens.
 *
 * @example
 * const vocabulary = { vocabSize: 8000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const { ids, positions, labels } = maskTokens([2, 57, 1203, 9, 3], vocabulary, new Random(1))
 */
export function maskTokens(
  ids: ArrayLike<number>,
  vocabulary: MaskingVocabulary,
  random: Random,
  { maskProbability = 0.15, maskedShare = 0.8, randomShare = 0.1 }: MaskingOptions = {},
): Masked {
  const { specialTokenIds, maskTokenId } = vocabulary
  const candidates = Array.from(ids, (_, i) => i).filter((i) => !specialTokenIds.has(ids[i]!))
  const wanted = Math.max(1, Math.floor(maskProbability * ids.length + random.uniform()))
  const count = Math.min(wanted, candidates.length)
  const positions = Int32Array.from(drawDistinct(candidates, count, random)).sort()
  const masked = Int32Array.from(ids)
  for (const position of positions) {
    const u = random.uniform()
    if (u < maskedShare) masked[position] = maskTokenId
    else if (u < maskedShare + randomShare) masked[position] = randomToken(vocabulary, random)
  }
  return { ids: masked, positions, labels: positions.map((position) => ids[position]!) }
}

/** `count` different items, every choice equally likely (the first steps of Fisher and Yates' shuffle). */
export function drawDistinct(items: readonly number[], count: number, random: Random): number[] {
  const pool = [...items]
  for (let i = 0; i < count; i++) {
    const j = i + random.below(pool.length - i)
    const chosen = pool[j]!
    pool[j] = pool[i]!
    pool[i] = chosen
  }
  return pool.slice(0, count)
}

/** A token that is not special, all equally likely. */
function randomToken({ vocabSize, specialTokenIds }: MaskingVocabulary, random: Random): number {
  for (;;) {
    const id = random.below(vocabSize)
    if (!specialTokenIds.has(id)) return id
  }
}

/** Refuses a vocabulary or shares that masking cannot work with. */
export function checkMasking(vocabulary: MaskingVocabulary, options: MaskingOptions): void {
  const { maskProbability = 0.15, maskedShare = 0.8, randomShare = 0.1 } = options
  if (!(maskProbability > 0 && maskProbability <= 1)) {
    throw new BertkinError('option-invalid', `maskProbability must be above 0 and at most 1, not ${maskProbability}`)
  }
  if (!(maskedShare >= 0 && randomShare >= 0 && maskedShare + randomShare <= 1)) {
    throw new BertkinError('option-invalid', 'maskedShare and randomShare must not be negative nor exceed 1 together')
  }
  if (vocabulary.specialTokenIds.size >= vocabulary.vocabSize) {
    throw new BertkinError('option-invalid', 'the vocabulary has nothing but special tokens')
  }
}
