// Text kept apart for evaluation: whole documents, chosen by their number alone, without reading ahead or keeping lists.

import { BertkinError } from '../errors.js'
import type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'
import { mix } from './mix.js'

export interface HeldOutOptions {
  /** Of each `every` documents in a row, one is held out; at least 2; default 100. */
  readonly every?: number
  /** Which one: default 0. */
  readonly seed?: number
}

/**
 * Splits a corpus into two streams that share no document: of each run of `every` documents, the one that a hash of
 * (seed, run) points at is held out. So the share is exact, evenly spread, and the same in every run of the program.
 *
 * A corpus of fewer than `every` documents may have nothing held out. Parts of a document that the corpus had to cut
 * (64 KiB in text files) count as documents.
 *
 * @throws BertkinError 'option-invalid' if `every` is not an integer of at least 2
 * @example
 * const corpus = await textCorpus(['sample/stories.txt'])
 * const { train, heldOut } = splitHeldOut(corpus, { every: 50 })
 */
export function splitHeldOut(corpus: Corpus, options: HeldOutOptions = {}): { train: Corpus; heldOut: Corpus } {
  const { every = 100, seed = 0 } = options
  if (!Number.isInteger(every) || every < 2) {
    throw new BertkinError('option-invalid', `heldOut.every must be an integer of at least 2, not ${every}.`)
  }
  const isHeldOut = (document: number): boolean => document % every === mix(seed, Math.floor(document / every)) % every
  return {
    train: filterDocuments(corpus, (document) => !isHeldOut(document)),
    heldOut: filterDocuments(corpus, isHeldOut),
  }
}

function filterDocuments(corpus: Corpus, keep: (document: number) => boolean): Corpus {
  return {
    async *documents(from?: CorpusPosition): AsyncGenerator<CorpusDocument> {
      for await (const document of corpus.documents(from)) if (keep(document.position.document - 1)) yield document
    },
  }
}
