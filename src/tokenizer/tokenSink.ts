// Where models write their tokens: ids, and the stretch of the normalised text each one covers.
import { Surfaces } from './surfaces.js'

/**
 * A growing list of tokens. `begins[i]` and `ends[i]` are positions in the {@link TextBuffer} (or, once resolved, in
 * the original text); `words[i]` is the index of the word that token `i` belongs to. They are kept only while `tracked`.
 *
 * @example
 * const sink = new TokenSink()
 * sink.push(101, 0, 0)
 */
export class TokenSink {
  ids = new Int32Array(256)
  begins = new Int32Array(0)
  ends = new Int32Array(0)
  words = new Int32Array(0)
  length = 0
  tracked = false
  /** The index that tokens pushed now belong to. */
  word = 0
  /** Tokens whose text is not their id's own (an added token with the spaces it swallowed), by index. */
  readonly surfaces = new Surfaces()

  reset(tracked: boolean): void {
    this.length = 0
    this.tracked = tracked
    this.word = 0
    this.surfaces.clear()
    if (this.ids.length > 1 << 20) this.ids = new Int32Array(256)
    if (this.begins.length > 1 << 20 || (tracked && this.begins.length < this.ids.length)) this.grow(this.ids.length)
  }

  push(id: number, begin: number, end: number): void {
    if (this.length === this.ids.length) this.grow(this.length * 2)
    const at = this.length++
    this.ids[at] = id
    if (this.tracked) {
      this.begins[at] = begin
      this.ends[at] = end
      this.words[at] = this.word
    }
  }

  private grow(capacity: number): void {
    const larger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(capacity)
      array.set(old.subarray(0, Math.min(this.length, capacity)))
      return array
    }
    this.ids = larger(this.ids)
    if (this.tracked) {
      this.begins = larger(this.begins)
      this.ends = larger(this.ends)
      this.words = larger(this.words)
    }
  }
}
