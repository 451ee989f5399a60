// Pairs of segments, against what they are documented to be. Every token of the corpora here is another one, so that it is
// known where each came from.

import { describe, expect, it, test } from 'vitest'
import { Random } from '../random.js'
import type { Block } from './packing.js'
import { type PackSentencePairsOptions, packSentencePairs } from './packSentencePairs.js'

const [CLS, SEP] = [1, 2]
const base = { clsId: CLS, sepId: SEP }

/** Documents of `count` sentences each, of tokens that count up from 10. */
function documents(number: number, count: () => number, length: () => number): number[][][] {
  let id = 10
  return Array.from({ length: number }, () =>
    Array.from({ length: count() }, () => Array.from({ length: length() }, () => id++)),
  )
}

interface Taken {
  readonly block: Block
  readonly first: number[]
  readonly second: number[]
  readonly document: number
}

function pack(corpus: readonly number[][][], options: PackSentencePairsOptions, seed = 3): Taken[] {
  const packer = packSentencePairs(options).start(seed)
  return corpus.flatMap((lines, document) =>
    packer.add(lines).map((block) => {
      const ids = [...block.ids]
      expect(ids[0]).toBe(CLS)
      const end = ids.indexOf(SEP)
      const [first, second] = [ids.slice(1, end), ids.slice(end + 1, -1)]
      expect(ids.at(-1)).toBe(SEP)
      expect([...block.typeIds]).toEqual([...Array(end + 1).fill(0), ...Array(ids.length - end - 1).fill(1)])
      return { block, first, second, document }
    }),
  )
}

const isRun = (ids: readonly number[]): boolean => ids.every((id, i) => i === 0 || id === ids[i - 1]! + 1)

function expectShare(count: number, draws: number, probability: number): void {
  const deviation = Math.sqrt(draws * probability * (1 - probability))
  expect(Math.abs(count - draws * probability)).toBeLessThan(5 * deviation)
}

const sentences = (seed: number, number = 400) => {
  const random = new Random(seed)
  return documents(
    number,
    () => 2 + random.below(30),
    () => 3 + random.below(12),
  )
}

describe.each([1, 2])('sentence order, seed %i', (seed) => {
  const options = { ...base, maxLength: 64, task: 'sentence-order' as const }
  // Of sentences as short as these a chunk is never one alone, unless it ends a document.
  const corpus = sentences(seed)
  const pairs = pack(corpus, options, seed)
  const last = corpus.map((lines) => lines.at(-1)!)

  it('half of the pairs are swapped; a sentence alone has text of another document behind it', () => {
    const own = pairs.filter(({ first, second }) => isRun([...second, ...first]) || isRun([...first, ...second]))
    const lone = pairs.filter((pair) => !own.includes(pair))
    for (const { block, first, second } of own) expect(block.label).toBe(isRun([...first, ...second]) ? 0 : 1)
    expectShare(own.filter(({ block }) => block.label === 1).length, own.length, 0.5)
    expect(lone.length).toBeGreaterThan(10)
    for (const { block, first, second, document } of lone) {
      expect(block.label).toBe(1)
      expect(isRun(second)).toBe(true)
      // A lone sentence ends its document, or reached a target that was short.
      if (first.length > 14) expect(last[document]).toEqual(first)
      const from = corpus.findIndex((lines) => lines.flat().includes(second[0]!))
      expect(from).toBeLessThan(document)
      expect(corpus[from]!.some((line) => line[0] === second[0])).toBe(true) // from a sentence's beginning
    }
  })

  it('nothing is lost, and nothing comes twice but random text', () => {
    const ids = pairs.flatMap(({ block, first, second, document }) => {
      const isRandom = block.label === 1 && !corpus[document]!.flat().includes(second[0]!)
      return isRandom ? first : [...first, ...second]
    })
    expect(ids.sort((a, b) => a - b)).toEqual(corpus.flat(2))
    expect(Math.max(...pairs.map(({ block }) => block.ids.length))).toBeLessThanOrEqual(64)
  })
})

