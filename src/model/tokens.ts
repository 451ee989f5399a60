// How a batch of sequences reaches the model. Every real token is one row; padding exists only inside attention, which
// needs a grid of batch × sequence. Everything else in the model works on rows and so costs nothing for padding.

import { BertkinError } from '../errors.js'
import {
  cast,
  type Dim,
  equal,
  gatherCells,
  input,
  reshape,
  scalar,
  scatterCells,
  type Tensor,
  where,
} from '../graph/index.js'
import type { Feeds, TensorData } from '../runtime/index.js'

/** The graph's side of a batch: its inputs, and the way from rows to the grid and back. */
export interface TokenInputs {
  /** The dimension of sequences: 'batch' */
  readonly batch: Dim
  /** The dimension of columns: 'sequence' */
  readonly sequence: Dim
  /** [tokens] int32 */
  readonly inputIds: Tensor
  /** [tokens] int32: 0 in a first segment, 1 in a second */
  readonly tokenTypeIds: Tensor
  /** [tokens] int32 */
  readonly positionIds: Tensor
  /** [batch] int32: the row of each sequence's first token */
  readonly firstRows: Tensor
  /** Added to attention scores: 0 at real keys, the lowest float32 at padding; [batch, 1, 1, sequence] */
  readonly attentionBias: Tensor
  /** [tokens, width] → [batch, sequence, width], zeros at padding */
  toGrid(rows: Tensor): Tensor
  /** [batch, sequence, …] → [tokens, …] */
  toRows(grid: Tensor): Tensor
}

const LOWEST_FLOAT32 = -3.4028234663852886e38

/** What is added to attention scores: 0 where the mask is not 0, the lowest float32 elsewhere. */
export const maskBias = (mask: Tensor): Tensor =>
  where(equal(mask, scalar(0, mask.dtype)), scalar(LOWEST_FLOAT32), scalar(0))

/**
 * Declares a model's inputs, by the names that `batchTokens` feeds.
 *
 * @example
 * const tokens = tokenInputs()
 * const words = embedding(parameter('words', [8000, 128]), tokens.inputIds) // [tokens, 128]
 * const grid = tokens.toGrid(words) // [batch, sequence, 128]
 */
export function tokenInputs(): TokenInputs {
  const cells = input('cells', 'int32', ['tokens', 2]) // each row's place in the grid
  const mask = input('attentionMask', 'int32', ['batch', 'sequence'])
  return {
    batch: 'batch',
    sequence: 'sequence',
    inputIds: input('inputIds', 'int32', ['tokens']),
    tokenTypeIds: input('tokenTypeIds', 'int32', ['tokens']),
    positionIds: input('positionIds', 'int32', ['tokens']),
    firstRows: input('firstRows', 'int32', ['batch']),
    attentionBias: reshape(maskBias(mask), ['batch', 1, 1, 'sequence']),
    toGrid: (rows) => scatterCells(['batch', 'sequence', ...rows.shape.slice(1)], cells, rows),
    toRows: (grid) => gatherCells(grid, cells),
  }
}

/**
 * The same batch with other ids in it, [tokens]: what a discriminator reads.
 *
 * @example
 * const corrupted = withIds(tokenInputs(), input('corruptedIds', 'int32', ['tokens']))
 */
export const withIds = (tokens: TokenInputs, inputIds: Tensor): TokenInputs => ({
  ...tokens,
  inputIds: cast(inputIds, 'int32'),
})

/** One sequence, special tokens included. */
export interface Sequence {
  readonly ids: ArrayLike<number>
  /** Segment of each token; all 0 unless given. */
  readonly typeIds?: ArrayLike<number>
  /** 0 marks padding; all 1 unless given. */
  readonly attentionMask?: ArrayLike<number>
}

export interface BatchOptions {
  /**
   * Compute rows for padding too, as transformers does, so that its numbers at padding come out as well (a
   * question-answering loss whose softmax runs over padding, say). Default: false.
   */
  readonly keepPadding?: boolean
  /**
   * RoBERTa's padding token: positions are counted over the tokens that are not this one, from behind its id, and this
   * one's position is its id. Default: positions are columns, from 0.
   */
  readonly paddingIdx?: number | undefined
}

/** A batch ready to be fed, and where each of its rows came from. */
export interface TokenBatch {
  readonly feeds: Feeds
  readonly tokenCount: number
  readonly batchSize: number
  readonly sequenceLength: number
  /** [tokens × 2]: sequence and column of each row. */
  readonly cells: Int32Array
}

/**
 * Lays sequences of any lengths out as rows.
 *
 * @throws {BertkinError} `option-invalid` for an empty batch or a sequence without any real token
 *
 * @example
 * const { feeds } = batchTokens([{ ids: [101, 7592, 102] }, { ids: [101, 102] }])
 */
export function batchTokens(
  sequences: readonly Sequence[],
  { keepPadding = false, paddingIdx }: BatchOptions = {},
): TokenBatch {
  const batchSize = sequences.length
  const sequenceLength = Math.max(0, ...sequences.map(({ ids }) => ids.length))
  if (sequenceLength === 0) throw new BertkinError('option-invalid', 'a batch needs at least one token')
  const mask = new Int32Array(batchSize * sequenceLength)
  sequences.forEach(({ ids, attentionMask }, b) => {
    const columns = mask.subarray(b * sequenceLength, (b + 1) * sequenceLength)
    for (let s = 0; s < ids.length; s++) columns[s] = attentionMask?.[s] === 0 ? 0 : 1
    if (!columns.includes(1)) throw new BertkinError('option-invalid', `sequence ${b} of the batch has no real token`)
  })
  const tokenCount = keepPadding ? mask.length : mask.reduce((sum, value) => sum + value, 0)
  const rows = {
    ids: new Int32Array(tokenCount),
    types: new Int32Array(tokenCount),
    positions: new Int32Array(tokenCount),
  }
  const cells = new Int32Array(tokenCount * 2)
  const firstRows = new Int32Array(batchSize)
  let row = 0
  sequences.forEach(({ ids, typeIds }, b) => {
    firstRows[b] = row
    let position = paddingIdx ?? -1
    for (let s = 0; s < sequenceLength; s++) {
      const id = ids[s] ?? paddingIdx ?? 0
      const isCounted = id !== paddingIdx
      if (isCounted) position++
      if (!keepPadding && mask[b * sequenceLength + s] === 0) continue
      rows.ids[row] = id
      rows.types[row] = typeIds?.[s] ?? 0
      rows.positions[row] = isCounted ? position : id
      cells[row * 2] = b
      cells[row * 2 + 1] = s
      row++
    }
  })
  const column = (data: Int32Array): TensorData => ({ data, dims: [data.length] })
  const feeds = {
    inputIds: column(rows.ids),
    tokenTypeIds: column(rows.types),
    positionIds: column(rows.positions),
    firstRows: column(firstRows),
    cells: { data: cells, dims: [tokenCount, 2] },
    attentionMask: { data: mask, dims: [batchSize, sequenceLength] },
  }
  return { feeds, tokenCount, batchSize, sequenceLength, cells }
}
