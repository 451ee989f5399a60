// Static masking: the copies of the data, read through the epochs.

import { expect, test } from 'vitest'
import { type BlocksOptions, blocks, memoryCorpus, packElectra } from '../data/index.js'
import { Random } from '../random.js'
import { staticMasking, tokenMasking } from './index.js'
import { expectShare } from './testing/statistics.js'

const VOCABULARY = { vocabSize: 3000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
const masking = staticMasking(tokenMasking(VOCABULARY), { seed: 7 })

const random = new Random(3)
let word = 5
const corpus = memoryCorpus(
  Array.from({ length: 40 }, () =>
    Array.from({ length: 1 + random.below(6) }, () =>
      Array.from({ length: 1 + random.below(30) }, () => word++).join(' '),
    ),
  ),
)
const options: BlocksOptions = {
  encodeIds: (text) => text.split(' ').map(Number),
  pack: packElectra({ maxLength: 32, clsId: 2, sepId: 3 }),
  seed: 5,
  shuffleWindow: 50,
  copies: 3,
}

test('a copy’s blocks and masks are those of every third epoch, in another order; other copies’ differ', async () => {
  const epochs: string[][] = Array.from({ length: 6 }, () => [])
  const draws = new Random(1) // goes on from epoch to epoch, and plays no part
  const stream = blocks(corpus, { ...options, epochs: 6 })
  for await (const block of stream) {
    const { epoch } = stream.position
    expect(block.copy).toBe(epoch % 3)
    const { ids, positions } = masking(block.ids, draws, block.copy)
    epochs[epoch]!.push(`${block.ids.join()} ${ids.join()} ${positions.join()}`)
  }
  for (const copy of [0, 1, 2]) {
    expect(epochs[copy + 3]).not.toEqual(epochs[copy])
    expect(epochs[copy + 3]!.toSorted()).toEqual(epochs[copy]!.toSorted())
  }
  expect(epochs[1]!.toSorted()).not.toEqual(epochs[0]!.toSorted())
})

test('the masks of one example differ from copy to copy and seed to seed, as often as chance has it', () => {
  const ids = [2, ...Array.from({ length: 18 }, (_, i) => 10 + i), 3]
  const mask = (copy: number, seed = 7) =>
    [...staticMasking(tokenMasking(VOCABULARY), { seed })(ids, new Random(0), copy).positions].join()
  expect(mask(5)).toBe(mask(5))
  expect(mask(5)).not.toBe(mask(5, 8))
  const counts = new Array<number>(20).fill(0)
  for (let copy = 0; copy < 4000; copy++) for (const p of mask(copy).split(',')) counts[Number(p)]!++
  for (const count of counts.slice(1, 19)) expectShare(count, 4000, 3 / 18)
})

test('a stream with copies is resumed as one, and as nothing else', async () => {
  const stream = blocks(corpus, options)
  const seen = []
  let position = ''
  for await (const block of stream) {
    if (seen.length === 150) position = JSON.stringify(stream.position)
    if (seen.push(block) === 220) break
  }
  const rest = []
  for await (const block of blocks(corpus, { ...options, position: JSON.parse(position) })) {
    if (rest.push(block) === 69) break
  }
  expect(rest).toEqual(seen.slice(151))
  const { copies: _, ...without } = options
  const resume = () => blocks(corpus, { ...without, position: JSON.parse(position) })
  expect(resume).toThrow(/number of copies 3, not none/)
  expect(() => blocks(corpus, { ...options, copies: 0 })).toThrow(/copies must be/)
})
