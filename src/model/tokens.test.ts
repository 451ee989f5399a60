// How sequences are laid out as rows.

import { describe, expect, it } from 'vitest'
import { batchTokens, type Sequence } from './index.js'

const lay = (sequences: readonly Sequence[], keepPadding = false) => {
  const { feeds, ...rest } = batchTokens(sequences, { keepPadding })
  const numbers = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, Array.from(data, Number)]))
  return {
    ...numbers,
    ...rest,
    dims: Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, dims])),
  }
}

describe('a batch of sequences', () => {
  it('has a row for every token, and a grid as wide as the longest', () => {
    const batch = lay([{ ids: [7, 8, 9], typeIds: [0, 0, 1] }, { ids: [5] }])
    expect(batch).toMatchObject({
      inputIds: [7, 8, 9, 5],
      tokenTypeIds: [0, 0, 1, 0],
      positionIds: [0, 1, 2, 0],
      firstRows: [0, 3],
      attentionMask: [1, 1, 1, 1, 0, 0],
      tokenCount: 4,
      batchSize: 2,
      sequenceLength: 3,
    })
    expect([...batch.cells]).toEqual([0, 0, 0, 1, 0, 2, 1, 0])
    expect(batch.dims).toEqual({
      ...{ inputIds: [4], tokenTypeIds: [4], positionIds: [4], firstRows: [2] },
      ...{ cells: [4, 2], attentionMask: [2, 3] },
    })
  })

  it('counts RoBERTa’s positions over the tokens that are no padding, from behind the padding’s id', () => {
    const sequences = [{ ids: [0, 7, 1, 8, 2] }, { ids: [1, 1, 0, 9, 2], attentionMask: [0, 0, 1, 1, 1] }]
    const positions = (keepPadding: boolean) =>
      Array.from(batchTokens(sequences, { paddingIdx: 1, keepPadding }).feeds.positionIds!.data, Number)
    expect(positions(false)).toEqual([2, 3, 1, 4, 5, 2, 3, 4])
    expect(positions(true)).toEqual([2, 3, 1, 4, 5, 1, 1, 2, 3, 4])
  })

  it('leaves out padding wherever it is: holes, on the left, on the right', () => {
    const batch = lay([
      { ids: [7, 8, 9, 6], attentionMask: [1, 0, 1, 0] },
      { ids: [0, 0, 5, 4], attentionMask: [0, 0, 1, 1] },
    ])
    expect(batch).toMatchObject({
      inputIds: [7, 9, 5, 4],
      // Positions are columns, as transformers counts them, whatever padding stands before.
      positionIds: [0, 2, 2, 3],
      firstRows: [0, 2],
      attentionMask: [1, 0, 1, 0, 0, 0, 1, 1],
    })
    expect([...batch.cells]).toEqual([0, 0, 0, 2, 1, 2, 1, 3])
  })

  it('has rows for padding too where it is kept', () => {
    const batch = lay([{ ids: [7, 8] }, { ids: [3, 5, 4], attentionMask: [0, 1, 1] }], true)
    expect(batch).toMatchObject({
      inputIds: [7, 8, 0, 3, 5, 4],
      positionIds: [0, 1, 2, 0, 1, 2],
      firstRows: [0, 3],
      attentionMask: [1, 1, 0, 0, 1, 1],
      tokenCount: 6,
    })
  })

  it.each([
    ['no sequence', []],
    ['only empty sequences', [{ ids: [] }, { ids: [] }]],
    ['an empty sequence beside a full one', [{ ids: [1] }, { ids: [] }]],
    ['nothing but padding', [{ ids: [1] }, { ids: [1, 2], attentionMask: [0, 0] }]],
  ] as const)('refuses %s, with padding kept or not', (_, sequences) => {
    for (const keepPadding of [false, true]) {
      expect(() => batchTokens(sequences, { keepPadding })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
    }
  })
})
