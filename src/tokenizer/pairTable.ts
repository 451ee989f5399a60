// How often each pair of neighbouring tokens occurs, in one open-addressed table of typed arrays.

/**
 * Counts pairs of ids.
 *
 * @example
 * const table = new PairTable()
 * const pair = table.index(3, 4)
 * table.counts[pair]! += 2
 */
export class PairTable {
  /** Each pair's count, by its index. */
  counts = new Float64Array(1 << 11)
  private size = 0
  private firsts = new Int32Array(1 << 11)
  private seconds = new Int32Array(1 << 11)
  private slots = new Int32Array(1 << 12).fill(-1)

  /** The pair's index: 0, 1, 2… in order of arrival; a new pair's count is 0. */
  index(first: number, second: number): number {
    let slot = this.slotOf(first, second)
    const found = this.slots[slot]!
    if (found >= 0) return found
    if (this.size === this.firsts.length) {
      this.grow()
      slot = this.slotOf(first, second)
    }
    const index = this.size++
    this.slots[slot] = index
    this.firsts[index] = first
    this.seconds[index] = second
    return index
  }

  /** The two ids of a pair. */
  pair(index: number): [first: number, second: number] {
    return [this.firsts[index]!, this.seconds[index]!]
  }

  private slotOf(first: number, second: number): number {
    const { slots, firsts, seconds } = this
    const mask = slots.length - 1
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    for (let index = slots[slot]!; index >= 0; slot = (slot + 1) & mask, index = slots[slot]!) {
      if (firsts[index] === first && seconds[index] === second) break
    }
    return slot
  }

  private grow(): void {
    const capacity = this.firsts.length * 2
    const firsts = new Int32Array(capacity)
    const seconds = new Int32Array(capacity)
    const counts = new Float64Array(capacity)
    firsts.set(this.firsts)
    seconds.set(this.seconds)
    counts.set(this.counts)
    this.firsts = firsts
    this.seconds = seconds
    this.counts = counts
    this.slots = new Int32Array(capacity * 2).fill(-1)
    for (let index = 0; index < this.size; index++) this.slots[this.slotOf(firsts[index]!, seconds[index]!)] = index
  }
}
