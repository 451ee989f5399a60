// Lines that are paragraphs, cut into lines that are sentences: what pairs of sentences are made of.

import type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'

/**
 * Marks that end a sentence, with what closes behind them; then space and something that can begin a sentence. A run of
 * marks is looked at from its start alone, so that the time is linear whatever the text.
 */
const BOUNDARY =
  /(?<![.!?…])[.!?…]+["'”’»)\]]*\s+(?=["'“‘«„([]*[\p{Lu}\p{Lt}\p{Lo}\p{N}])|(?<![。！？])[。！？]+[”’」』）]*\s*(?=[^\s。！？”’」』）])/gu
/** A full stop that belongs to an abbreviation or an initial: "Dr.", "J.", "e.g.". */
const ABBREVIATION =
  /(?:^|[\s("“‘[])(?:\p{Lu}|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Mme|Dr|Prof|St|Rev|Hon|Gen|Col|Capt|Lt|Sgt|Sr|Jr|vs|cf|pp)\.$/u

/**
 * The sentences of a text, by rules: one ends at `.`, `!`, `?` or `…` and closing marks, where white space and a capital
 * letter, a digit or a letter of a script without cases follow, unless the word before is an initial or one of the
 * commonest abbreviations of English; and at the full stops of Chinese and Japanese.
 *
 * @example
 * sentencesOf('Dr. Reed came at 4 p.m. on Monday. "Are you well?" she asked.')
 * // 'Dr. Reed came at 4 p.m. on Monday.', '"Are you well?" she asked.'
 */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  let start = 0
  for (const { index, 0: mark } of text.matchAll(BOUNDARY)) {
    const end = index + mark.trimEnd().length
    if (ABBREVIATION.test(text.slice(Math.max(start, end - 32), end))) continue
    sentences.push(text.slice(start, end).trim())
    start = index + mark.length
  }
  sentences.push(text.slice(start).trim())
  return sentences.filter((sentence) => sentence !== '')
}

/**
 * The same corpus with a line for each sentence, see {@link sentencesOf}. Its positions are the corpus's own.
 *
 * @example
 * const corpus = splitSentences(memoryCorpus([['Tom has a dog. The dog barks.']]))
 * for await (const { lines } of corpus.documents()) console.log(lines) // 'Tom has a dog.', 'The dog barks.'
 */
export function splitSentences(corpus: Corpus): Corpus {
  return {
    ...(corpus.byteLength !== undefined && { byteLength: corpus.byteLength }),
    async *documents(from?: CorpusPosition): AsyncGenerator<CorpusDocument> {
      for await (const { lines, position } of corpus.documents(from)) {
        yield { lines: lines.flatMap(sentencesOf), position }
      }
    },
  }
}
