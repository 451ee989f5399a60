// Fine-tuning: a label for each token that has one.

import { BertkinError } from '../errors.js'
import { batchFor, defineModel, type EncoderConfig, type Sequence } from '../model/index.js'
import { tokenClassificationSum } from './fineTuning.js'
import { AccuracyMeter, checkLabel } from './labelMeter.js'
import type { Objective } from './objective.js'

/** A sequence with a label for each token: its number, or {@link NO_LABEL}. */
export interface LabelledTokens extends Sequence {
  readonly labels: ArrayLike<number>
}

/** The label of tokens that do not count: special ones, and the further pieces of a word. PyTorch's and transformers'. */
export const NO_LABEL = -100

/**
 * Classification of tokens by cross entropy.
 *
 * @throws {BertkinError} `head-mismatch` for a kin without the head
 *
 * @example
 * const objective = tokenClassification(createConfig({ modelType: 'bert', numLabels: 9 }))
 * objective.prepare([{ ids: [101, 7592, 102], labels: [NO_LABEL, 4, NO_LABEL] }], new Random(1)).counts // { tokens: 1 }
 */
export function tokenClassification(config: EncoderConfig): Objective<LabelledTokens> {
  return {
    name: 'token-classification',
    define(mode) {
      const { outputs, scope } = defineModel(config, 'token-classification', { mode })
      return {
        parts: { tokens: { sum: tokenClassificationSum(outputs), weight: 1 } },
        parameters: scope.declarations(),
        outputs: { logits: outputs.logits! },
      }
    },
    prepare(examples) {
      const batch = batchFor(config, examples)
      const labels = new Int32Array(batch.tokenCount)
      let count = 0
      for (let row = 0; row < labels.length; row++) {
        const [sequence, column] = [batch.cells[2 * row]!, batch.cells[2 * row + 1]!]
        const label = examples[sequence]!.labels[column]
        if (label === undefined) throw unequal(examples[sequence]!)
        labels[row] = label === NO_LABEL ? label : checkLabel(label, config.numLabels)
        count += Number(label !== NO_LABEL)
      }
      const feeds = { ...batch.feeds, labels: { data: labels, dims: [labels.length] } }
      return { feeds, counts: { tokens: count }, tokenCount: batch.tokenCount }
    },
    meter: () => new AccuracyMeter('logits', 'labels'),
    models: [{ folder: '', config, head: 'token-classification', parameterName: (path) => path }],
  }
}

const unequal = ({ ids, labels }: LabelledTokens): BertkinError =>
  new BertkinError('option-invalid', `a sequence of ${ids.length} tokens needs as many labels, not ${labels.length}`)
