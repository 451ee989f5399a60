// The pieces of a Unigram vocabulary in training, as a trie over characters' numbers: one hash table of
// (node, character) -> (node, piece), four numbers a slot, so that a step touches one place in memory.

const PARENT = 0
const CODE = 1
const NODE = 2
const PIECE = 3

/**
 * Finds every stored piece that a stretch of text begins with.
 *
 * @example
 * const text = Int32Array.of(1, 2, 1)
 * const trie = new PieceTrie()
 * trie.add(text, 0, 1, 5)
 * trie.add(text, 0, 3, 6)
 * const found = new Int32Array(8)
 * trie.prefixes(text, 0, 3, found, 0) // 2, and `found` begins with 5, 6
 */
export class PieceTrie {
  private nodes = 1
  private mask = (1 << 10) - 1
  private table = new Int32Array(4 << 10).fill(-1)

  /** Stores the piece `codes[start, start + length)` with an id of 0 or more. */
  add(codes: Int32Array, start: number, length: number, piece: number): void {
    let node = 0
    let slot = 0
    for (let i = start; i < start + length; i++) {
      if (2 * this.nodes > this.mask) this.grow()
      const code = codes[i]!
      slot = this.slotOf(node, code)
      const { table } = this
      if (table[slot + PARENT]! < 0) {
        table[slot + PARENT] = node
        table[slot + CODE] = code
        table[slot + NODE] = this.nodes++
      }
      node = table[slot + NODE]!
    }
    this.table[slot + PIECE] = piece
  }

  /** Writes the pieces that `codes[start, end)` begins with to `out`, shortest first; returns where they end in it. */
  prefixes(codes: Int32Array, start: number, end: number, out: Int32Array, at: number): number {
    const { table, mask } = this
    let node = 0
    let found = at
    for (let i = start; i < end; i++) {
      const code = codes[i]!
      let slot = (hashOf(node, code) & mask) << 2
      let parent = table[slot]!
      while (parent >= 0 && (parent !== node || table[slot + CODE] !== code)) {
        slot = (slot + 4) & (4 * mask + 3)
        parent = table[slot]!
      }
      if (parent < 0) break
      node = table[slot + NODE]!
      const piece = table[slot + PIECE]!
      if (piece >= 0) out[found++] = piece
    }
    return found
  }

  private slotOf(node: number, code: number): number {
    const { table, mask } = this
    let slot = (hashOf(node, code) & mask) << 2
    while (table[slot]! >= 0 && (table[slot] !== node || table[slot + CODE] !== code)) {
      slot = (slot + 4) & (4 * mask + 3)
    }
    return slot
  }

  private grow(): void {
    const old = this.table
    this.mask = 2 * this.mask + 1
    this.table = new Int32Array(2 * old.length).fill(-1)
    for (let from = 0; from < old.length; from += 4) {
      if (old[from]! < 0) continue
      this.table.set(old.subarray(from, from + 4), this.slotOf(old[from]!, old[from + CODE]!))
    }
  }
}

function hashOf(node: number, code: number): number {
  const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(code + 1, 0x85ebca6b)
  return hash ^ (hash >>> 15)
}
