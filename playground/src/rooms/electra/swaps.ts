// The generator at work: it is shown the text with gaps, and what it draws for them takes the words' places.

import type { FillMaskCandidate } from 'bertkin'
import type { Random } from 'bertkin/objective'
import { type Word, withWords } from '../../widgets/words.js'

/** The generator draws from so many of its likeliest tokens. */
export const CANDIDATES = 50

/** `count` words with letters in them, at random. */
export function chooseWords(words: readonly Word[], count: number, random: Random): number[] {
  const able = words.flatMap(({ text }, i) => (/\p{L}/u.test(text) ? [i] : []))
  return random
    .shuffle(able)
    .slice(0, count)
    .sort((a, b) => a - b)
}

/** Draws a candidate with a probability proportional to its score; whole words only. */
export function drawCandidate(candidates: readonly FillMaskCandidate[], random: Random): string | undefined {
  const able = candidates.filter(({ token_str }) => /^\p{L}+$/u.test(token_str.trim()))
  const all = able.reduce((sum, { score }) => sum + score, 0)
  let target = random.uniform() * all
  for (const { token_str, score } of able) {
    target -= score
    if (target <= 0) return token_str.trim()
  }
  return able.at(-1)?.token_str.trim()
}

/** The text with the drawn words in it, capitals where the originals have them. */
export const swapped = (text: string, words: readonly Word[], drawn: ReadonlyMap<number, string>): string =>
  withWords(text, words, (i) => {
    const word = drawn.get(i)
    return word === undefined ? undefined : likeCase(word, words[i]!.text)
  })

function likeCase(word: string, model: string): string {
  const [first = ''] = model
  const isCapital = first !== first.toLowerCase()
  return isCapital ? word.charAt(0).toUpperCase() + word.slice(1) : word
}
