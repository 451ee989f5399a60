// Positions as files give them back: real ones pass, anything else is refused before it can mislead.

import { describe, expect, it } from 'vitest'
import { blocks, memoryCorpus, packElectra, packFullSentences, parseBlocksPosition } from './index.js'

const corpus = memoryCorpus(Array.from({ length: 9 }, (_, i) => ['a b c d e f g h', `line ${i}`]))
const encodeIds = (line: string): number[] => Array.from(line, (letter) => letter.charCodeAt(0))

describe.each([
  ['ELECTRA', packElectra({ maxLength: 8, clsId: 1, sepId: 2 })],
  ['full sentences', packFullSentences({ maxLength: 8, bosId: 1, eosId: 2 })],
])('positions of %s packing', (_, pack) => {
  it('come back from JSON as they were, at every place', async () => {
    const stream = blocks(corpus, { encodeIds, pack, shuffleWindow: 5, epochs: 2, seed: 3 })
    for await (const _block of stream) {
      const saved = JSON.parse(JSON.stringify(stream.position)) as unknown
      expect(parseBlocksPosition(saved, 'trainer.json')).toEqual(stream.position)
    }
  })
})

const random = [1, 2, 3, 4]
const start = { corpus: { file: '0', offset: 5, document: 1 }, packer: { random, pending: [1], target: 8 } }
const whole = { epoch: 0, seed: 1, shuffleWindow: 5, place: { start, window: 0, index: 2 } }

it('the example of this test is a position', () => {
  expect(parseBlocksPosition(whole, 'x')).toEqual(whole)
})

it.each<[string, unknown]>([
  ['the position', null],
  ['the position', 'epoch'],
  ['epoch', { ...whole, epoch: -1 }],
  ['epoch', { ...whole, epoch: 1.5 }],
  ['seed', { ...whole, seed: 'a' }],
  ['place', { ...whole, place: undefined }],
  ['index', { ...whole, place: { ...whole.place, index: -3 } }],
  ['start', { ...whole, place: { ...whole.place, start: 7 } }],
  ['file', { ...whole, place: { ...whole.place, start: { ...start, corpus: { ...start.corpus, file: 0 } } } }],
  ['offset', { ...whole, place: { ...whole.place, start: { ...start, corpus: { file: '0', document: 1 } } } }],
  ['random', { ...whole, place: { ...whole.place, start: { ...start, packer: { ...start.packer, random: [1] } } } }],
  [
    'pending',
    { ...whole, place: { ...whole.place, start: { ...start, packer: { ...start.packer, pending: ['a'] } } } },
  ],
  ['target', { ...whole, place: { ...whole.place, start: { ...start, packer: { random, pending: [] } } } }],
])('a wrong %s is refused', (what, value) => {
  const refused = expect.objectContaining({
    code: 'file-malformed',
    message: expect.stringContaining(`${what} is wrong`),
  })
  expect(() => parseBlocksPosition(value, 'trainer.json')).toThrow(refused)
})
