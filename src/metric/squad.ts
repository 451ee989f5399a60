// Exact match and F1 of answers, as SQuAD's evaluation script 1.1 counts them.

import { BertkinError } from '../errors.js'
import { ratio } from './check.js'

/** A question's right answers. */
export interface SquadQuestion {
  readonly id: string
  readonly answers: readonly { readonly text: string }[]
}

/** Percentages from 0 to 100. */
export interface SquadScores {
  readonly exactMatch: number
  readonly f1: number
  readonly total: number
}

// Python's string.punctuation; what its \w holds to be part of a word; and what its str.split() splits at.
const punctuation = /[!-/:-@[-`{-~]/g
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: four of the white spaces are control characters
const whiteSpace = /[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u

/**
 * An answer as it is compared: lower case, without ASCII punctuation, without the articles a, an and the, with single
 * spaces.
 *
 * @example
 * normalizeAnswer('The "Big  Apple", U.S.A.') // 'big apple usa'
 */
export function normalizeAnswer(text: string): string {
  return tokensOf(text).join(' ')
}

const tokensOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(punctuation, '')
    .replace(articles, ' ')
    .split(whiteSpace)
    .filter((token) => token !== '')

/** How well an answer agrees with one of the right ones; what `emptyF1` does is where versions 1.1 and 2.0 differ. */
export interface Agreement {
  readonly exact: number
  readonly f1: number
}

/** The best agreement with any of the right answers, for each measure by itself. */
export function bestAgreement(prediction: string, answers: readonly string[], emptyF1: 'never' | 'if both'): Agreement {
  const predicted = tokensOf(prediction)
  let best: Agreement = { exact: 0, f1: 0 }
  for (const answer of answers) {
    const { exact, f1 } = agreement(predicted, tokensOf(answer), emptyF1)
    best = { exact: Math.max(best.exact, exact), f1: Math.max(best.f1, f1) }
  }
  return best
}

function agreement(predicted: readonly string[], right: readonly string[], emptyF1: 'never' | 'if both'): Agreement {
  const exact = Number(predicted.join(' ') === right.join(' '))
  if (predicted.length === 0 || right.length === 0) return { exact, f1: emptyF1 === 'never' ? 0 : exact }
  const left = new Map<string, number>()
  for (const token of right) left.set(token, (left.get(token) ?? 0) + 1)
  let common = 0
  for (const token of predicted) {
    const count = left.get(token) ?? 0
    if (count === 0) continue
    left.set(token, count - 1)
    common++
  }
  const [precision, recall] = [common / predicted.length, common / right.length]
  return { exact, f1: ratio(2 * precision * recall, precision + recall) }
}

/**
 * SQuAD 1.1: exact match and F1 (of words, as bags), each the best over a question's right answers, averaged over questions,
 * in percent. A question without a prediction counts 0. Two answers of which nothing is left when they are normalized match
 * exactly, but have an F1 of 0; so it is in the official script.
 *
 * @param predictions answers by the questions' ids; others are passed over
 * @throws BertkinError 'data-empty' for no questions; 'option-invalid' for one without an answer: see squadV2Scores
 * @example
 * const questions = [{ id: 'q1', answers: [{ text: 'the atmospheric engine' }] }]
 * squadScores(questions, new Map([['q1', 'atmospheric steam engine']])) // { exactMatch: 0, f1: 80, total: 1 }
 */
export function squadScores(
  questions: readonly SquadQuestion[],
  predictions: ReadonlyMap<string, string>,
): SquadScores {
  assertQuestions(questions)
  let [exact, f1] = [0, 0]
  for (const { id, answers } of questions) {
    if (answers.length === 0) {
      throw new BertkinError(
        'option-invalid',
        `The question ${JSON.stringify(id)} has no answer; data with unanswerable questions is measured by squadV2Scores.`,
      )
    }
    const prediction = predictions.get(id)
    if (prediction === undefined) continue
    const texts = answers.map(({ text }) => text)
    const best = bestAgreement(prediction, texts, 'never')
    exact += best.exact
    f1 += best.f1
  }
  const { length: total } = questions
  return { exactMatch: (100 * exact) / total, f1: (100 * f1) / total, total }
}

/** There must be questions to average over. */
export function assertQuestions(questions: readonly SquadQuestion[]): void {
  if (questions.length === 0) throw new BertkinError('data-empty', 'There are no questions to measure answers by.')
}
