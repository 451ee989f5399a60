// Blocks to batches: a fixed number of sequences, or as many as a budget of tokens holds.

import { BertkinError } from '../errors.js'
import type { Block } from './packing.js'

/** A batch, and the stream's position right after its last block. */
export interface BlockBatch<P> {
  readonly blocks: readonly Block[]
  readonly position: P
}

export type BatchOptions =
  /** Sequences per batch. */
  | { readonly batchSize: number; readonly maxTokens?: undefined; readonly dropLast?: boolean }
  /** Real tokens per batch (special tokens counted, padding not); a longer block makes a batch alone. */
  | { readonly maxTokens: number; readonly batchSize?: undefined; readonly dropLast?: boolean }

/**
 * Collects blocks into batches, in order. Each batch carries the position from which the next batch begins, so that a
 * stream resumed there gives the same batches. The last one of a finite stream may be smaller (`dropLast: true`
 * leaves it out).
 *
 * @throws BertkinError 'option-invalid' unless exactly one of `batchSize` and `maxTokens` is given, a positive integer
 * @example
 * const corpus = await textCorpus(['sample/stories.txt'])
 * const tokenizer = await loadTokenizer('models/electra')
 * const pack = packElectra({ maxLength: 128, clsId: 101, sepId: 102 })
 * const stream = blocks(corpus, { encodeIds: (line) => tokenizer.encodeIds(line), pack, seed: 42 })
 * for await (const { blocks, position } of batches(stream, { batchSize: 32 })) console.log(blocks.length, position)
 */
export function batches<P>(
  stream: AsyncIterable<Block> & { readonly position: P },
  options: BatchOptions,
): AsyncGenerator<BlockBatch<P>> {
  const { batchSize, maxTokens, dropLast = false } = options
  const size = batchSize ?? maxTokens
  if (
    size === undefined ||
    !Number.isInteger(size) ||
    size < 1 ||
    (batchSize !== undefined && maxTokens !== undefined)
  ) {
    throw new BertkinError('option-invalid', 'Give either batchSize or maxTokens, a positive integer.')
  }
  const weight = (block: Block): number => (maxTokens === undefined ? 1 : block.ids.length)

  async function* collect(): AsyncGenerator<BlockBatch<P>> {
    let rows: Block[] = []
    let total = 0
    let position = stream.position
    for await (const block of stream) {
      if (rows.length > 0 && total + weight(block) > size!) {
        yield { blocks: rows, position }
        rows = []
        total = 0
      }
      rows.push(block)
      total += weight(block)
      position = stream.position
      // Full to the brim: give it now instead of waiting for one more block.
      if (total >= size!) {
        yield { blocks: rows, position }
        rows = []
        total = 0
      }
    }
    if (rows.length > 0 && !dropLast) yield { blocks: rows, position }
  }
  return collect()
}
