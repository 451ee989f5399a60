// text-classification: which label a text has, or two texts together. Semantics of transformers'
// TextClassificationPipeline.

import type { EncoderConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import type { Encoding } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import { checkOptionNames, encodePair, encodeText, type TaskContext, type TextOptions } from './context.js'
import { notFinite, sigmoid, softmax } from './ranking.js'

/** Two texts that are judged together: a premise and a hypothesis, say. Without the second, one text. */
export interface TextPair {
  readonly text: string
  readonly text_pair?: string
}

/** A text, or two. */
export type TextClassificationInput = string | TextPair

/** From logits to scores: each label by itself, all labels together, or the logits as they are. */
export type ScoreFunction = 'sigmoid' | 'softmax' | 'none'

export interface TextClassificationOptions<K extends number | null | undefined = number | null | undefined>
  extends TextOptions {
  /** How many labels for each text, likeliest first; null: all. Default: the likeliest alone. */
  readonly top_k?: K
  /**
   * Default, by the model's configuration: none for a regression (`problem_type`), the sigmoid for several labels at once
   * (`problem_type`) and for a single label, else the softmax.
   */
  readonly function_to_apply?: ScoreFunction
}

/** A label, and how well it fits. */
export interface Classification {
  /** Its name in the model's `id2label`. */
  label: string
  score: number
}

/**
 * A text's labels, likeliest first; without `top_k` a list of the likeliest one. To a text of an array or a stream: without
 * `top_k` the likeliest label itself. So it is in transformers and transformers.js.
 */
export type TextClassificationAnswer<K extends number | null | undefined = number | null | undefined> =
  K extends undefined ? Classification : Classification[]

/** The ways of asking for labels: how the answer nests follows from the way and from `top_k`. */
export interface TextClassificationCalls {
  (input: TextClassificationInput, options?: TextClassificationOptions): Promise<Classification[]>
  <K extends number | null | undefined = undefined>(
    inputs: readonly TextClassificationInput[],
    options?: TextClassificationOptions<K>,
  ): Promise<TextClassificationAnswer<K>[]>
  <K extends number | null | undefined = undefined>(
    inputs: AsyncIterable<TextClassificationInput>,
    options?: TextClassificationOptions<K>,
  ): AsyncGenerator<TextClassificationAnswer<K>, void, undefined>
}

/**
 * Ranks the labels of each text. `pipeline('text-classification', …)` is the usual way in.
 *
 * @returns a list for each text, in order
 * @throws {BertkinError} `sequence-too-long`; `option-invalid`; `token-out-of-range` if tokenizer and model do not belong
 *   together; `not-finite` if the weights are damaged
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.TextClassificationPipeline
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('sentiment'), await loadModel('sentiment')]
 * const texts = ['I loved every minute of it.', { text: 'It rains.', text_pair: 'The street is wet.' }]
 * for await (const labels of classifyTexts({ tokenizer, model }, texts, { top_k: null })) console.log(labels)
 */
export async function* classifyTexts(
  context: TaskContext,
  inputs: Inputs<TextClassificationInput>,
  options: TextClassificationOptions = {},
): AsyncGenerator<Classification[], void, undefined> {
  checkOptionNames('text-classification', options, ['top_k', 'function_to_apply', 'truncation'])
  const { config } = context.model
  const count = countOf(options.top_k, config.numLabels)
  const scoresOf = scoreFunctions[functionOf(options.function_to_apply, config)]

  const prepare = (input: TextClassificationInput) => {
    const encoding = encode(context, input, options)
    return { encoding, length: encoding.length, outputs: 0 }
  }
  const answer = async (items: readonly { readonly encoding: Encoding }[]): Promise<Classification[][]> => {
    const { logits } = await context.model.run(items.map(({ encoding }) => encoding)) // [texts, labels]
    const width = logits!.dims[1]!
    return items.map((_, row) => {
      const scores = scoresOf((logits!.data as Float32Array).subarray(row * width, (row + 1) * width))
      const labels = scores.map((score, id) => ({ label: config.id2label[id]!, score }))
      return labels.sort((a, b) => b.score - a.score).slice(0, count)
    })
  }
  yield* inBatches(inputs, prepare, answer, context)
}

/** What a text of an array or a stream gets. */
export const amongMany = (answer: TextClassificationAnswer, { top_k }: TextClassificationOptions = {}) =>
  top_k === undefined && Array.isArray(answer) ? answer[0]! : answer

function encode(context: TaskContext, input: TextClassificationInput, options: TextOptions): Encoding {
  if (typeof input !== 'object' || input === null) return encodeText(context, input, options)
  const stranger = Object.keys(input).find((name) => name !== 'text' && name !== 'text_pair')
  if (stranger !== undefined) {
    const message = `text-classification takes a text or { text, text_pair }, and knows no "${stranger}"`
    throw new BertkinError('option-invalid', message)
  }
  const { text, text_pair } = input
  // To the reference, too, an empty second text is none.
  return text_pair === undefined || text_pair === null || text_pair === ''
    ? encodeText(context, text, options)
    : encodePair(context, text, text_pair, options)
}

const scoreFunctions: Readonly<Record<ScoreFunction, (logits: Float32Array) => number[]>> = {
  sigmoid: (logits) => Array.from(logits, sigmoid),
  softmax: (logits) => Array.from(logits.keys(), softmax(logits)),
  none: (logits) => {
    if (logits.some(Number.isNaN)) throw notFinite()
    return Array.from(logits)
  },
}

function functionOf(name: ScoreFunction | undefined, { problemType, numLabels }: EncoderConfig): ScoreFunction {
  if (name !== undefined && name !== null) {
    if (Object.hasOwn(scoreFunctions, name)) return name
    const known = Object.keys(scoreFunctions).join(', ')
    throw new BertkinError('option-invalid', `function_to_apply must be one of ${known}, not ${JSON.stringify(name)}`)
  }
  if (problemType === 'regression') return 'none'
  return problemType === 'multi_label_classification' || numLabels === 1 ? 'sigmoid' : 'softmax'
}

/** How many labels to give. */
function countOf(topK: number | null | undefined, labels: number): number {
  if (topK === undefined) return 1
  if (topK === null) return labels
  if (Number.isInteger(topK) && topK >= 1) return topK
  throw new BertkinError('option-invalid', `top_k must be a whole number of at least 1, or null for all, not ${topK}`)
}