test('a segment ends after any sentence of the chunk but the last, all equally likely', () => {
  const counts = [0, 0, 0, 0]
  const options = { ...base, maxLength: 53, task: 'sentence-order' as const, shortSequenceProbability: 0 }
  // Five sentences of ten tokens fill a block.
  for (const { block, first, second } of pack(
    documents(
      4000,
      () => 5,
      () => 10,
    ),
    options,
  )) {
    const split = block.label === 0 ? first.length : second.length
    counts[split / 10 - 1]!++
  }
  for (const count of counts) expectShare(count, 4000, 1 / 4)
})

test('one document in ten aims at a length of 2 to the longest, all equally likely', () => {
  const options = { ...base, maxLength: 23, task: 'sentence-order' as const }
  const packer = packSentencePairs(options).start(8)
  packer.add([[5]])
  const counts = new Array<number>(21).fill(0)
  let id = 10
  for (let i = 0; i < 20_000; i++) {
    const lines = Array.from({ length: 40 }, () => [id++])
    // Lines of one token: the first chunk has as many as the target, if that is above 1.
    const [block] = packer.add(lines)
    const own = [...block!.ids].filter((token) => token >= lines[0]![0]!).length
    counts[own]!++
  }
  expect([counts[0], counts[1]]).toEqual([0, 0])
  for (let length = 2; length < 20; length++) expectShare(counts[length]!, 20_000, 0.1 / 19)
  expectShare(counts[20]!, 20_000, 0.9 + 0.1 / 19)
})

describe.each([1, 2])('next sentences, seed %i', (seed) => {
  const corpus = sentences(seed)
  const pairs = pack(corpus, { ...base, maxLength: 64, task: 'next-sentence' }, seed)

  it('half of the pairs, and sentences alone, have random text of an earlier document as their second segment', () => {
    let [random, own] = [0, 0]
    for (const { block, first, second, document } of pairs) {
      expect(isRun(first) && isRun(second)).toBe(true)
      const isOwn = isRun([...first, ...second])
      expect(block.label).toBe(isOwn ? 0 : 1)
      if (isOwn) own++
      else expect(corpus.findIndex((lines) => lines.flat().includes(second[0]!))).toBeLessThan(document)
      if (!isOwn && first.length > 14) random++ // more than one sentence, certainly
    }
    expect(own).toBeGreaterThan(400)
    // Of pairs whose first segment has several sentences, which no lone one has.
    const several = pairs.filter(({ first, document }) => first.length > 14 && document > 0)
    expectShare(several.filter(({ block }) => block.label === 1).length, several.length, 0.5)
    expect(random).toBeGreaterThan(100)
  })

  it('what stood in the place of random text opens the next pair: nothing is lost', () => {
    const ids = pairs.flatMap(({ block, first, second }) => (block.label === 1 ? first : [...first, ...second]))
    expect(ids.sort((a, b) => a - b)).toEqual(corpus.flat(2))
  })

  it('how long a pair is, and how it ends, tells nothing of its label', () => {
    const endsSentence = new Set(corpus.flat().map((line) => line.at(-1)!))
    const [proper, random] = [0, 1].map((label) => {
      const some = pairs.filter(({ block, document }) => block.label === label && document > 40)
      return {
        length: some.reduce((sum, { block }) => sum + block.ids.length, 0) / some.length,
        whole: some.filter(({ second }) => endsSentence.has(second.at(-1)!)).length / some.length,
      }
    })
    expect(proper!.whole).toBe(1)
    expect(random!.whole).toBeGreaterThan(0.99)
    expect(Math.abs(proper!.length - random!.length)).toBeLessThan(0.1 * proper!.length)
  })
})

describe('paragraphs longer than a block', () => {
  const random = new Random(4)
  const corpus = documents(
    60,
    () => 1 + random.below(3),
    () => 100 + random.below(100),
  )

  it('are cut, so that they make pairs and nothing is lost', () => {
    const pairs = pack(corpus, { ...base, maxLength: 32, task: 'sentence-order', shortSequenceProbability: 0 })
    const own = pairs.filter(({ first, second }) => isRun([...second, ...first]) || isRun([...first, ...second]))
    expect(own.length / pairs.length).toBeGreaterThan(0.8)
    const ids = pairs.flatMap((pair) => (own.includes(pair) ? [...pair.first, ...pair.second] : pair.first))
    expect(ids.sort((a, b) => a - b)).toEqual(corpus.flat(2))
  })

  it('lose their overflow as in the published code where that is wanted', () => {
    const options = { ...base, maxLength: 32, task: 'sentence-order' as const, discardOverflow: true }
    const pairs = pack(corpus, { ...options, shortSequenceProbability: 0 }).slice(5)
    for (const { block, first, second } of pairs) {
      expect(block.label).toBe(1) // each paragraph is a chunk of one line
      expect(block.ids).toHaveLength(32)
      // Tokens go from the longer one, of equals from the second.
      expect([first.length, second.length]).toEqual([15, 14])
      expect(isRun(first) && isRun(second)).toBe(true)
    }
  })
})

