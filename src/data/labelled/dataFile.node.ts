// A data file on disk: strict UTF-8, read in chunks, with the line in every error.

import { open } from 'node:fs/promises'
import { BertkinError } from '../../errors.js'
import { byteOrderMark, decodeText } from '../decodeText.node.js'
import { unreadable } from '../listTextFiles.node.js'
import type { DataFile, Line } from './dataFile.js'
import { DatasetError } from './place.js'

const NEWLINE = 10
const CHUNK_BYTES = 262_144
/** No example is that long; a file without line ends is not a file of lines. */
const MAX_LINE_BYTES = 2 ** 26
/** Strings in JavaScript end a little above this. */
const MAX_TEXT_BYTES = 2 ** 29 - 2 ** 10

/**
 * A data file on disk. Nothing is read before it is asked for.
 *
 * Reading throws BertkinError 'text-missing' if the file cannot be read, and DatasetError 'text-not-utf8', 'text-binary'
 * or 'data-malformed' (a line above 64 MiB; a whole text above 512 MiB) with the line.
 *
 * @example
 * for await (const row of jsonLineRows(dataFile('train.jsonl'))) console.log(row.fields.get('text'))
 */
export function dataFile(path: string): DataFile {
  return {
    name: path,
    lines: () => linesOfFile(path, MAX_LINE_BYTES),
    text: async () => {
      const parts: string[] = []
      let length = 0
      for await (const { text } of linesOfFile(path, MAX_TEXT_BYTES)) {
        length += text.length + 1
        if (length > MAX_TEXT_BYTES) throw tooLarge(path)
        parts.push(text)
      }
      return parts.join('\n')
    },
  }
}

async function* linesOfFile(path: string, maxLineBytes: number): AsyncGenerator<Line> {
  const fail = (error: unknown): never => {
    throw unreadable(path, error)
  }
  const handle = await open(path, 'r').catch(fail)
  try {
    const state: LineState = { path, number: 1, start: 0, parts: [], byteLength: 0 }
    for (let offset = 0; ; ) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, offset).catch(fail)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      let from = 0
      for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
        yield endLine(state, chunk.subarray(from, newline), offset + newline + 1)
        from = newline + 1
      }
      if (from < bytesRead) {
        state.parts.push(chunk.subarray(from))
        state.byteLength += bytesRead - from
      }
      if (state.byteLength > maxLineBytes) throw tooLong(state, maxLineBytes)
      offset += bytesRead
    }
    if (state.byteLength > 0) yield endLine(state, Buffer.alloc(0), 0)
  } finally {
    await handle.close()
  }
}

interface LineState {
  readonly path: string
  number: number
  /** Byte offset of the line in the file. */
  start: number
  /** What has been read of it; put together once, when it ends. */
  parts: Buffer[]
  byteLength: number
}

/** The line that ends with `last`; the next one begins at byte `next`. */
function endLine(state: LineState, last: Buffer, next: number): Line {
  const { path, number, start } = state
  const bytes = state.parts.length === 0 ? last : Buffer.concat([...state.parts, last])
  Object.assign(state, { number: number + 1, start: next, parts: [], byteLength: 0 })
  try {
    const mark = start === 0 ? byteOrderMark(bytes, path) : 0
    return { number, text: decodeText(bytes.subarray(mark), path, start + mark) }
  } catch (error) {
    if (!(error instanceof BertkinError)) throw error
    throw new DatasetError(error.code, error.message, { file: path, line: number }, { cause: error })
  }
}

function tooLong({ path, number }: LineState, maxLineBytes: number): DatasetError {
  if (maxLineBytes === MAX_TEXT_BYTES) return tooLarge(path)
  return new DatasetError(
    'data-malformed',
    `this line is longer than ${maxLineBytes / 2 ** 20} MiB, so this is not a file of lines. Is the format right?`,
    { file: path, line: number },
  )
}

const tooLarge = (path: string): DatasetError =>
  new DatasetError(
    'data-malformed',
    'more than 512 MiB of JSON cannot be read as one text. Write one object a line (jsonl), or split the file.',
    { file: path },
  )
