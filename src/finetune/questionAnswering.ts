// Questions about a passage, and where in it the answer is.

import { createConfig } from '../checkpoint/index.js'
import { counted } from '../counted.js'
import type { QuestionExample } from '../data/index.js'
import { BertkinError } from '../errors.js'
import { type SquadV2Prediction, squadScores, squadV2Scores } from '../metric/index.js'
import { type AnsweredWindow, questionAnswering as objective } from '../objective/index.js'
import { rankAnswers } from '../pipeline/index.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import {
  type EvaluationContext,
  type FeatureContext,
  type FinetuningTask,
  lengthFor,
  type TaskEvaluation,
  tell,
} from './task.js'

export const questionAnswering: FinetuningTask<QuestionExample, AnsweredWindow> = {
  head: 'question-answering',
  maxLength: 384,
  // transformers sizes the head by the number of labels: it must be two.
  labelsOf: () => ({ id2label: createConfig({ modelType: 'bert' }).id2label, problemType: undefined }),
  checkKnown: () => {},
  features: questionFeatures,
  objective,
  evaluate,
}

/**
 * Windows over the passages, as the pipeline reads them, with the columns of the first answer given. Where a window does
 * not have all of it, and where there is none, they are that of [CLS].
 *
 * A question that leaves no room for its passage is left out, and so is one whose answer has no token (white space, say).
 *
 * @throws {BertkinError} `option-invalid` for a tokenizer without [CLS], and for an impossible stride
 *
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const config = createConfig({ modelType: 'electra' })
 * const example = { id: '1', question: 'Who?', context: 'It was Tom.', answers: [{ text: 'Tom', start: 7 }] }
 * const [window] = questionFeatures([example], { tokenizer, config, maxLength: 384 })
 * tokenizer.decode(Array.from(window!.ids).slice(window!.start, window!.end + 1)) // 'tom'
 */
export function questionFeatures(examples: readonly QuestionExample[], context: FeatureContext): AnsweredWindow[] {
  const features: AnsweredWindow[] = []
  const left = { question: 0, answer: 0 }
  for (const example of examples) {
    const windows = windowsOf(example, context)
    const found = windows && answeredWindows(example, windows, context.tokenizer)
    if (found) for (const feature of found) features.push(feature)
    else left[windows ? 'answer' : 'question']++
  }
  const { maxLength } = context
  if (left.question > 0) {
    tell(context, `${counted(left.question, 'question')} left no room for a passage in ${maxLength} tokens: left out`)
  }
  if (left.answer > 0) tell(context, `${counted(left.answer, 'answer')} had no tokens: left out`)
  return features
}

/** A passage in stretches behind its question. */
interface Windows {
  readonly encodings: readonly Encoding[]
  /** By how many of the passage's tokens each is further on than the one before. */
  readonly step: number
}

/** Undefined if the question leaves no room. */
function windowsOf({ question, context }: QuestionExample, options: FeatureContext): Windows | undefined {
  const { tokenizer, maxLength, docStride } = options
  const room = maxLength - tokenizer.encode(question, { pair: '' }).length
  if (room <= 0) return undefined
  const stride = strideIn(room, maxLength, docStride)
  const truncation = { maxLength, strategy: 'only_second', stride } as const
  const first = tokenizer.encode(question, { pair: context, truncation })
  return { encodings: [first, ...first.overflowing], step: room - stride }
}

/** The overlap of windows with `room` for the passage: as asked for, as long as windows get on. */
function strideIn(room: number, maxLength: number, docStride: number | undefined): number {
  const stride = docStride ?? Math.min(Math.floor(maxLength / 2), 128)
  return stride < room ? stride : Math.floor(room / 2)
}

/** Undefined if the answer has no token. */
function answeredWindows(
  { question, context, answers: [answer] }: QuestionExample,
  { encodings, step }: Windows,
  tokenizer: Tokenizer,
): AnsweredWindow[] | undefined {
  // All of the passage at once, which tells the windows that have all of the answer from those that cut it.
  const whole = encodings.length === 1 ? encodings[0]! : tokenizer.encode(question, { pair: context })
  const place = answer && tokensWithin(whole, answer.start, answer.start + answer.text.length)
  if (answer && !place) return undefined
  return encodings.map((window, i) => {
    const none = clsColumn(window, tokenizer)
    const feature = { ids: window.ids, typeIds: window.typeIds, start: none, end: none }
    if (!place) return feature
    const { start, length } = passageTokens(window)
    const [first, last] = [place.first - i * step, place.last - i * step]
    return first >= 0 && last < length ? { ...feature, start: start + first, end: start + last } : feature
  })
}

