// What is read in the comparisons: words of the sample stories, in lengths as texts have them.

import { existsSync, readFileSync } from 'node:fs'
import { Random } from '../dist/random.js'
import { SAMPLE, SQUAD } from './places.mjs'

const words = readFileSync(SAMPLE, 'utf8').split(/\s+/).filter(Boolean)

/** Texts of about as many tokens as texts have. */
export function mixedTexts(count) {
  const random = new Random(1)
  return mixedLengths(count).map((tokens) => wordsOf(Math.min(100, tokens - 2), random))
}

/** So many lengths of texts in tokens: lognormal, their median 24, from 6 to 128. */
export function mixedLengths(count) {
  const random = new Random(1)
  const length = () => Math.round(24 * Math.exp(0.8 * random.normal()))
  return Array.from({ length: count }, () => Math.min(128, Math.max(6, length())))
}

/** So many words in a row, from anywhere. */
export function wordsOf(count, random) {
  const start = random.below(words.length - count)
  return words.slice(start, start + count).join(' ')
}

/** A text with one of its words masked. */
export function masked(text, mask) {
  const parts = text.split(' ')
  parts[Math.floor(parts.length / 2)] = mask
  return parts.join(' ')
}

/** So many passages with a question each; undefined if they are not at hand. */
export function squadQuestions(count) {
  if (!existsSync(SQUAD)) return undefined
  const paragraphs = JSON.parse(readFileSync(SQUAD, 'utf8')).data.flatMap(({ paragraphs }) => paragraphs)
  const chosen = paragraphs.filter((_, i) => i % Math.floor(paragraphs.length / count) === 0).slice(0, count)
  return chosen.map(({ context, qas }) => ({ context, question: qas[0].question }))
}
