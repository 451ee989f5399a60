// The texts of tokens that are not their ids' own: an added token with the spaces it swallowed, or what an unknown token
// stands for. Packed, because in a text of an unknown script every token is one of them.
import { unitsToString } from './textBuffer.js'

/**
 * A growing table of token indices and texts.
 *
 * @example
 * const surfaces = new Surfaces()
 * surfaces.set(3, ' [MASK]')
 * surfaces.get(3) // ' [MASK]'
 */
export class Surfaces {
  /** How many texts there are. */
  size = 0
  private indices = new Int32Array(0)
  private ends = new Int32Array(0)
  private units = new Uint16Array(0)

  /** Stores the text of token `index`, which is greater than those stored before. */
  set(index: number, text: string): void {
    const begin = this.begin(index, text.length)
    for (let i = 0; i < text.length; i++) this.units[begin + i] = text.charCodeAt(i)
  }

  /** Stores `units[start, end)` as the text of token `index`, which is greater than those stored before. */
  setUnits(index: number, units: Uint16Array, start: number, end: number): void {
    const begin = this.begin(index, end - start)
    for (let i = start; i < end; i++) this.units[begin + i - start] = units[i]!
  }

  /** The text of token `index`; undefined if it is its id's own. */
  get(index: number): string | undefined {
    let low = 0
    let high = this.size - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.indices[middle]!
      if (found === index) {
        return unitsToString(this.units, middle === 0 ? 0 : this.ends[middle - 1]!, this.ends[middle]!)
      }
      if (found < index) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  /** Empties the table; one that a huge text has blown up is let go. */
  clear(): void {
    this.size = 0
    if (this.units.length <= 1 << 20) return
    this.indices = new Int32Array(0)
    this.ends = new Int32Array(0)
    this.units = new Uint16Array(0)
  }

  /** A table of the same texts that stays as it is. */
  copy(): Surfaces {
    const { size } = this
    const copy = new Surfaces()
    copy.size = size
    copy.indices = this.indices.slice(0, size)
    copy.ends = this.ends.slice(0, size)
    copy.units = this.units.slice(0, size === 0 ? 0 : this.ends[size - 1]!)
    return copy
  }

  /** Makes room for a text and returns where its units begin. */
  private begin(index: number, length: number): number {
    const at = this.size++
    const begin = at === 0 ? 0 : this.ends[at - 1]!
    if (at === this.indices.length) {
      this.indices = grown(this.indices, at * 2 + 16)
      this.ends = grown(this.ends, at * 2 + 16)
    }
    if (begin + length > this.units.length) {
      const units = new Uint16Array((begin + length) * 2)
      units.set(this.units)
      this.units = units
    }
    this.indices[at] = index
    this.ends[at] = begin + length
    return begin
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(array)
  return larger
}
