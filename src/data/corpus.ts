// A corpus: text as a stream of documents with a position that can be saved. Everything after it (held-out split,
// tokens, packing, shuffling) is a function of such a stream, so whatever text is read from, resuming works the same.

/**
 * A place between two documents of a corpus; plain JSON.
 *
 * `file` and `offset` say where to go on reading: for files the path and the byte offset, for a corpus in memory ''
 * and the number of documents. `document` counts the documents before this place in the whole corpus.
 */
export interface CorpusPosition {
  readonly file: string
  readonly offset: number
  readonly document: number
  /** Of several corpora side by side, see `interleaved`: where each of them stands. */
  readonly parts?: readonly PartPosition[]
}

/** Where one of several corpora stands. */
export interface PartPosition {
  /** Right after its last document that was given; null: at its beginning. */
  readonly position: CorpusPosition | null
  /** UTF-8 bytes of text that were given. */
  readonly bytes: number
}

/** One document: its lines (sentences or paragraphs, trimmed, none empty), and the place right after it. */
export interface CorpusDocument {
  readonly lines: readonly string[]
  readonly position: CorpusPosition
}

/**
 * Text as a stream of documents.
 *
 * `documents(from)` starts at the beginning, or right after the document whose `position` is given, and gives from
 * there exactly the documents that an uninterrupted reading gives. It can be called any number of times.
 *
 * @example
 * const corpus: Corpus = memoryCorpus([['Tom has a dog.', 'The dog barks.'], ['It is night.']])
 * for await (const { lines, position } of corpus.documents()) console.log(position.document, lines.length)
 */
export interface Corpus {
  documents(from?: CorpusPosition): AsyncIterable<CorpusDocument>
  /** Size of the text in bytes, where it is known without reading it. */
  readonly byteLength?: number
}
