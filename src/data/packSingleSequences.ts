// SpanBERT's packing (Joshi et al., 2019, section 3.3): blocks of whole sentences from one document each.

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import { type Block, cutEvenly, type Packer, type PackerState, type Packing } from './packing.js'
import type { TokenIds } from './tokenStream.js'

export interface PackSingleSequencesOptions {
  /** Longest block in tokens, special tokens included; at least 3. */
  readonly maxLength: number
  readonly clsId: number
  readonly sepId: number
  /** Leave lines out that are longer than a block, as the published code does; default false: they are cut evenly. */
  readonly discardOverflow?: boolean
}

/**
 * Single sequences: `[CLS] lines [SEP]`, as many whole lines of one document as fit. A document's end ends the block,
 * however short it is. No pairs, no random draws.
 *
 * @throws BertkinError 'option-invalid' for a length below 3
 * @example
 * const packing = packSingleSequences({ maxLength: 512, clsId: 101, sepId: 102 })
 */
export function packSingleSequences(options: PackSingleSequencesOptions): Packing {
  const { maxLength } = options
  if (!Number.isInteger(maxLength) || maxLength < 3) {
    throw new BertkinError('option-invalid', `maxLength must be an integer of at least 3, not ${maxLength}.`)
  }
  const packer = (state: PackerState): Packer => ({
    state,
    add: (lines) => packDocument(lines, options),
    finish: () => [], // every document is finished by itself
  })
  return {
    start: (seed) => packer({ random: new Random(seed).state, pending: [], target: maxLength }),
    resume: packer,
  }
}

function packDocument(lines: readonly TokenIds[], options: PackSingleSequencesOptions): Block[] {
  const { maxLength, clsId, sepId, discardOverflow = false } = options
  const room = maxLength - 2
  const blocks: Block[] = []
  let collected: number[] = []
  const finish = (): void => {
    if (collected.length === 0) return
    const ids = Int32Array.from([clsId, ...collected, sepId])
    blocks.push({ ids, typeIds: new Uint8Array(ids.length) })
    collected = []
  }
  for (const line of lines) {
    if (line.length > room && discardOverflow) continue
    for (const piece of line.length === 0 ? [] : cutEvenly(line, room)) {
      if (collected.length + piece.length > room) finish()
      collected.push(...piece)
    }
  }
  finish()
  return blocks
}
