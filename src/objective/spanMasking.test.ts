// SpanBERT's masking, against the distributions it is documented to have.

import { describe, expect, it, test } from 'vitest'
import { Random } from '../random.js'
import { spanLengths, spanMasking } from './index.js'
import { drawer, mergedSpans } from './spanMasking.js'
import { expectShare } from './testing/statistics.js'
import { wordsOf } from './words.js'

const [CLS, SEP, MASK] = [2, 3, 4]
/** Ids 5 to 24 begin a word, 25 to 39 go on with one. */
const startsWord = Uint8Array.from({ length: 40 }, (_, id) => (id < 25 ? 1 : 0))
const VOCABULARY = { vocabSize: 40, maskTokenId: MASK, specialTokenIds: new Set([0, 1, CLS, SEP, MASK]), startsWord }

/** Of the paper's code: p(1 − p)^(l−1) for p = 0.2, cut at 10 and made to sum to 1. */
const DOCUMENTED = [0.2241, 0.1792, 0.1434, 0.1147, 0.0918, 0.0734, 0.0587, 0.047, 0.0376, 0.0301]

function sequence(length: number, random: Random): number[] {
  const text = [5 + random.below(20)]
  while (text.length < length) text.push(random.below(3) === 0 ? 25 + random.below(15) : 5 + random.below(20))
  return [CLS, ...text, SEP]
}

test('the lengths’ probabilities', () => {
  const shares = spanLengths(0.2, 10)
  shares.forEach((share, i) => {
    expect(share).toBeCloseTo(DOCUMENTED[i]!, 4)
  })
  expect(shares.reduce((mean, share, i) => mean + share * (i + 1), 0)).toBeCloseTo(3.797, 3)
  expect(spanLengths(1, 3)).toEqual([1, 0, 0])
})

test('spans that overlap or touch are one', () => {
  const spans = (...columns: number[]) => mergedSpans(columns).map(({ start, end }) => [start, end])
  expect(spans(7, 3, 4, 12, 8)).toEqual([
    [3, 5],
    [7, 9],
    [12, 13],
  ])
  expect(spans(5, 4, 6)).toEqual([[4, 7]])
  expect(spans()).toEqual([])
})

