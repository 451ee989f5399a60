// Learning rates over time. Steps count from 1: the first update is step 1.
//
// The published codes ask their schedules for the number of updates made *before* the step, t = step − 1. Where they
// warm up, their first update therefore has a learning rate of 0: it moves nothing but the optimizer's means. That is
// kept in the schedules that carry a reference's name, so that step n has the reference's rate; `linearSchedule` and
// `constantSchedule` are this library's own and warm up from 1 / warm-up, losing no step.

import { BertkinError } from '../errors.js'

/** The learning rate of a step, as a share of the peak. */
export type Schedule = (step: number) => number

/** Steps until the peak, and steps in all. */
export interface ScheduleLength {
  readonly warmup: number
  readonly total: number
}

function check({ warmup, total }: ScheduleLength): void {
  if (!(total >= 1 && warmup >= 0 && warmup <= total)) {
    throw new BertkinError('option-invalid', `a schedule needs 0 ≤ warm-up ≤ total, not ${warmup} and ${total}`)
  }
}

/** What is left of a run of `total` after `done` of it, never below 0. */
const left = (done: number, total: number): number => Math.max(0, 1 - done / total)

/** Share of a warm-up after `done` updates, at most 1; without warm-up it is over at once. */
const warmed = (done: number, warmup: number): number => (warmup === 0 ? 1 : Math.min(1, done / warmup))

function checkPower(power: number): void {
  if (!(power > 0 && Number.isFinite(power))) {
    throw new BertkinError('option-invalid', `a schedule's power must be above 0, not ${power}`)
  }
}

/**
 * Linear warm-up to the peak at step `warmup`, then linear decay to 0 at step `total`.
 *
 * @throws {BertkinError} `option-invalid` unless 0 ≤ warmup ≤ total and total ≥ 1
 *
 * @example
 * const schedule = linearSchedule({ warmup: 100, total: 1000 })
 * schedule(50) // 0.5
 */
export function linearSchedule(length: ScheduleLength): Schedule {
  check(length)
  const { warmup, total } = length
  return (step) => (step <= warmup ? step / warmup : Math.max(0, (total - step) / Math.max(1, total - warmup)))
}

/**
 * Linear warm-up to the peak at step `warmup`, which is then kept. The only one that does not depend on the run's end.
 *
 * @throws {BertkinError} `option-invalid` for a negative warm-up
 *
 * @example
 * constantSchedule({ warmup: 100 })(5000) // 1
 */
export function constantSchedule({ warmup }: Pick<ScheduleLength, 'warmup'>): Schedule {
  check({ warmup, total: Number.POSITIVE_INFINITY })
  return (step) => (step <= warmup ? step / warmup : 1)
}

/**
 * ELECTRA's (its code's `create_optimizer`): decay and warm-up multiplied, (1 − t/total)^power · min(1, t/warmup). It
 * never reaches the peak. The first step's rate is 0 if there is a warm-up.
 *
 * @param length with the decay's `power`, default 1
 * @throws {BertkinError} `option-invalid` for an impossible length or power
 *
 * @example
 * electraSchedule({ warmup: 100, total: 1000 })(51) // 0.95 · 0.5
 */
export function electraSchedule(length: ScheduleLength & { readonly power?: number }): Schedule {
  check(length)
  const { warmup, total, power = 1 } = length
  checkPower(power)
  return (step) => left(step - 1, total) ** power * warmed(step - 1, warmup)
}

/**
 * ALBERT's (its code's `create_optimizer`), and that of the old fairseq which trained SpanBERT: t/warmup below `warmup`,
 * from there 1 − t/total, as if there had been no warm-up; so the rate jumps down at its end, from the peak to
 * 1 − warmup/total of it. The first step's rate is 0 if there is a warm-up.
 *
 * @throws {BertkinError} `option-invalid` for an impossible length
 *
 * @example
 * const schedule = albertSchedule({ warmup: 100, total: 1000 })
 * schedule(100) // 0.99
 * schedule(101) // 0.9
 */
export function albertSchedule(length: ScheduleLength): Schedule {
  check(length)
  const { warmup, total } = length
  return (step) => (step - 1 < warmup ? (step - 1) / warmup : left(step - 1, total))
}

/**
 * fairseq's `polynomial_decay` (RoBERTa's): t/warmup up to `warmup`, then from 1 down to `end` along
 * (1 − (t − warmup)/(total − warmup))^power. The first step's rate is 0 if there is a warm-up.
 *
 * @param length with `end`, the final share of the peak, default 0, and `power`, default 1
 * @throws {BertkinError} `option-invalid` for an impossible length, end or power
 *
 * @example
 * polynomialSchedule({ warmup: 100, total: 1000, end: 0.1 })(2000) // 0.1
 */
export function polynomialSchedule(
  length: ScheduleLength & { readonly end?: number; readonly power?: number },
): Schedule {
  check(length)
  const { warmup, total, end = 0, power = 1 } = length
  checkPower(power)
  if (!(end >= 0 && end <= 1)) {
    throw new BertkinError('option-invalid', `a schedule's end must be from 0 to 1 of the peak, not ${end}`)
  }
  return (step) => {
    const t = step - 1
    if (t <= warmup && warmup > 0) return t / warmup
    return (1 - end) * left(t - warmup, Math.max(1, total - warmup)) ** power + end
  }
}

/**
 * BertAdam's `warmup_linear` (SpanBERT's fine-tuning): with x = t/total and w = warmup/total, x/w below w, then
 * max(0, (x − 1)/(w − 1)). The first step's rate is 0 if there is a warm-up.
 *
 * @throws {BertkinError} `option-invalid` for an impossible length
 *
 * @example
 * warmupLinearSchedule({ warmup: 100, total: 1000 })(551) // 0.5
 */
export function warmupLinearSchedule(length: ScheduleLength): Schedule {
  check(length)
  const { warmup, total } = length
  return (step) => {
    const t = step - 1
    return t < warmup ? t / warmup : Math.max(0, (total - t) / Math.max(1, total - warmup))
  }
}

/** What `makeSchedule` needs: a length, and what some schedules ask for beside it. */
export interface ScheduleOptions extends ScheduleLength {
  /** `polynomial` only: the final share of the peak. Default 0. */
  readonly end?: number
  /** `polynomial` and `electra` only. Default 1. */
  readonly power?: number
}

/** Every schedule by the name that `--schedule` knows it by. */
export const schedules = {
  linear: linearSchedule,
  constant: constantSchedule,
  electra: electraSchedule,
  albert: albertSchedule,
  polynomial: polynomialSchedule,
  'warmup-linear': warmupLinearSchedule,
} as const satisfies Record<string, (options: ScheduleOptions) => Schedule>

export type ScheduleName = keyof typeof schedules

/**
 * A schedule by its name.
 *
 * @throws {BertkinError} `option-invalid` if it cannot be made, or does not take an option that is given
 *
 * @example
 * makeSchedule('polynomial', { warmup: 24_000, total: 500_000, end: 0 })
 */
export function makeSchedule(name: ScheduleName, options: ScheduleOptions): Schedule {
  const refuse = (option: string): never => {
    throw new BertkinError('option-invalid', `the schedule "${name}" takes no ${option}`)
  }
  if (options.end !== undefined && name !== 'polynomial') refuse('end')
  if (options.power !== undefined && name !== 'polynomial' && name !== 'electra') refuse('power')
  return schedules[name](options)
}
