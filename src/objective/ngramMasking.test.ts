// Masking of words and n-grams of words, against the distributions it is documented to have.

import { describe, expect, it, test } from 'vitest'
import { Random } from '../random.js'
import { ngramMasking, wholeWordMasking } from './index.js'
import { mergedSpans } from './spanMasking.js'
import { expectShare } from './testing/statistics.js'
import { wordsOf } from './words.js'

const CLS = 2
const SEP = 3
const MASK = 4
/** Ids 5 to 24 begin a word, 25 to 39 go on with one. */
const startsWord = Uint8Array.from({ length: 40 }, (_, id) => (id < 25 ? 1 : 0))
const VOCABULARY = { vocabSize: 40, maskTokenId: MASK, specialTokenIds: new Set([0, 1, CLS, SEP, MASK]), startsWord }

/** Random words of 1 to 4 tokens: [CLS] … [SEP] … [SEP], `length` tokens in all. */
function sequence(length: number, random: Random): number[] {
  const text: number[] = []
  while (text.length < length - 3) {
    text.push(5 + random.below(20))
    for (let more = random.below(4); more > 0 && text.length < length - 3; more--) text.push(25 + random.below(15))
  }
  const middle = text.findIndex((id, i) => i >= text.length / 2 && startsWord[id] === 1)
  return [CLS, ...text.slice(0, middle), SEP, ...text.slice(middle), SEP]
}
const singleWords = (count: number): number[] => [CLS, ...new Array<number>(count - 2).fill(9), SEP]

test('words are what tokens that begin one make of a sequence; behind a special token one begins in any case', () => {
  const words = (...ids: number[]) => wordsOf(ids, VOCABULARY).map(({ start, end }) => [start, end])
  expect(words(CLS, 5, 25, 26, 6, SEP, 7, SEP)).toEqual([
    [1, 4],
    [4, 5],
    [6, 7],
  ])
  expect(words(CLS, 5, SEP, 30, 31, 8)).toEqual([
    [1, 2],
    [3, 5],
    [5, 6],
  ])
  expect(words(30, 5)).toEqual([
    [0, 1],
    [1, 2],
  ])
  expect(words(CLS, SEP, SEP)).toEqual([])
  expect(words()).toEqual([])
})

