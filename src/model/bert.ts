// BERT (Devlin et al., 2018, https://arxiv.org/abs/1810.04805), and SpanBERT, whose checkpoints are BERT's.

import type { Tensor } from '../graph/index.js'
import { type Encoded, embeddings, encoder, wordEmbeddings } from './encoder.js'
import {
  classify,
  decode,
  type HeadContext,
  type HeadFunction,
  type Kin,
  pool,
  questionAnswering,
  tokenClassification,
} from './heads.js'
import { activate, layerNorm, linear } from './layers.js'
import { spanBoundaryLogits, spanDecoderPaths, spanTargetInputs } from './spanbert.js'

function encode({ tokens, scope, config, mode }: HeadContext): Encoded {
  const embedded = embeddings(tokens, scope.at('bert.embeddings'), config, mode)
  return encoder(embedded, tokens, scope.at('bert.encoder'), config, mode)
}

const pooled = (encoded: Encoded, context: HeadContext): Tensor => pool(encoded, context, 'bert.pooler.dense')

const base: HeadFunction = (encoded, context) => ({
  last_hidden_state: encoded.lastHiddenState,
  pooler_output: pooled(encoded, context),
})

const decoderPaths = {
  bias: 'cls.predictions.bias',
  weightCopy: 'cls.predictions.decoder.weight',
  biasCopy: 'cls.predictions.decoder.bias',
}

/** A dense layer, the activation and a normalization, then the word embeddings as classifier: [rows, vocabulary]. */
function predictions({ lastHiddenState }: Encoded, context: HeadContext): Tensor {
  const { scope, config } = context
  const p = scope.at('cls.predictions')
  const transformed = activate(linear(lastHiddenState, p.at('transform.dense'), config.hiddenSize, config), config)
  const normalized = layerNorm(transformed, p.at('transform.LayerNorm'), config) // [rows, hidden]
  const table = wordEmbeddings(scope.at('bert.embeddings'), config)
  return decode(normalized, table, decoderPaths, context)
}

/** Whether the second segment follows the first: index 0 says yes; [batch, 2]. */
const seqRelationship = (encoded: Encoded, context: HeadContext): Tensor =>
  linear(pooled(encoded, context), context.scope.at('cls.seq_relationship'), 2, context.config)

export const bert: Kin = {
  basePrefix: 'bert',
  encode,
  heads: {
    base: { className: 'BertModel', apply: base },
    'masked-lm': {
      className: 'BertForMaskedLM',
      apply: (encoded, context) => ({ logits: predictions(encoded, context) }),
    },
    pretraining: {
      className: 'BertForPreTraining',
      apply: (encoded, context) => ({
        prediction_logits: predictions(encoded, context),
        seq_relationship_logits: seqRelationship(encoded, context),
      }),
    },
    // To transformers, which does not know SpanBERT's second head, it is the masked language model.
    'span-boundary': {
      className: 'BertForMaskedLM',
      apply: (encoded, context) => ({
        logits: predictions(encoded, context),
        span_logits: spanBoundaryLogits(encoded, context, spanTargetInputs()),
      }),
    },
    'next-sentence-prediction': {
      className: 'BertForNextSentencePrediction',
      apply: (encoded, context) => ({ logits: seqRelationship(encoded, context) }),
    },
    'sequence-classification': {
      className: 'BertForSequenceClassification',
      apply: (encoded, context) => ({ logits: classify(pooled(encoded, context), context) }),
    },
    'token-classification': { className: 'BertForTokenClassification', apply: tokenClassification },
    'question-answering': { className: 'BertForQuestionAnswering', apply: questionAnswering },
    'multiple-choice': {
      className: 'BertForMultipleChoice',
      apply: (encoded, context) => ({ logits: classify(pooled(encoded, context), context, 1) }),
    },
  },
  tied: {
    [decoderPaths.weightCopy]: 'bert.embeddings.word_embeddings.weight',
    [decoderPaths.biasCopy]: decoderPaths.bias,
    [spanDecoderPaths.weightCopy]: 'bert.embeddings.word_embeddings.weight',
  },
}
