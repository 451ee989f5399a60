// Packing: token lines of documents in, blocks (one row each of a training batch) out.

import type { RandomState } from '../random.js'
import type { TokenIds } from './tokenStream.js'

/** One row of a batch: token ids with their special tokens, unpadded, and each token's segment (0 or 1). */
export interface Block {
  readonly ids: Int32Array
  readonly typeIds: Uint8Array
  /** Of a pair of segments: 0 if it is as its task expects, 1 if it is swapped, or not from one place. */
  readonly label?: 0 | 1
  /** Which copy of the data it is of, where that is read as several (`copies` in the options of `blocks`). */
  readonly copy?: number
}

/** Where a packer stands between two documents; plain JSON. */
export interface PackerState {
  readonly random: RandomState
  /** Token ids that wait for the next document. */
  readonly pending: readonly number[]
  /** The length the next block aims at. */
  readonly target: number
  /** Lines of earlier documents, where a packing draws text from these. */
  readonly documents?: readonly TokenLines[]
}

/** Token ids, line by line; plain JSON. */
export type TokenLines = readonly (readonly number[])[]

/** Packs documents in order. Deterministic: the same state and documents give the same blocks. */
export interface Packer {
  /** Takes a document, gives the blocks that are full with it. */
  add(lines: readonly TokenIds[]): Block[]
  /** Ends the corpus: gives what is still waiting. */
  finish(): Block[]
  readonly state: PackerState
}

/** A way of packing, as `packElectra` and `packFullSentences` make it. */
export interface Packing {
  /** A packer at the beginning of a corpus. */
  start(seed: number): Packer
  /** A packer that stands where one with this state stood. */
  resume(state: PackerState): Packer
}

/** Cuts a line that is longer than `most` into as few pieces as possible, of about equal lengths. */
export function cutEvenly(line: TokenIds, most: number): readonly number[][] {
  const count = Math.ceil(line.length / most)
  const size = Math.ceil(line.length / count)
  return Array.from({ length: count }, (_, i) => Array.from(line.slice(i * size, (i + 1) * size)))
}
