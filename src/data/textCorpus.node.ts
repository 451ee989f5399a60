// A corpus of text files, read in chunks: what is held in memory does not grow with the files, nor with their lines.

import { type FileHandle, open } from 'node:fs/promises'
import { BertkinError } from '../errors.js'
import type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'
import { cutLine } from './cutLine.js'
import { byteOrderMark, decodeText } from './decodeText.node.js'
import { listTextFiles, type TextFile, unreadable } from './listTextFiles.node.js'

/** Sizes in bytes; change them only to test with small ones, since a saved position counts on them. */
export interface TextCorpusOptions {
  /** How much is read at a time; default 262,144. */
  readonly chunkBytes?: number
  /** A longer line is cut at its last sentence end or space before this; default 16,384. */
  readonly maxLineBytes?: number
  /** A longer document is cut after the line (or piece of one) that reaches this; default 65,536. */
  readonly maxDocumentBytes?: number
}

const NEWLINE = 10
const EMPTY = Buffer.alloc(0)

/**
 * A corpus of UTF-8 text files. Every line is a sentence or a paragraph; blank lines and file ends separate documents.
 *
 * A byte order mark at a file's start is dropped, and so are carriage returns and other white space around lines. Lines
 * of any length are read in bounded memory, and long documents likewise: they are cut (see the options), and each
 * part counts as a document.
 *
 * @param paths files (any name) and folders (their `.txt` files, recursively, in the order of `listTextFiles`)
 * @returns a corpus whose `documents()` throws BertkinError 'text-not-utf8' or 'text-binary' with the file and byte
 *   offset, 'text-missing' if a file cannot be read, 'text-empty' if all the files hold nothing but white space, and
 *   'option-invalid' if the place to resume from is not in these files
 * @throws BertkinError 'text-missing' for a path that does not exist, 'text-empty' if there is no text file
 * @example
 * import { textCorpus } from 'bertkin/data'
 * const corpus = await textCorpus(['sample/stories.txt'])
 * for await (const { lines } of corpus.documents()) console.log(lines[0])
 */
export async function textCorpus(paths: readonly string[], options: TextCorpusOptions = {}): Promise<Corpus> {
  const files = await listTextFiles(paths)
  return {
    byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
    async *documents(from?: CorpusPosition): AsyncGenerator<CorpusDocument> {
      let document = from?.document ?? 0
      for (let i = from === undefined ? 0 : indexOfPosition(files, from); i < files.length; i++) {
        const { path } = files[i]!
        const start = path === from?.file ? from.offset : 0
        for await (const { lines, end } of documentsOfFile(path, start, options)) {
          document++
          yield { lines, position: { file: path, offset: end, document } }
        }
      }
      if (document === 0) throw new BertkinError('text-empty', `${paths.join(', ')}: there is no text in it.`)
    },
  }
}

function indexOfPosition(files: readonly TextFile[], { file, offset }: CorpusPosition): number {
  const index = files.findIndex(({ path }) => path === file)
  if (index === -1 || offset > files[index]!.byteLength) {
    throw new BertkinError(
      'option-invalid',
      `The saved position is at byte ${offset} of ${file}, which is not in this corpus. ` +
        'Resume with the same files, or start anew.',
    )
  }
  return index
}

interface FileDocument {
  readonly lines: string[]
  /** Byte offset right after the document. */
  readonly end: number
}

async function* documentsOfFile(path: string, from: number, options: TextCorpusOptions): AsyncGenerator<FileDocument> {
  const { chunkBytes = 262_144, maxLineBytes = 16_384, maxDocumentBytes = 65_536 } = options
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    let buffer: Buffer = EMPTY // read but not yet used
    let offset = from // where `buffer` begins in the file
    let lines: string[] = []
    let size = 0
    for (let atEnd = false; !atEnd; ) {
      const chunk = await readChunk(handle, path, offset + buffer.length, chunkBytes)
      atEnd = chunk.length === 0
      const atStart = offset === 0 && buffer.length === 0
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])

      let used = atStart ? byteOrderMark(buffer, path) : 0
      while (used < buffer.length) {
        const next = nextLine(buffer, used, atEnd, maxLineBytes, path, offset)
        if (next === undefined) break
        used += next.byteLength
        if (next.text !== '') {
          lines.push(next.text)
          size += next.byteLength
        }
        if (lines.length > 0 && ((next.text === '' && next.whole) || size >= maxDocumentBytes)) {
          yield { lines, end: offset + used }
          lines = []
          size = 0
        }
      }
      buffer = buffer.subarray(used)
      offset += used
    }
    if (lines.length > 0) yield { lines, end: offset }
  } finally {
    await handle.close()
  }
}

/** At least 4 bytes unless the file ends before (so that a byte order mark is never cut), at most `bytes`. */
async function readChunk(handle: FileHandle, path: string, offset: number, bytes: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(Math.max(4, bytes))
  let length = 0
  while (length < 4) {
    const { bytesRead } = await handle
      .read(chunk, length, chunk.length - length, offset + length)
      .catch((error: unknown) => {
        throw unreadable(path, error)
      })
    if (bytesRead === 0) break
    length += bytesRead
  }
  return chunk.subarray(0, length)
}

interface Line {
  /** Trimmed; '' for a blank line. */
  readonly text: string
  /** With the line's end. */
  readonly byteLength: number
  /** False for a piece of a line that was too long. */
  readonly whole: boolean
}

/** The line (or piece of one) at `start`; undefined if more of the file is needed to know it. */
function nextLine(
  buffer: Buffer,
  start: number,
  atEnd: boolean,
  maxLineBytes: number,
  path: string,
  offset: number,
): Line | undefined {
  const newline = buffer.indexOf(NEWLINE, start)
  const end = newline === -1 ? buffer.length : newline
  if (end - start <= maxLineBytes) {
    if (newline === -1 && !atEnd) return undefined
    const text = decodeText(buffer.subarray(start, end), path, offset + start).trim()
    return { text, byteLength: (newline === -1 ? end : end + 1) - start, whole: true }
  }
  let cut = start + maxLineBytes
  // Not inside a character: bytes 10xxxxxx continue one. Three at most, whatever the bytes are.
  for (let k = 0; k < 3 && (buffer[cut]! & 0xc0) === 0x80; k++) cut--
  const text = decodeText(buffer.subarray(start, cut), path, offset + start)
  const piece = text.slice(0, cutLine(text))
  return { text: piece.trim(), byteLength: Buffer.byteLength(piece), whole: false }
}
