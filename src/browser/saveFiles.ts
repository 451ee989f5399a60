// From a page to a disk: the files of a checkpoint in a directory that somebody has opened, or in one zip for download.

import { CheckpointError, type FileSet } from '../checkpoint/index.js'

/**
 * Writes files below a directory that was opened with `showDirectoryPicker({ mode: 'readwrite' })`. Each is there whole or
 * not at all.
 *
 * @throws {CheckpointError} `file-write` if the browser or the disk refuses
 *
 * @example
 * const { files } = await new BrowserWorker().pretrain('Tom has a dog.').result
 * await saveToDirectory(await navigator.storage.getDirectory(), files)
 */
export async function saveToDirectory(directory: FileSystemDirectoryHandle, { files }: FileSet): Promise<void> {
  for (const [name, blob] of Object.entries(files)) {
    try {
      const parts = name.split('/')
      const fileName = parts.pop()!
      let folder = directory
      for (const part of parts) folder = await folder.getDirectoryHandle(part, { create: true })
      const stream = await (await folder.getFileHandle(fileName, { create: true })).createWritable()
      await stream.write(blob)
      await stream.close()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new CheckpointError('file-write', `Cannot write ${directory.name}/${name}: ${reason}.`, { cause })
    }
  }
}

/**
 * One zip of the files, not compressed (weights hardly can be), in a folder of the set's name.
 *
 * @throws {CheckpointError} `file-write` for 4 GB and more, which this form of zip cannot hold
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * @example
 * const { files } = await new BrowserWorker().pretrain('Tom has a dog.').result
 * const link = Object.assign(document.createElement('a'), { download: 'my-model.zip' })
 * link.href = URL.createObjectURL(await zipOf(files))
 * link.click()
 */
export async function zipOf({ name: folder, files }: FileSet): Promise<Blob> {
  const parts: BlobPart[] = []
  const directory: BlobPart[] = []
  let offset = 0
  const entries = Object.entries(files)
  for (const [name, blob] of entries) {
    if (offset + blob.size > LARGEST) {
      throw new CheckpointError('file-write', `${folder} is too large for a zip: save it to a directory instead.`)
    }
    const path = new TextEncoder().encode(`${folder.replace(/[\\/:*?"<>|]/g, '-')}/${name}`)
    // Version 2.0, names in UTF-8, stored, 1980-01-01: a zip of the same files is the same.
    const shared = [20, 0x0800, 0, 0, 0x0021]
    const sizes = [await crc32(blob), blob.size, blob.size]
    parts.push(record(0x04034b50, shared, sizes, [path.length, 0]), path, blob)
    directory.push(record(0x02014b50, [20, ...shared], sizes, [path.length, 0, 0, 0, 0, 0, 0], [offset]), path)
    offset += 30 + path.length + blob.size
  }
  const directorySize = new Blob(directory).size
  const end = record(0x06054b50, [0, 0, entries.length, entries.length], [directorySize, offset], [0])
  return new Blob([...parts, ...directory, end], { type: 'application/zip' })
}

const LARGEST = 2 ** 32 - 2 ** 24

/** A signature, then numbers of two and of four bytes in turn. */
function record(signature: number, ...runs: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const widths = runs.flatMap((run, i) => run.map(() => (i % 2 === 0 ? 2 : 4)))
  const view = new DataView(new ArrayBuffer(4 + widths.reduce((sum, width) => sum + width, 0)))
  view.setUint32(0, signature, true)
  let at = 4
  for (const [i, value] of runs.flat().entries()) {
    if (widths[i] === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += widths[i]!
  }
  return new Uint8Array(view.buffer)
}

/** So much is read at once: a page does not stop for it. */
const SLICE = 2 ** 21

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** Zip's checksum, of ISO 3309. */
async function crc32(blob: Blob): Promise<number> {
  let crc = 0xffffffff
  for (let start = 0; start < blob.size; start += SLICE) {
    const bytes = new Uint8Array(await blob.slice(start, start + SLICE).arrayBuffer())
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  }
  return (crc ^ 0xffffffff) >>> 0
}
