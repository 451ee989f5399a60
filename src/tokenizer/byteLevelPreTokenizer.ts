// The words of byte-level tokenizers (GPT-2's, and so RoBERTa's), spelt in bytes. Semantics of the reference library's
// ByteLevel pre-tokenizer, whose regular expression is, in order of preference: an English contraction ('s 't 're 've
// 'm 'll 'd), letters, numbers or anything else but white space, each with the one space before them, and white space,
// of which the last character is left to the word after it.
import { byteToUnit } from './byteAlphabet.js'
import { classAt, runEnd, SPACE_CLASS } from './characterClasses.js'
import type { Json } from './json.js'
import type { PreTokenizer, WordReceiver } from './steps.js'
import type { TextBuffer } from './textBuffer.js'

const SPACE = 0x20
const APOSTROPHE = 0x27

/** What {@link ByteLevelPreTokenizer} does; names as in tokenizer.json. */
export interface ByteLevelOptions {
  /** Put a space before a text that does not begin with one, so that its first word is like any other. */
  readonly addPrefixSpace: boolean
  /** Means nothing here; kept because the file says it. */
  readonly trimOffsets: boolean
  /** Cut into words; else the whole text is one word. */
  readonly useRegex: boolean
}

/**
 * The pre-tokenizer of RoBERTa.
 *
 * @example
 * const out = new TextBuffer()
 * out.pushString("it's 2", 0, 6)
 * const steps = new ByteLevelPreTokenizer({ addPrefixSpace: false, trimOffsets: true, useRegex: true })
 * steps.split(out, 0, 6, (start, end) => console.log(out.slice(start, end))) // it, 's, Ġ2
 */
export class ByteLevelPreTokenizer implements PreTokenizer {
  constructor(readonly options: ByteLevelOptions) {}

  /** Spells the words behind the text, at the buffer's end, and reports those stretches. */
  split(buffer: TextBuffer, start: number, end: number, word: WordReceiver): void {
    const { addPrefixSpace, useRegex } = this.options
    let at = start
    let stop = end
    if (addPrefixSpace && start < end && buffer.units[start] !== SPACE) {
      at = buffer.length
      pushPrefixed(buffer, start, end)
      stop = buffer.length
    }
    const base = buffer.length
    while (at < stop) {
      const next = useRegex ? wordEnd(buffer.units, at, stop) : stop
      const begin = buffer.length
      pushBytes(buffer, at, next)
      word(begin, buffer.length)
      // Without offsets nobody comes back to a word.
      if (!buffer.tracked) buffer.length = base
      at = next
    }
  }

  toJson(): Json {
    const { addPrefixSpace, trimOffsets, useRegex } = this.options
    return { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: trimOffsets, use_regex: useRegex }
  }
}

/**
 * Where the word that begins at `start` ends.
 *
 * @example
 * wordEnd(Uint16Array.of(0x20, 0x61, 0x21), 0, 3) // 2: a space and a letter
 */
export function wordEnd(units: Uint16Array, start: number, end: number): number {
  const unit = units[start]!
  if (unit === APOSTROPHE) {
    const length = contraction(units, start, end)
    if (length > 0) return start + length
  }
  let kind = classAt(units, start, end)
  if (kind !== SPACE_CLASS) return runEnd(units, start, end, kind)
  if (unit === SPACE && start + 1 < end) {
    kind = classAt(units, start + 1, end)
    if (kind !== SPACE_CLASS) return runEnd(units, start + 1, end, kind)
  }
  const stop = runEnd(units, start, end, SPACE_CLASS)
  return stop < end && stop - start > 1 ? stop - 1 : stop
}

/** The length of the contraction at `at`, 0 if there is none. Lower case only, as in the reference. */
function contraction(units: Uint16Array, at: number, end: number): number {
  if (at + 1 >= end) return 0
  const second = units[at + 1]!
  // 's 't 'm 'd
  if (second === 0x73 || second === 0x74 || second === 0x6d || second === 0x64) return 2
  if (at + 2 >= end) return 0
  const third = units[at + 2]!
  // 're 've 'll
  if (third === 0x65) return second === 0x72 || second === 0x76 ? 3 : 0
  return second === 0x6c && third === 0x6c ? 3 : 0
}

/** Copies `[start, end)` with a space before it, which stands where the first character stands. */
function pushPrefixed(buffer: TextBuffer, start: number, end: number): void {
  const { units, from, to } = buffer
  const first = isPair(units, start, end) ? start + 1 : start
  buffer.reserve(end - start + 1)
  buffer.push(SPACE, from[start] ?? 0, to[first] ?? 0)
  for (let i = start; i < end; i++) buffer.push(units[i]!, from[i] ?? 0, to[i] ?? 0)
}

/** Spells `[start, end)` in UTF-8, a unit for each byte; all bytes of a character stand where it stands. */
function pushBytes(buffer: TextBuffer, start: number, end: number): void {
  buffer.reserve(3 * (end - start))
  const { units, from, to, tracked } = buffer
  let at = buffer.length
  for (let i = start; i < end; i++) {
    const first = i
    const unit = units[i]!
    const begin = at
    if (unit < 0x80) {
      units[at++] = byteToUnit[unit]!
    } else if (unit < 0x800) {
      units[at++] = byteToUnit[0xc0 | (unit >> 6)]!
      units[at++] = byteToUnit[0x80 | (unit & 0x3f)]!
    } else if (isPair(units, i, end)) {
      const codePoint = 0x10000 + ((unit & 0x3ff) << 10) + (units[++i]! & 0x3ff)
      units[at++] = byteToUnit[0xf0 | (codePoint >> 18)]!
      units[at++] = byteToUnit[0x80 | ((codePoint >> 12) & 0x3f)]!
      units[at++] = byteToUnit[0x80 | ((codePoint >> 6) & 0x3f)]!
      units[at++] = byteToUnit[0x80 | (codePoint & 0x3f)]!
    } else {
      // Half a surrogate pair has no bytes; the reference is given U+FFFD in its place.
      const sound = (unit & 0xf800) === 0xd800 ? 0xfffd : unit
      units[at++] = byteToUnit[0xe0 | (sound >> 12)]!
      units[at++] = byteToUnit[0x80 | ((sound >> 6) & 0x3f)]!
      units[at++] = byteToUnit[0x80 | (sound & 0x3f)]!
    }
    if (tracked) {
      for (let byte = begin; byte < at; byte++) {
        from[byte] = from[first]!
        to[byte] = to[i]!
      }
    }
  }
  buffer.length = at
}

function isPair(units: Uint16Array, at: number, end: number): boolean {
  return (units[at]! & 0xfc00) === 0xd800 && at + 1 < end && (units[at + 1]! & 0xfc00) === 0xdc00
}
