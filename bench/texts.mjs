// What is read in the comparisons: words of the sample stories, in lengths as texts have them.

import { readFileSync } from 'node:fs'
import { Random } from '../dist/random.js'
import { SAMPLE } from './places.mjs'

const words = readFileSync(SAMPLE, 'utf8').split(/\s+/).filter(Boolean)

/** Texts of about so many tokens: lognormal, its median 24, from 6 to 128. */
export function mixedTexts(count) {
  const random = new Random(1)
  return Array.from({ length: count }, () => {
    const tokens = Math.round(24 * Math.exp(0.8 * random.normal()))
    return wordsOf(Math.min(100, Math.max(4, tokens - 2)), random)
  })
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