describe.each([1, 2])('n-grams with seed %i', (seed) => {
  it('have 1, 2 and 3 words with probabilities 6/11, 3/11 and 2/11', () => {
    const random = new Random(seed)
    // Three tokens are to be chosen, far enough from each other not to touch by chance: a trigram, a bigram and a word
    // (in either order: a bigram or a trigram that comes second has room for two at most), or three words.
    const masking = ngramMasking(VOCABULARY, { maxPredictions: 3 })
    const counts = new Map<string, number>()
    for (let i = 0; i < 1500; i++) {
      const { positions } = masking(singleWords(2000), random)
      const lengths = mergedSpans(positions).map(({ start, end }) => end - start)
      const key = lengths.sort().join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expectShare(counts.get('3')!, 1500, 2 / 11, 0.02)
    expectShare(counts.get('1,2')!, 1500, 3 / 11 + (6 / 11) * (5 / 11), 0.02)
    expectShare(counts.get('1,1,1')!, 1500, (6 / 11) ** 2, 0.02)
  })

  it('reach over [SEP] as if it were not there', () => {
    const random = new Random(seed)
    const masking = ngramMasking(VOCABULARY, { maxPredictions: 2 })
    const ids = [CLS, 9, 9, 9, 9, 9, SEP, 9, 9, 9, 9, 9, SEP]
    const pairs = [0, 0] // over [SEP], and beside it
    for (let i = 0; i < 20_000; i++) {
      const { positions } = masking(ids, random)
      if (positions[0] === 5 && positions[1] === 7) pairs[0]!++
      if (positions[0] === 4 && positions[1] === 5) pairs[1]!++
    }
    // A bigram begins with the word before in 1/10 of the cases, and has two words in 5/11 of them; two single words
    // happen to be these two in 6/11 · 1/45.
    for (const count of pairs) expectShare(count, 20_000, (1 / 10) * (5 / 11) + (6 / 11) * (1 / 45), 0.03)
    expectShare(pairs[0]!, pairs[0]! + pairs[1]!, 0.5)
  })

  it.each([
    ['n-grams', ngramMasking(VOCABULARY)],
    ['whole words', wholeWordMasking(VOCABULARY)],
  ])('%s: words are never split, and the budget never exceeded', (_, masking) => {
    const random = new Random(seed)
    let [chosen, masked, kept, changed, budgets, wrong] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 3000; i++) {
      const ids = sequence(60, random)
      const result = masking(ids, random)
      const isChosen = new Set(result.positions)
      for (const { start, end } of wordsOf(ids, VOCABULARY)) {
        const inside = Array.from({ length: end - start }, (_, k) => isChosen.has(start + k))
        if (new Set(inside).size !== 1) wrong++
      }
      if (isChosen.size !== result.positions.length || isChosen.size > 9) wrong++
      budgets += 9
      result.positions.forEach((position, k) => {
        const [before, after] = [ids[position]!, result.ids[position]!]
        if (result.labels[k] !== before || VOCABULARY.specialTokenIds.has(before)) wrong++
        chosen++
        if (after === MASK) masked++
        else if (after === before) kept++
        else changed++
      })
      if (!result.ids.every((id, s) => isChosen.has(s) || id === ids[s])) wrong++
    }
    expect(wrong).toBe(0)
    expect(chosen / budgets).toBeGreaterThan(0.98) // with words of 1 to 4 tokens, one fits nearly always
    expectShare(masked, chosen, 0.8)
    expectShare(changed, chosen, 0.1 * (34 / 35))
    expectShare(kept, chosen, 0.1 + 0.1 / 35)
  })

  it('each token of a word is replaced by itself', () => {
    const random = new Random(seed)
    const masking = wholeWordMasking(VOCABULARY, { maxPredictions: 2 })
    let [both, words] = [0, 0]
    for (let i = 0; i < 5000; i++) {
      const { ids, positions } = masking([CLS, 9, 30, 9, 30, 9, 30, 9, 30, 9, 30, 9, 30, SEP], random)
      words += positions.length / 2
      if (ids[positions[0]!] === MASK && ids[positions[1]!] === MASK) both++
    }
    expect(words).toBe(5000)
    expectShare(both, words, 0.8 ** 2)
  })

  it('chooses every word equally often where all are alike', () => {
    const random = new Random(seed)
    const counts = new Array<number>(21).fill(0)
    const masking = wholeWordMasking(VOCABULARY)
    for (let i = 0; i < 4000; i++) for (const p of masking(singleWords(21), random).positions) counts[p]!++
    expect([counts[0], counts[20]]).toEqual([0, 0])
    for (const count of counts.slice(1, 20)) expectShare(count, 4000, 3 / 19)
  })
})

describe.each([ngramMasking, wholeWordMasking])('the budget', (masking) => {
  it.each([
    [3, 1],
    [10, 2], // 1.5, half to even
    [30, 4], // 4.5, half to even
    [100, 15],
    [128, 19],
  ])('of %i tokens, specials counted, is %i, and met by words of one token', (length, expected) => {
    const count = (options = {}) => masking(VOCABULARY, options)(singleWords(length), new Random(1)).positions.length
    expect(count()).toBe(Math.min(expected, length - 2))
    expect(count({ maxPredictions: 4 })).toBe(Math.min(expected, 4, length - 2))
  })

  it('is exceeded by the shortest word alone where no word fits it', () => {
    const ids = [CLS, 5, 25, 25, 6, 26, SEP]
    for (const seed of [1, 2, 3]) expect([...masking(VOCABULARY)(ids, new Random(seed)).positions]).toEqual([4, 5])
  })

  it('is nothing where all tokens are special', () => {
    expect(masking(VOCABULARY)([CLS, SEP, SEP], new Random(1)).positions).toHaveLength(0)
  })
})

test.each([
  { maskProbability: 0 },
  { maskedShare: 0.95, randomShare: 0.1 },
  { maxPredictions: 0 },
  { mostWords: 0 },
  { mostWords: 1.5 },
])('%j is refused', (options) => {
  expect(() => ngramMasking(VOCABULARY, options)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})

test('a table of word beginnings of another length is refused', () => {
  const vocabulary = { ...VOCABULARY, startsWord: new Uint8Array(39) }
  expect(() => ngramMasking(vocabulary)).toThrow(/each of the 40 tokens, not 39/)
})
