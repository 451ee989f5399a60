// Fine-tuning: which of several sequences is the right one.

import { BertkinError } from '../errors.js'
import { crossEntropy, equal, gather, input, reduceSum, reshape, scalar, type Tensor, where } from '../graph/index.js'
import { batchFor, defineModel, type EncoderConfig, type Sequence } from '../model/index.js'
import type { Feeds } from '../runtime/index.js'
import { AccuracyMeter, checkLabel } from './labelMeter.js'
import type { Objective } from './objective.js'

/** A question's choices, each as the model reads it: together with the question. */
export interface LabelledChoices {
  readonly choices: readonly Sequence[]
  /** Index of the right one. */
  readonly label: number
}

/**
 * Multiple choice: a softmax over the choices of each question, of which one batch may have unlike numbers.
 *
 * @throws {BertkinError} `head-mismatch` for a kin without the head
 *
 * @example
 * const objective = multipleChoice(createConfig({ modelType: 'bert' }))
 * const choices = [{ ids: [101, 7592, 102] }, { ids: [101, 2088, 102] }]
 * objective.prepare([{ choices, label: 1 }], new Random(1)).counts // { choices: 1 }
 */
export function multipleChoice(config: EncoderConfig): Objective<LabelledChoices> {
  return {
    name: 'multiple-choice',
    define(mode) {
      const { outputs, scope } = defineModel(config, 'multiple-choice', { mode })
      const scores = scoresOfChoices(outputs.logits!)
      const { loss } = crossEntropy(scores, input('labels', 'int32', ['examples']))
      return {
        parts: { choices: { sum: reduceSum(loss), weight: 1 } },
        parameters: scope.declarations(),
        outputs: { scores },
      }
    },
    prepare(examples) {
      const batch = batchFor(
        config,
        examples.flatMap(({ choices }) => choices),
      )
      return {
        feeds: { ...batch.feeds, ...choiceFeeds(examples) },
        counts: { choices: examples.length },
        tokenCount: batch.tokenCount,
      }
    },
    meter: () => new AccuracyMeter('scores', 'labels'),
    models: [{ folder: '', config, head: 'multiple-choice', parameterName: (path) => path }],
  }
}

/** [sequences, 1] → [examples, choices]; places without a choice are never likely. */
function scoresOfChoices(logits: Tensor): Tensor {
  const places = input('choiceRows', 'int32', ['examples', 'choices']) // −1 where an example has no further choice
  const isEmpty = equal(places, scalar(-1, 'int32'))
  const rows = where(isEmpty, scalar(0, 'int32'), places)
  return where(isEmpty, scalar(-1e30), gather(reshape(logits, ['batch']), rows))
}

function choiceFeeds(examples: readonly LabelledChoices[]): Feeds {
  const width = Math.max(...examples.map(({ choices }) => choices.length))
  const places = new Int32Array(examples.length * width).fill(-1)
  let row = 0
  const labels = examples.map(({ choices, label }, i) => {
    if (choices.length < 2) throw new BertkinError('option-invalid', 'a question needs at least two choices')
    for (let c = 0; c < choices.length; c++) places[i * width + c] = row++
    return checkLabel(label, choices.length)
  })
  return {
    choiceRows: { data: places, dims: [examples.length, width] },
    labels: { data: Int32Array.from(labels), dims: [labels.length] },
  }
}
