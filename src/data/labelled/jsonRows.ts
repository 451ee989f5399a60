// Data sets in JSON: one object a line, or one text with an array of objects in it.

import type { DataFile } from './dataFile.js'
import { type JsonPath, jsonFault } from './jsonSyntax.js'
import { DatasetError, type Place } from './place.js'
import { describeValue, listNames, type Row } from './row.js'

/** From this length on the walk comes first, so that JSON.parse never meets absurd nesting. */
const LONG_LINE = 2 ** 16

/**
 * Reads JSON lines: an object a line, its keys being the columns. Lines of white space are skipped.
 *
 * @throws DatasetError 'data-malformed' with the line, for what is not JSON or not an object
 * @example
 * const file = memoryFile('train.jsonl', '{"text": "fine", "label": "good"}\n')
 * for await (const { fields } of jsonLineRows(file)) console.log(fields.get('label'))
 */
export async function* jsonLineRows(file: DataFile): AsyncGenerator<Row> {
  for await (const { number, text } of file.lines()) {
    if (text.trim() === '') continue
    const place = { file: file.name, line: number }
    yield { place, fields: objectFields(parseJsonLine(text, place), place) }
  }
}

function parseJsonLine(text: string, place: Place): unknown {
  const fault = text.length < LONG_LINE ? undefined : jsonFault(text)
  if (fault === undefined) {
    try {
      return JSON.parse(text)
    } catch {
      // The walk below says where and what.
    }
  }
  const { offset, message } = fault ?? jsonFault(text)!
  const hint = 'Every line must be one complete JSON object.'
  throw new DatasetError('data-malformed', `not JSON: column ${offset + 1}: ${message}. ${hint}`, place)
}

/**
 * Reads a JSON text that is an array of objects, or an object that has one under the key `field`; the keys are the
 * columns. A file of JSON lines is read as such, whatever its name.
 *
 * @param options.field the key of the array; default 'data'
 * @throws DatasetError 'data-malformed' with line and column, for what is not JSON; with the line of the element, for one
 *   that is not an object; with the keys there are, if there is no array
 * @example
 * const file = memoryFile('train.json', '[{"text": "fine", "label": "good"}]')
 * for await (const { place, fields } of jsonRows(file)) console.log(place.line, fields.get('label'))
 */
export async function* jsonRows(file: DataFile, options: { readonly field?: string } = {}): AsyncGenerator<Row> {
  const text = await file.text()
  if (isJsonLines(text)) yield* jsonLineRows(file)
  else yield* arrayRows(openJson(file.name, text), options.field)
}

/** The objects of a parsed text that is an array or has one under `field`. */
export function* arrayRows(json: OpenedJson, field: string | undefined): Generator<Row> {
  const { value } = json
  const under = Array.isArray(value) ? undefined : (field ?? 'data')
  const array = under === undefined ? value : isObject(value) && Object.hasOwn(value, under) ? value[under] : undefined
  if (!Array.isArray(array)) {
    const found = isObject(value) ? `an object with the keys ${listNames(Object.keys(value))}` : describeValue(value)
    throw new DatasetError(
      'data-malformed',
      `expected an array of objects, or an object with one under ${JSON.stringify(under)}; found ${found}. ` +
        'If the array is under another key, set the option field.',
      { file: json.name, line: 1 },
    )
  }
  for (let i = 0; i < array.length; i++) {
    const place = json.placeOf(under === undefined ? [i] : [under, i])
    yield { place, fields: objectFields(array[i], place) }
  }
}

/** A parsed JSON text that knows where its objects are. */
export interface OpenedJson {
  readonly name: string
  readonly value: unknown
  /** The line of an object or array by its path; of the nearest one around it where it is neither. */
  placeOf(path: JsonPath): Place
}

/** Parses a whole JSON text; of objects deeper than `depth`, the place is that of their parent at this depth. */
export function openJson(name: string, text: string, depth = 2): OpenedJson {
  const offsets = new Map<string, number>()
  const fault = jsonFault(text, (path, offset) => {
    if (path.length <= depth) offsets.set(pathName(path), offset)
  })
  const lineAt = lineFinder(text)
  if (fault !== undefined) {
    const { line, column } = lineAt(fault.offset)
    const hint = 'The file must be one complete JSON text, or one object a line.'
    throw new DatasetError('data-malformed', `not JSON: column ${column}: ${fault.message}. ${hint}`, {
      file: name,
      line,
    })
  }
  const placeOf = (path: JsonPath): Place => {
    let known = path
    while (known.length > 0 && !offsets.has(pathName(known))) known = known.slice(0, -1)
    return { file: name, line: lineAt(offsets.get(pathName(known)) ?? 0).line, item: pathName(path) }
  }
  return { name, value: JSON.parse(text) as unknown, placeOf }
}

/** `data[0].paragraphs[3]` */
function pathName(path: JsonPath): string {
  let name = ''
  for (const step of path) name += typeof step === 'number' ? `[${step}]` : name === '' ? step : `.${step}`
  return name
}

/** Line and column, both from 1, of an offset. */
function lineFinder(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return (offset) => {
    let low = 0
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >>> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - starts[low]! + 1 }
  }
}

/** Whether a text is JSON lines: its first line is a complete object, and there are more. */
export function isJsonLines(text: string): boolean {
  const start = text.search(/\S/)
  const newline = start === -1 || text[start] !== '{' ? -1 : text.indexOf('\n', start)
  if (newline === -1 || text.slice(newline, newline + 1000).trim() === '') return false
  return jsonFault(text.slice(start, newline)) === undefined
}

/** A JSON object, as opposed to an array or null. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function objectFields(value: unknown, place: Place): ReadonlyMap<string, unknown> {
  if (isObject(value)) return new Map(Object.entries(value))
  throw new DatasetError(
    'data-malformed',
    `expected an object with named columns, found ${describeValue(value)}.`,
    place,
  )
}
