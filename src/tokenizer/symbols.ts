// The symbols of a word on their way from characters to tokens: ids with the stretches that they cover, merged in
// place. Byte-pair encoding after Sennrich et al. 2016, in the reference library's order: of all pairs that can be
// merged the one of the lowest rank, of equals the leftmost, again and again.
import { MergeHeap } from './mergeHeap.js'
import { type MergeTable, NEVER } from './mergeTable.js'

/** Up to this many symbols, looking at all pairs each time is quicker than a heap. */
const SHORT = 40
/** Arrays longer than this are let go after use. */
const KEEP = 1 << 16

/**
 * A list of symbols.
 *
 * @example
 * const [symbols, merges] = [new Symbols(), new MergeTable(1)]
 * merges.add(3, 4, 7)
 * symbols.push(3, 0, 1)
 * symbols.push(4, 1, 2)
 * symbols.merge(merges) // ids: 7, begins: 0, ends: 2
 */
export class Symbols {
  length = 0
  ids = new Int32Array(1 << 8)
  begins = new Int32Array(1 << 8)
  ends = new Int32Array(1 << 8)
  private readonly ranks = new Int32Array(SHORT)
  private before = new Int32Array(0)
  private after = new Int32Array(0)
  private readonly heap = new MergeHeap()

  clear(): void {
    this.length = 0
    if (this.ids.length <= KEEP) return
    this.resize(1 << 8)
    this.before = new Int32Array(0)
    this.after = new Int32Array(0)
    this.heap.clear()
  }

  push(id: number, begin: number, end: number): void {
    if (this.length === this.ids.length) this.resize(2 * this.length)
    const at = this.length++
    this.ids[at] = id
    this.begins[at] = begin
    this.ends[at] = end
  }

  /** Merges whatever can be merged. */
  merge(table: MergeTable): void {
    if (this.length < 2) return
    if (this.length <= SHORT) this.mergeShort(table)
    else this.mergeLong(table)
  }

  private mergeShort(table: MergeTable): void {
    const { ids, begins, ends, ranks } = this
    let last = this.length - 1
    for (let i = 0; i < last; i++) ranks[i] = table.rank(ids[i]!, ids[i + 1]!)
    for (;;) {
      let rank = NEVER
      let at = 0
      for (let i = 0; i < last; i++) {
        if (ranks[i]! < rank) {
          rank = ranks[i]!
          at = i
        }
      }
      if (rank === NEVER) break
      ids[at] = table.results[rank]!
      ends[at] = ends[at + 1]!
      for (let i = at + 1; i < last; i++) {
        ids[i] = ids[i + 1]!
        begins[i] = begins[i + 1]!
        ends[i] = ends[i + 1]!
        ranks[i] = ranks[i + 1]!
      }
      last--
      if (at > 0) ranks[at - 1] = table.rank(ids[at - 1]!, ids[at]!)
      if (at < last) ranks[at] = table.rank(ids[at]!, ids[at + 1]!)
    }
    this.length = last + 1
  }

  /** The same with a heap and links instead of moving what follows: the time is n log n, whatever the word. */
  private mergeLong(table: MergeTable): void {
    const { length, ids, ends, heap } = this
    const { before, after } = this.linked()
    heap.clear()
    for (let i = 0; i + 1 < length; i++) {
      const rank = table.rank(ids[i]!, ids[i + 1]!)
      if (rank !== NEVER) heap.push(rank, i)
    }
    while (heap.pop()) {
      const { rank, position } = heap
      const next = after[position]!
      // An entry is stale if its symbol was swallowed or has another neighbour by now.
      if (next === GONE || next === length || table.rank(ids[position]!, ids[next]!) !== rank) continue
      ids[position] = table.results[rank]!
      ends[position] = ends[next]!
      const beyond = after[next]!
      after[position] = beyond
      after[next] = GONE
      if (beyond < length) {
        before[beyond] = position
        this.queue(table, position, beyond)
      }
      if (before[position]! >= 0) this.queue(table, before[position]!, position)
    }
    this.compact(after)
  }

  private queue(table: MergeTable, position: number, next: number): void {
    const rank = table.rank(this.ids[position]!, this.ids[next]!)
    if (rank !== NEVER) this.heap.push(rank, position)
  }

  private linked(): { before: Int32Array; after: Int32Array } {
    if (this.before.length < this.ids.length) {
      this.before = new Int32Array(this.ids.length)
      this.after = new Int32Array(this.ids.length)
    }
    const { before, after, length } = this
    for (let i = 0; i < length; i++) {
      before[i] = i - 1
      after[i] = i + 1
    }
    return { before, after }
  }

  private compact(after: Int32Array): void {
    const { ids, begins, ends, length } = this
    let to = 0
    for (let i = 0; i < length; i = after[i]!) {
      ids[to] = ids[i]!
      begins[to] = begins[i]!
      ends[to] = ends[i]!
      to++
    }
    this.length = to
  }

  private resize(capacity: number): void {
    const resized = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(capacity)
      array.set(old.subarray(0, Math.min(this.length, capacity)))
      return array
    }
    this.ids = resized(this.ids)
    this.begins = resized(this.begins)
    this.ends = resized(this.ends)
  }
}

const GONE = -1
