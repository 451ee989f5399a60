// The layers that all kin are made of.

import * as graph from '../graph/index.js'
import {
  activations,
  add,
  type Dim,
  type DropoutSource,
  matmul,
  reshape,
  softmax,
  type Tensor,
  transpose,
} from '../graph/index.js'
import type { LooksAside } from './initialization.js'
import type { ParameterScope } from './parameters.js'
import type { TokenInputs } from './tokens.js'

/** What a layer needs to know of the configuration. */
export interface LayerConfig {
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly numAttentionHeads: number
  readonly hiddenAct: keyof typeof activations
  readonly layerNormEps: number
  readonly initializerRange: number
  readonly hiddenDropoutProb: number
  readonly attentionProbsDropoutProb: number
}

/** Inference, or training: with a source of random bits, dropout drops. */
export interface Mode {
  readonly dropout?: DropoutSource
}

/** x·Wᵀ + b with `weight` [out, in] and `bias` [out] at `scope`; x is [rows, in]. */
export function linear(
  x: Tensor,
  scope: ParameterScope,
  out: Dim,
  { initializerRange }: { initializerRange: number },
  start: { readonly identity?: boolean; readonly looksAside?: LooksAside } = {},
): Tensor {
  const width = [Number(out), Number(x.shape[1])]
  return graph.linear(
    x,
    scope.get('weight', width, { normal: initializerRange, ...start }),
    scope.get('bias', [width[0]!], 'zeros'),
  )
}

/** Layer normalization with `weight` and `bias` [width] at `scope`; x is [rows, width]. */
export function layerNorm(x: Tensor, scope: ParameterScope, { layerNormEps }: { layerNormEps: number }): Tensor {
  const width = [Number(x.shape[1])]
  return graph.layerNorm(x, scope.get('weight', width, 'ones'), scope.get('bias', width, 'zeros'), layerNormEps)
}

export const dropout = (x: Tensor, probability: number, mode: Mode): Tensor =>
  graph.dropout(x, probability, mode.dropout)

/**
 * Scaled dot-product attention over all heads (Vaswani et al., 2017, section 3.2), without the output projection.
 *
 * @param layer which one of the encoder's: the first one's heads begin by looking at a token's neighbours
 * @returns `context` [tokens, hidden] and `probabilities` [batch, heads, sequence, sequence]
 */
export function attention(
  x: Tensor,
  tokens: TokenInputs,
  scope: ParameterScope,
  config: LayerConfig,
  mode: Mode,
  layer: number,
): { context: Tensor; probabilities: Tensor } {
  const { hiddenSize, numAttentionHeads: heads } = config
  const headSize = hiddenSize / heads
  const project = (name: 'query' | 'key' | 'value'): Tensor => {
    const start = layer === 0 && name !== 'value' ? { looksAside: { as: name, headSize } } : {}
    const grid = tokens.toGrid(linear(x, scope.at(name), hiddenSize, config, start)) // [batch, sequence, hidden]
    return transpose(reshape(grid, [tokens.batch, tokens.sequence, heads, headSize]), [0, 2, 1, 3]) // [batch, heads, sequence, head]
  }
  const [query, key, value] = [project('query'), project('key'), project('value')]
  const scores = matmul(query, key, { transposeB: true, alpha: 1 / Math.sqrt(headSize) }) // [batch, heads, sequence, sequence]
  const probabilities = softmax(add(scores, tokens.attentionBias))
  const mixed = matmul(dropout(probabilities, config.attentionProbsDropoutProb, mode), value) // [batch, heads, sequence, head]
  const grid = reshape(transpose(mixed, [0, 2, 1, 3]), [tokens.batch, tokens.sequence, hiddenSize])
  return { context: tokens.toRows(grid), probabilities }
}

/** `hidden_act` applied. */
export const activate = (x: Tensor, { hiddenAct }: { hiddenAct: keyof typeof activations }): Tensor =>
  activations[hiddenAct](x)
