// SQuAD's own layout, versions 1.1 and 2.0: articles, paragraphs, questions (https://rajpurkar.github.io/SQuAD-explorer).

import type { DataFile } from './dataFile.js'
import { arrayRows, isJsonLines, isObject, jsonLineRows, type OpenedJson, openJson } from './jsonRows.js'
import type { JsonPath } from './jsonSyntax.js'
import { DatasetError } from './place.js'
import { describeValue, listNames, type Row } from './row.js'

/** data → article → paragraphs → paragraph → qas → question */
const DEPTH_OF_QUESTIONS = 6

/**
 * Reads SQuAD's JSON: one row a question, with the columns id, title, context, question, answers (as in the file) and, in
 * version 2.0, is_impossible. What the columns hold is checked where they become examples.
 *
 * @throws DatasetError 'data-malformed' with line and path, for what is not JSON and for anything in the layout that is
 *   missing or of another type
 * @example
 * for await (const { fields } of squadRows(memoryFile('dev.json', '{"data": []}'))) console.log(fields.get('question'))
 */
export async function* squadRows(file: DataFile): AsyncGenerator<Row> {
  yield* questionRows(openJson(file.name, await file.text(), DEPTH_OF_QUESTIONS))
}

/** Any JSON file by what is in it: SQuAD's layout, JSON lines, or an array of objects. */
export async function* anyJsonRows(file: DataFile, options: { readonly field?: string } = {}): AsyncGenerator<Row> {
  const text = await file.text()
  if (isJsonLines(text)) {
    yield* jsonLineRows(file)
    return
  }
  const json = openJson(file.name, text, DEPTH_OF_QUESTIONS)
  if (options.field === undefined && isSquad(json.value)) yield* questionRows(json)
  else yield* arrayRows(json, options.field)
}

/** Whether a parsed JSON text has SQuAD's layout. */
function isSquad(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.data)) return false
  const [first] = value.data as readonly unknown[]
  return isObject(first) && 'paragraphs' in first
}

function* questionRows(json: OpenedJson): Generator<Row> {
  if (!isObject(json.value)) throw unexpected(json, [], 'an object with "data"', json.value)
  for (const [articlePath, article] of elements(json, [], json.value, 'data')) {
    for (const [paragraphPath, paragraph] of elements(json, articlePath, article, 'paragraphs')) {
      if (typeof paragraph.context !== 'string') {
        throw unexpected(json, [...paragraphPath, 'context'], 'the text "context"', paragraph.context)
      }
      for (const [path, question] of elements(json, paragraphPath, paragraph, 'qas')) {
        const fields = new Map<string, unknown>(Object.entries(question))
        fields.set('context', paragraph.context)
        if (typeof article.title === 'string') fields.set('title', article.title)
        yield { place: json.placeOf(path), fields }
      }
    }
  }
}

/** The objects of the array `parent[key]`, each with its path. */
function* elements(
  json: OpenedJson,
  parentPath: JsonPath,
  parent: Readonly<Record<string, unknown>>,
  key: string,
): Generator<[JsonPath, Readonly<Record<string, unknown>>]> {
  const array = Object.hasOwn(parent, key) ? parent[key] : undefined
  if (!Array.isArray(array)) {
    const keys = array === undefined ? ` beside ${listNames(Object.keys(parent))}` : ''
    throw unexpected(json, [...parentPath, key], `the array "${key}"${keys}`, array)
  }
  for (let i = 0; i < array.length; i++) {
    const path = [...parentPath, key, i]
    const element: unknown = array[i]
    if (!isObject(element)) throw unexpected(json, path, 'an object', element)
    yield [path, element]
  }
}

const unexpected = (json: OpenedJson, path: JsonPath, expected: string, found: unknown): DatasetError =>
  new DatasetError(
    'data-malformed',
    `expected ${expected}, found ${describeValue(found)}. SQuAD's layout is data[].paragraphs[].qas[].`,
    json.placeOf(path),
  )
