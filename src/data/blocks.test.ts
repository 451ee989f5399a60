import { describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import { batches } from './batch.js'
import { type BlocksOptions, type BlocksPosition, blocks } from './blocks.js'
import { memoryCorpus } from './memoryCorpus.js'
import { packElectra } from './packElectra.js'
import { packFullSentences } from './packFullSentences.js'
import type { Block } from './packing.js'
import { packSentencePairs } from './packSentencePairs.js'
import { packSingleSequences } from './packSingleSequences.js'

// Every word is a number, its own token id.
const encodeIds = (text: string): number[] => text.split(' ').map(Number)
const random = new Random(9)
let word = 10
const corpus = memoryCorpus(
  Array.from({ length: 120 }, () =>
    Array.from({ length: 1 + random.below(12) }, () =>
      Array.from({ length: 1 + random.below(40) }, () => word++).join(' '),
    ),
  ),
)
const options: BlocksOptions = {
  encodeIds,
  pack: packElectra({ maxLength: 48, clsId: 1, sepId: 2 }),
  seed: 5,
  shuffleWindow: 64,
}

async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) if (items.push(item) === count) break
  return items
}
const key = (block: Block): string => block.ids.join()

describe.each([
  ['ELECTRA', options],
  ['FULL-SENTENCES', { ...options, pack: packFullSentences({ maxLength: 48, bosId: 0, eosId: 2 }) }],
  [
    'DOC-SENTENCES',
    { ...options, pack: packFullSentences({ maxLength: 48, bosId: 0, eosId: 2, withinDocuments: true }) },
  ],
  ['single sequences', { ...options, pack: packSingleSequences({ maxLength: 48, clsId: 1, sepId: 2 }) }],
  [
    'sentence order, static',
    { ...options, copies: 2, pack: packSentencePairs({ maxLength: 48, clsId: 1, sepId: 2, task: 'sentence-order' }) },
  ],
  [
    'next sentence',
    { ...options, pack: packSentencePairs({ maxLength: 48, clsId: 1, sepId: 2, task: 'next-sentence' }) },
  ],
  [
    'next sentence, as published',
    {
      ...options,
      shuffleWindow: 9,
      pack: packSentencePairs({
        maxLength: 48,
        clsId: 1,
        sepId: 2,
        task: 'next-sentence',
        discardOverflow: true,
      }),
    },
  ],
  ['ELECTRA, held out', { ...options, heldOut: { every: 4, part: 'held-out' }, shuffleWindow: 7 }],
] satisfies [string, BlocksOptions][])('%s', (_name, settings: BlocksOptions) => {
  test('resumes at 20 random points with the same blocks, bit for bit, over epochs', async () => {
    const expected: Block[] = []
    const positions: string[] = []
    const stream = blocks(corpus, settings)
    for await (const block of stream) {
      expected.push(block)
      positions.push(JSON.stringify(stream.position))
      if (stream.position.epoch === 3) break
    }
    const draw = new Random(11)
    for (let i = 0; i < 20; i++) {
      const at = draw.below(positions.length - 1)
      const position = JSON.parse(positions[at]!) as BlocksPosition
      const rest = await take(blocks(corpus, { ...settings, position }), expected.length - at - 1)
      expect(rest).toEqual(expected.slice(at + 1))
    }
  })
})

test('one epoch has every block once, shuffled; the next epoch packs and shuffles otherwise', async () => {
  const inOrder = await take(blocks(corpus, { ...options, shuffleWindow: 1, epochs: 1 }), 1e9)
  const mixed = await take(blocks(corpus, { ...options, epochs: 1 }), 1e9)
  expect(mixed.map(key)).not.toEqual(inOrder.map(key))
  expect(mixed.map(key).sort()).toEqual(inOrder.map(key).sort())
  const two = await take(blocks(corpus, { ...options, epochs: 2 }), 1e9)
  expect(two.slice(0, mixed.length)).toEqual(mixed)
  expect(two.slice(mixed.length).map(key).sort()).not.toEqual(mixed.map(key).sort())
})

