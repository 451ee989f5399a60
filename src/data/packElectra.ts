// ELECTRA's packing (Clark et al. 2020, and the published code's build_pretraining_dataset): sentences of one document
// become one or two segments, [CLS] s1 [SEP] or [CLS] s1 [SEP] s2 [SEP].

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import type { Block, Packer, PackerState, Packing } from './packing.js'
import type { TokenIds } from './tokenStream.js'

export interface PackElectraOptions {
  /** Longest block in tokens, special tokens included; at least 5. */
  readonly maxLength: number
  readonly clsId: number
  readonly sepId: number
  /** Share of blocks made of a single segment; default 0.1. */
  readonly singleSegmentProbability?: number
  /** Share of blocks that aim at a uniformly drawn length of 5 … maxLength; default 0.05. */
  readonly shortSequenceProbability?: number
  /** Throw away what does not fit a block, as ELECTRA's own code does; default false: it goes on in the next block. */
  readonly discardOverflow?: boolean
}

/** Tokens: what a document leaves over in its last block and is shorter than this is not worth a block of its own. */
const MIN_REST = 8

/**
 * ELECTRA's packing: lines are collected until they reach the target length (maxLength, or with probability 0.05 a
 * uniform draw from 5 … maxLength) or the document ends, and then dealt to two segments of about half the length each,
 * or with probability 0.1 to one.
 *
 * With `discardOverflow: true` it is the published procedure with its peculiarities:
 * - The target counts tokens without the special ones, so that a full block overflows by 3 tokens or more; the overflow
 *   is discarded. Of a paragraph longer than a block, all but the first maxLength − 2 tokens is lost, and such a
 *   block always has a single segment.
 * - A short target only ends the collecting early; the block is cut to maxLength, not to the target.
 * - After segment 2 has begun, a short sentence can still join segment 1, so that order is not strictly kept.
 *
 * By default the overflow is not lost: blocks are cut to the target, and the rest opens the next block; a line that would
 * leave no room for segment 2 is cut where segment 1 should end, so that paragraphs make pairs as sentences do. Only
 * a document's last rest of fewer than 8 tokens is dropped.
 *
 * @throws BertkinError 'option-invalid' for a length below 5 or a probability outside 0 … 1
 * @example
 * const packing = packElectra({ maxLength: 128, clsId: 101, sepId: 102 })
 * const packer = packing.start(42)
 * const packed = [...packer.add([[3419, 2038, 1037, 3899], [1996, 3899, 17554]]), ...packer.finish()] // of two lines
 */
export function packElectra(options: PackElectraOptions): Packing {
  const { maxLength, singleSegmentProbability = 0.1, shortSequenceProbability = 0.05 } = options
  if (!Number.isInteger(maxLength) || maxLength < 5) {
    throw new BertkinError('option-invalid', `maxLength must be an integer of at least 5, not ${maxLength}.`)
  }
  for (const [name, value] of Object.entries({ singleSegmentProbability, shortSequenceProbability })) {
    if (!(value >= 0 && value <= 1)) throw new BertkinError('option-invalid', `${name} must be in 0 … 1, not ${value}.`)
  }
  const settings = { discardOverflow: false, ...options, singleSegmentProbability, shortSequenceProbability }
  return {
    start: (seed) => new ElectraPacker(settings, new Random(seed), maxLength),
    resume: (state) => new ElectraPacker(settings, Random.restore(state.random), state.target),
  }
}

class ElectraPacker implements Packer {
  /** Lines not yet in a block; empty between documents. */
  #lines: Int32Array[] = []
  #length = 0

  constructor(
    readonly options: Required<PackElectraOptions>,
    readonly random: Random,
    private target: number,
  ) {}

  get state(): PackerState {
    return { random: this.random.state, pending: [], target: this.target }
  }

  add(lines: readonly TokenIds[]): Block[] {
    const blocks: Block[] = []
    for (const line of lines) {
      if (line.length === 0) continue
      this.#lines.push(Int32Array.from(line))
      this.#length += line.length
      while (this.#length >= this.target) blocks.push(this.#makeBlock())
    }
    if (this.#length > 0) blocks.push(this.#makeBlock())
    while (this.#length >= MIN_REST) blocks.push(this.#makeBlock())
    this.#lines = []
    this.#length = 0
    return blocks
  }

  finish(): Block[] {
    return [] // every document is finished by itself
  }

  #makeBlock(): Block {
    const { maxLength, discardOverflow, clsId, sepId } = this.options
    const single = this.random.uniform() < this.options.singleSegmentProbability
    const firstTarget = single ? 100_000 : Math.floor((this.target - 3) / 2)
    const limit = discardOverflow ? maxLength : this.target

    const { first, second } = this.#deal(firstTarget, discardOverflow || single ? Number.POSITIVE_INFINITY : limit - 2)
    const [firstKept, firstRest] = split(first, limit - 2)
    const [secondKept, secondRest] = split(second, Math.max(0, limit - firstKept.length - 3))

    this.#lines = discardOverflow ? [] : [...firstRest, ...secondRest]
    this.#length = lengthOf(this.#lines)
    const short = this.random.uniform() < this.options.shortSequenceProbability
    this.target = short ? 5 + this.random.below(maxLength - 4) : maxLength
    return makeBlock(clsId, sepId, firstKept, secondKept)
  }

  /** Deals the lines to two segments. A line that takes the first above `most` is cut at `firstTarget`. */
  #deal(firstTarget: number, most: number): { first: Int32Array[]; second: Int32Array[] } {
    const first: Int32Array[] = []
    const second: Int32Array[] = []
    let length = 0 // of the first
    for (const line of this.#lines) {
      const toFirst =
        length === 0 ||
        length + line.length < firstTarget ||
        (second.length === 0 && length < firstTarget && this.random.uniform() < 0.5)
      if (!toFirst) {
        second.push(line)
      } else if (length + line.length <= most) {
        first.push(line)
        length += line.length
      } else {
        first.push(line.subarray(0, firstTarget - length))
        second.push(line.subarray(firstTarget - length))
        length = firstTarget
      }
    }
    return { first, second }
  }
}

function lengthOf(lines: readonly Int32Array[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0)
}

/** The first `count` ids of `lines`, and the lines (the first of them cut) that the others are in. */
function split(lines: readonly Int32Array[], count: number): [number[], Int32Array[]] {
  const ids: number[] = []
  const rest: Int32Array[] = []
  for (const line of lines) {
    const room = count - ids.length
    for (const id of line.subarray(0, room)) ids.push(id)
    if (line.length > room) rest.push(line.subarray(room))
  }
  return [ids, rest]
}

function makeBlock(clsId: number, sepId: number, first: readonly number[], second: readonly number[]): Block {
  const tail = second.length === 0 ? [] : [...second, sepId]
  const ids = Int32Array.from([clsId, ...first, sepId, ...tail])
  return { ids, typeIds: new Uint8Array(ids.length).fill(1, first.length + 2) }
}
