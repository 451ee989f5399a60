// BERT's encoder (Devlin et al., 2018), which RoBERTa, ELECTRA and SpanBERT share to the parameter names.

import { add, embedding, type Tensor } from '../graph/index.js'
import type { Initializer } from './initialization.js'
import { activate, attention, dropout, type LayerConfig, layerNorm, linear, type Mode } from './layers.js'
import type { ParameterScope } from './parameters.js'
import type { TokenInputs } from './tokens.js'

export interface EmbeddingConfig {
  readonly vocabSize: number
  readonly embeddingSize: number
  readonly maxPositionEmbeddings: number
  readonly typeVocabSize: number
  readonly padTokenId: number | undefined
  readonly layerNormEps: number
  readonly initializerRange: number
  readonly hiddenDropoutProb: number
}

/** What an encoder gives: the last hidden states, and all those on the way. */
export interface Encoded {
  /** [tokens, hidden] */
  readonly lastHiddenState: Tensor
  /** The embeddings, then the output of every layer: L + 1 of [tokens, hidden] */
  readonly hiddenStates: readonly Tensor[]
  /** Of every layer: [batch, heads, sequence, sequence] */
  readonly attentions: readonly Tensor[]
}

/**
 * word + type + position, normalized: [tokens, embedding]. `scope` is the place of `word_embeddings` and the others.
 *
 * @param paddingPosition the position of padding, which learns nothing; none unless given
 */
export function embeddings(
  tokens: TokenInputs,
  scope: ParameterScope,
  config: EmbeddingConfig,
  mode: Mode,
  paddingPosition?: number,
): Tensor {
  const { embeddingSize: width, initializerRange: deviation } = config
  const table = (name: string, rows: number, initializer: Initializer): Tensor =>
    scope.at(name).get('weight', [rows, width], initializer)
  const word = embedding(wordEmbeddings(scope, config), tokens.inputIds, config.padTokenId)
  const type = embedding(
    table('token_type_embeddings', config.typeVocabSize, { normal: deviation }),
    tokens.tokenTypeIds,
  )
  // Learnt, as in all the papers, but begun as waves: to look at a neighbour is then one pattern for all positions.
  const positions = table('position_embeddings', config.maxPositionEmbeddings, { waves: deviation })
  const position = embedding(positions, tokens.positionIds, paddingPosition)
  const sum = add(add(word, type), position)
  return dropout(layerNorm(sum, scope.at('LayerNorm'), config), config.hiddenDropoutProb, mode)
}

/** The table of word embeddings [vocabulary, embedding]: also what masked-LM heads are tied to. */
export function wordEmbeddings(scope: ParameterScope, config: EmbeddingConfig): Tensor {
  const { vocabSize, embeddingSize, initializerRange: normal, padTokenId } = config
  const initializer = padTokenId === undefined ? { normal } : { normal, zeroRow: padTokenId }
  return scope.at('word_embeddings').get('weight', [vocabSize, embeddingSize], initializer)
}

/** `numHiddenLayers` layers below `scope` (`layer.0`, `layer.1`, …) over x [tokens, hidden]. */
export function encoder(
  x: Tensor,
  tokens: TokenInputs,
  scope: ParameterScope,
  config: LayerConfig & { readonly numHiddenLayers: number },
  mode: Mode,
): Encoded {
  const hiddenStates = [x]
  const attentions: Tensor[] = []
  for (let l = 0; l < config.numHiddenLayers; l++) {
    const { output, probabilities } = layer(hiddenStates.at(-1)!, tokens, scope.at(`layer.${l}`), config, mode, l)
    hiddenStates.push(output)
    attentions.push(probabilities)
  }
  return { lastHiddenState: hiddenStates.at(-1)!, hiddenStates, attentions }
}

function layer(x: Tensor, tokens: TokenInputs, p: ParameterScope, config: LayerConfig, mode: Mode, l: number) {
  const { context, probabilities } = attention(x, tokens, p.at('attention.self'), config, mode, l)
  const attended = outputBlock(context, x, p.at('attention.output'), config, mode)
  const inner = activate(linear(attended, p.at('intermediate.dense'), config.intermediateSize, config), config) // [tokens, intermediate]
  return { output: outputBlock(inner, attended, p.at('output'), config, mode), probabilities }
}

/** Project back to the hidden size, drop, add the residual, normalize: how both halves of a layer end. */
function outputBlock(x: Tensor, residual: Tensor, p: ParameterScope, config: LayerConfig, mode: Mode): Tensor {
  const projected = dropout(linear(x, p.at('dense'), config.hiddenSize, config), config.hiddenDropoutProb, mode)
  return layerNorm(add(residual, projected), p.at('LayerNorm'), config)
}
