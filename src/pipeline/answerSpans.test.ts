// The span search against the plain way: all products, sorted.

import { expect, test } from 'vitest'
import { allowedProbabilities, likeliestSpans, type Span } from './answerSpans.js'

/** A small generator of its own: the numbers are the same at every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function plainSearch(start: Float64Array, end: Float64Array, maxLength: number, count: number): Span[] {
  const spans: Span[] = []
  start.forEach((first, i) => {
    end.forEach((last, j) => {
      if (j >= i && j < i + maxLength && first * last > 0) spans.push({ start: i, end: j, score: first * last })
    })
  })
  return spans.sort((a, b) => b.score - a.score || a.start - b.start || a.end - b.end).slice(0, count)
}

test('it finds what the plain search finds, ties and zeros included', () => {
  const random = randomOf(9)
  for (let round = 0; round < 300; round++) {
    const length = 1 + Math.floor(random() * 60)
    // Few different values, so that many products are equal; every fourth is none.
    const levels = round % 3 === 0 ? 3 : 1000
    const draw = (): Float64Array =>
      Float64Array.from({ length }, () => (random() < 0.25 ? 0 : Math.ceil(random() * levels) / levels))
    const [start, end] = [draw(), draw()]
    const maxLength = 1 + Math.floor(random() * (length + 5))
    for (const count of [1, 2, 12, 50, 5000]) {
      expect(likeliestSpans(start, end, maxLength, count)).toEqual(plainSearch(start, end, maxLength, count))
    }
  }
})

test('all spans of a window of 384 tokens are found, if so many are wanted', () => {
  const random = randomOf(5)
  const [start, end] = [0, 0].map(() => Float64Array.from({ length: 384 }, random))
  expect(likeliestSpans(start!, end!, 1e9, 1e9)).toHaveLength((384 * 385) / 2)
})

test('probabilities are those of the allowed tokens alone', () => {
  const p = allowedProbabilities(Float32Array.of(1, 50, 2, 1), [true, false, true, true])
  const sum = Math.exp(1) + Math.exp(2) + Math.exp(1)
  expect(p[1]).toBe(0)
  expect(p[2]).toBeCloseTo(Math.exp(2) / sum, 12)
  expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  expect(() => allowedProbabilities(Float32Array.of(1, Number.NaN), [true, true])).toThrow('are its weights damaged?')
})
