// Learning rates over time. Steps count from 1: the first update is step 1.

import { BertkinError } from '../errors.js'

/** The learning rate of a step, as a share of the peak. */
export type Schedule = (step: number) => number

/**
 * Linear warm-up to the peak at step `warmup`, then linear decay to 0 at step `total`.
 *
 * @throws {BertkinError} `option-invalid` unless 0 ≤ warmup ≤ total and total ≥ 1
 *
 * @example
 * const schedule = linearSchedule({ warmup: 100, total: 1000 })
 * schedule(50) // 0.5
 */
export function linearSchedule({ warmup, total }: { warmup: number; total: number }): Schedule {
  if (!(total >= 1 && warmup >= 0 && warmup <= total)) {
    throw new BertkinError('option-invalid', `a schedule needs 0 ≤ warm-up ≤ total, not ${warmup} and ${total}`)
  }
  return (step) => (step <= warmup ? step / warmup : Math.max(0, (total - step) / Math.max(1, total - warmup)))
}