/** Where a window has its tokens of the passage. */
function passageTokens({ sequenceIds }: Encoding): { readonly start: number; readonly length: number } {
  const start = sequenceIds.indexOf(1)
  return start < 0 ? { start: 0, length: 0 } : { start, length: sequenceIds.lastIndexOf(1) + 1 - start }
}

/** The first and the last token of the passage, counted within it, that have a part of `context.slice(from, to)`. */
function tokensWithin(encoding: Encoding, from: number, to: number): { first: number; last: number } | undefined {
  const { start, length } = passageTokens(encoding)
  let [first, last] = [-1, -1]
  for (let token = 0; token < length; token++) {
    const [begin, end] = [
      encoding.packedOffsets[2 * (start + token)]!,
      encoding.packedOffsets[2 * (start + token) + 1]!,
    ]
    if (begin >= to || end <= from) continue
    if (first < 0) first = token
    last = token
  }
  return first < 0 ? undefined : { first, last }
}

function clsColumn({ ids }: Encoding, { specialTokens }: Tokenizer): number {
  const column = specialTokens.cls ? ids.indexOf(specialTokens.cls.id) : -1
  if (column >= 0) return column
  throw new BertkinError('option-invalid', 'question answering needs a tokenizer that puts a [CLS] into its sequences')
}

// ── evaluation ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function evaluate(examples: readonly QuestionExample[], context: EvaluationContext): Promise<TaskEvaluation> {
  const predictions = await predict(examples, context)
  const { length } = examples
  if (examples.every(({ answers }) => answers.length > 0)) {
    const texts = new Map([...predictions].map(([id, { text }]) => [id, text]))
    const { exactMatch, f1 } = squadScores(examples, texts)
    return { metrics: { exact_match: exactMatch, f1 }, main: 'f1', examples: length }
  }
  const scores = squadV2Scores(examples, predictions, { threshold: context.noAnswerThreshold ?? 0 })
  const { exactMatch, f1, hasAnswer, noAnswer } = scores
  const metrics = {
    exact_match: exactMatch,
    f1,
    ...(hasAnswer && { has_answer_exact_match: hasAnswer.exactMatch, has_answer_f1: hasAnswer.f1 }),
    ...(noAnswer && { no_answer_accuracy: noAnswer.exactMatch }),
    best_exact_match: scores.bestExactMatch,
    best_exact_match_threshold: scores.bestExactMatchThreshold,
    best_f1: scores.bestF1,
    best_f1_threshold: scores.bestF1Threshold,
  }
  return { metrics, main: 'f1', examples: length }
}

/** The pipeline's best answer to each question, and by how much it is likelier that there is none. */
async function predict(
  examples: readonly QuestionExample[],
  context: EvaluationContext,
): Promise<Map<string, SquadV2Prediction>> {
  const { model, tokenizer, docStride, batchTokens } = context
  const maxLength = lengthFor({ ...context, maxLength: context.maxLength ?? 384 })
  const roomFor = ({ question }: QuestionExample): number => maxLength - tokenizer.encode(question, { pair: '' }).length
  const readable = examples.filter((example) => roomFor(example) > 0)
  const left = examples.length - readable.length
  if (left > 0)
    tell(context, `${counted(left, 'question')} left no room for a passage in ${maxLength} tokens: no answer`)
  const onWarning = (message: string) => tell(context, message)
  const parts = { model, tokenizer, onWarning, ...(batchTokens !== undefined && { batchTokens }) }
  const predictions = new Map<string, SquadV2Prediction>(examples.map(({ id }) => [id, { text: '' }]))
  // A passage without words is answered, too: with nothing.
  const common = { max_seq_len: maxLength, handle_impossible_answer: true }
  const strides = new Map(readable.map((example) => [example, strideIn(roomFor(example), maxLength, docStride)]))
  for (const stride of new Set(strides.values())) {
    const group = readable.filter((example) => strides.get(example) === stride)
    let next = 0
    for await (const { answers, noAnswerScore } of rankAnswers(parts, group, { ...common, doc_stride: stride })) {
      const [best] = answers
      predictions.set(group[next++]!.id, {
        text: best?.answer ?? '',
        noAnswer: noAnswerScore - (best?.score ?? 0),
      })
    }
  }
  return predictions
}
