// From a row of logits to its likeliest entries and their probabilities.

import { BertkinError } from '../errors.js'

/**
 * The probability of any entry under the softmax of all of them. Summed in 64 bits, so that the order of entries does
 * not show.
 *
 * @throws {BertkinError} `not-finite` if the logits are no numbers: the weights are broken
 *
 * @example
 * softmax(new Float32Array([0, 0]))(1) // 0.5
 */
export function softmax(logits: Float32Array): (index: number) => number {
  let highest = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > highest) highest = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - highest)
  if (!Number.isFinite(sum)) throw notFinite()
  return (index) => Math.exp(logits[index]! - highest) / sum
}

/**
 * The probability that a logit stands for, by itself.
 *
 * @throws {BertkinError} `not-finite` if it is no number: the weights are broken
 *
 * @example
 * sigmoid(0) // 0.5
 */
export function sigmoid(logit: number): number {
  if (Number.isNaN(logit)) throw notFinite()
  return 1 / (1 + Math.exp(-logit))
}

/** The error for logits that are no numbers. */
export const notFinite = (): BertkinError =>
  new BertkinError('not-finite', 'the model gave logits that are not numbers: are its weights damaged?')

/**
 * The indices of the `count` largest values, largest first; of equal ones the lower index comes first.
 *
 * @param among the indices to choose from; default: all
 *
 * @example
 * largest(new Float32Array([1, 3, 2]), 2) // [1, 2]
 */
export function largest(values: Float32Array, count: number, among: Iterable<number> = values.keys()): number[] {
  const byValue = (a: number, b: number): number => values[b]! - values[a]! || a - b
  let kept: number[] = []
  let bar = Number.NEGATIVE_INFINITY
  for (const index of among) {
    // Lower than `count` others seen so far.
    if (values[index]! < bar) continue
    kept.push(index)
    if (kept.length < 2 * count + 64) continue
    kept = kept.sort(byValue).slice(0, count)
    bar = values[kept.at(-1)!]!
  }
  return kept.sort(byValue).slice(0, count)
}