test('the published cut takes tokens from the front or the end, as often', () => {
  const options = { ...base, maxLength: 23, task: 'sentence-order' as const, discardOverflow: true }
  const lines = [Array.from({ length: 10 }, (_, i) => 10 + i), Array.from({ length: 20 }, (_, i) => 20 + i)]
  let [front, pairs] = [0, 0]
  for (let seed = 0; seed < 400; seed++) {
    const [block] = packSentencePairs({ ...options, shortSequenceProbability: 0 })
      .start(seed)
      .add(lines)
    const kept = [...block!.ids].filter((id) => id >= 20)
    expect(kept).toHaveLength(10)
    front += kept[0]! - 20
    pairs++
  }
  expectShare(front, pairs * 10, 0.5)
})

describe('before there is another document', () => {
  it.each(['sentence-order', 'next-sentence'] as const)('%s: a lone line becomes two segments', (task) => {
    const labels = new Set<number>()
    for (let seed = 0; seed < 40; seed++) {
      const [block] = packSentencePairs({ ...base, maxLength: 32, task })
        .start(seed)
        .add([[10, 11, 12, 13, 14]])
      const isSwapped = block!.ids[1] !== 10
      expect([...block!.ids]).toEqual(
        isSwapped ? [CLS, 13, 14, SEP, 10, 11, 12, SEP] : [CLS, 10, 11, 12, SEP, 13, 14, SEP],
      )
      expect(block!.label).toBe(isSwapped ? 1 : 0)
      labels.add(block!.label!)
    }
    expect([...labels].sort()).toEqual(task === 'sentence-order' ? [0, 1] : [0])
  })

  it('a lone token is a segment alone', () => {
    const packer = packSentencePairs({ ...base, maxLength: 8, task: 'sentence-order' }).start(1)
    expect(packer.add([[10]])).toEqual([{ ids: Int32Array.of(CLS, 10, SEP), typeIds: new Uint8Array(3), label: 0 }])
    expect(packer.add([])).toEqual([])
    expect(packer.finish()).toEqual([])
  })
})

test('what it keeps of other documents stays bounded, and is plain JSON that a packer goes on from', () => {
  const packing = packSentencePairs({ ...base, maxLength: 32, task: 'next-sentence' })
  const packer = packing.start(5)
  const corpus = sentences(6, 200)
  const sizes: number[] = []
  for (const lines of corpus) {
    packer.add(lines)
    sizes.push(packer.state.documents!.flat(2).length)
  }
  expect(packer.state.documents).toHaveLength(32)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 128)
  const resumed = packing.resume(JSON.parse(JSON.stringify(packer.state)))
  for (const lines of sentences(7, 20)) expect(resumed.add(lines)).toEqual(packer.add(lines))
  expect(resumed.state).toEqual(packer.state)
})

test.each([[[[]]], [[[[]]]], [[[['a']]]], [[[[-1]]]], 'no list', [new Array(33).fill([[5]])].flat()].map((d) => [d]))(
  'a saved position with documents %j is refused',
  (documents) => {
    const packing = packSentencePairs({ ...base, maxLength: 32, task: 'sentence-order' })
    const state = { ...packing.start(1).state, documents: documents as unknown as [] }
    expect(() => packing.resume(state)).toThrow(/no documents to draw text from/)
  },
)

test.each([{ maxLength: 4 }, { maxLength: 7.5 }, { shortSequenceProbability: -1 }, { shortSequenceProbability: 1.1 }])(
  '%j is refused',
  (options) => {
    const make = () => packSentencePairs({ ...base, maxLength: 32, task: 'sentence-order', ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  },
)
