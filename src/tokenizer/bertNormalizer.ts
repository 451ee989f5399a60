// BERT's cleaning of text: control characters out, ideographs set apart, accents off, lower case. Semantics of the
// reference library's BertNormalizer, in its order; see methods in Devlin et al. 2019's released tokenization code.
//
// All four steps act on one character at a time, but for the canonical order of combining marks. So each character's
// result is worked out once and kept in a table, and texts are normalised by look-up; the rare run of marks in which one
// that stays could change places goes the long way round.
import type { Json } from './json.js'
import type { Normalizer } from './steps.js'
import type { TextBuffer } from './textBuffer.js'
import { controls, decompose, ideographs, isWhitespace, nonspacingMarks, reordered } from './unicode.js'

/** What {@link BertNormalizer} does; names as in tokenizer.json. */
export interface BertNormalizerOptions {
  /** Drop control characters, turn every white space into a plain space. */
  cleanText: boolean
  /** Put spaces around CJK ideographs, so that each is a word. */
  handleChineseChars: boolean
  /** Drop accents; null means "if lower-casing". */
  stripAccents: boolean | null
  lowercase: boolean
}

const UNKNOWN = 0 // not looked at yet
const SINGLE = 1 // one unit becomes one unit
const DROPPED = 2
const EXPANDED = 3 // becomes several units, or is half of a surrogate pair
const MOVABLE = 4 // a mark that stays and that canonical ordering may move
/** A longer run of marks is put in order piece by piece; no writing system comes near, only hostile text. */
const LONGEST_RUN = 1 << 12

/**
 * The normalizer of BERT, ELECTRA (lower-casing) and SpanBERT (cased).
 *
 * @example
 * const normalizer = new BertNormalizer({ cleanText: true, handleChineseChars: true, stripAccents: null, lowercase: true })
 * const out = new TextBuffer()
 * normalizer.normalize('Ünï', 0, 3, out)
 * out.slice() // 'uni'
 */
export class BertNormalizer implements Normalizer {
  private readonly strips: boolean
  private readonly kinds = new Uint8Array(0x10000)
  private readonly singles = new Uint16Array(0x10000)
  private readonly expansions = new Map<number, string>()

  constructor(readonly options: BertNormalizerOptions) {
    this.strips = options.stripAccents ?? options.lowercase
    for (let unit = 0xd800; unit < 0xe000; unit++) this.kinds[unit] = EXPANDED
  }

