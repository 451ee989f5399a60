// From the logits of a window's tokens to the likeliest spans: where an answer starts and where it ends. Semantics of
// the span search in transformers 4.57.6 (src/transformers/pipelines/question_answering.py).

import { softmax } from './ranking.js'

/** Tokens from `start` to `end`, both included. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Probability of the start times probability of the end. */
  readonly score: number
}

/** Takes the place of the logits of tokens that no answer can have: nothing is left of them after a softmax. */
const IMPOSSIBLE = -10_000

/**
 * Probabilities over a window's tokens, [tokens], of which those that are not allowed have none.
 *
 * @throws {BertkinError} `not-finite` if the logits are no numbers
 */
export function allowedProbabilities(logits: Float32Array, allowed: readonly boolean[]): Float64Array {
  const masked = logits.map((logit, i) => (allowed[i] ? logit : IMPOSSIBLE))
  const probability = softmax(masked)
  return Float64Array.from(masked, (_, i) => probability(i))
}

/**
 * The `count` likeliest spans of at most `maxLength` tokens, likeliest first; of equals, the one that starts earlier,
 * then the one that ends earlier. Spans without any probability are no candidates: where the reference runs out of
 * others, it fills up with some of those, which ones being up to its sorting.
 *
 * Looks at tokens × `maxLength` products at most, and sorts few of them.
 *
 * @param start probability of each token to be the first, [tokens]
 * @param end probability of each token to be the last, [tokens]
 */
export function likeliestSpans(start: Float64Array, end: Float64Array, maxLength: number, count: number): Span[] {
  const byScore = (a: Span, b: Span): number => b.score - a.score || a.start - b.start || a.end - b.end
  const highestEnd = end.reduce((highest, p) => Math.max(highest, p), 0)
  let kept: Span[] = []
  let bar = 0 // what `count` earlier spans reach: an equal one that comes later is not among the first
  for (const [i, first] of start.entries()) {
    if (first * highestEnd <= bar) continue
    const stop = Math.min(end.length, i + maxLength)
    for (let j = i; j < stop; j++) {
      const score = first * end[j]!
      if (score <= bar) continue
      kept.push({ start: i, end: j, score })
      if (kept.length < 2 * count + 64) continue
      kept = kept.sort(byScore).slice(0, count)
      bar = kept.at(-1)!.score
    }
  }
  return kept.sort(byScore).slice(0, count)
}
