// feature-extraction: texts as vectors. Without pooling as transformers' FeatureExtractionPipeline; pooling and
// normalization as sentence-transformers has them.

import { BertkinError } from '../errors.js'
import type { Encoding } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import { checkOptionNames, encodeText, type TaskContext, type TextOptions } from './context.js'
import { checkPooling, checkTokens, POOLINGS, type Pooling, textVectors, tokenVectors, unit } from './vectors.js'

export interface FeatureExtractionOptions<P extends Pooling = Pooling> extends TextOptions {
  /**
   * `none`: a vector for every token, special ones included. `cls`: the first token's vector. `mean`: the mean of all
   * tokens' vectors. Default: `none`.
   */
  readonly pooling?: P
  /** Bring every vector to length 1, so that a dot product of two is their cosine. Default: false. */
  readonly normalize?: boolean
}

/** A text's vectors, [tokens, hidden]; with pooling its one vector, [hidden]. Plain arrays, ready for JSON. */
export type FeatureExtractionAnswer<P extends Pooling = Pooling> = P extends 'none' ? number[][] : number[]

/** The ways of asking for vectors: how the answer nests follows from `pooling`. */
export interface FeatureExtractionCalls {
  <P extends Pooling = 'none'>(text: string, options?: FeatureExtractionOptions<P>): Promise<FeatureExtractionAnswer<P>>
  <P extends Pooling = 'none'>(
    texts: readonly string[],
    options?: FeatureExtractionOptions<P>,
  ): Promise<FeatureExtractionAnswer<P>[]>
  <P extends Pooling = 'none'>(
    texts: AsyncIterable<string>,
    options?: FeatureExtractionOptions<P>,
  ): AsyncGenerator<FeatureExtractionAnswer<P>, void, undefined>
}

/**
 * Turns each text into vectors. `pipeline('feature-extraction', …)` is the usual way in.
 *
 * @returns an answer for each text, in order: `number[][]`, [tokens, hidden]; with pooling `number[]`, [hidden]
 * @throws {BertkinError} `sequence-too-long`; `option-invalid`; `text-empty` if there is nothing to pool;
 *   `token-out-of-range` if tokenizer and model do not belong together; `not-finite` if the weights are damaged
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.FeatureExtractionPipeline
 *
 * @example
 * const context = { tokenizer: await loadTokenizer('bert'), model: await loadModel('bert', { head: 'base' }) }
 * for await (const vector of extractFeatures(context, ['A text.', 'Another.'], { pooling: 'mean', normalize: true })) {
 *   console.log(vector.length) // 768
 * }
 */
export async function* extractFeatures<P extends Pooling = 'none'>(
  context: TaskContext,
  texts: Inputs<string>,
  options: FeatureExtractionOptions<P> = {},
): AsyncGenerator<FeatureExtractionAnswer<P>, void, undefined> {
  checkOptionNames('feature-extraction', options, ['pooling', 'normalize', 'truncation'])
  const { model } = context
  const { normalize = false } = options
  const pooling: Pooling = options.pooling ?? 'none'
  checkPooling(pooling, POOLINGS)
  if (typeof normalize !== 'boolean') throw new BertkinError('option-invalid', 'normalize must be true or false')

  const prepare = (text: string) => {
    const encoding = encodeText(context, text, options)
    if (pooling !== 'none') checkTokens(encoding)
    return { encoding, length: encoding.length, outputs: 0 }
  }
  const plain = (vector: Float32Array): number[] => Array.from(normalize ? unit(vector) : vector)
  const extract = async (encodings: readonly Encoding[]): Promise<(number[][] | number[])[]> =>
    pooling === 'none'
      ? (await tokenVectors(model, encodings)).map((vectors) => vectors.map(plain))
      : (await textVectors(model, encodings, pooling)).map(plain)
  const answer = async (items: readonly ReturnType<typeof prepare>[]) =>
    (await extract(items.map(({ encoding }) => encoding))) as FeatureExtractionAnswer<P>[]
  yield* inBatches(texts, prepare, answer, context)
}
