// The reference library's small normalizers, each a step that rewrites a whole text; normalizerSequence.ts runs them.
import type { AlignedText } from './alignedText.js'
import { type Charsmap, toBase64, utf8Length } from './charsmap.js'
import { clusterEnd } from './graphemes.js'
import type { Json } from './json.js'
import { isMark, type NormalForm, writeNormalForm } from './normalForms.js'
import type { Pattern } from './pattern.js'
import type { Normalizer } from './steps.js'
import { TextBuffer } from './textBuffer.js'
import { isWhitespace } from './unicode.js'

/** A normalizer among others. */
export interface NormalizerStep {
  /**
   * Rewrites the text. Returns false if that put the places of all that follows out by some: then the text must not be
   * cut and done in pieces.
   */
  apply(text: AlignedText): boolean
  /** Whether the step may treat two such characters that stand side by side otherwise than each alone. */
  joins?(code: number): boolean
  /** The step looks at a text's beginning or end. */
  readonly whole?: boolean
  toJson(): Json
}

/** NFD, NFC, NFKD, NFKC. */
export function normalForm(form: NormalForm): NormalizerStep {
  return {
    apply(text) {
      if (isPlain(text)) return true
      writeNormalForm(text, form)
      text.turn()
      return true
    },
    toJson: () => ({ type: form }),
  }
}

/** Below U+00A0 nothing has a normal form but itself. */
function isPlain(text: AlignedText): boolean {
  const { codes, length } = text
  for (let i = 0; i < length; i++) if (codes[i]! >= 0xa0) return false
  return true
}

/** Leaves out the characters for which `leaves` is true, and keeps the places of the others. */
function filter(text: AlignedText, leaves: (code: number) => boolean): void {
  const { codes, from, to, length } = text
  let kept = 0
  for (let i = 0; i < length; i++) {
    if (leaves(codes[i]!)) continue
    codes[kept] = codes[i]!
    from[kept] = from[i]!
    to[kept] = to[i]!
    kept++
  }
  text.length = kept
}

/** Drops every combining mark. */
export const stripAccents: NormalizerStep = {
  apply(text) {
    filter(text, isMark)
    return true
  },
  toJson: () => ({ type: 'StripAccents' }),
}

/** Lower-cases each character by itself: JavaScript would look at neighbours to choose between σ and ς. */
export const lowercase: NormalizerStep = {
  apply(text) {
    const { codes, length } = text
    let longer = false
    for (let i = 0; i < length; i++) {
      const lower = lowerOf(codes[i]!)
      if (typeof lower === 'number') codes[i] = lower
      else longer = true
    }
    if (!longer) return true
    // İ is the only character with a longer lower case; the others are lower-cased already.
    for (let i = 0; i < length; i++) {
      const lower = lowerOf(codes[i]!)
      if (typeof lower === 'number') text.replace(lower)
      else for (const [part, code] of lower.entries()) part === 0 ? text.replace(code) : text.add(code)
    }
    text.turn()
    return true
  },
  toJson: () => ({ type: 'Lowercase' }),
}

const lowered = new Map<number, number | readonly number[]>()

function lowerOf(code: number): number | readonly number[] {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
  let lower = lowered.get(code)
  if (lower === undefined) {
    const parts = Array.from(String.fromCodePoint(code).toLowerCase(), (part) => part.codePointAt(0) ?? 0)
    lower = parts.length === 1 ? parts[0]! : parts
    lowered.set(code, lower)
  }
  return lower
}

/** SentencePiece's cleaning as the reference has it apart from the charsmap: controls out, odd spaces to spaces. */
export const nmt: NormalizerStep = {
  apply(text) {
    filter(text, isNmtControl)
    const { codes, length } = text
    for (let i = 0; i < length; i++) if (isNmtSpace(codes[i]!)) codes[i] = 0x20
    return true
  },
  toJson: () => ({ type: 'Nmt' }),
}

function isNmtControl(code: number): boolean {
  if (code > 0x9f) return false
  if (code < 0x20) return code !== 0 && code !== 0x09 && code !== 0x0a && code !== 0x0c && code !== 0x0d
  return code === 0x7f || code === 0x8f || code === 0x9f
}

function isNmtSpace(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d
  if (code < 0x1680) return false
  return (
    code === 0x1680 ||
    (code >= 0x200b && code <= 0x200f) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x2581 ||
    code === 0xfeff ||
    code === 0xfffd
  )
}

