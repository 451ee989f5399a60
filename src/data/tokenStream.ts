// Documents of text to documents of token ids. The tokenizer is a function from outside: this room knows none.

import type { Corpus, CorpusPosition } from './corpus.js'

/** Token ids of a text, without special tokens. */
export type EncodeIds = (text: string) => TokenIds

export type TokenIds = Int32Array | readonly number[]

/** One document: token ids line by line, and the corpus's position right after it. */
export interface TokenDocument {
  readonly lines: readonly TokenIds[]
  readonly position: CorpusPosition
}

/**
 * The documents of a corpus as token ids, line by line. Lines that have no tokens are left out.
 *
 * @param from right after which document to start; default the beginning
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const corpus = memoryCorpus([['Tom has a dog.', 'The dog barks.']])
 * for await (const { lines } of tokenStream(corpus, (text) => tokenizer.encodeIds(text))) console.log(lines[0])
 */
export async function* tokenStream(
  corpus: Corpus,
  encodeIds: EncodeIds,
  from?: CorpusPosition,
): AsyncGenerator<TokenDocument> {
  for await (const { lines, position } of corpus.documents(from)) {
    yield { lines: lines.map(encodeIds).filter((ids) => ids.length > 0), position }
  }
}
