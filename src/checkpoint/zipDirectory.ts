// The directory of a ZIP archive whose entries are stored as they are, which is how PyTorch writes them: where each
// entry's bytes lie in the file. The format: PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3 (ZIP64).

import type { ByteSource } from './byteSource.js'
import type { CheckpointError } from './error.js'
import { shown } from './error.js'

/** What the end of the archive may claim: a directory of some 50,000 entries. */
const LONGEST_DIRECTORY = 4_000_000

const [LOCAL_HEADER, DIRECTORY_ENTRY, END, END_64, END_64_LOCATOR] = [
  0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50,
]
/** Bytes of the fixed part of each. */
const [LOCAL_SIZE, ENTRY_SIZE, END_SIZE, END_64_SIZE, LOCATOR_SIZE] = [30, 46, 22, 56, 20]
const LONGEST_COMMENT = 0xffff

/** An entry as the directory describes it. */
export interface ZipEntry {
  readonly name: string
  readonly crc32: number
  readonly byteLength: number
  /** Where its local header begins, and the next thing after its data. */
  readonly headerOffset: number
  readonly limit: number
}

/** Makes the error for what is wrong. */
export type Malformed = (problem: string, code?: 'file-truncated') => CheckpointError

/**
 * Reads a ZIP archive's directory. Entries that are compressed, encrypted, overlapping or of one name are refused.
 *
 * @param source the archive
 * @param malformed makes the error that is thrown
 * @returns the entries by name, in file order
 * @example
 * const problem = (text: string) => new CheckpointError('file-malformed', text)
 * const entries = await readZipDirectory(bytesSource(new Uint8Array(100)), problem) // rejects: no archive
 */
export async function readZipDirectory(source: ByteSource, malformed: Malformed): Promise<Map<string, ZipEntry>> {
  const { start, length, count } = await findDirectory(source, malformed)
  if (length > LONGEST_DIRECTORY) throw malformed(`its directory claims ${length} bytes`)
  const bytes = await source.slice(start, start + length)
  const entries: Omit<ZipEntry, 'limit'>[] = []
  for (let at = 0; at < length; ) {
    const { entry, end } = parseEntry(bytes, at, malformed)
    entries.push(entry)
    at = end
  }
  if (entries.length !== count) throw malformed(`its directory has ${entries.length} entries, but claims ${count}`)
  return withLimits(entries, start, malformed)
}

/**
 * Where an entry's data begins in the file: behind its local header, which may be padded.
 *
 * @throws what `malformed` makes, if the header there is not this entry's or the data runs into the next one
 * @example
 * const problem = (text: string) => new CheckpointError('file-malformed', text)
 * const archive = (await (await openFolder('models/spanbert')).open('pytorch_model.bin'))!
 * for (const entry of (await readZipDirectory(archive, problem)).values()) {
 *   console.log(entry.name, await zipDataOffset(archive, entry, problem))
 * }
 */
export async function zipDataOffset(source: ByteSource, entry: ZipEntry, malformed: Malformed): Promise<number> {
  const { name, headerOffset, limit, byteLength } = entry
  const nameBytes = new TextEncoder().encode(name)
  const bytes = await source.slice(headerOffset, Math.min(headerOffset + LOCAL_SIZE + nameBytes.length, limit))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isHeader =
    bytes.length === LOCAL_SIZE + nameBytes.length &&
    view.getUint32(0, true) === LOCAL_HEADER &&
    view.getUint16(8, true) === 0 &&
    view.getUint16(26, true) === nameBytes.length &&
    nameBytes.every((byte, i) => byte === bytes[LOCAL_SIZE + i])
  if (!isHeader) throw malformed(`its entry ${shown(name)} is not where its directory says`)
  const offset = headerOffset + LOCAL_SIZE + nameBytes.length + view.getUint16(28, true)
  if (offset + byteLength > limit) throw malformed(`its entry ${shown(name)} overlaps what follows it`)
  return offset
}

interface DirectoryPlace {
  readonly start: number
  readonly length: number
  readonly count: number
}

