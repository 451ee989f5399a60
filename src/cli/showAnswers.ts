// Answers as a person likes to see them: bars and colours.

import pc from 'picocolors'
import type {
  Classification,
  DetectedWord,
  ExtractedAnswer,
  FillMaskCandidate,
  InfillCandidate,
  QuestionAnsweringInput,
  SpanInfillingAnswer,
  TextClassificationInput,
} from '../pipeline/index.js'
import { table } from './terminal.js'

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

/** The text, or both, and the labels below, each with a bar as long as it is likely. */
export function showLabels(input: TextClassificationInput, labels: readonly Classification[]): string {
  const texts = typeof input === 'string' ? [input] : [input.text, input.text_pair ?? ''].filter(Boolean)
  return [...texts, ...showBars(labels.map(({ label, score }) => ({ name: label, score })))].join('\n')
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

/** How many candidates of a gap's token are shown; --json has all that were asked for. */
const SHOWN = 3

/** The text with its gaps filled, and a line for every token: what both heads say together, and each of them alone. */
export function showSpans(text: string, { spans }: SpanInfillingAnswer): string {
  let filled = ''
  let end = 0
  for (const span of spans) {
    filled += text.slice(end, span.start) + pc.bold(pc.cyan(span.infill))
    end = span.end
  }
  const rows = spans.flatMap(({ tokens }) =>
    tokens.map(({ both, masked_lm, span_boundary }) => [both, masked_lm, span_boundary].map(shown)),
  )
  return `${filled}${text.slice(end)}\n${table(['both', 'its own place', 'the boundaries'], rows)}`
}

const shown = (candidates: readonly InfillCandidate[] | null): string =>
  candidates
    ?.slice(0, SHOWN)
    .map(({ token_str, score }) => `${token_str} ${score.toFixed(2)}`)
    .join('  ') ?? '–'

/** How much of the passage is shown on either side of the answer. */
const AROUND = 160

/** The question, the best answer where it stands in the passage, and all answers with their scores. */
export function showExtracted(
  { question, context }: QuestionAnsweringInput,
  answers: readonly ExtractedAnswer[],
): string {
  const best = answers.find(({ end }) => end > 0)
  const rows = answers.map(({ answer, score }) => ({
    name: answer === '' ? '(no answer)' : short(flat(answer)),
    score,
  }))
  return [pc.bold(flat(question)), ...(best ? [`  ${lit(context, best)}`] : []), ...showBars(rows)].join('\n')
}

/** The answer lit up in its surroundings; without colours it stands in brackets. */
function lit(context: string, { start, end, answer }: ExtractedAnswer): string {
  const before = start > AROUND ? `… ${fromWord(context.slice(start - AROUND, start))}` : context.slice(0, start)
  const after = context.length - end > AROUND ? `${toWord(context.slice(end, end + AROUND))} …` : context.slice(end)
  const shown = pc.isColorSupported ? pc.bold(pc.cyan(flat(answer))) : `[${flat(answer)}]`
  return `${flat(before).trimStart()}${shown}${flat(after).trimEnd()}`
}

// Text without spaces is cut where it is, though not in the middle of a character.
const fromWord = (text: string): string => text.replace(/^\S{0,30}\s+/, '').replace(/^[\udc00-\udfff]/, '')
const toWord = (text: string): string => text.replace(/\s+\S{0,30}$/, '').replace(/[\ud800-\udbff]$/, '')

/** On one line. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

const short = (text: string): string => ([...text].length > 60 ? `${[...text].slice(0, 59).join('')}…` : text)