/** Drops white space at the text's beginning, end or both. */
export function strip(left: boolean, right: boolean): NormalizerStep {
  return {
    whole: true,
    apply(text) {
      let start = 0
      let end = text.length
      if (left) while (start < end && isWhitespace(text.codes[start]!)) start++
      if (right) while (end > start && isWhitespace(text.codes[end - 1]!)) end--
      if (end - start < text.length) {
        text.drop(start)
        for (let i = start; i < end; i++) text.replace(text.codes[i]!)
        text.turn()
      }
      return true
    },
    toJson: () => ({ type: 'Strip', strip_left: left, strip_right: right }),
  }
}

/** Puts a string before a text that is not empty. */
export function prepend(prefix: string): NormalizerStep {
  const codes = codesOf(prefix)
  return {
    whole: true,
    apply(text) {
      if (text.length === 0) return true
      for (const code of codes) text.put(code, text.from[0]!, text.to[0]!)
      for (let i = 0; i < text.length; i++) text.put(text.codes[i]!, text.from[i]!, text.to[i]!)
      text.turn()
      return true
    },
    toJson: () => ({ type: 'Prepend', prepend: prefix }),
  }
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0)
}

/** Replaces each match of a pattern; what takes its place stands where the match's last character stood. */
export function replace(pattern: Pattern, content: string): NormalizerStep {
  const replacement = codesOf(content)
  return {
    apply(text) {
      const matches = pattern.find(text.codes, text.length)
      if (matches.length === 0) return true
      const { codes, from, to } = text
      let done = 0
      for (let i = 0; i <= matches.length; i += 2) {
        const start = matches[i] ?? text.length
        const end = matches[i + 1] ?? text.length
        for (; done < start; done++) text.put(codes[done]!, from[done]!, to[done]!)
        if (i < matches.length) for (const code of replacement) text.put(code, from[end - 1]!, to[end - 1]!)
        done = end
      }
      text.turn()
      return true
    },
    ...(pattern.joins === undefined ? {} : { joins: pattern.joins }),
    toJson: () => ({ type: 'Replace', pattern: pattern.toJson(), content }),
  }
}

/** SentencePiece's table of replacements, looked up for each grapheme cluster and, failing that, each character. */
export function precompiled(map: Charsmap, base64?: string): NormalizerStep {
  return {
    apply: (text) => applyCharsmap(text, map),
    toJson: () => ({ type: 'Precompiled', precompiled_charsmap: base64 ?? toBase64(map.bytes) }),
  }
}

function applyCharsmap(text: AlignedText, map: Charsmap): boolean {
  const { codes, length } = text
  let inPlace = true
  for (let i = 0; i < length; ) {
    const end = clusterEnd(codes, i, length)
    const cluster = end - i > 1 && isShort(codes, i, end) ? map.find(codes.subarray(i, end)) : undefined
    if (cluster !== undefined) {
      inPlace = exchange(text, end - i, cluster) && inPlace
      i = end
    } else {
      for (; i < end; i++) {
        const found = map.find([codes[i]!])
        if (found === undefined) text.replace(codes[i]!)
        else inPlace = exchange(text, 1, found) && inPlace
      }
    }
  }
  text.turn()
  return inPlace
}

/** Only clusters of less than six bytes are looked up whole. */
function isShort(codes: Int32Array, start: number, end: number): boolean {
  let bytes = 0
  for (let i = start; i < end && bytes < 6; i++) bytes += utf8Length(codes[i]!)
  return bytes < 6
}

function exchange(text: AlignedText, count: number, replacement: readonly number[]): boolean {
  for (let i = 0; i < replacement.length; i++) {
    if (i < count) text.replace(replacement[i]!)
    else text.add(replacement[i]!)
  }
  return replacement.length >= count || text.dropAfterLast(count - replacement.length)
}

/** A normalizer that knows nothing of {@link AlignedText}, as a step. */
export function wrapped(normalizer: Normalizer): NormalizerStep {
  const buffer = new TextBuffer()
  return {
    apply(text) {
      const string = text.toString()
      // Where the character with each UTF-16 unit stands in `text`.
      const index = new Int32Array(string.length)
      for (let i = 0, at = 0; i < text.length; i++) {
        index[at++] = i
        if (text.codes[i]! > 0xffff) index[at++] = i
      }
      buffer.reset(true, string.length)
      normalizer.normalize(string, 0, string.length, buffer)
      for (let i = 0; i < buffer.length; i++) {
        let code = buffer.units[i]!
        const from = text.from[index[buffer.from[i]!]!]!
        const to = text.to[index[buffer.to[i]! - 1]!]!
        if ((code & 0xfc00) === 0xd800 && i + 1 < buffer.length)
          code = 0x10000 + ((code & 0x3ff) << 10) + (buffer.units[++i]! & 0x3ff)
        text.put(code, from, to)
      }
      text.turn()
      return true
    },
    toJson: () => normalizer.toJson(),
  }
}
