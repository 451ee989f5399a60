// Takes the white space at a token's ends out of its offsets: `Ġcity` in "of city" stands for "city". Semantics of
// the reference library's byte-level post-processors.
import type { Tokens } from './assemble.js'
import { SPACE_UNIT } from './byteAlphabet.js'
import type { OffsetTrim } from './robertaTemplate.js'
import { isWhitespace } from './unicode.js'

/** Not counted yet, or too many for a byte. */
const UNCOUNTED = 255
/** Ids beyond this are counted each time. */
const MOST_IDS = 1 << 20

const isSpace = (unit: number): boolean => unit === SPACE_UNIT || isWhitespace(unit)

/** Trims offsets: those of `Ġcity` in "of city" from (2, 7) to (3, 7). */
export class OffsetTrimmer {
  private readonly leading: Uint8Array
  private readonly trailing: Uint8Array

  /** `tokenOf` gives an id's token; there are about `size` ids. */
  constructor(
    private readonly options: OffsetTrim,
    private readonly tokenOf: (id: number) => string,
    size: number,
  ) {
    const length = Math.min(size, MOST_IDS)
    this.leading = new Uint8Array(length).fill(UNCOUNTED)
    this.trailing = new Uint8Array(length).fill(UNCOUNTED)
  }

  /** Writes the offsets of `tokens[start, end)` to `packed`, begin and end in turn, from `to` on. */
  write(tokens: Tokens, start: number, end: number, packed: Int32Array, to: number): void {
    const { text, ids, begins, ends, surfaces } = tokens
    const { addPrefixSpace } = this.options
    let at = to
    for (let i = start; i < end; i++) {
      const id = ids[i]!
      const surface = surfaces.get(i)
      let begin = begins[i]!
      let stop = ends[i]!
      let leading = surface === undefined ? this.leadingOf(id) : countLeading(surface)
      const trailing = surface === undefined ? this.trailingOf(id) : countTrailing(surface)
      // The reference counts from each window's beginning.
      if (leading === 1 && addPrefixSpace && (i === start || begin === 0)) leading = 0
      for (; leading > 0 && begin < stop; leading--) begin = after(text, begin)
      for (let left = trailing; left > 0 && stop > begin; left--) stop = before(text, stop)
      packed[at++] = begin
      packed[at++] = stop
    }
  }

  private leadingOf(id: number): number {
    const known = this.leading[id] ?? UNCOUNTED
    if (known !== UNCOUNTED) return known
    const count = countLeading(this.tokenOf(id))
    if (count < UNCOUNTED && id < this.leading.length) this.leading[id] = count
    return count
  }

  private trailingOf(id: number): number {
    const known = this.trailing[id] ?? UNCOUNTED
    if (known !== UNCOUNTED) return known
    const count = countTrailing(this.tokenOf(id))
    if (count < UNCOUNTED && id < this.trailing.length) this.trailing[id] = count
    return count
  }
}

function countLeading(token: string): number {
  let count = 0
  while (count < token.length && isSpace(token.charCodeAt(count))) count++
  return count
}

function countTrailing(token: string): number {
  let count = 0
  while (count < token.length && isSpace(token.charCodeAt(token.length - 1 - count))) count++
  return count
}

/** The position one character further on; offsets are counted in characters where the reference counts. */
function after(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? at + 2 : at + 1
}

function before(text: string, at: number): number {
  return at >= 2 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? at - 2 : at - 1
}
