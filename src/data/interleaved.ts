// Several corpora as one, read side by side: a shuffle of windows alone would leave novels to the first hours of training
// and an encyclopedia to the last.

import { BertkinError } from '../errors.js'
import type { Corpus, CorpusDocument, CorpusPosition, PartPosition } from './corpus.js'

/**
 * One corpus of several: the next document always comes from the one of which the least share has been read, so that all
 * of them come to their ends together. The order depends on nothing else. All are open at once.
 *
 * @param corpora each with its `byteLength`
 * @throws BertkinError 'option-invalid' for a corpus of unknown length, and for a place to resume from that is of other
 *   corpora; 'text-empty' if none of them has any text
 * @example
 * const corpus = interleaved([await textCorpus(['novels/']), await textCorpus(['wikipedia.txt'])])
 */
export function interleaved(corpora: readonly Corpus[]): Corpus {
  const sizes = corpora.map(({ byteLength }) => {
    if (byteLength !== undefined) return Math.max(1, byteLength)
    throw new BertkinError('option-invalid', 'Only corpora that know their byteLength can be read side by side.')
  })
  if (corpora.length === 1) return corpora[0]!
  return {
    byteLength: sizes.reduce((sum, size) => sum + size, 0),
    async *documents(from?: CorpusPosition): AsyncGenerator<CorpusDocument> {
      if (from !== undefined && from.parts?.length !== corpora.length) throw otherCorpora(from, corpora.length)
      const parts = corpora.map((corpus, i) => new Part(corpus, sizes[i]!, from?.parts?.[i]))
      let document = from?.document ?? 0
      try {
        for (let part = leastRead(parts); part; part = leastRead(parts)) {
          const next = await part.next()
          if (next === undefined) continue
          document++
          const { file, offset } = next.position
          const position = { file, offset, document, parts: parts.map(({ place }) => place) }
          yield { lines: next.lines, position }
        }
      } finally {
        for (const part of parts) await part.close()
      }
      if (document === 0) throw new BertkinError('text-empty', 'There is no text in any of the files.')
    },
  }
}

/** One of the corpora, and how far it has been read. */
class Part {
  readonly #stream: AsyncIterator<CorpusDocument>
  #isOver = false

  constructor(
    corpus: Corpus,
    private readonly size: number,
    public place: PartPosition = { position: null, bytes: 0 },
  ) {
    this.#stream = corpus.documents(place.position ?? undefined)[Symbol.asyncIterator]()
  }

  /** Infinite, if there is nothing left. */
  get share(): number {
    return this.#isOver ? Number.POSITIVE_INFINITY : this.place.bytes / this.size
  }

  async next(): Promise<CorpusDocument | undefined> {
    const next = await this.#stream.next().catch((error: unknown) => {
      // The others may have text.
      if (error instanceof BertkinError && error.code === 'text-empty') return { done: true, value: undefined } as const
      throw error
    })
    if (next.done) {
      this.#isOver = true
      return undefined
    }
    const { lines, position } = next.value
    this.place = { position, bytes: lines.reduce((sum, line) => sum + utf8Bytes(line) + 1, this.place.bytes) }
    return next.value
  }

  async close(): Promise<void> {
    await this.#stream.return?.()
  }
}

function leastRead(parts: readonly Part[]): Part | undefined {
  const least = parts.reduce((best, part) => (part.share < best.share ? part : best))
  return Number.isFinite(least.share) ? least : undefined
}

function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Of a surrogate pair's four bytes, each half has two.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1
  }
  return bytes
}

function otherCorpora({ parts = [] }: CorpusPosition, count: number): BertkinError {
  const message = `The saved position is of ${parts.length || 'no'} corpora side by side, and there are ${count}.`
  return new BertkinError('option-invalid', `${message} Resume with the same texts, or start anew.`)
}