test('the seed decides', async () => {
  expect(await take(blocks(corpus, options), 200)).toEqual(await take(blocks(corpus, options), 200))
  expect(await take(blocks(corpus, { ...options, seed: 6 }), 200)).not.toEqual(await take(blocks(corpus, options), 200))
})

test('train and held-out blocks share no document', async () => {
  const ids = async (part: 'train' | 'held-out'): Promise<Set<number>> => {
    const list = await take(blocks(corpus, { ...options, epochs: 1, heldOut: { every: 5, part } }), 1e9)
    return new Set(list.flatMap((block) => [...block.ids].filter((id) => id >= 10)))
  }
  const [train, held] = [await ids('train'), await ids('held-out')]
  expect(held.size).toBeGreaterThan(1000)
  expect([...held].some((id) => train.has(id))).toBe(false)
})

describe('batches', () => {
  test('of a fixed number of sequences, resumable', async () => {
    const all = await take(batches(blocks(corpus, options), { batchSize: 8 }), 60)
    expect(all.every((batch) => batch.blocks.length === 8)).toBe(true)
    const position = JSON.parse(JSON.stringify(all[40]!.position)) as BlocksPosition
    expect(await take(batches(blocks(corpus, { ...options, position }), { batchSize: 8 }), 19)).toEqual(all.slice(41))
  })

  test('of a token budget, resumable', async () => {
    const all = await take(batches(blocks(corpus, options), { maxTokens: 300 }), 60)
    const tokens = all.map((batch) => batch.blocks.reduce((sum, block) => sum + block.ids.length, 0))
    expect(Math.max(...tokens)).toBeLessThanOrEqual(300)
    expect(Math.min(...tokens)).toBeGreaterThan(300 - 48)
    for (const i of [0, 17, 40]) {
      const position = JSON.parse(JSON.stringify(all[i]!.position)) as BlocksPosition
      expect(await take(batches(blocks(corpus, { ...options, position }), { maxTokens: 300 }), 59 - i)).toEqual(
        all.slice(i + 1),
      )
    }
  })

  test('the last batch is smaller, or left out', async () => {
    const once = { ...options, epochs: 1 }
    const count = (await take(blocks(corpus, once), 1e9)).length
    expect(count % 32).not.toBe(0)
    const sizes = (await take(batches(blocks(corpus, once), { batchSize: 32 }), 1e9)).map(
      (batch) => batch.blocks.length,
    )
    expect(sizes.at(-1)).toBe(count % 32)
    expect((await take(batches(blocks(corpus, once), { batchSize: 32, dropLast: true }), 1e9)).length).toBe(
      sizes.length - 1,
    )
  })

  test('a block above the budget is a batch alone', async () => {
    const all = await take(batches(blocks(corpus, options), { maxTokens: 3 }), 10)
    expect(all.every((batch) => batch.blocks.length === 1)).toBe(true)
  })
})

test('mistakes are refused', async () => {
  expect(() => blocks(corpus, { ...options, shuffleWindow: 0 })).toThrow(/window/)
  const { position } = blocks(corpus, options)
  expect(() => blocks(corpus, { ...options, seed: 6, position })).toThrow(/seed 5/)
  expect(() => batches(blocks(corpus, options), { batchSize: 0 })).toThrow(/batchSize or maxTokens/)
  const tiny = memoryCorpus([['10 11 12']])
  const none = blocks(tiny, { ...options, encodeIds: () => [] })
  await expect(take(none, 1)).rejects.toMatchObject({ code: 'text-empty' })
})

test('memory does not grow with the corpus', async () => {
  const endless = {
    // 100,000 documents of about 500 characters, made on the fly: 50 MB of text.
    async *documents() {
      for (let i = 1; i <= 100_000; i++) {
        const line = Array.from({ length: 16 }, (_, k) => 10 + ((i * k) % 990)).join(' ')
        yield { lines: Array.from({ length: 8 }, () => line), position: { file: '', offset: i, document: i } }
      }
    },
  }
  let seen = 0
  let most = 0
  for await (const _ of blocks(endless, { ...options, shuffleWindow: 1000, epochs: 1 })) {
    if (++seen % 20_000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  expect(seen).toBeGreaterThan(200_000)
  expect(most).toBeLessThan(100e6)
})
