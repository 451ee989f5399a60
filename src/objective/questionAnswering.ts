// Fine-tuning: where in a window an answer starts and where it ends; at [CLS] if it is not in this window.

import { BertkinError } from '../errors.js'
import { batchFor, defineModel, type EncoderConfig, type Sequence } from '../model/index.js'
import type { TensorData } from '../runtime/index.js'
import { questionAnsweringSum } from './fineTuning.js'
import type { Objective } from './objective.js'

/** A question with a stretch of its passage, and the columns of the answer's first and last token. */
export interface AnsweredWindow extends Sequence {
  readonly start: number
  readonly end: number
}

/**
 * Finding answers: half the sum of two cross entropies over the columns of each window.
 *
 * @throws {BertkinError} `head-mismatch` for a kin without the head
 *
 * @example
 * const objective = questionAnswering(createConfig({ modelType: 'bert' }))
 * objective.prepare([{ ids: [101, 2073, 102, 2182, 102], start: 3, end: 3 }], new Random(1)).counts // { answers: 1 }
 */
export function questionAnswering(config: EncoderConfig): Objective<AnsweredWindow> {
  return {
    name: 'question-answering',
    define(mode) {
      const { outputs, scope, tokens } = defineModel(config, 'question-answering', { mode })
      return {
        parts: { answers: { sum: questionAnsweringSum(outputs, tokens), weight: 1 } },
        parameters: scope.declarations(),
        outputs: {},
      }
    },
    prepare(examples) {
      const batch = batchFor(config, examples)
      const feeds = {
        ...batch.feeds,
        startPositions: columns(examples, 'start'),
        endPositions: columns(examples, 'end'),
      }
      return { feeds, counts: { answers: examples.length }, tokenCount: batch.tokenCount }
    },
    meter: () => ({ add: () => {}, result: () => ({}) }),
    models: [{ folder: '', config, head: 'question-answering', parameterName: (path) => path }],
  }
}

function columns(examples: readonly AnsweredWindow[], side: 'start' | 'end'): TensorData {
  const data = examples.map((example) => {
    const column = example[side]
    if (Number.isInteger(column) && column >= 0 && column < example.ids.length) return column
    const message = `an answer's ${side} must be one of its window's ${example.ids.length} columns, not ${column}`
    throw new BertkinError('option-invalid', message)
  })
  return { data: Int32Array.from(data), dims: [data.length] }
}
