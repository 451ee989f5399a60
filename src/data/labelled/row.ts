// What every format is read into: rows of named values with their place. A row is a Map, so that a column may be named
// `__proto__` and be nothing but a column.

import { DatasetError, type Place } from './place.js'

/** One record of a data set: its columns by name, as the file has them (csv has text only), and where it stands. */
export interface Row {
  readonly place: Place
  readonly fields: ReadonlyMap<string, unknown>
  /** Names of integer labels by column, where the file declares them (Hugging Face's parquet files do). */
  readonly labelNames?: ReadonlyMap<string, readonly string[]>
  /** The line of every word, where the format has one a line. */
  readonly lines?: readonly number[]
}

/**
 * A value for a message: its type, and how it begins.
 *
 * @example
 * describeValue(12) // 'the number 12'
 */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${excerpt(JSON.stringify(value))}`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object') return value instanceof Uint8Array ? `${value.length} bytes` : 'an object'
  return `the ${typeof value} ${String(value)}`
}

/** A text cut to what fits into a message. */
export const excerpt = (text: string, length = 40): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`

/** Names for a message: quoted, the first few, and how many there are. */
export function listNames(names: Iterable<string>, most = 12): string {
  const all = [...names]
  const shown = all.slice(0, most).map((name) => excerpt(JSON.stringify(name)))
  return all.length > most ? `${shown.join(', ')}, … (${all.length} in all)` : shown.join(', ')
}

/** A row's text in a column. */
export function textOf(row: Row, column: string): string {
  const value = row.fields.get(column)
  if (typeof value === 'string') return value
  throw wrongValue(row, column, 'text', value)
}

/** The error for a value of another type than the column should have. */
export function wrongValue(row: Row, column: string, expected: string, value: unknown): DatasetError {
  if (value === undefined && !row.fields.has(column)) {
    return new DatasetError(
      'column-missing',
      `there is no ${JSON.stringify(column)} here; ${columnsHint(row)}.`,
      row.place,
    )
  }
  const message = `${JSON.stringify(column)} should be ${expected}, but is ${describeValue(value)}.`
  return new DatasetError('data-malformed', message, row.place)
}

/** What a row has instead of the columns looked for. */
export function columnsHint(row: Row): string {
  const names = [...row.fields.keys()]
  return names.length === 0 ? 'it has no columns' : `the columns are ${listNames(names)}`
}
