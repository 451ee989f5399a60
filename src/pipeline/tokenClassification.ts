// token-classification: a label for every token or entity (names, places, parts of speech). Semantics of transformers'
// TokenClassificationPipeline.

import { BertkinError } from '../errors.js'
import type { Model } from '../model/index.js'
import type { Encoding } from '../tokenizer/index.js'
import type { BatchItem, Inputs } from './batching.js'
import {
  checkIds,
  checkOptionNames,
  checkText,
  encodeText,
  mostTokens,
  type TaskContext,
  type TextOptions,
  warn,
} from './context.js'
import {
  type Grouped,
  grouped,
  groupName,
  labelledTokens,
  labelledWords,
  marksSubwords,
  merged,
  probabilities,
  type ScoredToken,
  scoredTokens,
} from './entities.js'
import { inBatchesOfParts } from './parts.js'

/** The ways from labels of tokens to entities; {@link TokenClassificationOptions} describes them. */
export const AGGREGATION_STRATEGIES = ['none', 'simple', 'first', 'average', 'max'] as const

export type AggregationStrategy = (typeof AGGREGATION_STRATEGIES)[number]

export interface TokenClassificationOptions<S extends AggregationStrategy = AggregationStrategy> extends TextOptions {
  /**
   * `none`: every token by itself. All others join neighbours of one kind to an entity: `simple` as the tokens are
   * labelled; the others label words, by their first token (`first`), by the mean of their tokens (`average`) or by their
   * surest token (`max`). Default: `none`.
   */
  readonly aggregation_strategy?: S
  /** Labels that are left out of the answer: `B-PER` for tokens, `PER` for entities. Default: `['O']`. */
  readonly ignore_labels?: readonly string[]
  /**
   * Read texts of any length, in windows that overlap by so many tokens; needs an aggregation strategy. Default: texts are
   * read as far as `truncation` says.
   */
  readonly stride?: number
  /**
   * Cut texts that are longer than the model can take, and say so through `onWarning`. Default: true if the tokenizer
   * states a length that the model can take, as in transformers; else false, an error.
   */
  readonly truncation?: boolean
}

/** A token with its likeliest label. */
export interface TokenEntity {
  entity: string
  /** The label's probability. */
  score: number
  /** The token's place in the sequence, special tokens counted. */
  index: number
  /** The token as the vocabulary has it, `##ing`; the text itself if the token is unknown. */
  word: string
  /** Where it begins in the text, in UTF-16 units, as `String.slice` counts. */
  start: number
  /** Where it ends. */
  end: number
}

/** An entity of one or several words. */
export interface EntityGroup {
  /** The label without `B-` or `I-`. */
  entity_group: string
  /** The mean probability of its tokens, or of its words. */
  score: number
  /** Its tokens joined; `text.slice(start, end)` is how the text has it. */
  word: string
  /** Where it begins in the text, in UTF-16 units, as `String.slice` counts. */
  start: number
  /** Where it ends. */
  end: number
}

/** A text's labelled tokens, or its entities, in the order of the text. */
export type TokenClassificationAnswer<S extends AggregationStrategy = AggregationStrategy> = S extends 'none'
  ? TokenEntity[]
  : EntityGroup[]

/** The ways of asking for entities: what they are follows from `aggregation_strategy`. */
export interface TokenClassificationCalls {
  <S extends AggregationStrategy = 'none'>(
    text: string,
    options?: TokenClassificationOptions<S>,
  ): Promise<TokenClassificationAnswer<S>>
  <S extends AggregationStrategy = 'none'>(
    texts: readonly string[],
    options?: TokenClassificationOptions<S>,
  ): Promise<TokenClassificationAnswer<S>[]>
  <S extends AggregationStrategy = 'none'>(
    texts: AsyncIterable<string>,
    options?: TokenClassificationOptions<S>,
  ): AsyncGenerator<TokenClassificationAnswer<S>, void, undefined>
}

/**
 * Labels the tokens of each text. `pipeline('token-classification', …)` is the usual way in.
 *
 * @returns an answer for each text, in order
 * @throws {BertkinError} `sequence-too-long`; `option-invalid`; `token-out-of-range` if tokenizer and model do not belong
 *   together; `not-finite` if the weights are damaged
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.TokenClassificationPipeline
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('bert-ner'), await loadModel('bert-ner')]
 * const options = { aggregation_strategy: 'simple' } as const
 * for await (const entities of classifyTokens({ tokenizer, model }, ['Angela Merkel visited Paris.'], options)) {
 *   for (const { entity_group, word } of entities) console.log(entity_group, word) // 'PER', 'Angela Merkel'
 * }
 */
export async function* classifyTokens<S extends AggregationStrategy = 'none'>(
  context: TaskContext,
  texts: Inputs<string>,
  options: TokenClassificationOptions<S> = {},
): AsyncGenerator<TokenClassificationAnswer<S>, void, undefined> {
  checkOptions(context, options)
  const { model, tokenizer } = context
  const { id2label: labels } = model.config
  const { aggregation_strategy: strategy = 'none', ignore_labels = ['O'] } = options

  const prepare = (text: string) => ({ text, parts: windowsOf(context, text, options).map(asWindow) })
  const read = (windows: readonly LabelWindow[]) => scoresOf(model, windows)
  const entitiesOf = (tokens: readonly ScoredToken[]): Grouped[] => {
    const parts =
      strategy === 'none' || strategy === 'simple'
        ? labelledTokens(tokens, labels)
        : labelledWords(tokens, labels, strategy, tokenizer)
    return grouped(parts, tokenizer).filter(({ entity_group }) => !ignore_labels.includes(entity_group))
  }
  const answer = ({ text, parts }: ReturnType<typeof prepare>, scores: readonly WindowScores[]) => {
    const tokens = parts.map(({ encoding }, i) => scoredTokens(text, encoding, tokenizer, scores[i]!))
    if (strategy !== 'none') {
      const entities = tokens.flatMap(entitiesOf)
      return parts.length > 1 ? merged(entities, text) : entities
    }
    return tokens
      .flatMap((some) => labelledTokens(some, labels))
      .filter(({ entity }) => !ignore_labels.includes(entity))
  }
  const typed = (...found: Parameters<typeof answer>) => answer(...found) as TokenClassificationAnswer<S>
  yield* inBatchesOfParts(texts, prepare, read, typed, context)
}

