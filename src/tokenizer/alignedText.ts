// A text on its way through several normalizers: characters, each with the stretch of the caller's text it came from.
//
// A step reads the text from its beginning and writes the next version of it, saying of each character that it writes
// whether it stands for the next one read, is an addition to the one before, or is followed by some that vanish. That is
// how the reference library keeps its offsets, and the only way to come to the same ones.
import type { TextBuffer } from './textBuffer.js'

const INITIAL = 1 << 8
/** Arrays that one huge text has blown up are let go rather than kept for ever. */
const KEEP = 1 << 20
/** What stands for half of a surrogate pair: the reference cannot be given one. */
const REPLACEMENT = 0xfffd

/**
 * Characters (code points) with their places, and room for the next version of them.
 *
 * @example
 * const text = new AlignedText()
 * text.load('Ab', 0, 2)
 * for (let i = 0; i < text.length; i++) text.replace(text.codes[i]! | 0x20)
 * text.turn() // now 'ab'
 */
export class AlignedText {
  codes = new Int32Array(INITIAL)
  from = new Int32Array(INITIAL)
  to = new Int32Array(INITIAL)
  length = 0
  /** How many characters of the next version there are. */
  written = 0
  private read = 0
  private lastAdded = false
  private nextCodes = new Int32Array(INITIAL)
  private nextFrom = new Int32Array(INITIAL)
  private nextTo = new Int32Array(INITIAL)

  /** Takes in `text[start, end)`. */
  load(text: string, start: number, end: number): void {
    this.clear(end - start)
    for (let i = start; i < end; i++) {
      let code = text.charCodeAt(i)
      const begin = i
      if (code >= 0xd800 && code <= 0xdfff) {
        const low = code < 0xdc00 && i + 1 < end ? text.charCodeAt(i + 1) : 0
        if (low >= 0xdc00 && low <= 0xdfff) {
          code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff)
          i++
        } else code = REPLACEMENT
      }
      this.put(code, begin, i + 1)
    }
    this.turn()
  }

  /** Empties the text; about `expected` characters are to come. */
  clear(expected: number): void {
    if (this.codes.length > KEEP && expected < KEEP) {
      for (const key of ['codes', 'from', 'to', 'nextCodes', 'nextFrom', 'nextTo'] as const) {
        this[key] = new Int32Array(INITIAL)
      }
    }
    this.length = 0
    this.written = 0
    this.read = 0
    this.lastAdded = false
  }

  /** Writes a character that came from `[from, to)`. */
  put(code: number, from: number, to: number): void {
    if (this.written === this.nextCodes.length) this.grow()
    const at = this.written++
    this.nextCodes[at] = code
    this.nextFrom[at] = from
    this.nextTo[at] = to
  }

  /** Writes a character that stands for the next one read. */
  replace(code: number): void {
    this.put(code, this.from[this.read]!, this.to[this.read]!)
    this.read++
    this.lastAdded = false
  }

  /** Writes a character that is an addition to the last one read. */
  add(code: number): void {
    const at = this.read - 1
    this.put(code, at < 0 ? 0 : this.from[at]!, at < 0 ? 0 : this.to[at]!)
    this.lastAdded = true
  }

  /** Passes over the next `count` characters. */
  drop(count: number): void {
    this.read += count
  }

  /**
   * Passes over `count` characters as the reference's Precompiled does: they go to the account of the last character
   * written, which, if it was an addition, thereby takes the place of the first of them. Returns false if nothing is
   * written yet: then the reference forgets to pass over them, and all that follows is that much out of place.
   */
  dropAfterLast(count: number): boolean {
    if (this.written === 0) return false
    if (this.lastAdded) {
      this.nextFrom[this.written - 1] = this.from[this.read]!
      this.nextTo[this.written - 1] = this.to[this.read]!
      this.lastAdded = false
    }
    this.read += count
    return true
  }

  /** What was written becomes what is read. */
  turn(): void {
    const { codes, from, to } = this
    this.codes = this.nextCodes
    this.from = this.nextFrom
    this.to = this.nextTo
    this.nextCodes = codes
    this.nextFrom = from
    this.nextTo = to
    this.length = this.written
    this.written = 0
    this.read = 0
    this.lastAdded = false
  }

  /** The text alone. */
  toString(): string {
    let text = ''
    for (let i = 0; i < this.length; i += 8192) {
      text += String.fromCodePoint(...this.codes.subarray(i, Math.min(this.length, i + 8192)))
    }
    return text
  }

  /** Appends the text to `out` as UTF-16. */
  appendTo(out: TextBuffer): void {
    out.reserve(this.length)
    for (let i = 0; i < this.length; i++) {
      const code = this.codes[i]!
      const [from, to] = [this.from[i]!, this.to[i]!]
      if (code > 0xffff) {
        out.push(0xd800 + ((code - 0x10000) >> 10), from, to)
        out.push(0xdc00 + (code & 0x3ff), from, to)
      } else out.push(code, from, to)
    }
  }

  private grow(): void {
    const larger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(old.length * 2)
      array.set(old)
      return array
    }
    this.nextCodes = larger(this.nextCodes)
    this.nextFrom = larger(this.nextFrom)
    this.nextTo = larger(this.nextTo)
  }
}
