// ELECTRA (Clark et al., 2020, https://arxiv.org/abs/2003.10555): a BERT whose embeddings may be narrower than its
// layers, trained to tell real tokens from a small generator's guesses. Generator and discriminator are both of it.

import { headDropout } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { gelu, type Tensor } from '../graph/index.js'
import { type Encoded, embeddings, encoder, wordEmbeddings } from './encoder.js'
import {
  classify,
  decode,
  firstToken,
  type HeadContext,
  type HeadFunction,
  type Kin,
  questionAnswering,
  squeeze,
  tokenClassification,
} from './heads.js'
import { activate, dropout, layerNorm, linear } from './layers.js'
import type { ParameterScope } from './parameters.js'

/**
 * The encoder below `scope`'s `electra`, as transformers' `ElectraModel`: BERT's, after a projection where embeddings
 * are narrower than layers.
 *
 * @param embeddingScope where the embedding block is, `electra.embeddings` unless said; another model's, if the two
 *   share it as the generator and the discriminator do in pretraining
 *
 * @example
 * const config = createConfig({ modelType: 'electra' })
 * const context: HeadContext = { tokens: tokenInputs(), scope: new ParameterScope(), config, mode: {} }
 * const { lastHiddenState } = encodeElectra(context) // [tokens, 256]
 */
export function encodeElectra(
  { tokens, scope, config, mode }: HeadContext,
  embeddingScope: ParameterScope = scope.at('electra.embeddings'),
): Encoded {
  const embedded = embeddings(tokens, embeddingScope, config, mode) // [tokens, embedding]
  const projected =
    config.embeddingSize === config.hiddenSize
      ? embedded
      : linear(embedded, scope.at('electra.embeddings_project'), config.hiddenSize, config, { identity: true }) // [tokens, hidden]
  return encoder(projected, tokens, scope.at('electra.encoder'), config, mode)
}

/**
 * ELECTRA's discriminator (section 2): positive where a token is judged replaced, [tokens]. As `ElectraForPreTraining`.
 *
 * @example
 * const definition = defineModel(createConfig({ modelType: 'electra' }), 'base')
 * const verdict = discriminatorLogits(definition.encoded, definition) // [tokens]
 */
export function discriminatorLogits({ lastHiddenState }: Encoded, { scope, config }: HeadContext): Tensor {
  const p = scope.at('discriminator_predictions')
  const inner = activate(linear(lastHiddenState, p.at('dense'), config.hiddenSize, config), config) // [tokens, hidden]
  return squeeze(linear(inner, p.at('dense_prediction'), 1, config))
}

const decoderPaths = { bias: 'generator_lm_head.bias', weightCopy: 'generator_lm_head.weight' }

/**
 * ELECTRA's generator: logits over the vocabulary, [rows, vocabulary], as `ElectraForMaskedLM` gives them; exact GELU
 * whatever `hidden_act` says.
 *
 * @param embeddingScope where the word embeddings are that the output is tied to, `electra.embeddings` unless said
 *
 * @example
 * const definition = defineModel(createConfig({ modelType: 'electra' }), 'base')
 * const logits = generatorLogits(definition.encoded, definition) // [tokens, 30522]
 */
export function generatorLogits(
  { lastHiddenState }: Encoded,
  context: HeadContext,
  embeddingScope: ParameterScope = context.scope.at('electra.embeddings'),
): Tensor {
  const { scope, config } = context
  const p = scope.at('generator_predictions')
  const inner = gelu(linear(lastHiddenState, p.at('dense'), config.embeddingSize, config)) // [rows, embedding]
  const normalized = layerNorm(inner, p.at('LayerNorm'), config)
  return decode(normalized, wordEmbeddings(embeddingScope, config), decoderPaths, context)
}

const sequenceClassification: HeadFunction = (encoded, context) => {
  const { scope, config, mode } = context
  const first = dropout(firstToken(encoded, context), headDropout(config), mode)
  const inner = gelu(linear(first, scope.at('classifier.dense'), config.hiddenSize, config)) // [batch, hidden]
  return { logits: classify(inner, context, config.numLabels, 'classifier.out_proj') }
}

const multipleChoice: HeadFunction = (encoded, context) => {
  const { scope, config, mode } = context
  if (config.summaryType !== 'first' || !config.summaryUseProj || config.summaryActivation !== 'gelu') {
    const message = 'multiple choice needs summary_type "first" with a projection and gelu, ELECTRA’s defaults'
    throw new BertkinError('config-unsupported', message)
  }
  const summary = linear(firstToken(encoded, context), scope.at('sequence_summary.summary'), config.hiddenSize, config)
  const logits = linear(dropout(gelu(summary), config.summaryLastDropout, mode), scope.at('classifier'), 1, config)
  return { logits } // [batch · choices, 1]
}

export const electra: Kin = {
  basePrefix: 'electra',
  encode: encodeElectra,
  heads: {
    base: {
      className: 'ElectraModel',
      apply: ({ lastHiddenState }) => ({ last_hidden_state: lastHiddenState }),
    },
    'masked-lm': {
      className: 'ElectraForMaskedLM',
      apply: (encoded, context) => ({ logits: generatorLogits(encoded, context) }),
    },
    pretraining: {
      className: 'ElectraForPreTraining',
      apply: (encoded, context) => ({ logits: discriminatorLogits(encoded, context) }),
    },
    'sequence-classification': { className: 'ElectraForSequenceClassification', apply: sequenceClassification },
    'token-classification': { className: 'ElectraForTokenClassification', apply: tokenClassification },
    'question-answering': { className: 'ElectraForQuestionAnswering', apply: questionAnswering },
    'multiple-choice': { className: 'ElectraForMultipleChoice', apply: multipleChoice },
  },
  tied: { [decoderPaths.weightCopy]: 'electra.embeddings.word_embeddings.weight' },
}
