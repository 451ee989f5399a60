// The merges of a byte-pair vocabulary: which two neighbouring tokens become one, and in which order. One
// open-addressed table of typed arrays, because it is asked for every pair of every word.
import { TokenizerError } from './error.js'

/** The rank of a pair that is not merged: later than every merge. */
export const NEVER = 0x7fffffff
/** The most merges there may be: a rank and a position share one double in {@link MergeHeap}. */
export const MOST_MERGES = 1 << 22

/** Numbers in a slot: the pair, and its rank + 1 (0 where the slot is empty). */
const WIDTH = 3

/**
 * The ranks of pairs of ids.
 *
 * @example
 * const table = new MergeTable(1)
 * table.add(3, 4, 7) // 3 and 4 become 7
 * table.rank(3, 4) // 0
 * table.results[0] // 7
 */
export class MergeTable {
  /** What the pair of each rank becomes. */
  readonly results: Int32Array
  private readonly pairs: Int32Array
  private readonly slots: Int32Array
  private readonly mask: number
  private size = 0

  /** Throws `tokenizer-unsupported` if there are too many merges. */
  constructor(count: number) {
    if (count > MOST_MERGES) {
      const message = `the vocabulary has ${count} merges; at most ${MOST_MERGES} can be held`
      throw new TokenizerError('tokenizer-unsupported', message)
    }
    let capacity = 16
    while (capacity < 2 * count) capacity *= 2
    this.results = new Int32Array(count)
    this.pairs = new Int32Array(2 * count)
    this.slots = new Int32Array(WIDTH * capacity)
    this.mask = capacity - 1
  }

  /** Adds the next merge. If the pair is there already, its rank is from now on this one's, as in the reference. */
  add(first: number, second: number, result: number): void {
    const rank = this.size++
    const slot = this.slotOf(first, second)
    this.slots[slot] = first
    this.slots[slot + 1] = second
    this.slots[slot + 2] = rank + 1
    this.results[rank] = result
    this.pairs[2 * rank] = first
    this.pairs[2 * rank + 1] = second
  }

  /** When the pair is merged: 0 first, {@link NEVER} if not at all. */
  rank(first: number, second: number): number {
    const stored = this.slots[this.slotOf(first, second) + 2]!
    return stored === 0 ? NEVER : stored - 1
  }

  /** The pairs in order, each once. */
  *entries(): Iterable<readonly [first: number, second: number]> {
    for (let rank = 0; rank < this.size; rank++) {
      const [first, second] = [this.pairs[2 * rank]!, this.pairs[2 * rank + 1]!]
      if (this.rank(first, second) === rank) yield [first, second]
    }
  }

  private slotOf(first: number, second: number): number {
    const { slots, mask } = this
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
    hash ^= hash >>> 15
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = WIDTH * at
      if (slots[slot + 2] === 0 || (slots[slot] === first && slots[slot + 1] === second)) return slot
    }
  }
}
