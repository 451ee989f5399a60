// What the tests of labelled data share.

import { type DataFile, memoryFile } from '../dataFile.js'
import type { Row } from '../row.js'

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** The rows of a text, as arrays of [column, value]. */
export async function fieldsOf(
  read: (file: DataFile) => AsyncIterable<Row>,
  text: string,
): Promise<[string, unknown][][]> {
  return (await all(read(memoryFile('data', text)))).map(({ fields }) => [...fields])
}

/** Rows made by hand. */
export const rowsOf = (...objects: Readonly<Record<string, unknown>>[]): Row[] =>
  objects.map((object, i) => ({ place: { file: 'data', line: i + 1 }, fields: new Map(Object.entries(object)) }))

/** What `run` is rejected with. */
export async function errorOf(run: Promise<unknown> | (() => unknown)): Promise<Error> {
  try {
    await (typeof run === 'function' ? run() : run)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
