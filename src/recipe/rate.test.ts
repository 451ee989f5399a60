// Speed, time left, and the share of the peak, by numbers worked out on paper.

import { expect, it } from 'vitest'
import type { StepReport } from '../train/index.js'
import { RateMeter } from './rate.js'

it('is that of the last steps, evaluations apart', () => {
  const runtime = { flops: 1000 }
  const rate = new RateMeter(10, runtime, 100)
  const report = (step: number, tokenCount: number, seconds: number) => ({ step, tokenCount, seconds }) as StepReport
  runtime.flops += 120
  expect(rate.add(report(1, 60, 2), Number.POSITIVE_INFINITY)).toEqual({
    tokensPerSecond: 30,
    secondsLeft: 18,
    peakShare: 0.6,
    operations: 120,
  })
  runtime.flops += 5000 // an evaluation
  rate.begin()
  runtime.flops += 40
  expect(rate.add(report(2, 20, 2), 5)).toEqual({
    tokensPerSecond: 20,
    secondsLeft: 5,
    peakShare: 0.4,
    operations: 40,
  })
  expect(rate.add(report(10, 0, 1), -3).secondsLeft).toBe(0)
})

it('is never above the peak: what does more was measured on a busy machine', () => {
  const runtime = { flops: 0 }
  const rate = new RateMeter(10, runtime, 100)
  const shares = [300, 200].map((flops, i) => {
    rate.begin()
    runtime.flops += flops
    return rate.add({ step: i + 1, tokenCount: 1, seconds: 1 } as StepReport, 9).peakShare
  })
  expect(shares).toEqual([1, 250 / 300])
})
