// Masked language modelling (Devlin et al., 2018): some tokens are hidden, and the model says what they were. Which ones
// and how is the masking's affair.

import { BertkinError } from '../errors.js'
import { argMax, crossEntropy, input, reduceSum, type Tensor } from '../graph/index.js'
import {
  batchFor,
  defineModel,
  type EncoderConfig,
  type Head,
  kins,
  type Mode,
  type Sequence,
  selectRows,
} from '../model/index.js'
import type { Random } from '../random.js'
import type { TensorData } from '../runtime/index.js'
import type { Masked, Masking, MaskingVocabulary } from './masking.js'
import type { MaskableSequence, Objective, ObjectiveGraph, PreparedBatch } from './objective.js'
import { PredictionMeter } from './predictionMeter.js'
import { tokenMasking } from './tokenMasking.js'

/**
 * Graph inputs of a masked-LM loss: rows to predict, `predictedRows`, and their original ids, `labels`; int32
 * [predictions].
 *
 * @example
 * const { rows, labels } = predictionInputs()
 * const { encoded } = defineModel(createConfig({ modelType: 'bert' }), 'base')
 * const chosen = selectRows(encoded, rows).lastHiddenState // [predictions, 768]
 */
export function predictionInputs(): { rows: Tensor; labels: Tensor } {
  return { rows: input('predictedRows', 'int32', ['predictions']), labels: input('labels', 'int32', ['predictions']) }
}

/**
 * Cross entropy of `logits` [predictions, vocabulary] with `labels` [predictions]: summed, and with what evaluation
 * reads, each prediction’s loss, log-probabilities and most probable id.
 *
 * @example
 * const { labels } = predictionInputs()
 * const { sum } = maskedLmSum(input('logits', 'float32', ['predictions', 8000]), labels) // a scalar
 */
export function maskedLmSum(logits: Tensor, labels: Tensor) {
  const { loss, logProbabilities } = crossEntropy(logits, labels)
  return { sum: reduceSum(loss), losses: loss, logProbabilities, predicted: argMax(logits) }
}

/**
 * Masked language modelling of any kin with a masked-LM head. Only the masked rows are projected to the vocabulary.
 *
 * @param masking a way of masking, or a vocabulary for `tokenMasking` with its defaults
 * @throws {BertkinError} `head-mismatch` for a kin without the head; what `tokenMasking` throws for a vocabulary
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 */
export function maskedLm(config: EncoderConfig, masking: Masking | MaskingVocabulary): Objective<MaskableSequence> {
  const mask = maskingOf(masking)
  return {
    name: 'masked-lm',
    define: (mode) => defineMaskedLm(config, mode),
    prepare: (examples, random) => prepareMaskedLm(examples, random, config, mask),
    meter: () => new PredictionMeter(),
    models: [{ folder: '', config, head: 'masked-lm', parameterName: (path) => path }],
  }
}

/**
 * The graph alone.
 *
 * @throws {BertkinError} `head-mismatch` for a kin without the head
 *
 * @example
 * const { parts } = defineMaskedLm(createConfig({ modelType: 'roberta' }), {})
 * parts.mlm?.sum // a scalar, of the inputs that `batchFor` feeds, `predictedRows` and `labels`
 */
export function defineMaskedLm(config: EncoderConfig, mode: Mode): ObjectiveGraph {
  const { outputs, parameters } = defineForPredictions(config, 'masked-lm', mode)
  const { labels } = predictionInputs()
  const { sum, predicted } = maskedLmSum(outputs.logits!, labels)
  return { parts: { mlm: { sum, weight: 1 } }, parameters, outputs: { mlm: sum, predicted } }
}

/** A model whose per-token outputs are those of the rows to predict alone. */
export function defineForPredictions(config: EncoderConfig, head: Head, mode: Mode) {
  const definition = defineModel(config, head, { mode })
  const { apply } = kins[config.modelType].heads[head]!
  const outputs = apply(selectRows(definition.encoded, predictionInputs().rows), definition)
  return { outputs, parameters: definition.scope.declarations() }
}

/** The masking itself, where a vocabulary may stand for one. */
export const maskingOf = (masking: Masking | MaskingVocabulary): Masking =>
  typeof masking === 'function' ? masking : tokenMasking(masking)

/** A masked batch, with what further parts of a loss are made of. */
export interface PreparedMasking extends PreparedBatch {
  /** Each example's. */
  readonly masked: readonly Masked[]
  /** The row of each example's first token; [examples]. */
  readonly firstRows: Int32Array
}

/**
 * Masks the examples and lays them out.
 *
 * @throws {BertkinError} `text-empty` if there is nothing to predict in the whole batch
 */
export function prepareMaskedLm(
  examples: readonly MaskableSequence[],
  random: Random,
  config: EncoderConfig,
  masking: Masking,
): PreparedMasking {
  const real = examples.map(withoutPadding)
  const masked = real.map(({ ids, copy }) => masking(ids, random, copy))
  const inputs = real.map((example, i) => ({ ...example, ids: masked[i]!.ids }))
  const batch = batchFor(config, inputs)
  const firstRows = batch.feeds.firstRows!.data as Int32Array
  const predictions = predictionFeeds(masked, firstRows)
  return {
    feeds: { ...batch.feeds, ...predictions },
    counts: { mlm: predictions.labels.dims[0]! },
    tokenCount: batch.tokenCount,
    masked,
    firstRows,
  }
}

/** An example's real tokens: of padding there is nothing to learn, and it would count in the share that is masked. */
export function withoutPadding<T extends Sequence>(example: T): T {
  const { ids, typeIds, attentionMask, ...rest } = example
  if (!attentionMask) return example
  const real = Array.from(ids, (_, i) => i).filter((i) => attentionMask[i] !== 0)
  const kept = { ids: real.map((i) => ids[i]!), ...(typeIds && { typeIds: real.map((i) => typeIds[i] ?? 0) }) }
  return { ...rest, ...kept } as unknown as T
}

/**
 * Rows and labels of all masked positions, for sequences whose tokens are all real.
 *
 * @throws {BertkinError} `text-empty` if there is none in the whole batch: no mean is taken over nothing
 */
export function predictionFeeds(masked: readonly Pick<Masked, 'positions' | 'labels'>[], firstRows: Int32Array) {
  const rows = masked.flatMap(({ positions }, b) => Array.from(positions, (position) => firstRows[b]! + position))
  const labels = masked.flatMap((m) => Array.from(m.labels))
  if (labels.length === 0) {
    const message = `none of the batch's ${masked.length} sequences has a token to predict: all are special ones`
    throw new BertkinError('text-empty', message)
  }
  return { predictedRows: intColumn(rows), labels: intColumn(labels) }
}

/** Numbers as a feed: int32 [rows]. */
export const intColumn = (data: ArrayLike<number>): TensorData<Int32Array> => ({
  data: Int32Array.from(data),
  dims: [data.length],
})
