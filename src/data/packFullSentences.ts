// RoBERTa's FULL-SENTENCES packing (Liu et al. 2019, section 4.2): whole lines one after the other, across documents;
// and DOC-SENTENCES, which ends blocks where documents end.

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import type { Block, Packer, PackerState, Packing } from './packing.js'
import type { TokenIds } from './tokenStream.js'

export interface PackFullSentencesOptions {
  /** Longest block in tokens, special tokens included; at least 3. */
  readonly maxLength: number
  /** `<s>`, at the start of every block. */
  readonly bosId: number
  /** `</s>`, after every line, and once more between documents. */
  readonly eosId: number
  /** DOC-SENTENCES: a document's end ends the block, however short it is, without another `</s>`. Default false. */
  readonly withinDocuments?: boolean
}

/**
 * FULL-SENTENCES: `<s> line </s> line </s> …`, as many whole lines as fit; a document's end is one more `</s>`, and
 * the next document goes on in the same block. No segments, no random draws.
 *
 * A line longer than a block is cut into pieces that fill blocks of their own. (fairseq keeps it whole, so that the
 * block exceeds the model's length.)
 *
 * @throws BertkinError 'option-invalid' for a length below 3
 * @example
 * const packing = packFullSentences({ maxLength: 512, bosId: 0, eosId: 2 })
 */
export function packFullSentences(options: PackFullSentencesOptions): Packing {
  const { maxLength } = options
  if (!Number.isInteger(maxLength) || maxLength < 3) {
    throw new BertkinError('option-invalid', `maxLength must be an integer of at least 3, not ${maxLength}.`)
  }
  return {
    start: (seed) =>
      new FullSentencesPacker(options, { random: new Random(seed).state, pending: [], target: maxLength }),
    resume: (state) => new FullSentencesPacker(options, state),
  }
}

class FullSentencesPacker implements Packer {
  #pending: number[]

  constructor(
    readonly options: PackFullSentencesOptions,
    readonly from: PackerState,
  ) {
    this.#pending = [...from.pending]
  }

  get state(): PackerState {
    return { ...this.from, pending: [...this.#pending] }
  }

  add(lines: readonly TokenIds[]): Block[] {
    const { maxLength, eosId, withinDocuments = false } = this.options
    const blocks: Block[] = []
    const append = (piece: readonly number[]): void => {
      if (this.#pending.length + piece.length > maxLength - 1) blocks.push(...this.finish())
      for (const id of piece) this.#pending.push(id)
    }
    for (const line of lines) {
      if (line.length === 0) continue
      const ids = [...line, eosId]
      for (let start = 0; start < ids.length; start += maxLength - 1) append(ids.slice(start, start + maxLength - 1))
    }
    if (withinDocuments) blocks.push(...this.finish())
    else append([eosId])
    return blocks
  }

  finish(): Block[] {
    if (this.#pending.length === 0) return []
    const ids = Int32Array.from([this.options.bosId, ...this.#pending])
    this.#pending = []
    return [{ ids, typeIds: new Uint8Array(ids.length) }]
  }
}
