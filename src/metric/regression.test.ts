import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import { perplexity } from './perplexity.js'
import { meanSquaredError, pearsonCorrelation, spearmanCorrelation } from './regression.js'

describe('correlations', () => {
  test('the examples of SciPy’s documentation', () => {
    expect(pearsonCorrelation([1, 2, 3, 4, 5], [10, 9, 2.5, 6, 4])).toBeCloseTo(-0.7426106572325057, 14)
    expect(spearmanCorrelation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 14)
  })

  test('by hand', () => {
    // deviations −1, 0, 1 and −4/3, −1/3, 5/3: 3 / sqrt(2 · 42/9)
    expect(pearsonCorrelation([1, 2, 3], [1, 2, 4])).toBeCloseTo(3 / Math.sqrt(2 * (42 / 9)), 14)
    expect(pearsonCorrelation([1, 2], [7, 5])).toBeCloseTo(-1, 14)
    // ranks 1, 2.5, 2.5, 4 and 4, 2, 2, 2: deviations −1.5, 0, 0, 1.5 and 1.5, −.5, −.5, −.5
    expect(spearmanCorrelation([1, 2, 2, 3], [9, 5, 5, 5])).toBeCloseTo(-3 / Math.sqrt(4.5 * 3), 14)
    expect(spearmanCorrelation([1, 2, 3], [1, 1e9, Infinity])).toBeCloseTo(1, 14)
  })

  test('are NaN where nothing varies, or something is not a number', () => {
    for (const correlation of [pearsonCorrelation, spearmanCorrelation]) {
      expect(correlation([0.1, 0.1, 0.1], [1, 2, 3])).toBeNaN()
      expect(correlation([1, 2, 3], [0.3, 0.3, 0.3])).toBeNaN()
      expect(correlation([1, 2, Number.NaN], [1, 2, 3])).toBeNaN()
      expect(() => correlation([1], [1])).toThrow('at least 2 pairs')
      expect(() => correlation([1, 2], [1])).toThrow('2 predictions but 1 references')
    }
    expect(pearsonCorrelation([1, 2, Infinity], [1, 2, 3])).toBeNaN()
  })

  test('survive extreme sizes and large means', () => {
    expect(pearsonCorrelation([1e300, 2e300, 3e300], [1e-300, 2e-300, 3e-300])).toBeCloseTo(1, 12)
    expect(pearsonCorrelation([1e9 + 1, 1e9 + 2, 1e9 + 3], [1, 3, 2])).toBeCloseTo(0.5, 6)
  })
})

test('mean squared error', () => {
  expect(meanSquaredError([1, 2, 3], [1, 4, 2.5])).toBeCloseTo((4 + 0.25) / 3, 14)
  expect(meanSquaredError(Float32Array.of(0.5), Float32Array.of(0.5))).toBe(0)
  expect(() => meanSquaredError([], [])).toThrow('at least one pair')
})

describe('perplexity', () => {
  test('is exp of the mean loss of all tokens', () => {
    expect(perplexity([Math.log(2), Math.log(8)])).toBeCloseTo(4, 12)
    expect(perplexity([Math.log(2), Math.log(8)], [3, 1])).toBeCloseTo((8 * 8) ** 0.25, 12)
    expect(perplexity([0, Number.NaN], [1, 0])).toBe(1)
    expect(perplexity([0])).toBe(1)
  })

  test('at its edges', () => {
    expect(perplexity([Infinity, 1])).toBe(Infinity)
    expect(perplexity([1, Number.NaN])).toBeNaN()
    expect(() => perplexity([])).toThrow('There are no tokens')
    expect(() => perplexity([1], [0])).toThrow('There are no tokens')
    expect(() => perplexity([1], [-1])).toThrow('must be 0 or more')
    expect(() => perplexity([1], [1, 2])).toThrow('1 predictions but 2 references')
  })
})

const python = process.env.BERTKIN_PYTHON

test.skipIf(python === undefined)('Pearson’s agrees with NumPy’s (needs BERTKIN_PYTHON)', () => {
  const random = new Random(6)
  const cases = Array.from({ length: 20 }, (_, k) => {
    const x = Array.from({ length: 2 + random.below(50) }, () => random.below(1000) / 7)
    return [x, x.map((value) => value * (k / 10 - 1) + random.below(1000))]
  })
  const script =
    'import json, sys, numpy as np; print(json.dumps([np.corrcoef(a, b)[0, 1] for a, b in json.load(sys.stdin)]))'
  const expected = JSON.parse(execFileSync(python!, ['-c', script], { input: JSON.stringify(cases), encoding: 'utf8' }))
  const found = cases.map(([a, b]) => pearsonCorrelation(a!, b!))
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 12)
})
