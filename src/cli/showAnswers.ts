// Answers as a person likes to see them: bars and colours.

import pc from 'picocolors'
import type { DetectedWord, FillMaskCandidate } from '../pipeline/index.js'

const BAR = 20

/** A line for each name: its score, and a bar as long as the score is high. */
export function showBars(rows: readonly { readonly name: string; readonly score: number }[]): string[] {
  const width = Math.max(...rows.map(({ name }) => [...name].length))
  return rows.map(({ name, score }) => {
    const padded = name + ' '.repeat(width - [...name].length)
    const share = Math.min(1, Math.max(0, score)) // sums of probabilities and logits know no bounds
    return `  ${pc.bold(padded)}  ${score.toFixed(4)}  ${pc.cyan('█'.repeat(Math.round(share * BAR)))}`
  })
}

/** A text with one of its masks lit up, and its candidates below, each with a bar as long as it is probable. */
export function showCandidates(
  text: string,
  candidates: readonly FillMaskCandidate[],
  mask: string,
  index = 0,
): string {
  const parts = text.split(mask)
  const lit = parts
    .map((part, i) => (i === parts.length - 1 ? part : part + (i === index ? pc.bold(pc.cyan(mask)) : mask)))
    .join('')
  const lines = showBars(candidates.map(({ token_str, score }) => ({ name: token_str, score })))
  return [lit, ...lines].join('\n')
}

/** A text with each word coloured by suspicion, and below it the words that are thought replaced. */
export function showVerdict(text: string, words: readonly DetectedWord[]): string {
  let shown = ''
  let end = 0
  for (const { word, score, replaced, start, end: next } of words) {
    shown += text.slice(end, start) + (replaced ? pc.bold(pc.red(word)) : score > 0.25 ? pc.yellow(word) : word)
    end = next
  }
  shown += text.slice(end)
  const suspects = words.filter(({ replaced }) => replaced)
  const [suspect] = [...words].sort((a, b) => b.score - a.score)
  const below =
    suspects.length > 0
      ? suspects.map(({ word, score }) => `  ${pc.red('replaced')}  ${pc.bold(word)}  ${score.toFixed(4)}`)
      : [
          pc.dim(
            suspect
              ? `  nothing looks replaced; most suspicious: ${suspect.word} ${suspect.score.toFixed(4)}`
              : '  no words',
          ),
        ]
  return [shown, ...below].join('\n')
}
