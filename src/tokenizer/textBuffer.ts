// The text between the steps: UTF-16 units, each with the stretch of the caller's text that it came from.
// Typed arrays that are used again and again, because millions of small strings are what makes tokenizers slow.

const INITIAL = 1 << 12
/** A buffer that one huge text has blown up is let go rather than kept for ever. */
const KEEP = 1 << 20

/**
 * A growing run of UTF-16 units. `from[i]` and `to[i]` say where unit `i` stands in the original text, in the caller's
 * own UTF-16 units; they are kept only while `tracked` is true (ids alone need no offsets).
 *
 * @example
 * const buffer = new TextBuffer()
 * buffer.push(0x61, 0, 1) // 'a', the text's first unit
 */
export class TextBuffer {
  units = new Uint16Array(INITIAL)
  from = new Int32Array(0)
  to = new Int32Array(0)
  length = 0
  tracked = false

  /** Empties the buffer. `tracked` says whether offsets will be kept; `expected` units are made room for. */
  reset(tracked: boolean, expected: number): void {
    this.length = 0
    this.tracked = tracked
    if (this.units.length > KEEP && expected < KEEP) {
      this.units = new Uint16Array(INITIAL)
      this.from = new Int32Array(0)
      this.to = new Int32Array(0)
    }
    this.reserve(expected)
  }

  /** Makes room for `count` more units. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed > this.units.length) {
      const units = new Uint16Array(Math.max(needed, this.units.length * 2))
      units.set(this.units.subarray(0, this.length))
      this.units = units
    }
    if (this.tracked && this.from.length < this.units.length) {
      const from = new Int32Array(this.units.length)
      const to = new Int32Array(this.units.length)
      from.set(this.from.subarray(0, this.length))
      to.set(this.to.subarray(0, this.length))
      this.from = from
      this.to = to
    }
  }

  /** Adds one unit that came from `[from, to)` of the text. */
  push(unit: number, from: number, to: number): void {
    if (this.length === this.units.length) this.reserve(1)
    const at = this.length++
    this.units[at] = unit
    if (this.tracked) {
      this.from[at] = from
      this.to[at] = to
    }
  }

  /** Adds the units of `characters`, all of which came from `[from, to)`. */
  pushString(characters: string, from: number, to: number): void {
    for (let i = 0; i < characters.length; i++) this.push(characters.charCodeAt(i), from, to)
  }

  /** The units `[start, end)` as a string. */
  slice(start = 0, end = this.length): string {
    return unitsToString(this.units, start, end)
  }
}

/**
 * UTF-16 units as a string, in pieces that a call's argument list can hold.
 *
 * @example
 * unitsToString(Uint16Array.of(0x68, 0x69), 0, 2) // 'hi'
 */
export function unitsToString(units: Uint16Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i += 8192) {
    text += String.fromCharCode(...units.subarray(i, Math.min(end, i + 8192)))
  }
  return text
}
