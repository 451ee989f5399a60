// Masking of tokens, against the distributions it is documented to have.

import { describe, expect, it, test } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import { Random } from '../random.js'
import { maskedLm, maskForGenerator, maskTokens, tokenMasking } from './index.js'
import { drawDistinct } from './masking.js'
import { expectShare } from './testing/statistics.js'

const VOCABULARY = { vocabSize: 40, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }

/** [CLS] … [SEP] of random tokens, with some special ones inside. */
const sequence = (length: number, random: Random): number[] => [
  2,
  ...Array.from({ length: length - 2 }, () => (random.below(20) === 0 ? 3 : 5 + random.below(35))),
  3,
]

describe.each([1, 2, 3])('masking with seed %i', (seed) => {
  it('chooses 15 % and makes 80 % of them [MASK], 10 % random, and leaves 10 %', () => {
    const random = new Random(seed)
    let [tokens, chosen, masked, changed, kept] = [0, 0, 0, 0, 0]
    const replacements = new Map<number, number>()
    for (let i = 0; i < 3000; i++) {
      const ids = sequence(37, random)
      const result = maskTokens(ids, VOCABULARY, random)
      tokens += ids.length
      chosen += result.positions.length
      expect(result.positions.length).toBeOneOf([5, 6]) // 5.55, rounded at random
      result.positions.forEach((position, k) => {
        const [before, after] = [ids[position]!, result.ids[position]!]
        expect(result.labels[k]).toBe(before)
        expect(VOCABULARY.specialTokenIds.has(before)).toBe(false)
        if (after === 4) masked++
        else if (after === before) kept++
        else {
          changed++
          replacements.set(after, (replacements.get(after) ?? 0) + 1)
        }
      })
      const isChosen = new Set(result.positions)
      expect(result.ids.every((id, s) => isChosen.has(s) || id === ids[s])).toBe(true)
      expect([...result.positions]).toEqual([...isChosen].sort((a, b) => a - b))
    }
    // Sizes vary by less than independent draws would.
    expectShare(chosen, tokens, 0.15)
    expectShare(masked, chosen, 0.8)
    // A random token is the original once in 35 times, and then looks as if it had been left.
    expectShare(changed, chosen, 0.1 * (34 / 35))
    expectShare(kept, chosen, 0.1 + 0.1 / 35)
    for (let id = 0; id < 40; id++) {
      const count = replacements.get(id) ?? 0
      if (VOCABULARY.specialTokenIds.has(id)) expect(count).toBe(0)
      else expectShare(count, changed, 1 / 35)
    }
  })

  it('chooses every place equally often', () => {
    const random = new Random(seed)
    const ids = [2, ...Array(18).fill(9), 3]
    const counts = new Array<number>(20).fill(0)
    for (let i = 0; i < 4000; i++) for (const p of maskTokens(ids, VOCABULARY, random).positions) counts[p]!++
    expect([counts[0], counts[19]]).toEqual([0, 0])
    for (const count of counts.slice(1, 19)) expectShare(count, 4000, 3 / 18)
  })

  it('rounds the number of chosen tokens at random, so that its mean is 15 % whatever the length', () => {
    const random = new Random(seed)
    for (const length of [10, 16, 37, 128]) {
      const exact = 0.15 * length
      const ids = [2, ...new Array<number>(length - 2).fill(9), 3]
      let [above, wrong] = [0, 0]
      for (let i = 0; i < 3000; i++) {
        const { positions } = maskTokens(ids, VOCABULARY, random)
        if (positions.length === Math.floor(exact) + 1) above++
        else if (positions.length !== Math.floor(exact)) wrong++
      }
      expect(wrong).toBe(0)
      expectShare(above, 3000, exact - Math.floor(exact))
    }
  })

  it('predicts special tokens as any others where it is told to, and then [MASK] may be a random token', () => {
    const random = new Random(seed)
    const options = { predictSpecialTokens: true, maskedShare: 0, randomShare: 1 }
    const [counts, drawn] = [new Array<number>(20).fill(0), new Array<number>(40).fill(0)]
    for (let i = 0; i < 4000; i++) {
      const { ids, positions } = maskTokens([2, ...Array(18).fill(9), 3], VOCABULARY, random, options)
      for (const p of positions) {
        counts[p]!++
        drawn[ids[p]!]!++
      }
    }
    for (const count of counts) expectShare(count, 4000, 3 / 20)
    expect(drawn.slice(0, 4)).toEqual([0, 0, 0, 0])
    for (const count of drawn.slice(4)) expectShare(count, 12_000, 1 / 36)
  })

  it('for a generator leaves as many of the chosen unmasked as it is told: 15 %, as the authors’ code does', () => {
    const random = new Random(seed)
    let [chosen, masked] = [0, 0]
    for (let i = 0; i < 2000; i++) {
      const ids = sequence(40, random)
      const result = maskForGenerator(ids, 19, VOCABULARY, random, { unmaskedShare: 0.15 })
      expect(new Set(result.positions).size).toBe(6)
      result.positions.forEach((position, k) => {
        chosen++
        expect(result.labels[k]).toBe(ids[position])
        expect(VOCABULARY.specialTokenIds.has(ids[position]!)).toBe(false)
        if (result.ids[position] === 4) masked++
        else expect(result.ids[position]).toBe(ids[position])
      })
    }
    expectShare(masked, chosen, 0.85)
  })

  it('for a generator masks all of the chosen unless told otherwise', () => {
    const random = new Random(seed)
    const { ids, positions } = maskForGenerator(sequence(40, random), 19, VOCABULARY, random, {})
    expect(Array.from(positions, (position) => ids[position])).toEqual(Array(6).fill(VOCABULARY.maskTokenId))
  })

  it('with replacement draws a place as often as chance has it', () => {
    const random = new Random(seed)
    const ids = [2, ...Array(10).fill(9), 3]
    let repeated = 0
    for (let i = 0; i < 4000; i++) {
      const { positions } = maskForGenerator(ids, 19, VOCABULARY, random, { withReplacement: true })
      expect(positions).toHaveLength(2)
      if (positions[0] === positions[1]) repeated++
    }
    expectShare(repeated, 4000, 1 / 10)
  })
})

