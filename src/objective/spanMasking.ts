// SpanBERT's masking (Joshi et al., 2019, section 3.1, and the published code's PairWithSpanMaskingScheme): spans of
// whole words whose lengths are drawn from a geometric distribution.

import { BertkinError } from '../errors.js'
import type { Random } from '../random.js'
import { checkMasking, type Masked, type Masking, type MaskingOptions, maskedAt } from './masking.js'
import { checkWords, type Word, type WordVocabulary, wordsOf } from './words.js'

export interface SpanMaskingOptions extends MaskingOptions {
  /** Share of a sequence's tokens that is predicted; special ones are not counted here. Default 0.15. */
  readonly maskProbability?: number
  /** A span has l words with a probability proportional to p(1 − p)^(l−1). Default 0.2. */
  readonly geometricProbability?: number
  /** The most words in a span. Default 10. */
  readonly mostWords?: number
  /**
   * How often each token occurs in the corpus, [vocabSize]: random tokens are drawn accordingly. Default: all but the
   * special ones equally often.
   */
  readonly tokenCounts?: ArrayLike<number>
}

/** A stretch of tokens: columns `start` to before `end`. */
export type Span = Word

/**
 * SpanBERT's masking. Until ceil(0.15 · tokens) are chosen: a length of 1 to 10 words is drawn and a token that is not
 * yet chosen; a span of that many words begins with this token's word. Spans end at special tokens, and when the budget is
 * reached, even inside a word; they may run over tokens that are already chosen.
 *
 * Spans that overlap or touch are one. Each is drawn for as a whole: all its tokens become [MASK] (80 %), or each a
 * random token (10 %), or all stay (10 %).
 *
 * @throws {BertkinError} `option-invalid` for impossible shares or lengths, or tables of another length
 *
 * @example
 * const vocabulary = {
 *   vocabSize: 28996, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]), startsWord: new Uint8Array(28996).fill(1),
 * }
 * const objective = spanBoundary(createConfig({ modelType: 'bert', vocabSize: 28996 }), vocabulary, spanMasking(vocabulary))
 */
export function spanMasking(vocabulary: WordVocabulary, options: SpanMaskingOptions = {}): Masking {
  const { geometricProbability = 0.2, mostWords = 10, tokenCounts, maskProbability = 0.15 } = options
  checkMasking(vocabulary, options)
  checkWords(vocabulary)
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  if (!(geometricProbability > 0 && geometricProbability <= 1)) {
    refuse(`geometricProbability must be above 0 and at most 1, not ${geometricProbability}`)
  }
  if (!(Number.isInteger(mostWords) && mostWords >= 1)) {
    refuse(`mostWords must be a whole number from 1 up, not ${mostWords}`)
  }
  const drawLength = drawer(spanLengths(geometricProbability, mostWords))
  const drawToken = drawer(drawableCounts(vocabulary, tokenCounts))
  return (ids, random) => {
    const words = wordsOf(ids, vocabulary)
    const chosen = chooseSpans(words, maskProbability, random, () => drawLength(random) + 1)
    return replaceSpans(ids, mergedSpans(chosen), random, { ...options, mask: vocabulary.maskTokenId, drawToken })
  }
}

/**
 * The probabilities of spans of 1, 2, … words: 0.2241, 0.1792, … for the defaults, whose mean is 3.797.
 *
 * @param p of the geometric distribution that is cut off after `most` and made to sum to 1 again
 *
 * @example
 * spanLengths(0.2, 10).reduce((mean, share, i) => mean + share * (i + 1), 0) // 3.797…
 */
export function spanLengths(p: number, most: number): number[] {
  const shares = Array.from({ length: most }, (_, i) => p * (1 - p) ** i)
  const total = shares.reduce((sum, share) => sum + share, 0)
  return shares.map((share) => share / total)
}

/** Columns of the tokens that are in spans. */
function chooseSpans(
  words: readonly Word[],
  maskProbability: number,
  random: Random,
  drawLength: () => number,
): Set<number> {
  const columns: number[] = []
  const wordOfColumn: number[] = []
  words.forEach(({ start, end }, w) => {
    for (let i = start; i < end; i++) {
      columns.push(i)
      wordOfColumn.push(w)
    }
  })
  const budget = Math.ceil(maskProbability * columns.length)
  const chosen = new Set<number>()
  while (chosen.size < budget) {
    const length = drawLength()
    const anchor = random.below(columns.length)
    if (chosen.has(columns[anchor]!)) continue
    const first = wordOfColumn[anchor]!
    for (let w = first; w < Math.min(words.length, first + length); w++) {
      const { start, end } = words[w]!
      if (w > first && start !== words[w - 1]!.end) break // a special token stands between
      for (let i = start; i < end && chosen.size < budget; i++) chosen.add(i)
    }
  }
  return chosen
}

/**
 * The maximal stretches of columns: what spans are once those that overlap or touch have become one.
 *
 * @example
 * mergedSpans([3, 4, 9, 5]) // { start: 3, end: 6 } and { start: 9, end: 10 }
 */
export function mergedSpans(columns: Iterable<number>): Span[] {
  const spans: { start: number; end: number }[] = []
  for (const column of Int32Array.from(columns).sort()) {
    const last = spans.at(-1)
    if (last?.end === column) last.end++
    else spans.push({ start: column, end: column + 1 })
  }
  return spans
}

interface SpanReplacement extends MaskingOptions {
  readonly mask: number
  drawToken(random: Random): number
}

function replaceSpans(
  ids: ArrayLike<number>,
  spans: readonly Span[],
  random: Random,
  { mask, drawToken, maskedShare = 0.8, randomShare = 0.1 }: SpanReplacement,
): Masked {
  const replacements = new Map<number, number>()
  for (const { start, end } of spans) {
    const u = random.uniform()
    for (let i = start; i < end; i++) {
      const isRandom = u >= maskedShare && u < maskedShare + randomShare
      replacements.set(i, u < maskedShare ? mask : isRandom ? drawToken(random) : ids[i]!)
    }
  }
  return maskedAt(ids, replacements.keys(), (_, position) => replacements.get(position)!)
}

/** Counts with nothing for special tokens; the same for all others where there are no counts, or none above 0. */
function drawableCounts({ vocabSize, specialTokenIds }: WordVocabulary, counts?: ArrayLike<number>): number[] {
  if (counts !== undefined && counts.length !== vocabSize) {
    const message = `tokenCounts must have an entry for each of the ${vocabSize} tokens, not ${counts.length}`
    throw new BertkinError('option-invalid', message)
  }
  const drawable = (count: (id: number) => number): number[] =>
    Array.from({ length: vocabSize }, (_, id) => (specialTokenIds.has(id) ? 0 : count(id)))
  const own = drawable((id) => counts?.[id] ?? 0)
  return own.some((count) => count > 0) ? own : drawable(() => 1)
}

/** Draws an index with a probability proportional to its weight. */
export function drawer(weights: readonly number[]): (random: Random) => number {
  const running = new Float64Array(weights.length)
  let total = 0
  weights.forEach((weight, i) => {
    total += weight
    running[i] = total
  })
  return (random) => {
    const target = random.uniform() * total
    let low = 0
    let high = running.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (running[middle]! > target) high = middle
      else low = middle + 1
    }
    return low
  }
}
