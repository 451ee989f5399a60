// Where a model looks: the attention of every head of every layer over one text, or two.

import { maxSequenceLength } from '../model/index.js'
import type { PipelineParts } from './pipeline.js'

export interface AttentionsOptions {
  /** A second text, behind the first. */
  readonly pair?: string
  /** Cut texts that are longer than the model can take. Default: false, an error. */
  readonly truncation?: boolean
}

/** The tokens of a text, and how much each looks at each. */
export interface Attentions {
  /** Special tokens included, as everything here. */
  readonly tokens: readonly string[]
  readonly ids: Int32Array
  /** 0 for the first text, 1 for the second, as the tokenizer has it. */
  readonly typeIds: Int32Array
  /** Where each token stands in its text, in UTF-16 units; [0, 0] for special tokens. */
  readonly offsets: readonly (readonly [begin: number, end: number])[]
  /** The text of each token, 0 or 1; null for special tokens. */
  readonly sequenceIds: readonly (number | null)[]
  readonly layers: number
  readonly heads: number
  /** [layers, heads, tokens, tokens]: of a token that looks (a row, summing to 1), its share at each that is looked at. */
  readonly weights: Float32Array
}

/**
 * The attention of every head of every layer over a text. Of a model of any kin and any head; `base` is the cheapest.
 *
 * @throws {BertkinError} `sequence-too-long` without `truncation`; `token-out-of-range` if tokenizer and model do not
 *   belong together
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('bert'), await loadModel('bert', { head: 'base' })]
 * const { tokens, weights, heads } = await attentionsOf({ tokenizer, model }, 'She sat by the river.')
 * const n = tokens.length
 * const row = weights.subarray((0 * heads + 3) * n * n).subarray(0, n) // layer 0, head 3: where [CLS] looks
 */
export async function attentionsOf(
  { model, tokenizer }: PipelineParts,
  text: string,
  { pair, truncation = false }: AttentionsOptions = {},
): Promise<Attentions> {
  const encoding = tokenizer.encode(text, {
    ...(pair !== undefined && { pair }),
    ...(truncation && { truncation: { maxLength: maxSequenceLength(model.config) } }),
  })
  const { ids, typeIds, tokens, offsets, sequenceIds } = encoding
  const outputs = await model.run([encoding], { outputs: ['attentions'] })
  const { numHiddenLayers: layers, numAttentionHeads: heads } = model.config
  const size = heads * ids.length * ids.length
  const weights = new Float32Array(layers * size)
  for (let layer = 0; layer < layers; layer++) {
    weights.set(outputs[`attentions.${layer}`]!.data as Float32Array, layer * size) // [1, heads, tokens, tokens]
  }
  return { tokens, ids, typeIds, offsets, sequenceIds, layers, heads, weights }
}
