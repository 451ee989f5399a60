// Losses of the fine-tuning heads, as transformers computes them.

import {
  add,
  binaryCrossEntropy,
  crossEntropy,
  div,
  equal,
  expand,
  input,
  mul,
  reduceSum,
  reshape,
  scalar,
  sub,
  type Tensor,
  where,
} from '../graph/index.js'
import type { EncoderConfig, HeadOutputs, TokenInputs } from '../model/index.js'

/**
 * Sequence classification: `labels` is int32 [batch], or float32 [batch] for regression with one label and
 * [batch, labels] for several labels at once. Returns the sum over the batch (over all elements, for several labels).
 *
 * Which loss it is, `problemType` says as in transformers; if it says nothing, one label means regression and more mean
 * one of them.
 *
 * @example
 * const config = createConfig({ modelType: 'electra', numLabels: 3 })
 * const { outputs } = defineModel(config, 'sequence-classification')
 * const loss = div(sequenceClassificationSum(outputs, config), sizeOf('batch')) // transformers' loss
 */
export function sequenceClassificationSum({ logits }: HeadOutputs, config: EncoderConfig): Tensor {
  const problem = config.problemType ?? (config.numLabels === 1 ? 'regression' : 'single_label_classification')
  switch (problem) {
    case 'regression': {
      const flat = config.numLabels === 1 ? reshape(logits!, ['batch']) : logits!
      const error = sub(flat, input('labels', 'float32', flat.shape))
      return reduceSum(mul(error, error))
    }
    case 'multi_label_classification':
      return reduceSum(binaryCrossEntropy(logits!, input('labels', 'float32', logits!.shape)))
    case 'single_label_classification':
      return reduceSum(crossEntropy(logits!, input('labels', 'int32', ['batch'])).loss)
  }
}

/**
 * Token classification: `labels` int32 [tokens], −100 where a token does not count. Returns the sum over tokens.
 *
 * @example
 * const { outputs } = defineModel(createConfig({ modelType: 'bert', numLabels: 9 }), 'token-classification')
 * const sum = tokenClassificationSum(outputs) // a scalar
 */
export const tokenClassificationSum = ({ logits }: HeadOutputs): Tensor =>
  reduceSum(crossEntropy(logits!, input('labels', 'int32', ['tokens'])).loss)

/**
 * Question answering: `startPositions` and `endPositions` int32 [batch], columns of the grid. Returns half the sum of
 * both cross entropies over the batch.
 *
 * The softmax runs over the sequence. Columns that have no row (padding, unless it was kept) cannot be answers.
 *
 * @example
 * const { outputs, tokens } = defineModel(createConfig({ modelType: 'bert' }), 'question-answering')
 * const loss = div(questionAnsweringSum(outputs, tokens), sizeOf('batch')) // transformers' loss
 */
export function questionAnsweringSum(outputs: HeadOutputs, tokens: TokenInputs): Tensor {
  const sides = [
    ['start_logits', 'startPositions'],
    ['end_logits', 'endPositions'],
  ] as const
  const [start, end] = sides.map(([logits, positions]) => {
    const grid = reshape(tokens.toGrid(reshape(outputs[logits]!, ['tokens', 1])), ['batch', 'sequence'])
    const occupied = reshape(tokens.toGrid(expand(scalar(1), ['tokens', 1])), ['batch', 'sequence'])
    // A constant added to all of a sequence's scores changes no loss: the head's bias has a gradient of 0, of which
    // rounding leaves a little that AdamW would make steps of. Less their mean, the scores say so to the gradient.
    const middle = div(reduceSum(grid, [1], true), reduceSum(occupied, [1], true)) // [batch, 1]
    const masked = where(equal(occupied, scalar(0)), scalar(-1e30), sub(grid, middle))
    return reduceSum(crossEntropy(masked, input(positions, 'int32', ['batch'])).loss)
  })
  return mul(add(start!, end!), scalar(0.5))
}