describe('how many tokens a generator predicts', () => {
  const count = (length: number, slots: number, options = {}) =>
    maskForGenerator([2, ...Array(length - 2).fill(9), 3], slots, VOCABULARY, new Random(1), options).positions.length

  it.each([
    [3, 1], // 0.45: at least one
    [10, 2], // 1.5, half to even
    [30, 4], // 4.5, half to even
    [50, 8], // 7.5, half to even
    [40, 6],
    [128, 19],
    [400, 19], // no more than there are slots
  ])('of %i tokens, specials counted: %i', (length, expected) => {
    expect(count(length, 19)).toBe(expected)
    expect(count(length, 19, { withReplacement: true })).toBe(expected)
  })

  it('is all candidates at most, unless they are drawn with replacement', () => {
    expect(count(4, 19, { maskProbability: 1 })).toBe(2)
    expect(count(4, 19, { maskProbability: 1, withReplacement: true })).toBe(4)
  })
})

test('nothing is predicted where all tokens are special, and one where one is not', () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = new Random(seed)
    expect(maskTokens([2, 3], VOCABULARY, random)).toMatchObject({
      positions: new Int32Array(),
      ids: Int32Array.of(2, 3),
    })
    expect(maskTokens([2, 8, 3], VOCABULARY, random).labels).toEqual(Int32Array.of(8))
    for (const withReplacement of [false, true]) {
      expect(maskForGenerator([2, 3], 5, VOCABULARY, random, { withReplacement }).positions).toHaveLength(0)
      expect(maskForGenerator([2, 8, 3], 5, VOCABULARY, random, { withReplacement }).labels).toEqual(Int32Array.of(8))
    }
  }
})

test('shares may be none and all', () => {
  const ids = [2, 9, 10, 11, 3]
  const mask = (options: Parameters<typeof maskTokens>[3]) => [
    ...maskTokens(ids, VOCABULARY, new Random(1), options).ids,
  ]
  expect(mask({ maskProbability: 1, maskedShare: 1, randomShare: 0 })).toEqual([2, 4, 4, 4, 3])
  expect(mask({ maskProbability: 1, maskedShare: 0, randomShare: 0 })).toEqual(ids)
})

test('drawing distinct items gives every one, and every order of them, equally often', () => {
  const random = new Random(5)
  const counts = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const drawn = drawDistinct([7, 8, 9], 2, random).join()
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
  }
  expect(counts.size).toBe(6)
  for (const count of counts.values()) expectShare(count, 6000, 1 / 6)
})

test('the same seed masks the same, another seed otherwise', () => {
  const ids = sequence(60, new Random(1))
  const mask = (seed: number) => maskTokens(ids, VOCABULARY, new Random(seed))
  expect(mask(7)).toEqual(mask(7))
  expect(mask(7)).not.toEqual(mask(8))
})

describe('options of masked language modelling', () => {
  const config = createConfig({ modelType: 'bert', vocabSize: 40 })
  it.each([
    { maskProbability: 0 },
    { maskProbability: 1.1 },
    { maskProbability: Number.NaN },
    { maskedShare: -0.1 },
    { maskedShare: 0.95 },
    { maskedShare: 0.5, randomShare: 0.6 },
    { randomShare: Number.NaN },
  ])('%j are refused', (options) => {
    expect(() => tokenMasking(VOCABULARY, options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })

  it('with a vocabulary of nothing but special tokens are refused', () => {
    const vocabulary = { vocabSize: 2, maskTokenId: 1, specialTokenIds: new Set([0, 1]) }
    expect(() => maskedLm(config, vocabulary)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
