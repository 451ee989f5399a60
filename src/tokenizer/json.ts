// Reading JSON that somebody else wrote: every access says what it expected, so that a damaged or hostile file ends in
// one clear line instead of a crash far away.
import { TokenizerError } from './error.js'

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
/** A JSON object as parsed: nothing is known of its values yet. */
export type JsonObject = { readonly [key: string]: unknown }

/** Parses `text` as a JSON object. Throws `tokenizer-malformed`, naming `file`, when it is anything else. */
export function parseObject(file: string, text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (cause) {
    throw new TokenizerError('tokenizer-malformed', `${file} is not valid JSON; download or save it again`, { cause })
  }
  return asObject(file, value)
}

/** A place in a file; a function where there are so many that their names are made only for a message. */
export type Place = string | (() => string)

/** Throws `tokenizer-malformed`: at `where` stands something that is not `expected`. */
export function malformed(where: Place, expected: string, found: unknown): never {
  const shown = found === undefined ? 'nothing' : (JSON.stringify(found) ?? String(found))
  const short = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown
  throw new TokenizerError(
    'tokenizer-malformed',
    `${typeof where === 'string' ? where : where()} must be ${expected}, but holds ${short}`,
  )
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asObject(where: string, value: unknown): JsonObject {
  return isObject(value) ? value : malformed(where, 'an object', value)
}

/** An object's keys and values, one at a time: a vocabulary's, all in memory at once, are tens of megabytes. */
export function* entriesOf(json: JsonObject): Generator<readonly [key: string, value: unknown]> {
  for (const key of Object.keys(json)) yield [key, json[key]]
}

export function asArray(where: Place, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : malformed(where, 'a list', value)
}

export function asString(where: Place, value: unknown): string {
  return typeof value === 'string' ? value : malformed(where, 'a string', value)
}

/** A boolean, or `fallback` where the key is missing. */
export function asBoolean(where: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  return typeof value === 'boolean' ? value : malformed(where, 'true or false', value)
}

/** A whole number from 0 to 2^31 - 1: an id, a length, a count. */
export function asIndex(where: Place, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff) return value
  return malformed(where, 'a whole number from 0 to 2147483647', value)
}
