// RoBERTa (Liu et al., 2019, https://arxiv.org/abs/1907.11692): BERT's encoder, trained longer and without its second
// objective. Its positions begin behind the padding token's id, and its heads are fairseq's.

import { headDropout } from '../checkpoint/index.js'
import { gelu, type Tensor, tanh } from '../graph/index.js'
import { type Encoded, embeddings, encoder, wordEmbeddings } from './encoder.js'
import {
  classify,
  decode,
  firstToken,
  type HeadContext,
  type HeadFunction,
  type Kin,
  pool,
  questionAnswering,
  tokenClassification,
} from './heads.js'
import { dropout, layerNorm, linear } from './layers.js'

function encode({ tokens, scope, config, mode }: HeadContext): Encoded {
  const embedded = embeddings(tokens, scope.at('roberta.embeddings'), config, mode, config.padTokenId)
  return encoder(embedded, tokens, scope.at('roberta.encoder'), config, mode)
}

const pooled = (encoded: Encoded, context: HeadContext): Tensor => pool(encoded, context, 'roberta.pooler.dense')

const decoderPaths = {
  bias: 'lm_head.bias',
  weightCopy: 'lm_head.decoder.weight',
  biasCopy: 'lm_head.decoder.bias',
}

/** As BERT's, but with exact GELU whatever `hidden_act` says: [rows, vocabulary]. */
const maskedLm: HeadFunction = ({ lastHiddenState }, context) => {
  const { scope, config } = context
  const p = scope.at('lm_head')
  const transformed = gelu(linear(lastHiddenState, p.at('dense'), config.hiddenSize, config))
  const normalized = layerNorm(transformed, p.at('layer_norm'), config) // [rows, hidden]
  return { logits: decode(normalized, wordEmbeddings(scope.at('roberta.embeddings'), config), decoderPaths, context) }
}

/** Takes the place of the pooler, with dropout before and behind its dense layer. */
const sequenceClassification: HeadFunction = (encoded, context) => {
  const { scope, config, mode } = context
  const first = dropout(firstToken(encoded, context), headDropout(config), mode)
  const inner = tanh(linear(first, scope.at('classifier.dense'), config.hiddenSize, config)) // [batch, hidden]
  return { logits: classify(inner, context, config.numLabels, 'classifier.out_proj') }
}

const multipleChoice: HeadFunction = (encoded, context) => {
  const { scope, config, mode } = context
  const kept = dropout(pooled(encoded, context), config.hiddenDropoutProb, mode)
  return { logits: linear(kept, scope.at('classifier'), 1, config) } // [batch · choices, 1]
}

export const roberta: Kin = {
  basePrefix: 'roberta',
  positionsFollowPadding: true,
  withoutSegments: true,
  encode,
  heads: {
    base: {
      className: 'RobertaModel',
      apply: (encoded, context) => ({
        last_hidden_state: encoded.lastHiddenState,
        pooler_output: pooled(encoded, context),
      }),
    },
    'masked-lm': { className: 'RobertaForMaskedLM', apply: maskedLm },
    'sequence-classification': { className: 'RobertaForSequenceClassification', apply: sequenceClassification },
    'token-classification': { className: 'RobertaForTokenClassification', apply: tokenClassification },
    'question-answering': { className: 'RobertaForQuestionAnswering', apply: questionAnswering },
    'multiple-choice': { className: 'RobertaForMultipleChoice', apply: multipleChoice },
  },
  tied: {
    [decoderPaths.weightCopy]: 'roberta.embeddings.word_embeddings.weight',
    [decoderPaths.biasCopy]: decoderPaths.bias,
  },
}
