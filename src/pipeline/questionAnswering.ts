// question-answering: the stretch of a passage that answers a question. Semantics of the QuestionAnsweringPipeline of
// transformers 4.57.6, the last release that has one.

import { BertkinError } from '../errors.js'
import { maxSequenceLength } from '../model/index.js'
import type { Encoding } from '../tokenizer/index.js'
import { allowedProbabilities, likeliestSpans, type Span } from './answerSpans.js'
import type { BatchItem, Inputs } from './batching.js'
import { checkIds, checkOptionNames, excerpt, mostTokens, type TaskContext } from './context.js'
import { inBatchesOfParts } from './parts.js'

/** A question, and the passage in which its answer is to be found. Other fields are passed over. */
export interface QuestionAnsweringInput {
  readonly question: string
  /** May be longer than the model can take: it is read in windows that overlap. */
  readonly context: string
}

export interface QuestionAnsweringOptions<K extends number = number> {
  /** How many answers at most. Default: 1. */
  readonly top_k?: K
  /** The most tokens of a window, question and special tokens included. Default: what the model takes, at most 384. */
  readonly max_seq_len?: number
  /**
   * How many tokens a window repeats of the one before. Default: 128, or half of `max_seq_len` if that is less; half of
   * the room that the question leaves, if it leaves less than that.
   */
  readonly doc_stride?: number
  /** The most tokens of an answer. Default: 15. */
  readonly max_answer_len?: number
  /** Whether the passage may hold no answer: an empty one then competes with the others. Default: false. */
  readonly handle_impossible_answer?: boolean
  /** Whether answers begin and end at words. Default: true; false suits languages that are written without spaces. */
  readonly align_to_words?: boolean
}

/** A stretch of the passage that may be the answer. */
export interface ExtractedAnswer {
  /**
   * How likely it is. Stretches that read alike, in whatever case, count as one answer and their scores are summed, so
   * that several windows may give more than 1.
   */
  score: number
  /** Where it begins in the passage, in UTF-16 units, as `String.slice` counts. */
  start: number
  /** Where it ends. */
  end: number
  /** The passage from `start` to `end`; '' if there is no answer. */
  answer: string
}

/**
 * The likeliest answer; with `top_k` above 1, a list of the likeliest ones, best first. As in transformers, a list of one
 * is that one. `[answer].flat()` is a list in any case.
 */
export type QuestionAnsweringAnswer<K extends number = number> = K extends 1
  ? ExtractedAnswer
  : ExtractedAnswer | ExtractedAnswer[]

/** The ways of asking questions: with `top_k` above 1, there may be several answers to each. */
export interface QuestionAnsweringCalls {
  <K extends number = 1>(
    input: QuestionAnsweringInput,
    options?: QuestionAnsweringOptions<K>,
  ): Promise<QuestionAnsweringAnswer<K>>
  <K extends number = 1>(
    inputs: readonly QuestionAnsweringInput[],
    options?: QuestionAnsweringOptions<K>,
  ): Promise<QuestionAnsweringAnswer<K>[]>
  <K extends number = 1>(
    inputs: AsyncIterable<QuestionAnsweringInput>,
    options?: QuestionAnsweringOptions<K>,
  ): AsyncGenerator<QuestionAnsweringAnswer<K>, void, undefined>
}

/**
 * Answers questions from passages. `pipeline('question-answering', …)` is the usual way in.
 *
 * @returns an answer for each question, in order
 * @throws {BertkinError} `text-empty` for an empty question or passage; `sequence-too-long` if the question leaves no room
 *   for the passage; `option-invalid`; `token-out-of-range` if tokenizer and model do not belong together; `not-finite` if
 *   the weights are damaged
 * @see https://huggingface.co/docs/transformers/v4.57.6/main_classes/pipelines#transformers.QuestionAnsweringPipeline
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('spanbert'), await loadModel('spanbert')]
 * const input = { question: 'Where does she live?', context: 'She moved from Pokhara to Kathmandu.' }
 * for await (const answer of answerQuestions({ tokenizer, model }, [input], { top_k: 3 })) {
 *   for (const { score, answer: text, start, end } of [answer].flat()) console.log(score, text, start, end)
 * }
 */
export async function* answerQuestions(
  context: TaskContext,
  inputs: Inputs<QuestionAnsweringInput>,
  options: QuestionAnsweringOptions = {},
): AsyncGenerator<QuestionAnsweringAnswer, void, undefined> {
  const settings = settingsOf(context, options)
  for await (const ranked of rankAnswers(context, inputs, options)) yield bestAnswers(ranked, settings)
}

/** What there is to choose from for one question. */
export interface RankedAnswers {
  /** Stretches of the passage that may be the answer, likeliest first. */
  readonly answers: readonly ExtractedAnswer[]
  /** How likely it is that the passage holds no answer: the least of its windows. */
  readonly noAnswerScore: number
}

