// Masking: which tokens of a sequence are to be predicted, and what the model reads in their place. Ways of masking are
// functions of one type, in files of their own; objectives take any of them.

import { BertkinError } from '../errors.js'
import type { Random } from '../random.js'

/** What masking needs to know of a vocabulary. */
export interface MaskingVocabulary {
  readonly vocabSize: number
  readonly maskTokenId: number
  /** Never chosen for prediction, nor put in place of a token: [CLS], [SEP], [PAD], … */
  readonly specialTokenIds: ReadonlySet<number>
}

/** What becomes of the tokens that are to be predicted. */
export interface ReplacementOptions {
  /** Share of these that becomes [MASK]. Default 0.8. */
  readonly maskedShare?: number
  /** Share of these that becomes a random token. Default 0.1; the rest stays as it is. */
  readonly randomShare?: number
}

export interface MaskingOptions extends ReplacementOptions {
  /** Share of a sequence's tokens, special ones included in the count, that is predicted. Default 0.15. */
  readonly maskProbability?: number
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
 * A way of masking: takes a sequence's ids, special tokens included and padding not, and draws what is random from
 * `random`. `copy` is the example's where data is duplicated, see `staticMasking`; others do not look at it.
 */
export type Masking = (ids: ArrayLike<number>, random: Random, copy?: number) => Masked

/** The sequence with `positions` (any order, each once) to be predicted and `replace` saying what stands there. */
export function maskedAt(
  ids: ArrayLike<number>,
  positions: Iterable<number>,
  replace: (id: number, position: number) => number,
): Masked {
  const sorted = Int32Array.from(positions).sort()
  const masked = Int32Array.from(ids)
  for (const position of sorted) masked[position] = replace(ids[position]!, position)
  return { ids: masked, positions: sorted, labels: sorted.map((position) => ids[position]!) }
}

/** BERT's replacement, drawn for each token by itself: mostly [MASK], sometimes a random token, sometimes the same. */
export function replacement(
  vocabulary: MaskingVocabulary,
  random: Random,
  { maskedShare = 0.8, randomShare = 0.1 }: ReplacementOptions,
  isDrawable: (id: number) => boolean = (id) => !vocabulary.specialTokenIds.has(id),
): (id: number) => number {
  return (id) => {
    const u = random.uniform()
    if (u < maskedShare) return vocabulary.maskTokenId
    return u < maskedShare + randomShare ? randomToken(vocabulary, random, isDrawable) : id
  }
}

/** A token that may be drawn, all equally likely. */
function randomToken({ vocabSize }: MaskingVocabulary, random: Random, isDrawable: (id: number) => boolean): number {
  for (;;) {
    const id = random.below(vocabSize)
    if (isDrawable(id)) return id
  }
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

/** As numpy's, TensorFlow's and Python's `round`. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  if (x - floor !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
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
