// Metrics of regression and correlation, as SciPy and scikit-learn define them.

import { assertPaired } from './check.js'

/**
 * The mean of squared differences.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for none
 * @example
 * meanSquaredError([1, 2], [1, 4]) // 2
 */
export function meanSquaredError(predictions: ArrayLike<number>, references: ArrayLike<number>): number {
  assertPaired(predictions, references)
  let sum = 0
  for (let i = 0; i < references.length; i++) sum += (predictions[i]! - references[i]!) ** 2
  return sum / references.length
}

/**
 * Pearson's correlation coefficient, −1 to 1. NaN where all predictions or all references are the same, or one is not
 * finite, as SciPy's `pearsonr`.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for fewer than two pairs
 * @example
 * pearsonCorrelation([1, 2, 3], [1, 2, 4]) // 0.982
 */
export function pearsonCorrelation(predictions: ArrayLike<number>, references: ArrayLike<number>): number {
  assertPaired(predictions, references, 2)
  const [a, b] = [direction(predictions), direction(references)]
  if (a === undefined || b === undefined) return Number.NaN
  let product = 0
  for (let i = 0; i < a.length; i++) product += a[i]! * b[i]!
  return Math.max(-1, Math.min(1, product))
}

/** The deviations from the mean, scaled to length 1; undefined if there are none. */
function direction(values: ArrayLike<number>): Float64Array | undefined {
  const { length } = values
  const deviations = new Float64Array(length)
  let largest = 0
  let mean = 0
  let constant = true
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i])) return undefined
    constant &&= values[i] === values[0]
    mean += values[i]! / length // not the sum first: it could overflow
  }
  // Not by the deviations: those of equal numbers may be of the size of rounding errors.
  if (constant) return undefined
  for (let i = 0; i < length; i++) {
    deviations[i] = values[i]! - mean
    largest = Math.max(largest, Math.abs(deviations[i]!))
  }
  let squares = 0
  for (let i = 0; i < length; i++) squares += (deviations[i]! / largest) ** 2 // scaled: squares of tiny numbers vanish
  const norm = largest * Math.sqrt(squares)
  return norm > 0 && Number.isFinite(norm) ? deviations.map((deviation) => deviation / norm) : undefined
}

/**
 * Spearman's rank correlation, −1 to 1: Pearson's of the ranks, where equal values have the mean of their ranks. NaN where
 * all predictions or all references are the same, or one is NaN, as SciPy's `spearmanr`.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for fewer than two pairs
 * @example
 * spearmanCorrelation([1, 2, 3], [1, 20, 300]) // 1
 */
export function spearmanCorrelation(predictions: ArrayLike<number>, references: ArrayLike<number>): number {
  assertPaired(predictions, references, 2)
  const [a, b] = [ranks(predictions), ranks(references)]
  return a === undefined || b === undefined ? Number.NaN : pearsonCorrelation(a, b)
}

/** Ranks from 1, ties averaged; undefined if there is a NaN. */
function ranks(values: ArrayLike<number>): Float64Array | undefined {
  const order = Array.from(values, (_, i) => i)
  if (order.some((i) => Number.isNaN(values[i]))) return undefined
  order.sort((i, j) => values[i]! - values[j]! || (values[i] === values[j] ? 0 : values[i]! < values[j]! ? -1 : 1))
  const result = new Float64Array(order.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let k = start; k < end; k++) result[order[k]!] = (start + 1 + end) / 2
    start = end
  }
  return result
}
