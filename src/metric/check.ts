// What every metric asks of its arrays.

import { BertkinError } from '../errors.js'

/** Refuses arrays of different lengths, and empty ones: a mean over nothing is no number. */
export function assertPaired(predictions: ArrayLike<unknown>, references: ArrayLike<unknown>, atLeast = 1): void {
  if (predictions.length !== references.length) {
    throw new BertkinError(
      'shape-mismatch',
      `There are ${predictions.length} predictions but ${references.length} references; they belong together in pairs.`,
    )
  }
  if (references.length < atLeast) {
    const needed = atLeast === 1 ? 'one pair' : `${atLeast} pairs`
    throw new BertkinError('data-empty', `The metric needs at least ${needed}, but there are ${references.length}.`)
  }
}

/** A quotient that is 0 where there is nothing to divide by. */
export const ratio = (numerator: number, denominator: number): number =>
  denominator === 0 ? 0 : numerator / denominator
