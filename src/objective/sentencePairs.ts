// What ALBERT's and BERT's pretraining have in common: masked language modelling, and a label for each pair of segments
// that the first token's state is asked for. The labels come with the pairs, from `packSentencePairs`.

import { BertkinError } from '../errors.js'
import { argMax, crossEntropy, input, reduceSum } from '../graph/index.js'
import type { EncoderConfig, Mode } from '../model/index.js'
import { AccuracyMeter, together } from './accuracyMeter.js'
import { defineForPredictions, intColumn, maskedLmSum, predictionInputs, prepareMaskedLm } from './maskedLm.js'
import type { Masking } from './masking.js'
import type { Objective, ObjectiveGraph, SentencePair } from './objective.js'
import { PredictionMeter } from './predictionMeter.js'

/** Sentence order prediction or next sentence prediction: the name of the loss's part, and of the accuracy. */
export type PairTask = 'sop' | 'nsp'

/** Masked language modelling with a task of sentence pairs, for a kin with a `pretraining` head over pairs. */
export function sentencePairObjective(
  name: string,
  task: PairTask,
  config: EncoderConfig,
  masking: Masking,
): Objective<SentencePair> {
  pairOutput(config)
  return {
    name,
    define: (mode) => defineSentencePairs(config, mode, task),
    prepare(examples, random) {
      const { feeds, counts, tokenCount } = prepareMaskedLm(examples, random, config, masking)
      const pairLabels = intColumn(examples.map(labelOf))
      return { feeds: { ...feeds, pairLabels }, counts: { ...counts, [task]: examples.length }, tokenCount }
    },
    meter: () => together(new PredictionMeter(), new AccuracyMeter(task, 'pairPredicted', 'pairLabels')),
    models: [{ folder: '', config, head: 'pretraining', parameterName: (path) => path }],
  }
}

/**
 * The graph alone: parts `mlm` and the task's own, whose labels are fed as `pairLabels`, int32 [batch].
 *
 * @throws {BertkinError} `head-mismatch` for a kin that is not trained on pairs
 *
 * @example
 * const { parts } = defineSentencePairs(createConfig({ modelType: 'albert' }), {}, 'sop')
 * Object.keys(parts) // 'mlm' and 'sop'
 */
export function defineSentencePairs(config: EncoderConfig, mode: Mode, task: PairTask): ObjectiveGraph {
  const { outputs, parameters } = defineForPredictions(config, 'pretraining', mode)
  const mlm = maskedLmSum(outputs.prediction_logits!, predictionInputs().labels)
  const pairLogits = outputs[pairOutput(config)]! // [batch, 2]
  const pairs = reduceSum(crossEntropy(pairLogits, input('pairLabels', 'int32', ['batch'])).loss)
  return {
    parts: { mlm: { sum: mlm.sum, weight: 1 }, [task]: { sum: pairs, weight: 1 } },
    parameters,
    outputs: { mlm: mlm.sum, [task]: pairs, predicted: mlm.predicted, pairPredicted: argMax(pairLogits) },
  }
}

const OUTPUTS: Readonly<Record<string, string>> = { albert: 'sop_logits', bert: 'seq_relationship_logits' }

/** What transformers calls the logits of pairs. */
function pairOutput({ modelType }: EncoderConfig): string {
  const name = OUTPUTS[modelType]
  if (name !== undefined) return name
  const message = `${modelType} has no head for sentence pairs; ${Object.keys(OUTPUTS).join(' and ')} have one`
  throw new BertkinError('head-mismatch', message)
}

function labelOf({ label }: SentencePair): number {
  if (label === 0 || label === 1) return label
  const message = `an example's label is ${label}, not 0 or 1: pack the text with packSentencePairs`
  throw new BertkinError('option-invalid', message)
}
