// The meters, by numbers worked out on paper.

import { describe, expect, it } from 'vitest'
import type { TensorData } from '../runtime/index.js'
import { areaUnderCurve, DetectionMeter } from './detectionMeter.js'
import type { PreparedBatch } from './index.js'
import { PredictionMeter } from './predictionMeter.js'

const ints = (...values: number[]): TensorData => ({ data: Int32Array.from(values), dims: [values.length] })
const batch = (...labels: number[]): PreparedBatch => ({
  feeds: { labels: ints(...labels) },
  counts: {},
  tokenCount: labels.length,
})

describe('the area under the curve', () => {
  it.each([
    ['all positives above', [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1],
    ['all positives below', [0.8, 0.9, 0.1], [0, 0, 1], 0],
    ['one pair of six the wrong way', [1, 2, 3, 4, 5], [0, 0, 1, 0, 1], 5 / 6],
    ['all alike', [7, 7, 7, 7], [0, 1, 1, 0], 1 / 2],
    // (2 beats 1, ties 2) and (3 beats both): 3.5 of 4
    ['a tie between the kinds', [1, 2, 2, 3], [0, 0, 1, 1], 3.5 / 4],
    ['ties within a kind', [1, 1, 2, 2], [0, 0, 1, 1], 1],
  ])('%s', (_, scores, kinds, expected) => {
    const isPositive = kinds.map((kind) => kind === 1)
    expect(areaUnderCurve(scores, isPositive)).toBeCloseTo(expected, 12)
    // Order of the items, and any increasing map of the scores, are of no matter.
    expect(areaUnderCurve(scores.toReversed(), isPositive.toReversed())).toBeCloseTo(expected, 12)
    expect(areaUnderCurve(scores.map(Math.exp), isPositive)).toBeCloseTo(expected, 12)
  })

  it('is not a number where one kind is missing', () => {
    expect(areaUnderCurve([1, 2], [true, true])).toBeNaN()
    expect(areaUnderCurve([1, 2], [false, false])).toBeNaN()
    expect(areaUnderCurve([], [])).toBeNaN()
  })
})

describe('the meter of predictions', () => {
  it('counts right guesses, and the entropy of the labels over all batches', () => {
    const meter = new PredictionMeter()
    meter.add({ predicted: ints(5, 6) }, batch(5, 5))
    meter.add({ predicted: ints(7, 7) }, batch(5, 7))
    // Labels 5 5 5 7: −¾ ln ¾ − ¼ ln ¼
    const entropy = 0.75 * Math.log(4 / 3) + 0.25 * Math.log(4)
    expect(meter.result()).toEqual({ mlm_accuracy: 0.5, mlm_unigram_entropy: expect.closeTo(entropy, 12) })
  })

  it('knows no surprise where there is but one label, and most where all differ', () => {
    const entropyOf = (...labels: number[]) => {
      const meter = new PredictionMeter()
      meter.add({ predicted: ints(...labels) }, batch(...labels))
      return meter.result().mlm_unigram_entropy
    }
    expect(entropyOf(3, 3, 3)).toBeCloseTo(0, 12)
    expect(entropyOf(1, 2, 3, 4)).toBeCloseTo(Math.log(4), 12)
  })
})

describe('the meter of detection', () => {
  const measure = (verdicts: number[], replaced: number[]) => {
    const meter = new DetectionMeter()
    const half = Math.ceil(verdicts.length / 2)
    for (const part of [
      [0, half],
      [half, verdicts.length],
    ] as const) {
      const verdict = Float32Array.from(verdicts.slice(...part))
      const flags = Uint8Array.from(replaced.slice(...part))
      const outputs = {
        verdict: { data: verdict, dims: [verdict.length] },
        replaced: { data: flags, dims: [flags.length] },
        predicted: ints(1),
      }
      meter.add(outputs, batch(1))
    }
    return meter.result()
  }

  it('counts over all batches', () => {
    // Called: 0, 1, 3. Replaced: 0, 3, 4. So 2 true positives, 1 false one, 1 missed, 1 rightly left.
    expect(measure([2, 0.5, -1, 3, -0.5], [1, 0, 0, 1, 1])).toEqual({
      mlm_accuracy: 1,
      mlm_unigram_entropy: expect.closeTo(0, 12),
      rtd_accuracy: 3 / 5,
      rtd_precision: 2 / 3,
      rtd_recall: 2 / 3,
      rtd_f1: 2 / 3,
      rtd_best_f1: 6 / 7, // with 0, 1, 3 and 4 called
      rtd_auc: expect.closeTo(5 / 6, 12), // of 3 × 2 pairs only (−0.5, 0.5) is the wrong way
      rtd_replaced: 3 / 5,
    })
  })

  it('takes a logit of 0 for original', () => {
    expect(measure([0, 0], [0, 1])).toMatchObject({ rtd_accuracy: 0.5, rtd_recall: 0, rtd_precision: 0, rtd_auc: 0.5 })
    expect(measure([0, 0], [0, 1])).toHaveProperty('rtd_best_f1', 2 / 3) // one threshold calls both
  })

  it('has a precision and a recall of 0 where nothing is called or replaced', () => {
    expect(measure([-1, -2], [0, 0])).toMatchObject({
      rtd_accuracy: 1,
      rtd_precision: 0,
      rtd_recall: 0,
      rtd_f1: 0,
      rtd_best_f1: 0,
    })
  })
})
