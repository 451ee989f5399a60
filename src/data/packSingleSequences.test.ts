import { expect, test } from 'vitest'
import { packSingleSequences } from './packSingleSequences.js'

const rows = (documents: number[][][], options = {}): number[][] => {
  const packer = packSingleSequences({ maxLength: 8, clsId: 1, sepId: 2, ...options }).start(0)
  const blocks = [...documents.flatMap((lines) => packer.add(lines)), ...packer.finish()]
  for (const { ids, typeIds } of blocks) expect(typeIds).toEqual(new Uint8Array(ids.length))
  return blocks.map((block) => [...block.ids])
}

test('whole lines of one document, as many as fit', () => {
  expect(rows([[[5, 6], [7], [8, 9, 10], [11]], [[12]], [[13, 14, 15, 16, 17, 18], [19]]])).toEqual([
    [1, 5, 6, 7, 8, 9, 10, 2],
    [1, 11, 2],
    [1, 12, 2],
    [1, 13, 14, 15, 16, 17, 18, 2],
    [1, 19, 2],
  ])
  expect(rows([[], [[]]])).toEqual([])
})

test('a line longer than a block is cut evenly, or left out as in the published code', () => {
  const long = [[5], [6, 7, 8, 9, 10, 11, 12, 13], [14, 15]]
  expect(rows([long])).toEqual([
    [1, 5, 6, 7, 8, 9, 2],
    [1, 10, 11, 12, 13, 14, 15, 2],
  ])
  expect(rows([long], { discardOverflow: true })).toEqual([[1, 5, 14, 15, 2]])
})

test('a length that holds no token is refused', () => {
  expect(() => packSingleSequences({ maxLength: 2, clsId: 1, sepId: 2 })).toThrow(/at least 3/)
})
