import { expect, test } from 'vitest'
import { packFullSentences } from './packFullSentences.js'

const packing = packFullSentences({ maxLength: 8, bosId: 0, eosId: 2 })
const rows = (documents: number[][][]): number[][] => {
  const packer = packing.start(0)
  return [...documents.flatMap((lines) => packer.add(lines)), ...packer.finish()].map((block) => [...block.ids])
}

test('whole lines, across documents, with one more separator between documents', () => {
  expect(rows([[[5, 6]], [[7]], [[8, 9, 10]]])).toEqual([
    [0, 5, 6, 2, 2, 7, 2, 2],
    [0, 8, 9, 10, 2, 2],
  ])
})

test('a line that does not fit begins the next block; one longer than a block is cut', () => {
  expect(
    rows([
      [
        [5, 6, 7],
        [8, 9, 10],
      ],
    ]),
  ).toEqual([
    [0, 5, 6, 7, 2],
    [0, 8, 9, 10, 2, 2],
  ])
  expect(rows([[[11, 12, 13, 14, 15, 16, 17, 18]]])).toEqual([
    [0, 11, 12, 13, 14, 15, 16, 17],
    [0, 18, 2, 2],
  ])
})

test('goes on from its state', () => {
  const first = packing.start(0)
  first.add([[5, 6]])
  const second = packing.resume(JSON.parse(JSON.stringify(first.state)))
  expect(second.add([[7, 8, 9, 10]])).toEqual(first.add([[7, 8, 9, 10]]))
  expect(second.finish()).toEqual(first.finish())
})

test('DOC-SENTENCES: no block of two documents, and no separator between documents', () => {
  const packer = packFullSentences({ maxLength: 8, bosId: 0, eosId: 2, withinDocuments: true }).start(0)
  const blocks = [[[5, 6], [7]], [[8, 9, 10], [11, 12, 13], [14]], [[]], [[15]]].flatMap((lines) => packer.add(lines))
  expect([...blocks, ...packer.finish()].map((block) => [...block.ids])).toEqual([
    [0, 5, 6, 2, 7, 2],
    [0, 8, 9, 10, 2],
    [0, 11, 12, 13, 2, 14, 2],
    [0, 15, 2],
  ])
})
