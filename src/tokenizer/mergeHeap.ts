// The merges that a long word still waits for: lowest rank first, of equals the leftmost. A rank and a position make
// one double, so that a heap is one typed array; four children a node, because that touches fewer cache lines.
import { NEVER } from './mergeTable.js'

const POSITIONS = 2 ** 31

/**
 * A heap of (rank, position).
 *
 * @example
 * const heap = new MergeHeap()
 * heap.push(3, 10)
 * if (heap.pop()) console.log(heap.rank, heap.position) // 3 10
 */
export class MergeHeap {
  /** What {@link pop} took out. */
  rank = NEVER
  position = -1
  private keys = new Float64Array(1 << 8)
  private size = 0

  /** Forgets everything; lets a heap go that a huge word has blown up. */
  clear(): void {
    this.size = 0
    if (this.keys.length > 1 << 16) this.keys = new Float64Array(1 << 8)
  }

  push(rank: number, position: number): void {
    if (this.size === this.keys.length) {
      const larger = new Float64Array(2 * this.size)
      larger.set(this.keys)
      this.keys = larger
    }
    const { keys } = this
    const key = rank * POSITIONS + position
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 2
      if (keys[parent]! <= key) break
      keys[at] = keys[parent]!
      at = parent
    }
    keys[at] = key
  }

  /** Takes the first one out, into `rank` and `position`; false if there is none. */
  pop(): boolean {
    if (this.size === 0) return false
    const { keys } = this
    const top = keys[0]!
    this.rank = Math.floor(top / POSITIONS)
    this.position = top - this.rank * POSITIONS
    const last = keys[--this.size]!
    const { size } = this
    let at = 0
    for (;;) {
      const first = 4 * at + 1
      if (first >= size) break
      let child = first
      let least = keys[first]!
      for (let other = first + 1; other < first + 4 && other < size; other++) {
        const key = keys[other]!
        if (key < least) {
          least = key
          child = other
        }
      }
      if (last <= least) break
      keys[at] = least
      at = child
    }
    keys[at] = last
    return true
  }
}
