// The tour's answers as tables.

import pc from 'picocolors'
import type { DetectedWord, FillMaskCandidate } from '../../pipeline/index.js'
import { table } from '../terminal.js'
import type { Example } from './trainingExamples.js'

const WIDTH = 62

/** Each text with its mask lit up, the generator's guesses, and the word that was meant. */
export function masksTable(
  examples: readonly Example[],
  answers: readonly FillMaskCandidate[][],
  mask: string,
): string {
  const rows = examples.map(({ text, original }, i) => {
    const guesses = answers[i]!.map(({ token_str, score }) => {
      const isRight = token_str === original.toLowerCase() || token_str === original
      return `${isRight ? pc.green(pc.bold(token_str)) : token_str} ${pc.dim(score.toFixed(2))}`
    })
    return [around(text, mask, mask, pc.cyan), guesses.join('  '), original]
  })
  return table(['the generator fills masks', 'its guesses', 'meant'], rows)
}

/** Each text as the discriminator sees it, the word that was replaced, and how suspicious it found that word. */
export function replacementsTable(
  examples: readonly Example[],
  verdicts: readonly (readonly DetectedWord[])[],
): string {
  const rows = examples.map(({ text, original, replacement }, i) => {
    const words = verdicts[i]!
    const put = words.find(({ word }) => word === replacement)
    const suspect = [...words].sort((a, b) => b.score - a.score)[0]
    const found = put !== undefined && put === suspect
    return [
      around(text, replacement!, replacement!, found ? pc.red : pc.yellow),
      `${put ? put.score.toFixed(2) : '–'} ${found ? pc.green('most suspicious') : pc.dim(`after ${suspect?.word}`)}`,
      `${replacement} for ${original}`,
    ]
  })
  return table(['the discriminator finds replaced words', 'its suspicion', 'replaced'], rows)
}

/** The part of a text around a word, the word coloured. */
function around(text: string, word: string, shown: string, colour: (text: string) => string): string {
  const at = Math.max(0, new RegExp(`(?<!\\p{L})${escapeRegExp(word)}(?!\\p{L})`, 'u').exec(text)?.index ?? 0)
  const room = WIDTH - word.length
  const start = text.length <= WIDTH ? 0 : Math.max(0, Math.min(at - Math.floor(room / 2), text.length - WIDTH))
  const end = Math.min(text.length, start + WIDTH)
  const before = (start > 0 ? '…' : '') + text.slice(start > 0 ? start + 1 : 0, at)
  const after = text.slice(at + word.length, end - (end < text.length ? 1 : 0)) + (end < text.length ? '…' : '')
  return before + pc.bold(colour(shown)) + after
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
