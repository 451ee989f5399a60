// Schedules against transformers' (`get_polynomial_decay_schedule_with_warmup` and its kin, whose step t is our t + 1),
// and against the formulas of the published codes worked out by hand.

import { describe, expect, it } from 'vitest'
import {
  albertSchedule,
  constantSchedule,
  electraSchedule,
  linearSchedule,
  makeSchedule,
  polynomialSchedule,
  type Schedule,
  type ScheduleName,
  schedules,
  warmupLinearSchedule,
} from './index.js'

const STEPS = [1, 2, 5, 6, 7, 10, 15, 20, 21, 25]
const expectRates = (schedule: Schedule, rates: readonly number[], shift = 0): void => {
  expect(STEPS.map((step) => schedule(step - shift))).toEqual(rates.map((rate) => expect.closeTo(rate, 8)))
}
const length = { warmup: 5, total: 20 }

describe('as transformers computes them', () => {
  it('polynomial, with an end and a power', () => {
    const rates = [0, 0.2, 0.8, 1, 0.884, 0.584, 0.244, 0.104, 0.1, 0.1]
    expectRates(polynomialSchedule({ ...length, end: 0.1, power: 2 }), rates)
  })

  it('polynomial with defaults, and warmup-linear, are its linear one', () => {
    const rates = [0, 0.2, 0.8, 1, 14 / 15, 11 / 15, 0.4, 1 / 15, 0, 0]
    expectRates(polynomialSchedule(length), rates)
    expectRates(warmupLinearSchedule(length), rates)
  })

  it('constant is a step ahead of its own, and so is linear', () => {
    expectRates(constantSchedule(length), [0, 0.2, 0.8, 1, 1, 1, 1, 1, 1, 1], 1)
    expectRates(linearSchedule(length), [0, 0.2, 0.8, 1, 14 / 15, 11 / 15, 0.4, 1 / 15, 0, 0], 1)
  })
})

describe('as the authors’ codes have them, t = step − 1', () => {
  it('electra multiplies decay and warm-up', () => {
    expectRates(electraSchedule(length), [0, 0.95 / 5, 0.8 * 0.8, 0.75, 0.7, 0.55, 0.3, 0.05, 0, 0])
    expect(electraSchedule({ ...length, power: 0.5 })(3)).toBeCloseTo(Math.sqrt(0.9) * 0.4, 12)
  })

  it('albert jumps down at the end of warm-up', () => {
    expectRates(albertSchedule(length), [0, 0.2, 0.8, 0.75, 0.7, 0.55, 0.3, 0.05, 0, 0])
  })
})

describe.each(Object.keys(schedules) as ScheduleName[])('%s', (name) => {
  const of = (warmup: number, total: number): Schedule => makeSchedule(name, { warmup, total })

  it('is a number from 0 to 1 at every step, whatever its length', () => {
    for (const [warmup, total] of [
      [0, 1],
      [1, 1],
      [0, 7],
      [7, 7],
      [3, 7],
    ] as const) {
      for (let step = 1; step < 12; step++) {
        const rate = of(warmup, total)(step)
        expect(rate >= 0 && rate <= 1, `${warmup} of ${total}, step ${step}: ${rate}`).toBe(true)
      }
    }
  })

  it('begins without a pause where there is no warm-up', () => {
    expect(of(0, 10)(1)).toBeGreaterThan(0.8)
  })

  it.each([
    [-1, 4],
    [Number.NaN, 4],
  ])('refuses a warm-up of %d in %d steps', (warmup, total) => {
    expect(() => of(warmup, total)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})

it.each<[ScheduleName, object]>([
  ['polynomial', { end: -0.1 }],
  ['polynomial', { end: 1.5 }],
  ['polynomial', { power: 0 }],
  ['electra', { power: Number.NaN }],
  ['electra', { end: 0.1 }],
  ['albert', { power: 2 }],
  ['constant', { end: 0 }],
])('%s refuses %j', (name, more) => {
  expect(() => makeSchedule(name, { ...length, ...more })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
