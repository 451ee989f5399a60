// sentence-similarity: how close sentences are to another one. Names as in Hugging Face's sentence similarity task;
// vectors and scores as sentence-transformers has them.

import { BertkinError } from '../errors.js'
import type { Inputs } from './batching.js'
import { checkOptionNames, encodeText, type TaskContext, type TextOptions } from './context.js'
import { inBatchesOfParts } from './parts.js'
import { checkPooling, checkTokens, type Pooling, textVectors, unit } from './vectors.js'

/** A sentence, and those to compare with it. */
export interface SentenceSimilarityInput {
  readonly source_sentence: string
  /** At least one. */
  readonly sentences: readonly string[]
}

export interface SentenceSimilarityOptions extends TextOptions {
  /** How a sentence becomes one vector: the mean of its tokens', or its first token's. Default: `mean`. */
  readonly pooling?: Exclude<Pooling, 'none'>
}

/** The cosine of the source's vector with each sentence's, in the sentences' order: 1 for the same direction, down to -1. */
export type SentenceSimilarityAnswer = number[]

/**
 * Compares sentences with a source sentence. `pipeline('sentence-similarity', …)` is the usual way in.
 *
 * @returns scores for each input, in order
 * @throws {BertkinError} `option-invalid`, also for an input without sentences; `sequence-too-long`; `text-empty` for a
 *   sentence without tokens; `token-out-of-range` if tokenizer and model do not belong together; `not-finite` if the
 *   weights are damaged
 * @see https://huggingface.co/tasks/sentence-similarity
 *
 * @example
 * const context = { tokenizer: await loadTokenizer('bert'), model: await loadModel('bert', { head: 'base' }) }
 * const input = { source_sentence: 'A happy person.', sentences: ['A glad person.', 'A sunny day.'] }
 * for await (const [glad, sunny] of compareSentences(context, [input])) console.log(glad, sunny)
 */
export async function* compareSentences(
  context: TaskContext,
  inputs: Inputs<SentenceSimilarityInput>,
  options: SentenceSimilarityOptions = {},
): AsyncGenerator<SentenceSimilarityAnswer, void, undefined> {
  checkOptionNames('sentence-similarity', options, ['pooling', 'truncation'])
  const { pooling = 'mean' } = options
  checkPooling(pooling, ['mean', 'cls'])

  const part = (text: string) => {
    const encoding = encodeText(context, text, options)
    checkTokens(encoding)
    return { encoding, length: encoding.length, outputs: 0 }
  }
  const prepare = (input: SentenceSimilarityInput) => {
    checkInput(input)
    return { parts: [input.source_sentence, ...input.sentences].map(part) }
  }
  const read = async (parts: readonly ReturnType<typeof part>[]) => {
    const encodings = parts.map(({ encoding }) => encoding)
    return (await textVectors(context.model, encodings, pooling)).map(unit)
  }
  const answer = (_: unknown, [source, ...sentences]: readonly Float32Array[]) =>
    sentences.map((sentence) => dot(source!, sentence))
  yield* inBatchesOfParts(inputs, prepare, read, answer, context)
}

/** Of two vectors of length 1: their cosine, kept from going beyond 1 by rounding. */
function dot(a: Float32Array, b: Float32Array): number {
  const sum = a.reduce((total, value, i) => total + value * b[i]!, 0)
  return Math.min(1, Math.max(-1, sum))
}

function checkInput(input: unknown): asserts input is SentenceSimilarityInput {
  const { source_sentence, sentences } = (input ?? {}) as Partial<Record<keyof SentenceSimilarityInput, unknown>>
  const isList = Array.isArray(sentences) && sentences.every((sentence) => typeof sentence === 'string')
  if (typeof source_sentence !== 'string' || !isList) {
    const message = 'sentence-similarity takes { source_sentence, sentences }: a string and a list of strings'
    throw new BertkinError('option-invalid', message)
  }
  if (sentences.length > 0) return
  throw new BertkinError('option-invalid', 'sentences must hold at least one sentence to compare with source_sentence')
}
