// A corpus that lies in memory: for tests, for browsers, and for text that came from somewhere else.

import { BertkinError } from '../errors.js'
import type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'

/**
 * A corpus of documents in memory. Lines are trimmed; empty lines and documents without text are left out.
 *
 * @param documents one array of lines per document
 * @throws BertkinError 'text-empty' if no document has any text
 * @example
 * const corpus = memoryCorpus([['Tom has a dog.', 'The dog barks.'], ['It is night.']])
 */
export function memoryCorpus(documents: readonly (readonly string[])[]): Corpus {
  const texts = documents
    .map((lines) => lines.map((line) => line.trim()).filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
  if (texts.length === 0) throw new BertkinError('text-empty', 'None of the documents given contains any text.')
  const encoder = new TextEncoder()
  const byteLength = texts.reduce(
    (sum, lines) => sum + lines.reduce((bytes, line) => bytes + encoder.encode(line).length + 1, 0),
    0,
  )
  return {
    byteLength,
    async *documents(from?: CorpusPosition): AsyncGenerator<CorpusDocument> {
      for (let i = from?.offset ?? 0; i < texts.length; i++) {
        yield { lines: texts[i]!, position: { file: '', offset: i + 1, document: i + 1 } }
      }
    },
  }
}

/**
 * The documents of one text: blank lines separate documents, each other line is a sentence or a paragraph.
 *
 * @example
 * memoryCorpus(documentsOfText('Tom has a dog.\nThe dog barks.\n\nIt is night.'))
 */
export function documentsOfText(text: string): string[][] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\n[^\S\n]*\n/)
    .map((document) => document.split('\n').map((line) => line.trim()))
    .map((lines) => lines.filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
}
