// SpanBERT (Joshi et al., 2019, https://arxiv.org/abs/1907.10529): BERT to the last parameter name, and one head more.
// The span boundary objective (section 3.2) predicts each token of a span from the two tokens beside the span and the
// token's place in it, and from nothing inside.

import { concat, embedding, gather, gelu, input, type Tensor } from '../graph/index.js'
import { type Encoded, wordEmbeddings } from './encoder.js'
import { decode, type HeadContext } from './heads.js'
import { layerNorm, linear } from './layers.js'

/** For each token to predict: the rows of the tokens before and behind its span, and its place in it from 0; [targets] int32. */
export interface SpanTargets {
  readonly leftRows: Tensor
  readonly rightRows: Tensor
  readonly places: Tensor
}

/**
 * Declares the inputs of {@link spanBoundaryLogits}.
 *
 * @example
 * const { leftRows } = spanTargetInputs() // int32 [targets]
 */
export const spanTargetInputs = (): SpanTargets => ({
  leftRows: input('leftRows', 'int32', ['targets']),
  rightRows: input('rightRows', 'int32', ['targets']),
  places: input('places', 'int32', ['targets']),
})

const SCOPE = 'cls.pair_target_predictions'

/** Where the head's output projection is; its bias is not the masked language model's. */
export const spanDecoderPaths = { bias: `${SCOPE}.bias`, weightCopy: `${SCOPE}.decoder.weight` }

/**
 * Logits of the tokens inside spans, [targets, vocabulary]. The parameters' names are those of the official code.
 *
 * @example
 * const definition = defineModel(createConfig({ modelType: 'bert' }), 'masked-lm')
 * const logits = spanBoundaryLogits(definition.encoded, definition, spanTargetInputs()) // [targets, 30522]
 */
export function spanBoundaryLogits({ hiddenStates }: Encoded, context: HeadContext, targets: SpanTargets): Tensor {
  const { scope, config } = context
  const { hiddenSize, initializerRange: normal } = config
  const p = scope.at(SCOPE)
  const table = p.get('position_embeddings.weight', [config.maxPairTargets, config.pairPositionSize], { normal })
  const states = hiddenStates.at(-1)! // not lastHiddenState, of which rows may have been selected
  const boundaries = [gather(states, targets.leftRows), gather(states, targets.rightRows)] // each [targets, hidden]
  const seen = concat([...boundaries, embedding(table, targets.places)], 1) // [targets, 2·hidden + position]
  const mlp = p.at('mlp_layer_norm')
  const first = layerNorm(gelu(linear(seen, mlp.at('linear1'), hiddenSize, config)), mlp.at('layer_norm1'), config)
  const second = layerNorm(gelu(linear(first, mlp.at('linear2'), hiddenSize, config)), mlp.at('layer_norm2'), config)
  return decode(second, wordEmbeddings(scope.at('bert.embeddings'), config), spanDecoderPaths, context)
}
