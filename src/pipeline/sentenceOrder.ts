// sentence-order: whether two pieces of text stand in the order they were written in. What ALBERT is trained to tell
// beside its masked tokens (Lan et al., 2019, https://arxiv.org/abs/1909.11942, section 3.1).

import { BertkinError } from '../errors.js'
import type { Encoding } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import { checkOptionNames, encodePair, type TaskContext, type TextOptions } from './context.js'
import { softmax } from './ranking.js'

/** Two pieces of text, in the order in question. */
export interface SentenceOrderInput {
  readonly text: string
  readonly text_pair: string
}

export type SentenceOrderOptions = TextOptions

/** What the model thinks of the order. */
export interface SentenceOrderAnswer {
  /** `in_order`: the first piece was written before the second; `swapped`: behind it. */
  label: 'in_order' | 'swapped'
  /** The label's probability. */
  score: number
}

/** The output that is read; the masked language model beside it is of no use here. */
export const SENTENCE_ORDER_OUTPUTS = ['sop_logits']

const LABELS = ['in_order', 'swapped'] as const

/**
 * Judges the order of each two pieces of text. `pipeline('sentence-order', …)` is the usual way in.
 *
 * @returns an answer for each pair, in order
 * @throws {BertkinError} `text-empty` if one of the two has no words; `sequence-too-long`; `option-invalid`;
 *   `token-out-of-range` if tokenizer and model do not belong together; `not-finite` if the weights are damaged
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('albert'), await loadModel('albert', { head: 'pretraining' })]
 * const pairs = [{ text: 'She cooked momo.', text_pair: 'It was delicious.' }]
 * for await (const { label, score } of judgeOrder({ tokenizer, model }, pairs)) console.log(label, score) // 'in_order'
 */
export async function* judgeOrder(
  context: TaskContext,
  inputs: Inputs<SentenceOrderInput>,
  options: SentenceOrderOptions = {},
): AsyncGenerator<SentenceOrderAnswer, void, undefined> {
  checkOptionNames('sentence-order', options, ['truncation'])
  const prepare = (input: SentenceOrderInput) => {
    const { text, text_pair } = checkInput(input)
    const encoding = encodePair(context, text, text_pair, options)
    if (!encoding.sequenceIds.includes(0) || !encoding.sequenceIds.includes(1)) throw wordless()
    return { encoding, length: encoding.length, outputs: 1 }
  }
  const answer = async (items: readonly { encoding: Encoding }[]): Promise<SentenceOrderAnswer[]> => {
    const sequences = items.map(({ encoding }) => encoding)
    const { sop_logits: logits } = await context.model.run(sequences, { outputs: SENTENCE_ORDER_OUTPUTS }) // [pairs, 2]
    return items.map((_, i) => {
      const probability = softmax((logits!.data as Float32Array).subarray(2 * i, 2 * i + 2))
      const likelier = probability(1) > probability(0) ? 1 : 0
      return { label: LABELS[likelier], score: probability(likelier) }
    })
  }
  yield* inBatches(inputs, prepare, answer, context)
}

function checkInput(input: SentenceOrderInput): SentenceOrderInput {
  const isObject = typeof input === 'object' && input !== null
  if (isObject && typeof input.text === 'string' && typeof input.text_pair === 'string') {
    if (input.text.trim() !== '' && input.text_pair.trim() !== '') return input
    throw wordless()
  }
  throw new BertkinError('option-invalid', 'sentence-order takes two strings, as { text, text_pair }')
}

const wordless = (): BertkinError =>
  new BertkinError('text-empty', 'one of the two texts has no words: there is no order to judge')
