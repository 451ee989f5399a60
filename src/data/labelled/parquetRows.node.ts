// Parquet files, as Hugging Face's hub keeps data sets, one row group at a time.

import { open } from 'node:fs/promises'
import type { FileMetaData } from 'hyparquet'
import { unreadable } from '../listTextFiles.node.js'
import { isObject } from './jsonRows.js'
import { openParquetThread } from './parquetWorker.node.js'
import { DatasetError } from './place.js'
import type { Row } from './row.js'

/** Row groups are read as a whole; writers make them of a million rows at most unless told otherwise. */
const MAX_GROUP_ROWS = 2 ** 22
/** Of structs and lists within each other. */
const MAX_DEPTH = 64

/** Limits on reading parquet. */
export interface ParquetOptions {
  /** How long one column of one row group may take; a damaged file could take for ever. Default 300. */
  readonly seconds?: number
}

/**
 * Reads a parquet file row by row; a place is the row's number, from 1. Integers come as numbers, text as text, lists as
 * arrays, structs as objects. Names of integer labels (ClassLabel features) are taken from Hugging Face's metadata.
 *
 * Pages may be uncompressed or compressed by Snappy, gzip, Brotli, and Zstandard where Node has it (22.15 and later).
 * A row group is held in memory at a time.
 *
 * @throws DatasetError 'data-malformed' for what is not parquet, is cut off or contradicts itself, or a row group of more
 *   than 4,194,304 rows; BertkinError 'text-missing' if the file cannot be read
 * @example
 * for await (const { place, fields } of parquetRows('train.parquet')) console.log(place.item, fields.get('label'))
 */
export async function* parquetRows(path: string, { seconds = 300 }: ParquetOptions = {}): AsyncGenerator<Row> {
  await assertReadable(path)
  const thread = openParquetThread(path, seconds)
  try {
    const metadata = await thread.metadata().catch((error) => malformed(path, error))
    const columns = columnsOf(metadata, path)
    const labelNames = declaredLabels(metadata)
    let rowStart = 0
    for (const { num_rows } of metadata.row_groups) {
      const count = Number(num_rows)
      const data: unknown[][] = []
      for (const column of count === 0 ? [] : columns) {
        const values = await thread
          .column(column, rowStart, rowStart + count)
          .catch((error) => malformed(path, error, column))
        data.push(values)
      }
      for (let i = 0; i < count; i++) {
        const fields = new Map(columns.map((column, c) => [column, plain(data[c]![i])]))
        yield { place: { file: path, item: `row ${rowStart + i + 1}` }, fields, labelNames }
      }
      rowStart += count
    }
  } finally {
    await thread.close()
  }
}

async function assertReadable(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  await handle.close()
}

/** The paths of the leaves below a schema's root, in order. */
function leavesOf({ schema }: FileMetaData): string[][] | undefined {
  // The schema is a tree written depth first: the root, then each of its children followed by their own.
  const leaves: string[][] = []
  let next = 1
  const visit = (parent: readonly string[]): boolean => {
    const element = schema[next++]
    if (element === undefined || parent.length > MAX_DEPTH) return false
    const path = [...parent, element.name]
    if (!element.num_children) leaves.push(path)
    for (let i = 0; i < (element.num_children ?? 0); i++) if (!visit(path)) return false
    return true
  }
  for (let i = 0; i < (schema[0]?.num_children ?? 0); i++) if (!visit([])) return undefined
  return leaves
}

/**
 * The top-level columns. Row groups must have the schema's leaves in its order, as the format demands: what is read relies
 * on it, and in a damaged file it is what most often is not so.
 */
function columnsOf(metadata: FileMetaData, path: string): string[] {
  const leaves = leavesOf(metadata) ?? malformed(path, new Error('its schema is not a tree'))
  const expected = JSON.stringify(leaves)
  for (const { columns, num_rows } of metadata.row_groups) {
    const found = JSON.stringify(columns.map(({ meta_data }) => meta_data?.path_in_schema))
    if (found !== expected) malformed(path, new Error('a row group has other columns than the schema'))
    const count = Number(num_rows)
    if (!(count >= 0 && count <= MAX_GROUP_ROWS)) malformed(path, new Error(`a row group claims ${count} rows`))
  }
  const columns = leaves.map(([name]) => name!).filter((name, i) => name !== leaves[i - 1]?.[0])
  if (new Set(columns).size !== columns.length) malformed(path, new Error('two of its columns have the same name'))
  return columns
}

function malformed(path: string, error: unknown, column?: string): never {
  const what = error instanceof Error ? error.message : String(error)
  const codec = /codec: (\w+)/.exec(what)?.[1]
  const hint =
    codec === undefined
      ? 'It may be cut off: compare its size with the original, or download it again.'
      : `Write it anew with compression="snappy"${codec === 'ZSTD' ? ', or use Node 22.15 or later' : ''}.`
  const where = column === undefined ? '' : `, column ${JSON.stringify(column)}`
  throw new DatasetError(
    'data-malformed',
    `this parquet file cannot be read${where}: ${what}. ${hint}`,
    { file: path },
    { cause: error },
  )
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Old writers do not mark text as such. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return decoder.decode(bytes)
  } catch {
    return bytes
  }
}

/** Values as JSON would have them: 64-bit integers as numbers, typed arrays as lists. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return textOrBytes(value)
  if (ArrayBuffer.isView(value)) return [...(value as Int32Array)]
  if (!isObject(value) || value instanceof Date) return value
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, member] of Object.entries(value)) object[key] = plain(member)
  return object
}

/** What Hugging Face's `datasets` writes beside the data: the features, and in them the names of labels. */
function declaredLabels({ key_value_metadata = [] }: FileMetaData): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>()
  const text = key_value_metadata.find(({ key }) => key === 'huggingface')?.value
  for (const [column, feature] of Object.entries(featuresOf(text))) {
    const found = namesOf(feature, 0)
    if (found !== undefined) names.set(column, found)
  }
  return names
}

function featuresOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    const info = isObject(parsed) ? parsed.info : undefined
    return isObject(info) && isObject(info.features) ? info.features : {}
  } catch {
    return {} // somebody else's use of the key
  }
}

/** The names of a ClassLabel, or of a list of them. */
function namesOf(feature: unknown, depth: number): readonly string[] | undefined {
  if (!isObject(feature) || depth > 8) return undefined
  const { names, feature: inner } = feature
  if (feature._type !== 'ClassLabel') return namesOf(inner, depth + 1)
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined
}
