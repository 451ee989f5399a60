import { describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import { type PackElectraOptions, packElectra } from './packElectra.js'
import type { Block } from './packing.js'

const CLS = 1
const SEP = 2
const MAX = 128
const options: PackElectraOptions = { maxLength: MAX, clsId: CLS, sepId: SEP }

/** Documents of `count` lines; every token is a number of its own, from 10 on, in order. */
function documents(n: number, count: number, length: (random: Random) => number): number[][][] {
  const random = new Random(3)
  let next = 10
  return Array.from({ length: n }, () =>
    Array.from({ length: count }, () => Array.from({ length: length(random) }, () => next++)),
  )
}
const sentences = (n: number): number[][][] => documents(n, 100, (random) => 5 + random.below(15))
const pack = (docs: number[][][], more: Partial<PackElectraOptions> = {}, seed = 42): Block[] => {
  const packer = packElectra({ ...options, ...more }).start(seed)
  return docs.flatMap((lines) => packer.add(lines))
}
const isSingle = (block: Block): boolean => !block.typeIds.includes(1)
const share = <T>(items: T[], test: (item: T) => boolean): number => items.filter(test).length / items.length
const content = (blocks: Block[]): number[] => blocks.flatMap((b) => [...b.ids].filter((id) => id > SEP))

describe.each([true, false])('discardOverflow %s', (discardOverflow) => {
  test('layout: [CLS] s1 [SEP] with type 0, then s2 [SEP] with type 1', () => {
    for (const { ids, typeIds } of pack(sentences(50), { discardOverflow })) {
      expect(ids.length).toBeLessThanOrEqual(MAX)
      expect(ids[0]).toBe(CLS)
      expect(ids.at(-1)).toBe(SEP)
      const seps = [...ids.keys()].filter((i) => ids[i] === SEP)
      expect(seps.length).toBe(typeIds.includes(1) ? 2 : 1)
      expect([...typeIds]).toEqual([...ids.keys()].map((i) => (i > seps[0]! ? 1 : 0)))
    }
  })

  test('shares: one segment in 10 %, short ones in 5 %', () => {
    // One endless document, so that no block is short or single because its document ends.
    const docs = documents(1, 100_000, () => 10)
    const singles = share(pack(docs, { discardOverflow, shortSequenceProbability: 0 }), isSingle)
    expect(singles).toBeGreaterThan(0.09)
    expect(singles).toBeLessThan(0.11)
    // A target below MAX − 15 = 113 leaves its block visibly short: 0.05 · 108/124 = 4.4 % (a sentence may end above).
    const short = share(pack(docs, { discardOverflow }), (b) => b.ids.length < MAX - 15)
    expect(short).toBeGreaterThan(0.033)
    expect(short).toBeLessThan(0.053)
  })

  test('probabilities 0 and 1 are obeyed', () => {
    const docs = documents(1, 20_000, () => 10)
    expect(share(pack(docs, { discardOverflow, singleSegmentProbability: 1 }), isSingle)).toBe(1)
    const pairs = pack(docs, { discardOverflow, singleSegmentProbability: 0, shortSequenceProbability: 0 }).slice(0, -1)
    expect(share(pairs, isSingle)).toBe(0)
    expect(Math.min(...pairs.map((b) => b.ids.length))).toBe(MAX)
    // Segment 1 is about half: below 62 tokens, or one sentence more when the coin falls so.
    const lengths = pairs.map((b) => b.typeIds.indexOf(1) - 2)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(52)
    if (discardOverflow) expect(new Set(lengths)).toEqual(new Set([60, 70]))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(72)
  })

  test('the same seed gives the same blocks, another seed others', () => {
    const docs = sentences(20)
    expect(pack(docs, { discardOverflow })).toEqual(pack(docs, { discardOverflow }))
    expect(pack(docs, { discardOverflow })).not.toEqual(pack(docs, { discardOverflow }, 43))
  })

  test('goes on from its state exactly', () => {
    const docs = sentences(40)
    const packing = packElectra({ ...options, discardOverflow })
    const first = packing.start(1)
    for (const lines of docs.slice(0, 20)) first.add(lines)
    const second = packing.resume(JSON.parse(JSON.stringify(first.state)))
    for (const lines of docs.slice(20)) expect(second.add(lines)).toEqual(first.add(lines))
  })
})

test('published procedure: what does not fit is discarded; by default it goes on', () => {
  const paragraph = documents(1, 1, () => 1000)
  const discarded = pack(paragraph, { discardOverflow: true })
  expect(discarded.length).toBe(1)
  expect([...discarded[0]!.ids]).toEqual([CLS, ...Array.from({ length: MAX - 2 }, (_, i) => 10 + i), SEP])

  const kept = pack(paragraph, { shortSequenceProbability: 0, singleSegmentProbability: 0 })
  expect(content(kept)).toEqual(paragraph.flat(2))
  expect(kept.every((b) => b.typeIds.includes(1) || b.ids.length < MAX)).toBe(true)
})

test('by default no token is lost, except rests of fewer than 8 at document ends', () => {
  for (const docs of [sentences(200), documents(200, 3, (random) => 1 + random.below(400))]) {
    const all = docs.flat(2)
    const kept = content(pack(docs)).sort((a, b) => a - b)
    expect(new Set(kept).size).toBe(kept.length)
    expect(all.length - kept.length).toBeLessThan(200 * 8)
    expect(kept.length / all.length).toBeGreaterThan(0.99)
  }
})

test('paragraphs make pairs in the documented share, too', () => {
  const blocks = pack(documents(500, 10, (random) => 100 + random.below(400)))
  const full = blocks.filter((b) => b.ids.length === MAX)
  expect(share(full, isSingle)).toBeGreaterThan(0.08)
  expect(share(full, isSingle)).toBeLessThan(0.12)
})

test('a line of a million tokens takes no quadratic time', () => {
  const blocks = pack([[Array.from({ length: 1_000_000 }, () => 10)]])
  expect(blocks.length).toBeGreaterThan(8000)
})

test('blocks never mix documents', () => {
  const docs = sentences(100)
  const documentOf = new Map(docs.flatMap((lines, i) => lines.flat().map((id) => [id, i] as const)))
  for (const block of pack(docs)) expect(new Set(content([block]).map((id) => documentOf.get(id))).size).toBe(1)
})

test('bad options are refused', () => {
  expect(() => packElectra({ ...options, maxLength: 4 })).toThrow(/maxLength/)
  expect(() => packElectra({ ...options, singleSegmentProbability: 1.5 })).toThrow(/singleSegmentProbability/)
})