/**
 * As {@link answerQuestions}, before anything is chosen: what evaluation needs, which looks for the score from which it
 * is better to give no answer.
 *
 * @throws {BertkinError} as `answerQuestions`
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('spanbert'), await loadModel('spanbert')]
 * const input = { question: 'Where does she live?', context: 'She moved from Pokhara to Kathmandu.' }
 * for await (const { answers, noAnswerScore } of rankAnswers({ tokenizer, model }, [input])) {
 *   console.log(answers[0]?.answer, noAnswerScore)
 * }
 */
export async function* rankAnswers(
  context: TaskContext,
  inputs: Inputs<QuestionAnsweringInput>,
  options: QuestionAnsweringOptions = {},
): AsyncGenerator<RankedAnswers, void, undefined> {
  const settings = settingsOf(context, options)
  const cls = context.tokenizer.specialTokens.cls?.id

  const prepare = (input: QuestionAnsweringInput) => {
    const windows = windowsOf(context, input, settings)
    const parts = windows.map((encoding) => ({ encoding, length: encoding.length, outputs: 0 }))
    return { passage: input.context, parts }
  }
  const read = async (parts: readonly PassageWindow[]): Promise<WindowAnswers[]> => {
    const encodings = parts.map(({ encoding }) => encoding)
    const { start_logits, end_logits } = await context.model.run(encodings) // each [windows, tokens]
    const width = start_logits!.dims[1]!
    return encodings.map((encoding, row) => {
      const own = ({ data }: { data: unknown }): Float32Array =>
        (data as Float32Array).subarray(row * width, row * width + encoding.length)
      return windowAnswers(encoding, own(start_logits!), own(end_logits!), cls, settings)
    })
  }
  yield* inBatchesOfParts(inputs, prepare, read, ({ passage }, found) => rank(passage, found), context)
}

// ── options ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Settings = Required<Omit<QuestionAnsweringOptions, 'doc_stride'>> & {
  readonly doc_stride: number
  /** Whether the caller asked for this very overlap. */
  readonly strideIsGiven: boolean
}

function settingsOf(context: TaskContext, options: QuestionAnsweringOptions): Settings {
  const names = ['top_k', 'doc_stride', 'max_answer_len', 'max_seq_len', 'handle_impossible_answer', 'align_to_words']
  checkOptionNames('question-answering', options, names)
  const { max_seq_len = Math.min(mostTokens(context), 384) } = options
  const settings = {
    top_k: options.top_k ?? 1,
    max_seq_len,
    doc_stride: options.doc_stride ?? Math.min(Math.floor(max_seq_len / 2), 128),
    strideIsGiven: options.doc_stride !== undefined,
    max_answer_len: options.max_answer_len ?? 15,
    handle_impossible_answer: options.handle_impossible_answer ?? false,
    align_to_words: options.align_to_words ?? true,
  }
  for (const name of ['top_k', 'max_answer_len', 'max_seq_len'] as const) checkWhole(name, settings[name], 1)
  checkWhole('doc_stride', settings.doc_stride, 0)
  for (const name of ['handle_impossible_answer', 'align_to_words'] as const) {
    if (typeof settings[name] !== 'boolean') throw invalid(`${name} must be true or false, not ${settings[name]}`)
  }
  if (settings.doc_stride > max_seq_len) {
    throw invalid(`doc_stride must be less than max_seq_len, and ${settings.doc_stride} is more than ${max_seq_len}`)
  }
  return settings
}

function checkWhole(name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return
  throw invalid(`${name} must be a whole number of at least ${minimum}, not ${value}`)
}

const invalid = (message: string): BertkinError => new BertkinError('option-invalid', message)

// ── windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The question with a stretch of the passage, as the model reads it. */
interface PassageWindow extends BatchItem {
  readonly encoding: Encoding
}

/** The question with one stretch of the passage after the other, each at most `max_seq_len` tokens. */
function windowsOf(context: TaskContext, input: QuestionAnsweringInput, settings: Settings): readonly Encoding[] {
  const { question, context: passage } = checkInput(input)
  const { tokenizer, model } = context
  const { max_seq_len: maxLength } = settings
  const fixed = tokenizer.encode(question, { pair: '' }).length
  if (fixed >= maxLength) {
    const message = `the question ${excerpt(question)} takes ${fixed} of the ${maxLength} tokens of max_seq_len`
    throw new BertkinError('sequence-too-long', `${message} and leaves no room for the context: shorten it`)
  }
  const stride = strideBeside(maxLength - fixed, settings, () => tokenizer.encode(question, { pair: passage }).length)
  const truncation = { maxLength, strategy: 'only_second', stride } as const
  const first = tokenizer.encode(question, { pair: passage, truncation })
  const most = maxSequenceLength(model.config)
  if (first.length > most) {
    const message = `a window of ${first.length} tokens is more than the ${most} that the model takes`
    throw new BertkinError('sequence-too-long', `${message}: lower max_seq_len`)
  }
  if (!first.sequenceIds.includes(1) && !settings.handle_impossible_answer) {
    throw new BertkinError('text-empty', `the context ${excerpt(passage)} has no words in it to answer from`)
  }
  const windows = [first, ...first.overflowing]
  for (const window of windows) checkIds(context, window)
  return windows
}

