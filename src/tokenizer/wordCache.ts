// Remembers how words were cut. Text repeats its words (Zipf), so most words are cut once and copied ever after.
import { TokenSink } from './tokenSink.js'
import { LONGEST_WORD, WordTable } from './wordTable.js'

/** Forget everything beyond this many words, so that memory stays bounded on endless text. */
const MOST_WORDS = 1 << 17

/**
 * A cache in front of a model's way of cutting words.
 *
 * @example
 * const cache = new WordCache((_units, start, end, out) => out.push(7632, start, end))
 * const [hi, sink] = [Uint16Array.of(0x68, 0x69), new TokenSink()]
 * cache.tokenize(hi, 0, 2, sink) // cuts
 * cache.tokenize(hi, 0, 2, sink) // copies
 */
export class WordCache {
  private readonly table = new WordTable()
  /** Where each word's tokens begin in `ids`, `begins` and `ends`. */
  private starts = new Int32Array((1 << 11) + 1)
  private ids = new Int32Array(1 << 12)
  private begins = new Int32Array(1 << 12)
  private ends = new Int32Array(1 << 12)
  private readonly scratch = new TokenSink()

  constructor(private readonly cut: Cut) {}

  /** Pushes the tokens of `units[start, end)` to `out`, cutting it only if it is new. */
  tokenize(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    if (end - start > LONGEST_WORD) {
      this.cut(units, start, end, out)
      return
    }
    const { table } = this
    const known = table.size
    const index = table.intern(units, start, end)
    if (index < known) {
      const { starts, ids, begins, ends } = this
      const last = starts[index + 1]!
      for (let i = starts[index]!; i < last; i++) out.push(ids[i]!, start + begins[i]!, start + ends[i]!)
      return
    }
    try {
      this.learn(index, units, start, end, out)
    } catch (error) {
      // A word that cannot be cut must not look known the next time.
      table.clear()
      throw error
    }
  }

  private learn(index: number, units: Uint16Array, start: number, end: number, out: TokenSink): void {
    const first = out.length
    const tracked = out.tracked
    if (!tracked) {
      // The cache must hold the ends even if this caller wants ids only.
      this.scratch.reset(true)
      this.cut(units, start, end, this.scratch)
      for (let i = 0; i < this.scratch.length; i++) out.push(this.scratch.ids[i]!, 0, 0)
    } else this.cut(units, start, end, out)
    const source = tracked ? out : this.scratch
    const from = tracked ? first : 0
    const count = source.length - from
    let at = this.starts[index]!
    while (at + count > this.ids.length) {
      this.ids = doubled(this.ids)
      this.begins = doubled(this.begins)
      this.ends = doubled(this.ends)
    }
    for (let i = 0; i < count; i++, at++) {
      this.ids[at] = source.ids[from + i]!
      this.begins[at] = source.begins[from + i]! - start
      this.ends[at] = source.ends[from + i]! - start
    }
    if (index + 2 > this.starts.length) this.starts = doubled(this.starts)
    this.starts[index + 1] = at
    if (this.table.size >= MOST_WORDS) this.table.clear()
  }
}

/** Cuts a word and pushes its tokens. */
export type Cut = (units: Uint16Array, start: number, end: number, out: TokenSink) => void

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