/** The record at the very end, and before it the one with 64-bit numbers, which then counts. */
async function findDirectory(source: ByteSource, malformed: Malformed): Promise<DirectoryPlace> {
  const size = source.byteLength
  const tailStart = Math.max(0, size - END_SIZE - LONGEST_COMMENT - LOCATOR_SIZE)
  const tail = await source.slice(tailStart, size)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  let at = tail.length - END_SIZE
  const isEnd = (): boolean =>
    view.getUint32(at, true) === END && view.getUint16(at + 20, true) === tail.length - at - 22
  while (at >= 0 && !isEnd()) at--
  if (at < 0) throw malformed('its end is missing, it may be cut off', 'file-truncated')
  const short = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  }
  const locator = at - LOCATOR_SIZE
  const isLong = locator >= 0 && view.getUint32(locator, true) === END_64_LOCATOR
  const end = isLong ? Number(view.getBigUint64(locator + 8, true)) : tailStart + at
  const place = isLong ? await readEnd64(source, end, tailStart + locator, malformed) : short
  const agree =
    [0xffff, place.count].includes(short.count) &&
    [0xffffffff, place.length].includes(short.length) &&
    [0xffffffff, place.start].includes(short.start)
  if (!agree) throw malformed('its two directories contradict each other')
  if (place.start + place.length !== end) throw malformed('its directory is not where it says')
  return place
}

async function readEnd64(source: ByteSource, at: number, end: number, malformed: Malformed): Promise<DirectoryPlace> {
  if (at + END_64_SIZE !== end) throw malformed('its directory is not where it says')
  const bytes = await source.slice(at, end)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length !== END_64_SIZE || view.getUint32(0, true) !== END_64) {
    throw malformed('its directory is not where it says')
  }
  const number = (offset: number): number => Number(view.getBigUint64(offset, true))
  return { count: number(32), length: number(40), start: number(48) }
}

function parseEntry(
  bytes: Uint8Array,
  at: number,
  malformed: Malformed,
): { entry: Omit<ZipEntry, 'limit'>; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (at + ENTRY_SIZE > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
    throw malformed('its directory is damaged')
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true))
  const extraStart = at + ENTRY_SIZE + nameLength!
  const end = extraStart + extraLength! + commentLength!
  if (end > bytes.length) throw malformed('its directory is damaged')
  const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_SIZE, extraStart))
  if ((view.getUint16(at + 8, true) & 1) !== 0) throw malformed(`its entry ${shown(name)} is encrypted`)
  if (view.getUint16(at + 10, true) !== 0) {
    throw malformed(`its entry ${shown(name)} is compressed, which PyTorch never does`)
  }
  const [byteLength, packedLength, headerOffset] = wideFields(
    new DataView(bytes.buffer, bytes.byteOffset + extraStart, extraLength),
    [24, 20, 42].map((field) => view.getUint32(at + field, true)),
  )
  if (byteLength === undefined || byteLength !== packedLength || headerOffset === undefined) {
    throw malformed(`its directory contradicts itself about ${shown(name)}`)
  }
  return { entry: { name, crc32: view.getUint32(at + 16, true), byteLength, headerOffset }, end }
}

/** Fields of 32 bits, each of which may say (with all bits set) that its number stands in the ZIP64 extra field. */
function wideFields(extra: DataView, fields: readonly number[]): (number | undefined)[] {
  let next = 0
  let end = 0
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue
    next = at + 4
    end = Math.min(next + extra.getUint16(at + 2, true), extra.byteLength)
    break
  }
  return fields.map((field) => {
    if (field !== 0xffffffff) return field
    if (next + 8 > end) return undefined
    next += 8
    return Number(extra.getBigUint64(next - 8, true))
  })
}

function withLimits(
  entries: readonly Omit<ZipEntry, 'limit'>[],
  directoryStart: number,
  malformed: Malformed,
): Map<string, ZipEntry> {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset)
  const result = new Map<string, ZipEntry>()
  for (const [i, entry] of sorted.entries()) {
    const { name, headerOffset, byteLength } = entry
    const limit = sorted[i + 1]?.headerOffset ?? directoryStart
    if (headerOffset + LOCAL_SIZE + byteLength > limit) {
      throw malformed(`its entry ${shown(name)} overlaps what follows it, or ends beyond the file`)
    }
    if (result.has(name)) throw malformed(`it has two entries ${shown(name)}`)
    result.set(name, { ...entry, limit })
  }
  return result
}
