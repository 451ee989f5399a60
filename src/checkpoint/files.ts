// What the rest of bertkin sees of a file system: folders of named files. files.node.ts and files.web.ts hold the two
// implementations; package.json's "imports" (#checkpoint/files) picks one.

import type { ByteSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import type { LocationOptions } from './hub.js'

/**
 * A checkpoint's folder, open for reading.
 *
 * @example
 * const folder = await openFolder('models/electra')
 * const config = parseConfig(await folder.readText('config.json') ?? '{}')
 */
export interface Folder {
  /** The folder as the user named it, for messages. */
  readonly name: string
  /**
   * Opens a file for random access; `undefined` if the folder has no such file.
   *
   * @param fileName relative to the folder, with `/` between parts; it cannot lead out of the folder
   * @throws CheckpointError `file-read` if the file is there but cannot be read
   */
  open(fileName: string): Promise<ByteSource | undefined>
  /**
   * Reads a whole UTF-8 file; `undefined` if the folder has no such file.
   *
   * @throws CheckpointError `file-read` if it cannot be read, `file-malformed` if it is not UTF-8
   */
  readText(fileName: string): Promise<string | undefined>
  /**
   * Only in Node: the absolute path of an existing file with every symbolic link resolved, as memory mapping needs it
   * (a Hugging Face cache is made of links).
   */
  path?(fileName: string): string
}

/** What a file to be written is made of: text (written as UTF-8), bytes, or bytes in pieces. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** The functions that `#checkpoint/files` offers on every platform. */
export interface FileSystem {
  openFolder(location: string): Promise<Folder>
  openCheckpoint(location: string, options?: LocationOptions): Promise<Folder>
  writeFileAtomically(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>
  writeFolderAtomically(path: string, files: Readonly<Record<string, FileContent>>): Promise<void>
  recoverFolder(path: string): Promise<void>
  checkFolder(path: string): Promise<'checkpoint' | 'nothing'>
}

/** A folder whose texts are read through the same `open` as everything else. */
export const folderOf = (name: string, open: Folder['open']): Folder => ({
  name,
  open,
  async readText(fileName) {
    const source = await open(fileName)
    return source && textOf(source, `${name}/${fileName}`)
  },
})

/**
 * Whether a name stays inside its folder: relative, without `..`, empty parts, backslashes or NUL.
 *
 * @example
 * isInnerName('onnx/model.onnx') // true
 * isInnerName('../../etc/passwd') // false
 */
export function isInnerName(name: string): boolean {
  if (name.includes('\\') || name.includes('\0')) return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/**
 * Decodes UTF-8 strictly, without a leading byte order mark; `undefined` if the bytes are not UTF-8.
 *
 * @example
 * decodeUtf8(new Uint8Array([0xff])) // undefined
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The largest vocabularies take tens of megabytes; a file of weights under a text's name would fill the memory. */
const LONGEST_TEXT = 2 ** 28

/**
 * A whole file as text.
 *
 * @param name what messages call the file
 * @throws CheckpointError `file-malformed` if it is not UTF-8, or too long for a text; `file-read`
 * @example
 * await textOf(bytesSource(new TextEncoder().encode('{}')), 'config.json') // '{}'
 */
export async function textOf(source: ByteSource, name: string): Promise<string> {
  if (source.byteLength > LONGEST_TEXT) {
    const message = `${name} has ${source.byteLength} bytes, too many for a text: is it another file under this name?`
    throw new CheckpointError('file-malformed', message)
  }
  const text = decodeUtf8(await source.slice(0, source.byteLength))
  if (text === undefined)
    throw new CheckpointError('file-malformed', `${name} is not UTF-8 text: download or save it again.`)
  return text
}
