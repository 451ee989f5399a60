// What tokenizer.json's Replace looks for: a literal text, or a regular expression. Of these, one form is built, a single
// character or class of characters with or without a count (" {2,}", "\s+", "[\n\t]"): it cannot be made to run for ever,
// and none of the models that bertkin knows needs more.
import { TokenizerError } from './error.js'
import { asObject, asString, type Json } from './json.js'
import { isWhitespace } from './unicode.js'

/** Something to look for in a text. */
export interface Pattern {
  /** Where it stands in `codes[0, length)`: start and end of each match, leftmost first, none overlapping. */
  find(codes: Int32Array, length: number): readonly number[]
  /** Whether a match may hold such a character beside another; left out if no match is longer than one character. */
  joins?(code: number): boolean
  toJson(): Json
}

/** Reads `pattern`: `{"String": …}` or `{"Regex": …}`. Throws `tokenizer-unsupported` for other regular expressions. */
export function patternFromJson(where: string, value: unknown): Pattern {
  const json = asObject(where, value)
  if (json.Regex !== undefined) return regexPattern(where, asString(`${where}.Regex`, json.Regex))
  return literalPattern(where, asString(`${where}.String`, json.String))
}

function literalPattern(where: string, text: string): Pattern {
  const wanted = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  if (wanted.length === 0) unsupported(where, text)
  const members = new Set(wanted)
  return {
    find: (codes, length) => findLiteral(wanted, codes, length),
    ...(wanted.length === 1 ? {} : { joins: (code: number) => members.has(code) }),
    toJson: () => ({ String: text }),
  }
}

/** Knuth, Morris & Pratt 1977: linear whatever the text repeats. */
function findLiteral(wanted: readonly number[], codes: Int32Array, length: number): number[] {
  const fallback = fallbacks(wanted)
  const matches: number[] = []
  let matched = 0
  for (let i = 0; i < length; i++) {
    while (matched > 0 && codes[i] !== wanted[matched]) matched = fallback[matched - 1]!
    if (codes[i] === wanted[matched]) matched++
    if (matched === wanted.length) {
      matches.push(i + 1 - matched, i + 1)
      matched = 0
    }
  }
  return matches
}

/** For each prefix, how long the longest beginning is that it also ends with. */
function fallbacks(wanted: readonly number[]): number[] {
  const table = [0]
  for (let i = 1, length = 0; i < wanted.length; i++) {
    while (length > 0 && wanted[i] !== wanted[length]) length = table[length - 1]!
    if (wanted[i] === wanted[length]) length++
    table.push(length)
  }
  return table
}

type Member = (code: number) => boolean

/** An atom (a class in brackets, an escape, or a character without meaning of its own), then perhaps a count. */
const SIMPLE = /^(\[\^?(?:\\.|[^\\\]])+\]|\\.|[^\\[\](){}.*+?|^$])(?:(\+)|\{(\d{1,4})(,?)(\d{0,4})\})?$/su

function regexPattern(where: string, source: string): Pattern {
  if (source !== '' && !/[\\[\](){}.*+?|^$]/.test(source)) {
    return { ...literalPattern(where, source), toJson: () => ({ Regex: source }) }
  }
  const parts = SIMPLE.exec(source)
  const member = parts === null ? undefined : memberOf(parts[1]!)
  if (parts === null || member === undefined) unsupported(where, source)
  const [, , plus, low, comma, high] = parts
  const least = low === undefined ? 1 : Number(low)
  const most = plus !== undefined || (comma === ',' && high === '') ? Number.POSITIVE_INFINITY : Number(high || least)
  if (least < 1 || most < least) unsupported(where, source)
  return {
    find: (codes, length) => findRuns(member, least, most, codes, length),
    ...(most === 1 ? {} : { joins: member }),
    toJson: () => ({ Regex: source }),
  }
}

function findRuns(member: Member, least: number, most: number, codes: Int32Array, length: number): number[] {
  const matches: number[] = []
  for (let i = 0; i < length; ) {
    if (!member(codes[i]!)) {
      i++
      continue
    }
    let end = i + 1
    while (end < length && end - i < most && member(codes[end]!)) end++
    if (end - i >= least) matches.push(i, end)
    i = end
  }
  return matches
}

function memberOf(atom: string): Member | undefined {
  if (!atom.startsWith('[')) return single(atom)
  const negated = atom[1] === '^'
  const inside = [...atom.slice(negated ? 2 : 1, -1).matchAll(/\\.|./gsu)].map((match) => match[0])
  const members: Member[] = []
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '[' || inside[i] === '&') return undefined // nested and intersected classes
    const range = inside[i + 1] === '-' && i + 2 < inside.length
    const member = range ? between(inside[i]!, inside[i + 2]!) : single(inside[i]!)
    if (member === undefined) return undefined
    members.push(member)
    if (range) i += 2
  }
  const any: Member = (code) => members.some((member) => member(code))
  return negated ? (code) => !any(code) : any
}

function between(first: string, last: string): Member | undefined {
  const [low, high] = [literal(first), literal(last)]
  return low === undefined || high === undefined || low > high ? undefined : (code) => code >= low && code <= high
}

function single(atom: string): Member | undefined {
  if (atom === '\\s') return isWhitespace
  if (atom === '\\S') return (code) => !isWhitespace(code)
  const wanted = literal(atom)
  return wanted === undefined ? undefined : (code) => code === wanted
}

const CONTROLS: { readonly [letter: string]: number } = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b }

/** The character that an atom stands for: itself, or escaped if it has a meaning otherwise. */
function literal(atom: string): number | undefined {
  if (!atom.startsWith('\\')) return atom.codePointAt(0)
  const escaped = atom.slice(1)
  if (/[A-Za-z0-9]/.test(escaped)) return CONTROLS[escaped]
  return escaped.codePointAt(0)
}

function unsupported(where: string, source: string): never {
  throw new TokenizerError(
    'tokenizer-unsupported',
    `${where} is ${JSON.stringify(source)}; supported are a text of at least one character, or a regular expression of one character or class with or without a count`,
  )
}
