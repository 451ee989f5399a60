// A table of words, keyed by their UTF-16 units where they stand in a buffer, so that looking a word up makes no
// string. Models keep the tokens of words they have cut before in it; trainers count with it.

/** A word longer than this is not worth remembering. */
export const LONGEST_WORD = 64

/**
 * Gives each distinct word a number: 0, 1, 2… in order of arrival.
 *
 * @example
 * const table = new WordTable()
 * table.intern(Uint16Array.of(0x68, 0x69), 0, 2) // 0
 */
export class WordTable {
  /** How many distinct words have been seen. */
  size = 0
  private slots = new Int32Array(1 << 12).fill(-1)
  private mask = (1 << 12) - 1
  private hashes = new Int32Array(1 << 11)
  /** Where each word's units begin in `arena`; one more entry than words. */
  private starts = new Int32Array((1 << 11) + 1)
  private arena = new Uint16Array(1 << 14)

  /** The number of the word `units[start, end)`; a new one if it was not there (then `size` has grown). */
  intern(units: Uint16Array, start: number, end: number): number {
    let hash = 0
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ units[i]!, 0x5bd1e995) ^ (hash >>> 15)
    hash ^= hash >>> 13
    const { slots, mask, hashes, starts, arena } = this
    const length = end - start
    let slot = hash & mask
    for (let index = slots[slot]!; index >= 0; slot = (slot + 1) & mask, index = slots[slot]!) {
      if (hashes[index] !== hash) continue
      const at = starts[index]!
      if (starts[index + 1]! - at !== length) continue
      let i = 0
      while (i < length && arena[at + i] === units[start + i]) i++
      if (i === length) return index
    }
    return this.add(units, start, end, hash, slot)
  }

  /** Forgets every word. */
  clear(): void {
    this.size = 0
    this.slots.fill(-1)
  }

  /** The word with the given number, as units; valid until the next `intern`. */
  word(index: number): Uint16Array {
    return this.arena.subarray(this.starts[index]!, this.starts[index + 1]!)
  }

  private add(units: Uint16Array, start: number, end: number, hash: number, slot: number): number {
    const index = this.size++
    const at = this.starts[index]!
    const length = end - start
    if (at + length > this.arena.length) {
      const arena = new Uint16Array(Math.max(at + length, this.arena.length * 2))
      arena.set(this.arena.subarray(0, at))
      this.arena = arena
    }
    for (let i = 0; i < length; i++) this.arena[at + i] = units[start + i]!
    this.starts[index + 1] = at + length
    this.hashes[index] = hash
    this.slots[slot] = index
    if (this.size === this.hashes.length) this.grow()
    return index
  }

  private grow(): void {
    const hashes = new Int32Array(this.hashes.length * 2)
    hashes.set(this.hashes)
    const starts = new Int32Array(hashes.length + 1)
    starts.set(this.starts)
    this.hashes = hashes
    this.starts = starts
    this.slots = new Int32Array(hashes.length * 2).fill(-1)
    this.mask = this.slots.length - 1
    for (let index = 0; index < this.size; index++) {
      let slot = hashes[index]! & this.mask
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask
      this.slots[slot] = index
    }
  }
}