/** The windows' overlap where each has `room` for tokens of the passage. */
function strideBeside(
  room: number,
  { doc_stride, strideIsGiven, max_seq_len }: Settings,
  length: () => number,
): number {
  if (doc_stride < room) return doc_stride
  // It is of no matter to a passage that fits into one window.
  if (!strideIsGiven || length() <= max_seq_len) return Math.floor(room / 2)
  const where = `beside this question, windows of ${max_seq_len} tokens have room for ${room} of the context`
  throw invalid(`${where}, and doc_stride must be less than that, not ${doc_stride}: lower it, or raise max_seq_len`)
}

function checkInput(input: QuestionAnsweringInput): QuestionAnsweringInput {
  const isObject = typeof input === 'object' && input !== null
  if (!isObject) throw invalid(`question-answering takes { question, context }, not ${typeof input}`)
  for (const name of ['question', 'context'] as const) {
    const text: unknown = input[name]
    if (typeof text !== 'string') {
      const found = text === undefined ? 'is missing' : `must be a string, not ${text === null ? 'null' : typeof text}`
      throw invalid(`the ${name} ${found}: question-answering takes { question, context }`)
    }
    if (text.trim() === '') throw new BertkinError('text-empty', `the ${name} is empty`)
  }
  return input
}

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one window has to offer. */
interface WindowAnswers {
  /** Likeliest first. */
  readonly places: readonly { readonly score: number; readonly start: number; readonly end: number }[]
  /** How likely it is that there is no answer in this window. */
  readonly nullScore: number
}

function windowAnswers(
  encoding: Encoding,
  startLogits: Float32Array,
  endLogits: Float32Array,
  cls: number | undefined,
  { top_k, max_answer_len, align_to_words }: Settings,
): WindowAnswers {
  const { ids, sequenceIds } = encoding
  // [CLS] stands for "no answer" in models that were trained with unanswerable questions.
  const allowed = sequenceIds.map((sequence, i) => sequence === 1 || ids[i] === cls)
  const start = allowedProbabilities(startLogits, allowed)
  const end = allowedProbabilities(endLogits, allowed)
  const nullScore = start[0]! * end[0]!
  start[0] = 0
  end[0] = 0
  // Spans within the same words become one answer: more of them are needed than answers.
  const count = align_to_words ? 2 * top_k + 10 : top_k
  const spans = likeliestSpans(start, end, max_answer_len, count)
  // A question that spells out [CLS] is still no place for an answer.
  const inPassage = spans.filter((span) => sequenceIds[span.start] === 1 && sequenceIds[span.end] === 1)
  return { places: inPassage.map((span) => placeOf(encoding, span, align_to_words)), nullScore }
}

/** Where a span stands in the passage. A word that a window's edge cuts counts as far as the window has it. */
function placeOf(
  { packedOffsets, wordIds, sequenceIds }: Encoding,
  { start, end, score }: Span,
  alignToWords: boolean,
) {
  let [from, to] = [start, end]
  if (alignToWords) {
    const isSameWord = (i: number, j: number): boolean => sequenceIds[i] === sequenceIds[j] && wordIds[i] === wordIds[j]
    while (isSameWord(from - 1, start)) from--
    while (isSameWord(to + 1, end)) to++
  }
  return { score, start: packedOffsets[2 * from]!, end: packedOffsets[2 * to + 1]! }
}

/** The answers of all windows. */
function rank(passage: string, windows: readonly WindowAnswers[]): RankedAnswers {
  const answers = new Map<string, ExtractedAnswer>()
  for (const { score, start, end } of windows.flatMap(({ places }) => places)) {
    const answer = passage.slice(start, end)
    const key = answer.toLowerCase()
    const known = answers.get(key)
    if (known) known.score += score
    else answers.set(key, { score, start, end, answer })
  }
  return {
    answers: [...answers.values()].sort((a, b) => b.score - a.score),
    noAnswerScore: windows.reduce((least, { nullScore }) => Math.min(least, nullScore), Number.POSITIVE_INFINITY),
  }
}

function bestAnswers({ answers, noAnswerScore }: RankedAnswers, settings: Settings): QuestionAnsweringAnswer {
  const none = { score: noAnswerScore, start: 0, end: 0, answer: '' }
  const ranked = settings.handle_impossible_answer ? [...answers, none] : [...answers]
  const best = ranked.sort((a, b) => b.score - a.score).slice(0, settings.top_k)
  return best.length > 1 ? best : (best[0] ?? { score: 0, start: 0, end: 0, answer: '' })
}
