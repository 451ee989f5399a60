// Counts against documented probabilities. A count of n draws with probability p may be 5 deviations off, which one seed
// in a million would be.

import { expect } from 'vitest'

/** @param slack a share of the expected count that known small effects may make beside chance */
export function expectShare(count: number, draws: number, probability: number, slack = 0): void {
  const deviation = Math.sqrt(draws * probability * (1 - probability))
  const off = Math.abs(count - draws * probability)
  expect(off, `${count} of ${draws}, where ${probability} of them are expected`).toBeLessThan(
    5 * deviation + slack * draws * probability + 1e-9,
  )
}