  normalize(text: string, start: number, end: number, out: TextBuffer): void {
    const { kinds, singles } = this
    out.reserve(end - start)
    let floor = start // where the last run of marks that was put in order ends
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i)
      let kind = kinds[unit]!
      if (kind === UNKNOWN) kind = this.learn(unit)
      if (kind === SINGLE) {
        out.push(singles[unit]!, i, i + 1)
      } else if (kind === EXPANDED) {
        const codePoint = codePointAt(text, i, end)
        const width = codePoint > 0xffff ? 2 : 1
        const expansion = this.expand(codePoint)
        if (expansion === undefined) {
          floor = this.normalizeRun(text, floor, i, end, out)
          i = floor - 1
        } else {
          out.pushString(expansion, i, i + width)
          i += width - 1
        }
      } else if (kind === MOVABLE) {
        floor = this.normalizeRun(text, floor, i, end, out)
        i = floor - 1
      }
    }
  }

  /** At a movable mark: takes back the run of marks it stands in, does it the long way, and returns the run's end. */
  private normalizeRun(text: string, floor: number, at: number, end: number, out: TextBuffer): number {
    const goesOn = (codePoint: number): boolean => this.clean(codePoint) === '' || startsWithMark(codePoint)
    let codePoint = codePointAt(text, at, end)
    let last = at + (codePoint > 0xffff ? 2 : 1)
    let first = at
    while (goesOn(codePoint) && first > floor && at - first < LONGEST_RUN) {
      const pair = (text.charCodeAt(first - 1) & 0xfc00) === 0xdc00 && (text.charCodeAt(first - 2) & 0xfc00) === 0xd800
      first -= pair && first - 2 >= floor ? 2 : 1
      codePoint = codePointAt(text, first, end)
      out.length -= this.expand(codePoint)?.length ?? 0
    }
    while (last < end && last - at < LONGEST_RUN) {
      codePoint = codePointAt(text, last, end)
      if (!goesOn(codePoint)) break
      last += codePoint > 0xffff ? 2 : 1
    }
    this.normalizeInOrder(text, first, last, out)
    return last
  }

  /** Fills the table for one unit of the basic plane. */
  private learn(unit: number): number {
    const result = this.expand(unit)
    let kind = EXPANDED
    if (result === undefined) kind = MOVABLE
    else if (result.length === 0) kind = DROPPED
    else if (result.length === 1) {
      kind = SINGLE
      this.singles[unit] = result.charCodeAt(0)
    }
    this.kinds[unit] = kind
    return kind
  }

  /** What the character becomes; undefined if its place depends on its neighbours. */
  private expand(codePoint: number): string | undefined {
    let result = this.expansions.get(codePoint)
    if (result !== undefined) return result
    result = this.setApart(this.clean(codePoint))
    if (this.strips) {
      let kept = ''
      for (const character of result) {
        for (const part of decompose(character)) {
          if (nonspacingMarks.has(part.codePointAt(0) ?? 0)) continue
          if (reordered.has(part.codePointAt(0) ?? 0)) return undefined
          kept += part
        }
      }
      result = kept
    }
    result = this.lower(result)
    this.expansions.set(codePoint, result)
    return result
  }

  private clean(codePoint: number): string {
    if (this.options.cleanText) {
      if (codePoint === 0 || codePoint === 0xfffd || controls.has(codePoint)) return ''
      if (isWhitespace(codePoint)) return ' '
      // Half a surrogate pair is of category "Other" too; the reference cannot even be given one.
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) return ''
    }
    return String.fromCodePoint(codePoint)
  }

  private setApart(character: string): string {
    if (!this.options.handleChineseChars || character === '') return character
    return ideographs.has(character.codePointAt(0) ?? 0) ? ` ${character} ` : character
  }

  private lower(text: string): string {
    if (!this.options.lowercase) return text
    let lowered = ''
    // One at a time: JavaScript looks at neighbours to choose between σ and ς, the reference does not.
    for (const character of text) lowered += character.toLowerCase()
    return lowered
  }

  /** The long way: decompose, order the marks, and only then drop accents, following each character's place. */
  private normalizeInOrder(text: string, start: number, end: number, out: TextBuffer): void {
    const places: [from: number, to: number][] = []
    const parts: { text: string; extra: boolean }[] = []
    for (let i = start; i < end; ) {
      const codePoint = codePointAt(text, i, end)
      const width = codePoint > 0xffff ? 2 : 1
      for (const character of this.setApart(this.clean(codePoint))) {
        places.push([i, i + width])
        let extra = false
        for (const part of decompose(character)) {
          parts.push({ text: part, extra })
          extra = true
        }
      }
      i += width
    }
    orderMarks(parts)
    // A part that a decomposition added stands where the character before it stands.
    let place = 0
    for (const part of parts) {
      const at = places[part.extra ? Math.max(0, place - 1) : place++] ?? [start, start]
      if (!nonspacingMarks.has(part.text.codePointAt(0) ?? 0)) out.pushString(this.lower(part.text), at[0], at[1])
    }
  }

  toJson(): Json {
    const { cleanText, handleChineseChars, stripAccents, lowercase } = this.options
    return {
      type: 'BertNormalizer',
      clean_text: cleanText,
      handle_chinese_chars: handleChineseChars,
      strip_accents: stripAccents,
      lowercase,
    }
  }
}

/** The character at `at`, taking no half of a pair from beyond `end`. */
function codePointAt(text: string, at: number, end: number): number {
  const unit = text.charCodeAt(at)
  return at + 1 < end ? (text.codePointAt(at) ?? unit) : unit
}

/** Whether the character's decomposition begins with a mark that canonical ordering may move. */
function startsWithMark(codePoint: number): boolean {
  return reordered.has(decompose(String.fromCodePoint(codePoint)).codePointAt(0) ?? 0)
}

/** Puts each run of combining marks in canonical order; marks of the same class keep theirs. */
function orderMarks(parts: { text: string; extra: boolean }[]): void {
  for (let start = 0; start < parts.length; start++) {
    let end = start
    while (end < parts.length && reordered.has(parts[end]!.text.codePointAt(0) ?? 0)) end++
    if (end - start > 1) {
      const run = parts.slice(start, end)
      // Normalising a long run at once can take quadratic time; ranking its few different marks cannot.
      const marks = [...new Set(run.map((part) => part.text))].sort(compareMarks)
      const ranks = new Map<string, number>()
      let rank = 0
      for (const [i, mark] of marks.entries()) {
        if (i > 0 && compareMarks(marks[i - 1]!, mark) < 0) rank++
        ranks.set(mark, rank)
      }
      run.sort((a, b) => (ranks.get(a.text) ?? 0) - (ranks.get(b.text) ?? 0))
      for (const [i, part] of run.entries()) parts[start + i] = part
    }
    if (end > start) start = end - 1
  }
}

/** Orders two marks by their combining class, as the engine's own normalisation does. */
function compareMarks(a: string, b: string): number {
  if (a === b) return 0
  if ((a + b).normalize('NFD') !== a + b) return 1
  return (b + a).normalize('NFD') !== b + a ? -1 : 0
}
