// Texts for a command: arguments, the lines of a file, or standard input.

import { createReadStream } from 'node:fs'
import { BertkinError } from '../errors.js'

/**
 * Texts one by one. Without arguments and without a file, the lines of standard input, as they come. Blank lines are
 * passed over.
 *
 * @param advice how to give texts, for messages
 * @throws {BertkinError} `text-missing` if there is no file; `text-empty` if there is no text; `text-not-utf8` and
 *   `text-binary` for what is none, when it is reached
 */
export async function* textInput(
  texts: readonly string[],
  file: string | undefined,
  advice = 'give it as arguments, with --file, or on standard input',
): AsyncGenerator<string> {
  if (texts.length > 0) {
    if (file !== undefined) throw new BertkinError('option-invalid', 'give texts as arguments or with --file, not both')
    yield* texts
  } else if (file !== undefined) yield* lines(createReadStream(file), file, advice)
  else if (process.stdin.isTTY) throw new BertkinError('text-missing', `there is no text: ${advice}`)
  else yield* lines(process.stdin, 'standard input', advice)
}

/**
 * A file's whole text.
 *
 * @throws {BertkinError} as {@link textInput}
 */
export async function wholeText(file: string): Promise<string> {
  const pieces: string[] = []
  for await (const text of decoded(createReadStream(file), file)) pieces.push(text)
  return pieces.join('')
}

/**
 * An object from a line of JSON.
 *
 * @param example what such a line looks like, for the message
 * @throws {BertkinError} `option-invalid` if it is none
 */
export function objectFromLine(line: string, example: string): Readonly<Record<string, unknown>> {
  const wrong = (cause?: unknown): BertkinError => {
    const shown = JSON.stringify(line.length > 40 ? `${line.slice(0, 40)}…` : line)
    return new BertkinError('option-invalid', `${shown} is not a JSON object like ${example}`, { cause })
  }
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw wrong(error)
  }
  throw wrong()
}

/** Lines that are not blank. */
async function* lines(stream: AsyncIterable<Uint8Array>, name: string, advice: string): AsyncGenerator<string> {
  let pieces: string[] = [] // of the last line, which may go on; joined once, however long it becomes
  let isEmpty = true
  for await (const text of decoded(stream, name)) {
    const [first = '', ...rest] = text.split('\n')
    pieces.push(first)
    for (const next of rest) {
      const line = pieces.join('').replace(/\r$/, '')
      pieces = [next]
      if (line.trim() === '') continue
      isEmpty = false
      yield line
    }
  }
  const last = pieces.join('')
  if (last.trim() !== '') yield last
  else if (isEmpty) throw new BertkinError('text-empty', `there is no text in ${name}: ${advice}`)
}

/** Strictly: what is not UTF-8 is refused, not read as something it is not. */
async function* decoded(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch (cause) {
      const advice = 'if it is Latin-1, say, convert it with iconv -f latin1 -t utf-8'
      throw new BertkinError('text-not-utf8', `${name} is not UTF-8 text: ${advice}`, { cause })
    }
  }
  try {
    for await (const bytes of stream) {
      if (bytes.includes(0)) throw new BertkinError('text-binary', `${name} is not text: it has a NUL byte in it`)
      yield decode(bytes)
    }
  } catch (error) {
    throw error instanceof BertkinError ? error : unreadable(name, error)
  }
  yield decode()
}

function unreadable(name: string, cause: unknown): BertkinError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
  }
  const reason = reasons[String(code)] ?? (cause instanceof Error ? cause.message : String(cause))
  return new BertkinError('text-missing', `${name} cannot be read: ${reason}`, { cause })
}
