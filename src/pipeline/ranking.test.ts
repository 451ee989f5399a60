// Softmax and ranking, against the plain ways of computing them.

import { expect, test } from 'vitest'
import { Random } from '../random.js'
import { largest, softmax } from './ranking.js'

test('probabilities sum to one, also where exponentials would overflow', () => {
  const probability = softmax(new Float32Array([1000, 1001, -1000]))
  expect(probability(0) + probability(1) + probability(2)).toBeCloseTo(1, 12)
  expect(probability(1) / probability(0)).toBeCloseTo(Math.E, 6)
})

test.each([[[Number.NaN, 1]], [[1, Number.POSITIVE_INFINITY]], [[]]])('no numbers, no probabilities: %o', (logits) => {
  // An empty row has nothing to be normalised.
  if (logits.length === 0) expect(() => softmax(new Float32Array())).not.toThrow()
  else expect(() => softmax(new Float32Array(logits))).toThrow(expect.objectContaining({ code: 'not-finite' }))
})

test('the largest are those that a full sort finds, with ties by index', () => {
  const random = new Random(1)
  for (const count of [1, 2, 5, 100, 1000]) {
    const values = Float32Array.from({ length: 1000 }, () => random.below(50))
    const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b)
    expect(largest(values, count)).toEqual(sorted.slice(0, count))
  }
})

test('ranking can be limited to some indices', () => {
  expect(largest(new Float32Array([5, 4, 3, 2]), 2, [3, 1, 2])).toEqual([1, 2])
})
