// Exact match and F1 where some questions have no answer, as SQuAD's evaluation script 2.0 counts them, and the threshold at
// which it would be best to give no answer.

import {
  type Agreement,
  assertQuestions,
  bestAgreement,
  normalizeAnswer,
  type SquadQuestion,
  type SquadScores,
} from './squad.js'

/** An answer, '' for none, and how sure the model is that there is none (any scale; 0 if not given). */
export interface SquadV2Prediction {
  readonly text: string
  readonly noAnswer?: number
}

/** Percentages from 0 to 100, also apart for questions with and without an answer. */
export interface SquadV2Scores extends SquadScores {
  /** Undefined if there are no such questions. */
  readonly hasAnswer?: SquadScores
  readonly noAnswer?: SquadScores
  /** What could be reached by giving no answer where `noAnswer` is above the threshold, and that threshold. */
  readonly bestExactMatch: number
  readonly bestExactMatchThreshold: number
  readonly bestF1: number
  readonly bestF1Threshold: number
}

/** One question's share. */
interface Judged extends Agreement {
  readonly answerable: boolean
  readonly given: boolean
  readonly noAnswer: number
}

/**
 * SQuAD 2.0: as squadScores; for a question without an answer, '' is right and all else is wrong. Where a prediction's
 * `noAnswer` is above `threshold`, it counts as ''.
 *
 * Right answers of which nothing is left when normalized (punctuation, articles) are passed over, and two empty answers
 * agree fully. A question without a prediction counts 0 (the official script cannot handle it).
 *
 * The best thresholds are searched as the script does: starting from no answer at all (threshold 0), questions get their
 * answers one by one in the order of `noAnswer` (equal ones in the order of the questions), and the first best place wins.
 *
 * @param threshold default 1, which for probabilities means never
 * @throws BertkinError 'data-empty' for no questions
 * @example
 * const questions = [{ id: 'q1', answers: [{ text: 'Tom' }] }, { id: 'q2', answers: [] }]
 * const predictions = new Map([['q1', { text: 'Tom', noAnswer: 0.1 }], ['q2', { text: 'Ann', noAnswer: 0.8 }]])
 * const { exactMatch, bestExactMatch } = squadV2Scores(questions, predictions) // 50, 100 at a threshold of 0.1
 */
export function squadV2Scores(
  questions: readonly SquadQuestion[],
  predictions: ReadonlyMap<string, SquadV2Prediction>,
  { threshold = 1 }: { readonly threshold?: number } = {},
): SquadV2Scores {
  assertQuestions(questions)
  const judged = questions.map((question) => judge(question, predictions.get(question.id)))
  const thresholded = judged.map((one) =>
    one.noAnswer > threshold ? { ...one, exact: Number(!one.answerable), f1: Number(!one.answerable) } : one,
  )
  const [answerable, unanswerable] = [true, false].map((value) => thresholded.filter((one) => one.answerable === value))
  const [exact, f1] = [bestThreshold(judged, 'exact'), bestThreshold(judged, 'f1')]
  return {
    ...meansOf(thresholded),
    ...(answerable!.length === 0 ? {} : { hasAnswer: meansOf(answerable!) }),
    ...(unanswerable!.length === 0 ? {} : { noAnswer: meansOf(unanswerable!) }),
    bestExactMatch: exact.score,
    bestExactMatchThreshold: exact.threshold,
    bestF1: f1.score,
    bestF1Threshold: f1.threshold,
  }
}

function judge({ answers }: SquadQuestion, prediction: SquadV2Prediction | undefined): Judged {
  const answerable = answers.length > 0
  if (prediction === undefined) return { answerable, given: true, noAnswer: 0, exact: 0, f1: 0 }
  const texts = answers.map(({ text }) => text).filter((text) => normalizeAnswer(text) !== '')
  const best = bestAgreement(prediction.text, texts.length === 0 ? [''] : texts, 'if both')
  return { ...best, answerable, given: prediction.text !== '', noAnswer: prediction.noAnswer ?? 0 }
}

function meansOf(judged: readonly Judged[]): SquadScores {
  const mean = (key: 'exact' | 'f1'): number => (100 * judged.reduce((sum, one) => sum + one[key], 0)) / judged.length
  return { exactMatch: mean('exact'), f1: mean('f1'), total: judged.length }
}

function bestThreshold(judged: readonly Judged[], key: 'exact' | 'f1'): { score: number; threshold: number } {
  let current = judged.filter(({ answerable }) => !answerable).length
  let best = { score: current, threshold: 0 }
  for (const one of [...judged].sort((a, b) => a.noAnswer - b.noAnswer)) {
    current += one.answerable ? one[key] : one.given ? -1 : 0
    if (current > best.score) best = { score: current, threshold: one.noAnswer }
  }
  return { score: (100 * best.score) / judged.length, threshold: best.threshold }
}
