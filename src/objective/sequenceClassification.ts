// Fine-tuning: one label, several labels or a number for each sequence, which may be two texts.

import { BertkinError } from '../errors.js'
import { batchFor, defineModel, type EncoderConfig, type Sequence } from '../model/index.js'
import type { TensorData } from '../runtime/index.js'
import { sequenceClassificationSum } from './fineTuning.js'
import { AccuracyMeter, checkLabel } from './labelMeter.js'
import type { Meter, Objective } from './objective.js'

/** A sequence with what is to be said of it. */
export interface LabelledSequence extends Sequence {
  /** The label's number; for several labels at once the numbers of those that apply; for regression the value. */
  readonly label: number | readonly number[]
}

type Problem = 'regression' | 'multi_label_classification' | 'single_label_classification'

/**
 * Which loss a configuration calls for: what `problemType` says; else one label means regression, and more mean one of
 * them, as in transformers.
 *
 * @example
 * problemOf(createConfig({ modelType: 'electra', numLabels: 1 })) // 'regression'
 */
export const problemOf = ({ problemType, numLabels }: EncoderConfig): Problem =>
  problemType ?? (numLabels === 1 ? 'regression' : 'single_label_classification')

/**
 * Classification of sequences, by cross entropy, by binary cross entropy for several labels at once, or by squared error
 * for regression; see {@link problemOf}.
 *
 * @throws {BertkinError} `option-invalid` for regression of more than one value; `head-mismatch` for a kin without the head
 *
 * @example
 * const objective = sequenceClassification(createConfig({ modelType: 'electra', numLabels: 3 }))
 * objective.prepare([{ ids: [101, 7592, 102], label: 2 }], new Random(1)).counts // { classification: 1 }
 */
export function sequenceClassification(config: EncoderConfig): Objective<LabelledSequence> {
  const problem = problemOf(config)
  if (problem === 'regression' && config.numLabels !== 1) {
    throw new BertkinError('option-invalid', `regression is of one value, but the model has ${config.numLabels} labels`)
  }
  return {
    name: 'sequence-classification',
    define(mode) {
      const { outputs, scope } = defineModel(config, 'sequence-classification', { mode })
      return {
        parts: { classification: { sum: sequenceClassificationSum(outputs, config), weight: 1 } },
        parameters: scope.declarations(),
        outputs: { logits: outputs.logits! },
      }
    },
    prepare(examples) {
      const batch = batchFor(config, examples)
      const labels = labelsOf(examples, config, problem)
      const count = labels.data.length
      return { feeds: { ...batch.feeds, labels }, counts: { classification: count }, tokenCount: batch.tokenCount }
    },
    meter: () => (problem === 'single_label_classification' ? new AccuracyMeter('logits', 'labels') : silent),
    models: [{ folder: '', config, head: 'sequence-classification', parameterName: (path) => path }],
  }
}

/** The loss says it all. */
const silent: Meter = { add: () => {}, result: () => ({}) }

function labelsOf(examples: readonly LabelledSequence[], { numLabels }: EncoderConfig, problem: Problem): TensorData {
  const batch = examples.length
  if (problem === 'multi_label_classification') {
    const data = new Float32Array(batch * numLabels)
    examples.forEach(({ label }, b) => {
      for (const one of typeof label === 'number' ? [label] : label)
        data[b * numLabels + checkLabel(one, numLabels)] = 1
    })
    return { data, dims: [batch, numLabels] }
  }
  const values = examples.map(({ label }) => {
    if (typeof label === 'number') return problem === 'regression' ? label : checkLabel(label, numLabels)
    throw new BertkinError('option-invalid', 'several labels at once need problemType multi_label_classification')
  })
  const data = problem === 'regression' ? Float32Array.from(values) : Int32Array.from(values)
  return { data, dims: [batch] }
}