describe.each([1, 2])('with seed %i', (seed) => {
  it('100,000 lengths are drawn as often as documented', () => {
    const random = new Random(seed)
    const draw = drawer(spanLengths(0.2, 10))
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) counts[draw(random)]!++
    // The documented shares are rounded to 4 digits.
    for (const [i, share] of DOCUMENTED.entries()) expectShare(counts[i]!, 100_000, share, 0.002)
  })

  it('spans have 1 to 10 words, as often as documented', () => {
    const random = new Random(seed)
    const words = 4000
    const budget = 40
    const masking = spanMasking(VOCABULARY, { maskProbability: budget / words })
    const counts = new Array<number>(11).fill(0)
    const ids = [CLS, ...new Array<number>(words).fill(9), SEP]
    const sequences = 500
    for (let i = 0; i < sequences; i++) {
      for (const { start, end } of mergedSpans(masking(ids, random).positions)) {
        if (end - start <= 10) counts[end - start]!++
      }
    }
    // One span in ten or so is cut by the budget, which is worked out here; one in fifty merges with another by chance.
    const expected = expectedSpans(budget)
    const total = expected.reduce((sum, count) => sum + count, 0)
    const drawn = counts.reduce((sum, count) => sum + count, 0)
    for (let l = 1; l <= 10; l++) expectShare(counts[l]!, drawn, expected[l]! / total, 0.04)
    expect(drawn).toBeGreaterThan(5000)
  })

  it('the budget is met exactly, words begin spans, and only the last one drawn may be cut', () => {
    const random = new Random(seed)
    const masking = spanMasking(VOCABULARY)
    for (let i = 0; i < 600; i++) {
      const length = 1 + random.below(120)
      const ids = sequence(length, random)
      const { positions, labels } = masking(ids, random)
      expect(positions.length).toBe(Math.ceil(0.15 * length))
      const isChosen = new Set(positions)
      let cut = 0
      for (const { start, end } of wordsOf(ids, VOCABULARY)) {
        const chosen = Array.from({ length: end - start }, (_, k) => isChosen.has(start + k))
        if (new Set(chosen).size === 1) continue
        cut++
        expect(chosen).toEqual(chosen.toSorted((a, b) => Number(b) - Number(a))) // its beginning is chosen
      }
      expect(cut).toBeLessThanOrEqual(1)
      expect([...labels]).toEqual([...positions].map((position) => ids[position]))
      expect([...labels].some((id) => VOCABULARY.specialTokenIds.has(id))).toBe(false)
    }
  })

  it('anchors are tokens, all equally likely: longer words are chosen more often', () => {
    const random = new Random(seed)
    // Spans of one word, of which one is chosen: the word of 6 tokens is that of 6 anchors out of 10.
    const masking = spanMasking(VOCABULARY, { mostWords: 1, maskProbability: 0.1 })
    const ids = [CLS, 5, 6, 7, 25, 26, 27, 28, 29, 8, 9, SEP]
    let long = 0
    for (let i = 0; i < 5000; i++) if (masking(ids, random).positions[0] === 3) long++
    expectShare(long, 5000, 0.6)
  })

  it('one draw for each merged span: 80 % all masked, 10 % all random, 10 % as they were', () => {
    const random = new Random(seed)
    const counts = { masked: 0, random: 0, kept: 0 }
    let mixed = 0
    // Random tokens are always the same, and not in the text.
    const tokenCounts = Array.from({ length: 40 }, (_, id) => (id === 39 ? 7 : 0))
    const masking = spanMasking(VOCABULARY, { tokenCounts })
    for (let i = 0; i < 1500; i++) {
      const ids = sequence(60, random).map((id) => (id === 39 ? 38 : id))
      const result = masking(ids, random)
      for (const { start, end } of mergedSpans(result.positions)) {
        const kinds = Array.from({ length: end - start }, (_, k) => {
          const after = result.ids[start + k]
          return after === MASK ? 'masked' : after === 39 ? 'random' : 'kept'
        })
        if (new Set(kinds).size !== 1) mixed++
        counts[kinds[0]!]++
      }
    }
    expect(mixed).toBe(0)
    const total = counts.masked + counts.random + counts.kept
    expectShare(counts.masked, total, 0.8)
    expectShare(counts.random, total, 0.1)
    expectShare(counts.kept, total, 0.1)
  })

  it('random tokens have the corpus’s frequencies, but never are special', () => {
    const random = new Random(seed)
    const tokenCounts = Array.from({ length: 40 }, (_, id) => id) // special ones, too
    const masking = spanMasking(VOCABULARY, { tokenCounts, maskedShare: 0, randomShare: 1 })
    const counts = new Array<number>(40).fill(0)
    for (let i = 0; i < 2000; i++) {
      const { ids, positions } = masking(sequence(100, random), random)
      for (const position of positions) counts[ids[position]!]!++
    }
    const total = 39 * 20 - (1 + 2 + 3 + 4)
    for (let id = 0; id < 40; id++) {
      if (id <= 4) expect(counts[id]).toBe(0)
      else expectShare(counts[id]!, 2000 * 15, id / total)
    }
  })

  it('spans do not reach over special tokens', () => {
    const random = new Random(seed)
    const masking = spanMasking(VOCABULARY, { geometricProbability: 0.01, maskProbability: 0.3 })
    const ids = [CLS, ...new Array<number>(10).fill(9), SEP, ...new Array<number>(10).fill(9), SEP]
    for (let i = 0; i < 500; i++) {
      const { positions, ids: masked } = masking(ids, random)
      expect(positions).toHaveLength(6)
      expect([masked[0], masked[11], masked[22]]).toEqual([CLS, SEP, SEP])
    }
  })
})

/** How many spans of each number of words there are on average, where the last one is cut so that `budget` words are chosen. */
function expectedSpans(budget: number): number[] {
  const means: number[][] = [new Array<number>(11).fill(0)] // by what is left of the budget
  for (let left = 1; left <= budget; left++) {
    const mean = new Array<number>(11).fill(0)
    DOCUMENTED.forEach((share, i) => {
      const length = Math.min(i + 1, left)
      mean[length]! += share
      for (let l = 1; l <= 10; l++) mean[l]! += share * means[left - length]![l]!
    })
    means.push(mean)
  }
  return means[budget]!
}

test('all tokens can be chosen, and none where all are special', () => {
  const all = spanMasking(VOCABULARY, { maskProbability: 1 })
  expect(all([CLS, 9, 25, 9, SEP], new Random(1)).positions).toEqual(Int32Array.of(1, 2, 3))
  expect(spanMasking(VOCABULARY)([CLS, SEP], new Random(1)).positions).toHaveLength(0)
})

test.each([
  { geometricProbability: 0 },
  { geometricProbability: 1.5 },
  { mostWords: 0 },
  { tokenCounts: [1, 2] },
  { maskProbability: 2 },
])('%j is refused', (options) => {
  expect(() => spanMasking(VOCABULARY, options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
