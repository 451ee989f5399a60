// Texts for a command: arguments, the lines of a file, or standard input.

import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { BertkinError } from '../errors.js'

/** Texts one by one. Without arguments and without a file, the lines of standard input, as they come. */
export async function* textInput(texts: readonly string[], file: string | undefined): AsyncGenerator<string> {
  if (texts.length > 0) yield* texts
  else if (file !== undefined) yield* await readLines(file)
  else if (process.stdin.isTTY) {
    throw new BertkinError('text-missing', 'there is no text: give it as arguments, with --file, or on standard input')
  } else yield* createInterface({ input: process.stdin })
}

async function readLines(file: string): Promise<string[]> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new BertkinError('text-missing', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  })
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.split(/\r?\n/).filter((line) => line.trim() !== '')
  } catch (cause) {
    throw new BertkinError('text-not-utf8', `${file} is not UTF-8 text: convert it, with iconv say`, { cause })
  }
}
