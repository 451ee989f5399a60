// What the tour asks of a model that was just trained: sentences with a word hidden, and sentences with a wrong word.

import type { Corpus } from '../../data/index.js'
import { Random } from '../../random.js'
import type { Tokenizer } from '../../tokenizer/index.js'

/** A text with a mask, or with a word that was replaced, and the word that belongs there. */
export interface Example {
  readonly text: string
  readonly original: string
  /** The word put in its place; undefined for masks. */
  readonly replacement?: string
}

export interface Examples {
  readonly masks: readonly Example[]
  readonly replacements: readonly Example[]
}

/** For the sample stories: from easy ones, which two minutes of training are enough for, to hard ones. */
export const sampleExamples: Examples = {
  masks: [
    { text: 'Then she went [MASK] the library.', original: 'to' },
    { text: '"I need the fast sled," [MASK] Zoe.', original: 'said' },
    { text: 'Zoe is friendly and gives the stranger [MASK] silver button.', original: 'a' },
    { text: 'One sunny spring [MASK], Eric and Clara decided to build a kite.', original: 'morning' },
    { text: 'Today is Tuesday, so [MASK] was Monday.', original: 'yesterday' },
    { text: 'The fences behind the houses [MASK] low.', original: 'were' },
    { text: 'Leila lost her red lantern. Behind the barn lay the [MASK] lantern.', original: 'red' },
  ],
  replacements: [
    {
      text: 'Zoe is friendly and gives the stranger wants silver button.',
      original: 'a',
      replacement: 'wants',
    },
    {
      text: 'One sunny spring blacksmith, Eric and Clara decided to build a kite.',
      original: 'morning',
      replacement: 'blacksmith',
    },
    { text: 'It was too deep to walk and too cold to bark.', original: 'swim', replacement: 'bark' },
    { text: 'The fences behind the houses was low.', original: 'were', replacement: 'was' },
  ],
}

const COUNT = 5
/** Enough of a corpus to choose from. */
const LINES = 2000

/** For any other text: lines that the model has not seen, a word hidden in some, and replaced by another in others. */
export async function examplesFrom(corpus: Corpus, tokenizer: Tokenizer, seed: number): Promise<Examples> {
  const random = new Random(seed)
  const lines = random.shuffle(await candidateLines(corpus))
  const mask = tokenizer.specialTokens.mask!.token
  const masks: Example[] = []
  const replacements: Example[] = []
  for (const line of lines) {
    const word = pickWord(line, tokenizer, random)
    if (!word) continue
    const put = (text: string): string => line.slice(0, word.start) + text + line.slice(word.start + word.text.length)
    const other = pickWord(lines[random.below(lines.length)]!, tokenizer, random)
    if (masks.length < COUNT) masks.push({ text: put(mask), original: word.text })
    else if (other && other.text !== word.text) {
      replacements.push({ text: put(other.text), original: word.text, replacement: other.text })
    }
    if (replacements.length >= COUNT) break
  }
  return { masks, replacements }
}

/** Lines of a length that fits a terminal and a model. */
async function candidateLines(corpus: Corpus): Promise<string[]> {
  const found: string[] = []
  let seen = 0
  for await (const { lines } of corpus.documents()) {
    for (const line of lines) {
      seen++
      const words = line.split(/\s+/).length
      if (words >= 6 && words <= 16 && line.length <= 90) found.push(line)
    }
    if (seen >= LINES) break
  }
  return found
}

/** A word of three letters or more that is one token. */
function pickWord(line: string, tokenizer: Tokenizer, random: Random): { text: string; start: number } | undefined {
  const words = [...line.matchAll(/\p{L}{3,}/gu)].filter(([word]) => {
    const ids = tokenizer.encodeIds(word)
    return ids.length === 1 && !tokenizer.specialIds.has(ids[0]!)
  })
  const chosen = words[random.below(Math.max(1, words.length))]
  return chosen && { text: chosen[0], start: chosen.index }
}
