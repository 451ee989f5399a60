// Parquet files, as Hugging Face's hub keeps data sets, one row group at a time.

import { type FileHandle, open } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import * as zlib from 'node:zlib'
import type { AsyncBuffer, FileMetaData } from 'hyparquet'
import { unreadable } from '../listTextFiles.node.js'
import { isObject } from './jsonRows.js'
import { DatasetError } from './place.js'
import type { Row } from './row.js'

/** The codecs that Node brings; Snappy and no compression at all are hyparquet's own. */
type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array

/** A page is some megabytes at most; a header that claims more is wrong. */
const MAX_PAGE_BYTES = 2 ** 30

/**
 * Reads a parquet file row by row; a place is the row's number, from 1. Integers come as numbers, text as text, lists as
 * arrays, structs as objects. Names of integer labels (ClassLabel features) are taken from Hugging Face's metadata.
 *
 * Pages may be uncompressed or compressed by Snappy, gzip, Brotli, and Zstandard where Node has it (22.15 and later).
 *
 * @throws DatasetError 'data-malformed' for what is not parquet, is cut off or contradicts itself; 'data-empty' for no rows;
 *   BertkinError 'text-missing' if the file cannot be read
 * @example
 * for await (const { place, fields } of parquetRows('train.parquet')) console.log(place.item, fields.get('label'))
 */
export async function* parquetRows(path: string): AsyncGenerator<Row> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    // Loaded where it is needed: most runs read no parquet.
    const { parquetScan } = await import('hyparquet')
    const file = await asyncBuffer(handle, path)
    const compressors = { GZIP: inflate(zlib.gunzipSync), BROTLI: inflate(zlib.brotliDecompressSync), ...zstandard() }
    const options = { file, compressors, parsers: { stringFromBytes }, useOffsetIndex: false, geoparquet: false }
    const { metadata, ranges, readColumn } = await parquetScan(options).catch((error) => malformed(path, error))
    const columns = columnsOf(metadata)
    const labelNames = declaredLabels(metadata)
    for (const { rowStart, rowEnd } of ranges) {
      const data = await Promise.all(
        columns.map((column) =>
          readColumn({ column, rowStart, rowEnd }).catch((error) => malformed(path, error, column)),
        ),
      )
      columns.forEach((column, i) => {
        if (data[i]!.length === rowEnd - rowStart) return
        malformed(path, new Error(`${data[i]!.length} of ${rowEnd - rowStart} values are there`), column)
      })
      for (let i = 0; i < rowEnd - rowStart; i++) {
        const fields = new Map(columns.map((column, c) => [column, plain(data[c]![i])]))
        yield { place: { file: path, item: `row ${rowStart + i + 1}` }, fields, labelNames }
      }
    }
  } finally {
    await handle.close()
  }
}

/** Reads of the file that refuse to leave it: offsets in the file are not to be trusted. */
async function asyncBuffer(handle: FileHandle, path: string): Promise<AsyncBuffer> {
  const fail = (error: unknown): never => {
    throw unreadable(path, error)
  }
  const { size: byteLength } = await handle.stat().catch(fail)
  if (byteLength < 12) throw new DatasetError('data-malformed', 'not a parquet file: it is too short.', { file: path })
  return {
    byteLength,
    async slice(start, end = byteLength) {
      if (!(start >= 0 && end >= start && end <= byteLength)) {
        throw new Error(`bytes ${start} to ${end} are outside the file, which has ${byteLength}`)
      }
      const bytes = new Uint8Array(end - start)
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done).catch(fail)
        if (bytesRead === 0) throw new Error('the file became shorter while it was read')
        done += bytesRead
      }
      return bytes.buffer
    },
  }
}

function columnsOf({ schema }: FileMetaData): string[] {
  // The schema is a tree written depth first: the root, then each of its children followed by their own.
  const columns: string[] = []
  let next = 1
  const skip = (): void => {
    const { num_children = 0 } = schema[next++]!
    for (let i = 0; i < num_children; i++) skip()
  }
  for (let i = 0; i < (schema[0]?.num_children ?? 0); i++) {
    columns.push(schema[next]!.name)
    skip()
  }
  return columns
}

function malformed(path: string, error: unknown, column?: string): never {
  if (error instanceof DatasetError || (error instanceof Error && error.name === 'BertkinError')) throw error
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
const stringFromBytes = (bytes: Uint8Array | undefined): string | undefined => bytes && decoder.decode(bytes)

function inflate(run: (input: Uint8Array, options: { maxOutputLength: number }) => Buffer): Decompress {
  return (input, outputLength) => {
    if (!(outputLength >= 0 && outputLength <= MAX_PAGE_BYTES)) throw new Error(`a page claims ${outputLength} bytes`)
    return new Uint8Array(run(input, { maxOutputLength: Math.max(1, outputLength) }))
  }
}

function zstandard(): { ZSTD?: Decompress } {
  const run: unknown = Reflect.get(zlib, 'zstdDecompressSync')
  return typeof run === 'function' ? { ZSTD: inflate(run as Parameters<typeof inflate>[0]) } : {}
}

/** Values as JSON would have them: 64-bit integers as numbers, typed arrays as lists. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (ArrayBuffer.isView(value)) return value instanceof Uint8Array ? value : [...(value as Int32Array)]
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
