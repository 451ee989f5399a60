// How often each token occurs in a corpus: what random tokens are drawn by.

import type { Corpus } from './corpus.js'
import { type EncodeIds, tokenStream } from './tokenStream.js'

/**
 * Counts the tokens of every `every`-th document, from the first on.
 *
 * @param options.vocabSize how many ids there are; others are not counted
 * @param options.every default 1: all documents
 * @returns [vocabSize]
 * @example
 * const tokenizer = await loadTokenizer('models/spanbert')
 * const corpus = await textCorpus(['sample/stories.txt'])
 * const counts = await countTokens(corpus, (line) => tokenizer.encodeIds(line), { vocabSize: tokenizer.vocabSize })
 */
export async function countTokens(
  corpus: Corpus,
  encodeIds: EncodeIds,
  { vocabSize, every = 1 }: { readonly vocabSize: number; readonly every?: number },
): Promise<Float64Array> {
  const counts = new Float64Array(vocabSize)
  for await (const { lines } of tokenStream(everyDocument(corpus, every), encodeIds)) {
    for (const line of lines) for (const id of line) if (id < vocabSize) counts[id]!++
  }
  return counts
}

const everyDocument = (corpus: Corpus, every: number): Corpus => ({
  async *documents() {
    let number = 0
    for await (const document of corpus.documents()) if (number++ % every === 0) yield document
  },
})
