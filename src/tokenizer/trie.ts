// A trie over UTF-16 units, as one hash table of (node, unit) -> node in typed arrays.

/**
 * Finds the longest stored string that a stretch of text begins with.
 *
 * @example
 * const trie = new Trie()
 * trie.add('na', 7)
 * trie.longest(Uint16Array.of(0x6e, 0x61, 0x6e), 0, 3) // true; trie.value is 7, trie.end is 2
 */
export class Trie {
  /** The value and the end of the last match that {@link longest} found. */
  value = -1
  end = 0
  private nodes = 1
  private mask = (1 << 10) - 1
  private parents = new Int32Array(1 << 10).fill(-1)
  private edges = new Uint16Array(1 << 10)
  private children = new Int32Array(1 << 10)
  private values = new Int32Array(1 << 9).fill(-1)

  /** Stores `text` with a value of 0 or more. An empty text is never found. */
  add(text: string, value: number): void {
    let node = 0
    for (let i = 0; i < text.length; i++) node = this.step(node, text.charCodeAt(i))
    if (node > 0) this.values[node] = value
  }

  /** Looks for the longest stored string at `start`, within `units[start, end)`; sets `value` and `end` if found. */
  longest(units: Uint16Array, start: number, end: number): boolean {
    const { mask, parents, edges, children, values } = this
    let node = 0
    let found = false
    for (let i = start; i < end; i++) {
      const unit = units[i]!
      let slot = hashOf(node, unit) & mask
      while (parents[slot]! >= 0 && (parents[slot] !== node || edges[slot] !== unit)) slot = (slot + 1) & mask
      if (parents[slot]! < 0) break
      node = children[slot]!
      const value = values[node]!
      if (value >= 0) {
        found = true
        this.value = value
        this.end = i + 1
      }
    }
    return found
  }

  /** The node that `unit` leads to from `node` (the root is 0); -1 if there is none. */
  child(node: number, unit: number): number {
    const { mask, parents, edges } = this
    let slot = hashOf(node, unit) & mask
    while (parents[slot]! >= 0) {
      if (parents[slot] === node && edges[slot] === unit) return this.children[slot]!
      slot = (slot + 1) & mask
    }
    return -1
  }

  /** The value of the string that ends at `node`; -1 if none does. */
  valueAt(node: number): number {
    return this.values[node]!
  }

  /** The child of `node` along `unit`, made if missing. */
  private step(node: number, unit: number): number {
    let slot = this.slotOf(node, unit)
    if (this.parents[slot]! >= 0) return this.children[slot]!
    if (this.nodes * 2 > this.mask) {
      this.grow()
      slot = this.slotOf(node, unit)
    }
    const child = this.nodes++
    this.parents[slot] = node
    this.edges[slot] = unit
    this.children[slot] = child
    return child
  }

  private slotOf(node: number, unit: number): number {
    let slot = hashOf(node, unit) & this.mask
    while (this.parents[slot]! >= 0 && (this.parents[slot] !== node || this.edges[slot] !== unit)) {
      slot = (slot + 1) & this.mask
    }
    return slot
  }

  private grow(): void {
    const { parents, edges, children } = this
    const capacity = parents.length * 2
    this.mask = capacity - 1
    this.parents = new Int32Array(capacity).fill(-1)
    this.edges = new Uint16Array(capacity)
    this.children = new Int32Array(capacity)
    const values = new Int32Array(capacity / 2 + 1).fill(-1)
    values.set(this.values.subarray(0, Math.min(this.values.length, values.length)))
    this.values = values
    for (let old = 0; old < parents.length; old++) {
      if (parents[old]! < 0) continue
      const slot = this.slotOf(parents[old]!, edges[old]!)
      this.parents[slot] = parents[old]!
      this.edges[slot] = edges[old]!
      this.children[slot] = children[old]!
    }
  }
}

function hashOf(node: number, unit: number): number {
  const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit + 1, 0x85ebca6b)
  return hash ^ (hash >>> 15)
}
