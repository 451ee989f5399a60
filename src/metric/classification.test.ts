import { describe, expect, test } from 'vitest'
import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import {
  accuracy,
  binaryScores,
  classificationScores,
  matthewsCorrelation,
  multiLabelScores,
} from './classification.js'

const third = 1 / 3

describe('classification', () => {
  test('the example of scikit-learn’s documentation', () => {
    const scores = classificationScores([0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2])
    expect(scores.accuracy).toBeCloseTo(third)
    expect(scores.micro).toMatchObject({
      precision: expect.closeTo(third),
      recall: expect.closeTo(third),
      f1: expect.closeTo(third),
    })
    for (const average of [scores.macro, scores.weighted]) {
      expect(average.precision).toBeCloseTo(2 / 9)
      expect(average.recall).toBeCloseTo(third)
      expect(average.f1).toBeCloseTo(4 / 15)
    }
    expect(scores.labels[0]).toEqual({ label: 0, precision: 2 / 3, recall: 1, f1: 0.8, support: 2 })
  })

  test('weights by what the references have', () => {
    // a: 3 of 4 found, 3 of 3 right; b: 1 of 1 found, 1 of 2 right.
    const { labels, macro, weighted, micro } = classificationScores(
      ['a', 'a', 'a', 'b', 'b'],
      ['a', 'a', 'a', 'a', 'b'],
    )
    const [f1a, f1b] = [6 / 7, 2 / 3]
    expect(labels.map(({ f1 }) => f1)).toEqual([f1a, f1b])
    expect(macro.f1).toBeCloseTo((f1a + f1b) / 2, 12)
    expect(weighted.f1).toBeCloseTo((4 * f1a + f1b) / 5, 12)
    expect(weighted.precision).toBeCloseTo((4 * 1 + 0.5) / 5, 12)
    expect(micro.f1).toBeCloseTo(0.8, 12)
    expect(macro.support).toBe(5)
  })

  test('labels that never occur, or are never predicted, score 0', () => {
    const { labels, macro } = classificationScores(['a', 'a', 'c'], ['a', 'b', 'a'])
    expect(labels.map(({ label }) => label)).toEqual(['a', 'b', 'c'])
    expect(labels[1]).toMatchObject({ precision: 0, recall: 0, f1: 0, support: 1 })
    expect(labels[2]).toMatchObject({ precision: 0, recall: 0, f1: 0, support: 0 })
    expect(macro.f1).toBeCloseTo(0.5 / 3)
  })

  test('counts only the labels that are asked for', () => {
    const { labels, micro } = classificationScores([1, 2, 0], [1, 1, 0], { labels: [2, 1, 7] })
    expect(labels.map(({ label, f1 }) => [label, f1])).toEqual([
      [2, 0],
      [1, 2 / 3],
      [7, 0],
    ])
    expect(micro).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5, support: 2 })
    expect(classificationScores([1], [1], { labels: [] }).macro).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 })
  })

  test('sorts numbers by size', () => {
    expect(classificationScores([10, 9, 2], [10, 9, 2]).labels.map(({ label }) => label)).toEqual([2, 9, 10])
  })

  test('binary scores are those of the positive label', () => {
    expect(binaryScores([1, 1, 0, 0], [1, 0, 0, 0])).toEqual({
      precision: 0.5,
      recall: 1,
      f1: 2 / 3,
      support: 1,
      accuracy: 0.75,
    })
    expect(binaryScores(['no', 'no'], ['no', 'no'], 'yes')).toEqual({
      precision: 0,
      recall: 0,
      f1: 0,
      support: 0,
      accuracy: 1,
    })
    expect(binaryScores(['no', 'yes'], ['yes', 'yes'], 'yes')).toMatchObject({ precision: 1, recall: 0.5 })
    expect(() => binaryScores([0, 1, 2], [0, 1, 1])).toThrow('more than two labels (0, 1, 2)')
    expect(() => binaryScores(['a', 'b'], ['a', 'b'])).toThrow('the positive one is 1')
  })

  test('several labels at once', () => {
    const scores = multiLabelScores([['a'], ['b', 'a', 'a'], [], ['c']], [['a', 'b'], ['a', 'b'], [], []])
    expect(scores.accuracy).toBe(0.5)
    expect(scores.labels).toEqual([
      { label: 'a', precision: 1, recall: 1, f1: 1, support: 2 },
      { label: 'b', precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      { label: 'c', precision: 0, recall: 0, f1: 0, support: 0 },
    ])
    expect(scores.micro).toMatchObject({ precision: 3 / 4, recall: 3 / 4 })
  })

  test('arrays that do not fit are refused', () => {
    for (const metric of [accuracy, classificationScores, binaryScores, matthewsCorrelation]) {
      expect(() => metric([1], [1, 0])).toThrow(BertkinError)
      expect(() => metric([1], [1, 0])).toThrow('1 predictions but 2 references')
      expect(() => metric([], [])).toThrow('at least one pair')
    }
  })

  test('takes typed arrays', () => {
    expect(accuracy(Int32Array.of(1, 2), Int32Array.of(1, 3))).toBe(0.5)
  })
})

describe('Matthews correlation', () => {
  test('of two labels, by its formula', () => {
    expect(matthewsCorrelation([1, -1, 1, 1], [1, 1, 1, -1])).toBeCloseTo(-1 / 3, 12)
    // tp 4, tn 3, fp 2, fn 1
    const [predictions, references] = [
      [1, 1, 1, 1, 0, 0, 0, 1, 1, 0],
      [1, 1, 1, 1, 0, 0, 0, 0, 0, 1],
    ]
    expect(matthewsCorrelation(predictions, references)).toBeCloseTo((4 * 3 - 2 * 1) / Math.sqrt(6 * 5 * 5 * 4), 12)
    expect(matthewsCorrelation([0, 1, 1], [0, 1, 1])).toBe(1)
    expect(matthewsCorrelation([0, 1], [1, 0])).toBe(-1)
  })

  test('is 0 for constant predictions or references', () => {
    expect(matthewsCorrelation([1, 1, 1], [0, 1, 1])).toBe(0)
    expect(matthewsCorrelation([0, 1, 1], [1, 1, 1])).toBe(0)
    expect(matthewsCorrelation([1, 1], [1, 1])).toBe(0)
  })

  test('of many labels is the correlation of indicators', () => {
    const random = new Random(4)
    const draw = (): number[] => Array.from({ length: 200 }, () => random.below(4))
    const references = draw()
    const predictions = draw().map((label, i) => (random.below(2) === 0 ? references[i]! : label))
    // Gorodkin: the covariance of the one-hot rows, summed over labels, by the roots of the variances.
    const covariance = (a: number[], b: number[]): number =>
      [0, 1, 2, 3].reduce((sum, label) => {
        const [x, y] = [a, b].map((values) => values.map((value) => Number(value === label)))
        const mean = (values: number[]): number => values.reduce((total, value) => total + value, 0) / values.length
        return sum + mean(x!.map((value, i) => value * y![i]!)) - mean(x!) * mean(y!)
      }, 0)
    const expected =
      covariance(predictions, references) /
      Math.sqrt(covariance(predictions, predictions) * covariance(references, references))
    expect(matthewsCorrelation(predictions, references)).toBeCloseTo(expected, 12)
    expect(expected).toBeGreaterThan(0.2)
  })
})