/** A stretch of a text, as the model reads it. */
interface LabelWindow extends BatchItem {
  readonly encoding: Encoding
  /** Where the text's own tokens are. */
  readonly columns: readonly number[]
}

/** The probabilities of a token's labels, by its column. */
type WindowScores = (column: number) => Float32Array

function asWindow(encoding: Encoding): LabelWindow {
  const { specialTokensMask, length } = encoding
  const columns = Array.from(specialTokensMask.keys()).filter((column) => specialTokensMask[column] === 0)
  return { encoding, columns, length, outputs: 0 }
}

/** The whole text; or, with a stride, as many windows as it takes. */
function windowsOf(context: TaskContext, text: string, { stride, truncation }: TokenClassificationOptions): Encoding[] {
  const maxLength = mostTokens(context)
  if (stride === undefined) {
    const isUsual = context.tokenizer.modelMaxLength === maxLength
    return [encodeText(context, text, { truncation: truncation ?? isUsual })]
  }
  checkText(text)
  const first = context.tokenizer.encode(text, { truncation: { maxLength, stride } })
  const windows = [first, ...first.overflowing]
  for (const window of windows) checkIds(context, window)
  return windows
}

async function scoresOf(model: Model, windows: readonly LabelWindow[]): Promise<WindowScores[]> {
  // Texts without tokens of their own need no model.
  const nonempty = windows.filter(({ columns }) => columns.length > 0)
  const at = nonempty.flatMap(({ columns }, sequence) => columns.map((column) => [sequence, column] as const))
  const sequences = nonempty.map(({ encoding }) => encoding)
  const { logits } = at.length === 0 ? {} : await model.run(sequences, { outputs: ['logits'], at }) // [tokens, labels]
  const width = logits?.dims[1] ?? 0
  let row = 0
  return windows.map(({ columns }) => {
    const rows = columns.map((column) => {
      const scores = (logits!.data as Float32Array).subarray(row * width, ++row * width)
      return [column, probabilities(scores)] as const
    })
    const byColumn = new Map(rows)
    return (column) => byColumn.get(column)!
  })
}

const OPTION_NAMES = ['aggregation_strategy', 'ignore_labels', 'stride', 'truncation']

function checkOptions(context: TaskContext, options: TokenClassificationOptions): void {
  checkOptionNames('token-classification', options, OPTION_NAMES)
  const { aggregation_strategy: strategy = 'none', ignore_labels, stride } = options
  if (!AGGREGATION_STRATEGIES.includes(strategy)) {
    const message = `aggregation_strategy must be ${AGGREGATION_STRATEGIES.join(', ')}; not ${JSON.stringify(strategy)}`
    throw new BertkinError('option-invalid', message)
  }
  if (ignore_labels !== undefined) checkLabels(context, ignore_labels, strategy)
  if (stride !== undefined) checkStride(context, stride, strategy)
  if (strategy !== 'none' && strategy !== 'simple') warnOfGuesses(context, strategy)
}

function checkLabels(context: TaskContext, ignored: readonly string[], strategy: AggregationStrategy): void {
  if (!Array.isArray(ignored) || ignored.some((label) => typeof label !== 'string')) {
    throw new BertkinError('option-invalid', "ignore_labels must be a list of labels: ['O']")
  }
  const { id2label } = context.model.config
  const known = strategy === 'none' ? id2label : [...new Set(id2label.map(groupName))]
  const stranger = ignored.find((label) => label !== 'O' && !known.includes(label))
  if (stranger === undefined) return
  warnOnce(
    context,
    `ignore_labels has ${JSON.stringify(stranger)}, which is not one of ${known.slice(0, 20).join(', ')}`,
  )
}

function checkStride(context: TaskContext, stride: number, strategy: AggregationStrategy): void {
  const room = mostTokens(context) - context.tokenizer.encode('').length
  if (!Number.isInteger(stride) || stride < 0 || stride >= room) {
    const message = `stride must be a whole number from 0 to ${room - 1}, less than a window holds; not ${stride}`
    throw new BertkinError('option-invalid', message)
  }
  if (strategy !== 'none') return
  throw new BertkinError('option-invalid', 'stride needs an aggregation_strategy: simple, first, average or max')
}

function warnOfGuesses(context: TaskContext, strategy: AggregationStrategy): void {
  if (marksSubwords(context.tokenizer)) return
  const guess = 'a token is taken to continue a word unless a space stands before it'
  warnOnce(context, `aggregation_strategy "${strategy}" needs words, which this tokenizer does not mark: ${guess}`)
}

const told = new WeakMap<TaskContext, Set<string>>()

/** What is true of all texts is said once. */
function warnOnce(context: TaskContext, message: string): void {
  const messages = told.get(context) ?? new Set()
  told.set(context, messages)
  if (!messages.has(message)) warn(context, message)
  messages.add(message)
}
