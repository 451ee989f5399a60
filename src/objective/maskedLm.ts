// Masked language modelling (Devlin et al., 2018), masked anew each time (Liu et al., 2019).

import { BertkinError } from '../errors.js'
import { argMax, crossEntropy, input, reduceSum, type Tensor } from '../graph/index.js'
import {
  batchFor,
  defineModel,
  type EncoderConfig,
  kins,
  type Mode,
  type Sequence,
  selectRows,
} from '../model/index.js'
import type { Random } from '../random.js'
import type { TensorData } from '../runtime/index.js'
import { checkMasking, type Masked, type MaskingOptions, type MaskingVocabulary, maskTokens } from './masking.js'
import type { Objective, ObjectiveGraph, PreparedBatch } from './objective.js'
import { PredictionMeter } from './predictionMeter.js'

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
 * @throws {BertkinError} `option-invalid` for impossible shares, `head-mismatch` for a kin without the head
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 */
export function maskedLm(
  config: EncoderConfig,
  vocabulary: MaskingVocabulary,
  options: MaskingOptions = {},
): Objective<Sequence> {
  checkMasking(vocabulary, options)
  return {
    name: 'masked-lm',
    define(mode: Mode): ObjectiveGraph {
      const definition = defineModel(config, 'masked-lm', { mode })
      const { rows, labels } = predictionInputs()
      const head = kins[config.modelType].heads['masked-lm']!
      const { logits } = head.apply(selectRows(definition.encoded, rows), definition) // [predictions, vocabulary]
      const { sum, predicted } = maskedLmSum(logits!, labels)
      return {
        parts: { mlm: { sum, weight: 1 } },
        parameters: definition.scope.declarations(),
        outputs: { mlm: sum, predicted },
      }
    },
    prepare: (examples, random) => prepareMaskedLm(examples, random, { config, vocabulary, options }),
    meter: () => new PredictionMeter(),
    models: [{ folder: '', config, head: 'masked-lm', parameterName: (path) => path }],
  }
}

function prepareMaskedLm(
  examples: readonly Sequence[],
  random: Random,
  { config, vocabulary, options }: { config: EncoderConfig; vocabulary: MaskingVocabulary; options: MaskingOptions },
): PreparedBatch {
  const real = examples.map(withoutPadding)
  const masked = real.map(({ ids }) => maskTokens(ids, vocabulary, random, options))
  const inputs = real.map((example, i) => ({ ...example, ids: masked[i]!.ids }))
  const batch = batchFor(config, inputs)
  const predictions = predictionFeeds(masked, batch.feeds.firstRows!.data as Int32Array)
  return {
    feeds: { ...batch.feeds, ...predictions },
    counts: { mlm: predictions.labels.dims[0]! },
    tokenCount: batch.tokenCount,
  }
}

/** An example's real tokens: of padding there is nothing to learn, and it would count in the share that is masked. */
export function withoutPadding(example: Sequence): Sequence {
  const { ids, typeIds, attentionMask } = example
  if (!attentionMask) return example
  const real = Array.from(ids, (_, i) => i).filter((i) => attentionMask[i] !== 0)
  return { ids: real.map((i) => ids[i]!), ...(typeIds && { typeIds: real.map((i) => typeIds[i] ?? 0) }) }
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
  const column = (data: readonly number[]): TensorData => ({ data: Int32Array.from(data), dims: [data.length] })
  return { predictedRows: column(rows), labels: column(labels) }
}
