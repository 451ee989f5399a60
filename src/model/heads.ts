// Heads that several kin have in common. A head is a function of what the encoder gives; its outputs carry
// transformers' names. Per-token outputs have a row for every row of `lastHiddenState`.

import { type EncoderConfig, headDropout } from '../checkpoint/index.js'
import { type Dim, gather, linear as project, reshape, split, type Tensor, tanh } from '../graph/index.js'
import type { Encoded } from './encoder.js'
import { dropout, linear, type Mode } from './layers.js'
import type { ParameterScope } from './parameters.js'
import type { TokenInputs } from './tokens.js'

/** What models are used for. A class of transformers that several use is the first one's. */
export const HEADS = [
  'base',
  'masked-lm',
  'pretraining',
  'next-sentence-prediction',
  'span-boundary',
  'sequence-classification',
  'token-classification',
  'question-answering',
  'multiple-choice',
] as const

export type Head = (typeof HEADS)[number]

export interface HeadContext {
  readonly tokens: TokenInputs
  /** The root of the model's parameters. */
  readonly scope: ParameterScope
  readonly config: EncoderConfig
  readonly mode: Mode
  /** Names of tied copies that a checkpoint stores with values of their own: these are parameters, not copies. */
  readonly untied?: ReadonlySet<string>
}

/** Named outputs of a head: [tokens, …] or [batch, …]. */
export type HeadOutputs = Readonly<Record<string, Tensor>>

export type HeadFunction = (encoded: Encoded, context: HeadContext) => HeadOutputs

/** A kin: where its parameters are, and what it can be used for. */
export interface Kin {
  /** Path of the encoder's parameters: absent in checkpoints of the bare encoder. */
  readonly basePrefix: string
  /** Positions are counted over the tokens that are no padding, from behind the padding token's id, and not from 0. */
  readonly positionsFollowPadding?: boolean
  /** Its texts have no segments: tokenizers never tell any apart, and exported models do not ask for them. */
  readonly withoutSegments?: boolean
  encode(context: HeadContext): Encoded
  readonly heads: Readonly<Partial<Record<Head, { readonly className: string; readonly apply: HeadFunction }>>>
  /** Copies that some checkpoints store of parameters that are tied: copy → original. */
  readonly tied: Readonly<Record<string, string>>
  /** Copies that transformers needs in a checkpoint, of those parameters (by path) that are shared here: copy → original. */
  storedCopies?(config: EncoderConfig, paths: readonly string[]): Readonly<Record<string, string>>
}

/** The hidden state of each sequence's first token, [CLS]: [batch, hidden]. */
export const firstToken = ({ hiddenStates }: Encoded, { tokens }: HeadContext): Tensor =>
  gather(hiddenStates.at(-1)!, tokens.firstRows) // not of lastHiddenState, of which rows may have been selected

/** BERT's pooler: tanh of a dense layer over the first token; [batch, hidden]. */
export const pool = (encoded: Encoded, context: HeadContext, path: string): Tensor =>
  tanh(linear(firstToken(encoded, context), context.scope.at(path), context.config.hiddenSize, context.config))

/** Dropout, then one dense layer to `out` at `path`. */
export function classify(
  x: Tensor,
  { scope, config, mode }: HeadContext,
  out: Dim = config.numLabels,
  path = 'classifier',
) {
  return linear(dropout(x, headDropout(config), mode), scope.at(path), out, config)
}

/** A label for every token: `logits` [tokens, labels]. */
export const tokenClassification: HeadFunction = (encoded, context) => ({
  logits: classify(encoded.lastHiddenState, context),
})

/** Where an answer starts and ends: `start_logits` and `end_logits` [tokens]. */
export const questionAnswering: HeadFunction = ({ lastHiddenState }, { scope, config }) => {
  const both = linear(lastHiddenState, scope.at('qa_outputs'), 2, config) // [tokens, 2]
  const [start, end] = split(both, 1, [1, 1])
  return { start_logits: squeeze(start!), end_logits: squeeze(end!) }
}

/** Where a vocabulary projection's parameters are: the bias, and the names of the copies that are usually tied. */
export interface DecoderPaths {
  readonly bias: string
  readonly weightCopy: string
  readonly biasCopy?: string
}

/**
 * Logits over the vocabulary, [rows, vocabulary]: `x` [rows, embedding] against the word embeddings themselves, unless
 * the configuration or the checkpoint has unlike weights for the two.
 */
export function decode(x: Tensor, wordEmbeddings: Tensor, paths: DecoderPaths, context: HeadContext): Tensor {
  const { scope, config, untied } = context
  const { vocabSize, initializerRange: normal, tieWordEmbeddings } = config
  const ownWeight = !tieWordEmbeddings || untied?.has(paths.weightCopy)
  const ownBias = paths.biasCopy !== undefined && untied?.has(paths.biasCopy)
  const weight = ownWeight ? scope.get(paths.weightCopy, [vocabSize, Number(x.shape[1])], { normal }) : wordEmbeddings
  return project(x, weight, scope.get(ownBias ? paths.biasCopy : paths.bias, [vocabSize], 'zeros'))
}

/** [rows, 1] → [rows] */
export const squeeze = (x: Tensor): Tensor => reshape(x, x.shape.slice(0, -1))

/**
 * The same encoding with only some rows of the last layer: what a head is applied to when only those are asked for.
 *
 * @param rows row numbers, int32 [rows]
 *
 * @example
 * const { encoded } = defineModel(createConfig({ modelType: 'bert' }), 'base')
 * selectRows(encoded, input('rows', 'int32', ['rows'])).lastHiddenState // [rows, 768]
 */
export const selectRows = (encoded: Encoded, rows: Tensor): Encoded => ({
  ...encoded,
  lastHiddenState: gather(encoded.lastHiddenState, rows),
})
