// ALBERT (Lan et al., 2019, https://arxiv.org/abs/1909.11942): a BERT whose layers share their parameters and whose
// embeddings are narrower than its layers, trained to tell the order of sentences.

import type { EncoderConfig } from '../checkpoint/index.js'
import { add, type Tensor } from '../graph/index.js'
import { type Encoded, embeddings, wordEmbeddings } from './encoder.js'
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
import { activate, attention, dropout, layerNorm, linear, type Mode } from './layers.js'
import type { ParameterScope } from './parameters.js'
import type { TokenInputs } from './tokens.js'

function encode({ tokens, scope, config, mode }: HeadContext): Encoded {
  const embedded = embeddings(tokens, scope.at('albert.embeddings'), config, mode) // [tokens, embedding]
  const p = scope.at('albert.encoder')
  const mapping = p.at('embedding_hidden_mapping_in')
  const hiddenStates = [linear(embedded, mapping, config.hiddenSize, config, { identity: true })] // [tokens, hidden]
  const attentions: Tensor[] = []
  for (let l = 0; l < config.numHiddenLayers; l++) {
    for (let i = 0; i < config.innerGroupNum; i++) {
      const halves = scopesOfBlock(p, l, i, config)
      const { output, probabilities } = block(
        hiddenStates.at(-1)!,
        tokens,
        halves,
        config,
        mode,
        hiddenStates.length - 1,
      )
      hiddenStates.push(output)
      attentions.push(probabilities)
    }
  }
  return { lastHiddenState: hiddenStates.at(-1)!, hiddenStates, attentions }
}

/** Where the two halves of a block have their parameters. */
interface Halves {
  readonly attention: ParameterScope
  readonly ffn: ParameterScope
}

/** Cross-layer sharing is nothing but walking over fewer scopes. */
function scopesOfBlock(encoder: ParameterScope, layer: number, inner: number, config: EncoderConfig): Halves {
  const { numHiddenLayers, numHiddenGroups, sharedAcrossGroups } = config
  const own = Math.floor((layer * numHiddenGroups) / numHiddenLayers)
  const half = (name: keyof Halves): ParameterScope =>
    encoder.at(blockPath(sharedAcrossGroups === name ? 0 : own, inner))
  return { attention: half('attention'), ffn: half('ffn') }
}

const blockPath = (group: number, inner: number): string => `albert_layer_groups.${group}.albert_layers.${inner}`

/** What BERT calls a layer. As in transformers, nothing is dropped from the feed-forward half's output. */
function block(x: Tensor, tokens: TokenInputs, halves: Halves, config: EncoderConfig, mode: Mode, l: number) {
  const p = halves.attention.at('attention')
  const { context, probabilities } = attention(x, tokens, p, config, mode, l)
  const projected = dropout(linear(context, p.at('dense'), config.hiddenSize, config), config.hiddenDropoutProb, mode)
  const attended = layerNorm(add(x, projected), p.at('LayerNorm'), config) // [tokens, hidden]
  const { ffn } = halves
  const inner = activate(linear(attended, ffn.at('ffn'), config.intermediateSize, config), config) // [tokens, intermediate]
  const outer = linear(inner, ffn.at('ffn_output'), config.hiddenSize, config) // [tokens, hidden]
  return { output: layerNorm(add(attended, outer), ffn.at('full_layer_layer_norm'), config), probabilities }
}

const pooled = (encoded: Encoded, context: HeadContext): Tensor => pool(encoded, context, 'albert.pooler')

const decoderPaths = {
  bias: 'predictions.bias',
  weightCopy: 'predictions.decoder.weight',
  biasCopy: 'predictions.decoder.bias',
}

/** Back to the embeddings' width, then the word embeddings as classifier: [rows, vocabulary]. */
function predictions({ lastHiddenState }: Encoded, context: HeadContext): Tensor {
  const { scope, config } = context
  const p = scope.at('predictions')
  const narrowed = activate(linear(lastHiddenState, p.at('dense'), config.embeddingSize, config), config)
  const normalized = layerNorm(narrowed, p.at('LayerNorm'), config) // [rows, embedding]
  return decode(normalized, wordEmbeddings(scope.at('albert.embeddings'), config), decoderPaths, context)
}

/** Whether the segments have been swapped: index 0 says they are in order; [batch, 2]. */
const sentenceOrder = (encoded: Encoded, context: HeadContext): Tensor =>
  classify(pooled(encoded, context), context, 2, 'sop_classifier.classifier')

const sequenceClassification: HeadFunction = (encoded, context) => ({
  logits: classify(pooled(encoded, context), context),
})

export const albert: Kin = {
  basePrefix: 'albert',
  encode,
  heads: {
    base: {
      className: 'AlbertModel',
      apply: (encoded, context) => ({
        last_hidden_state: encoded.lastHiddenState,
        pooler_output: pooled(encoded, context),
      }),
    },
    'masked-lm': {
      className: 'AlbertForMaskedLM',
      apply: (encoded, context) => ({ logits: predictions(encoded, context) }),
    },
    pretraining: {
      className: 'AlbertForPreTraining',
      apply: (encoded, context) => ({
        prediction_logits: predictions(encoded, context),
        sop_logits: sentenceOrder(encoded, context),
      }),
    },
    'sequence-classification': { className: 'AlbertForSequenceClassification', apply: sequenceClassification },
    'token-classification': { className: 'AlbertForTokenClassification', apply: tokenClassification },
    'question-answering': { className: 'AlbertForQuestionAnswering', apply: questionAnswering },
    'multiple-choice': {
      className: 'AlbertForMultipleChoice',
      apply: (encoded, context) => ({ logits: classify(pooled(encoded, context), context, 1) }),
    },
  },
  tied: {
    [decoderPaths.weightCopy]: 'albert.embeddings.word_embeddings.weight',
    [decoderPaths.biasCopy]: decoderPaths.bias,
  },
  storedCopies: sharedHalves,
}

const HALVES: Readonly<Record<keyof Halves, RegExp>> = {
  attention: /^attention\./,
  ffn: /^(ffn|ffn_output|full_layer_layer_norm)\./,
}

/** The half that all groups share is declared in the first of them; transformers wants it in every one. */
function sharedHalves({ numHiddenGroups, sharedAcrossGroups }: EncoderConfig, paths: readonly string[]) {
  const copies: Record<string, string> = {}
  if (!sharedAcrossGroups) return copies
  const first = 'albert.encoder.albert_layer_groups.0.'
  for (const path of paths) {
    const name = /^albert_layers\.\d+\.(.+)$/.exec(path.startsWith(first) ? path.slice(first.length) : '')?.[1]
    if (name === undefined || !HALVES[sharedAcrossGroups].test(name)) continue
    for (let group = 1; group < numHiddenGroups; group++) {
      copies[path.replace('layer_groups.0.', `layer_groups.${group}.`)] = path
    }
  }
  return copies
}
