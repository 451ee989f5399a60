// Comma- and tab-separated values by RFC 4180: quoted fields may hold separators, quotes (doubled) and line breaks.
// Strict where guessing would shift columns: what follows a closing quote, how many fields a line has.

import type { DataFile, Line } from './dataFile.js'
import { DatasetError, type Place } from './place.js'
import { excerpt, listNames, type Row } from './row.js'

/** How a csv file is written. */
export interface CsvOptions {
  /** One character; default a comma, and a tab where a file is called `.tsv`. */
  readonly delimiter?: string
  /** One character, or '' for files that use no quoting and have quotes in their text (GLUE's tsv files); default `"`. */
  readonly quote?: string
  /** Names for the columns of a file that has no header line. By default the first line names them. */
  readonly header?: readonly string[]
}

/** Longer than any example; a quote that is never closed would otherwise swallow the file. */
const MAX_RECORD_LENGTH = 2 ** 24

/**
 * Reads csv or tsv row by row; every value is text. Lines that are empty are skipped. A quote inside a field that does
 * not begin with one is an ordinary character. Columns without a name are left out.
 *
 * @throws DatasetError 'data-malformed' with the line where a record begins, for a record with more or fewer fields than
 *   there are columns, text after a closing quote, a quote that is never closed, a carriage return in an unquoted field,
 *   a column name that occurs twice; 'option-invalid' for a delimiter or quote that is not one character
 * @example
 * const file = memoryFile('train.csv', 'text,label\n"Well, well",good\n')
 * for await (const { place, fields } of csvRows(file)) console.log(place.line, fields.get('label'))
 */
export async function* csvRows(file: DataFile, options: CsvOptions = {}): AsyncGenerator<Row> {
  const { delimiter = ',', quote = '"' } = options
  assertCharacters(delimiter, quote)
  let columns = options.header
  for await (const { fields, place } of records(file, delimiter, quote)) {
    if (columns === undefined) {
      columns = fields
      assertDistinct(columns, place)
    } else {
      if (fields.length !== columns.length) throw wrongCount(fields, columns, place, quote, delimiter)
      const values = new Map<string, unknown>()
      for (let i = 0; i < columns.length; i++) if (columns[i] !== '') values.set(columns[i]!, fields[i])
      yield { place, fields: values }
    }
  }
}

interface CsvRecord {
  readonly fields: readonly string[]
  readonly place: Place
}

/** A record being read, which may go over several lines. */
interface OpenRecord {
  readonly fields: string[]
  readonly place: Place
  /** The text so far of a quoted field that is still open, in pieces, and the line of its quote. */
  open?: { readonly pieces: string[]; readonly line: number }
  length: number
}

async function* records(file: DataFile, delimiter: string, quote: string): AsyncGenerator<CsvRecord> {
  let record: OpenRecord | undefined
  for await (const line of file.lines()) {
    if (record === undefined && (line.text === '' || line.text === '\r')) continue
    record ??= { fields: [], place: { file: file.name, line: line.number }, length: 0 }
    record.length += line.text.length + 1
    readLine(record, line, delimiter, quote)
    if (record.open !== undefined) {
      if (record.length > MAX_RECORD_LENGTH) throw neverClosed(file.name, record.open.line)
      continue
    }
    yield record
    record = undefined
  }
  if (record?.open !== undefined) throw neverClosed(file.name, record.open.line)
}

/** Reads one line's fields into the record; leaves `open` set if the line ends inside quotes. */
function readLine(record: OpenRecord, { text, number }: Line, delimiter: string, quote: string): void {
  const end = text.endsWith('\r') ? text.length - 1 : text.length
  record.open?.pieces.push('\n')
  for (let at = 0; ; ) {
    const quoted = record.open !== undefined || (quote !== '' && at < end && text[at] === quote)
    const next = quoted ? readQuoted(record, text, at, number, quote) : readPlain(record, text, at, end, delimiter)
    if (next === undefined || next >= end) return
    if (text[next] !== delimiter) {
      const found = excerpt(JSON.stringify(text.slice(next, end)), 20)
      throw new DatasetError(
        'data-malformed',
        `after a closing quote comes ${found}, not a ${nameOf(delimiter)} or the line's end. Double the quotes inside ` +
          "a quoted field; if the file does not use quoting at all, set quote: ''.",
        { file: record.place.file, line: number },
      )
    }
    at = next + 1
  }
}

/** Where the field ends. */
function readPlain(record: OpenRecord, text: string, at: number, end: number, delimiter: string): number {
  const found = text.indexOf(delimiter, at)
  const stop = found === -1 || found > end ? end : found
  const field = text.slice(at, stop)
  if (field.includes('\r')) {
    throw new DatasetError(
      'data-malformed',
      'a carriage return stands inside a field that is not quoted. Write line ends as \\n or \\r\\n, or quote the field.',
      record.place,
    )
  }
  record.fields.push(field)
  return stop
}

/** Where the closing quote's successor is; undefined if the line ends before it. */
function readQuoted(record: OpenRecord, text: string, at: number, line: number, quote: string): number | undefined {
  let from = record.open === undefined ? at + 1 : at
  record.open ??= { pieces: [], line }
  for (;;) {
    const close = text.indexOf(quote, from)
    if (close === -1) {
      record.open.pieces.push(text.slice(from))
      return undefined
    }
    const doubled = text[close + 1] === quote
    record.open.pieces.push(text.slice(from, doubled ? close + 1 : close))
    if (!doubled) {
      record.fields.push(record.open.pieces.join(''))
      delete record.open
      return close + 1
    }
    from = close + 2
  }
}

function assertCharacters(delimiter: string, quote: string): void {
  if (delimiter.length !== 1 || quote.length > 1 || /[\r\n]/.test(delimiter + quote) || delimiter === quote) {
    throw new DatasetError(
      'option-invalid',
      `delimiter ${JSON.stringify(delimiter)} and quote ${JSON.stringify(quote)}: each must be one character, not the ` +
        "same and no line end (the quote may be '').",
    )
  }
}

function assertDistinct(columns: readonly string[], place: Place): void {
  const seen = new Set<string>()
  for (const name of columns) {
    if (name !== '' && seen.has(name)) {
      throw new DatasetError(
        'data-malformed',
        `the column ${excerpt(JSON.stringify(name))} occurs twice in the header line. Rename one; if the file has no ` +
          'header line, name its columns in the option header.',
        place,
      )
    }
    seen.add(name)
  }
}

function wrongCount(
  fields: readonly string[],
  columns: readonly string[],
  place: Place,
  quote: string,
  delimiter: string,
): DatasetError {
  const hint =
    fields.length > columns.length
      ? `Quote fields that contain a ${nameOf(delimiter)}${quote === '' ? ' (and set a quote character)' : ''}.`
      : `Check the line${quote === '' ? '' : ', and the quotes in it and above it'}.`
  return new DatasetError(
    'data-malformed',
    `expected ${columns.length} fields (${listNames(columns, 6)}), found ${fields.length}. ${hint}`,
    place,
  )
}

const neverClosed = (file: string, line: number): DatasetError =>
  new DatasetError(
    'data-malformed',
    "the quote that opens a field here is never closed. Close it; if the file does not use quoting, set quote: ''.",
    { file, line },
  )

const nameOf = (delimiter: string): string =>
  delimiter === ',' ? 'comma' : delimiter === '\t' ? 'tab' : JSON.stringify(delimiter)
