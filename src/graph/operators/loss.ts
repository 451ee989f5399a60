// Cross entropy over classes and over yes-or-no labels, a loss per row; the means are taken by whoever knows the
// weights.

import { ShapeError } from '../errors.js'
import { defineOperator, requireDType, type Tensor } from '../tensor.js'
import { add, equal, exp, mul, neg, softplus, sub, where } from './elementwise.js'
import { addAtLabel } from './indexing.js'
import { scalar } from './leaf.js'
import { reduceSum, reshape } from './shape.js'

/** The label that PyTorch and transformers leave out of every loss. */
export const IGNORED_LABEL = -100

const applyCrossEntropy = defineOperator<undefined>({
  name: 'CrossEntropy',
  infer([logits, labels]) {
    requireDType('CrossEntropy', [logits!], 'float32')
    requireDType('CrossEntropy', [labels!], 'int32', 'int64')
    if (logits!.shape.length !== 2 || labels!.shape.length !== 1 || logits!.shape[0] !== labels!.shape[0]) {
      throw new ShapeError('CrossEntropy', 'logits are rows × classes, labels are rows', [logits!.shape, labels!.shape])
    }
    return [
      { dtype: 'float32', shape: labels!.shape },
      { dtype: 'float32', shape: logits!.shape },
    ]
  },
  onnx: (inputs, _, emit) =>
    emit.nodeOutputs('SoftmaxCrossEntropyLoss', inputs, {
      attributes: { reduction: { string: 'none' }, ignore_index: { int: IGNORED_LABEL } },
      outputs: 2,
    }),
  gradient({ inputs: [, labels], outputs: [, logProbabilities] }, [dLoss, dLog]) {
    const probabilities = exp(logProbabilities!) // [rows, classes]
    const parts: Tensor[] = []
    if (dLoss) {
      // dLogits = (softmax − one-hot(label)) · dLoss, where a label counts.
      const ignored = equal(labels!, scalar(IGNORED_LABEL, labels!.dtype))
      const weight = where(ignored, scalar(0), dLoss) // [rows]
      const label = where(ignored, scalar(0, labels!.dtype), labels!)
      parts.push(addAtLabel(mul(probabilities, reshape(weight, [...weight.shape, 1])), label, neg(weight)))
    }
    if (dLog) parts.push(sub(dLog, mul(probabilities, reduceSum(dLog, [1], true))))
    return [parts.reduce((sum, part) => add(sum, part)), undefined]
  },
})

/**
 * −ln softmax(logits)[label] for each row: `logits` float32 [rows, classes], `labels` int32 or int64 [rows]. `loss`
 * [rows] is 0 where the label is −100, as in PyTorch's `cross_entropy`; `logProbabilities` [rows, classes] come with it
 * for free.
 *
 * @throws {ShapeError} if the shapes are others
 *
 * @example
 * const logits = input('logits', 'float32', ['rows', 30522])
 * const { loss } = crossEntropy(logits, input('labels', 'int32', ['rows'])) // nats, [rows]
 */
export function crossEntropy(logits: Tensor, labels: Tensor): { loss: Tensor; logProbabilities: Tensor } {
  const [loss, logProbabilities] = applyCrossEntropy([logits, labels], undefined)
  return { loss: loss!, logProbabilities: logProbabilities! }
}

/**
 * −ln of the probability that sigmoid(logits) gives to `labels` (0 or 1, float32), element by element: softplus(logit)
 * − logit·label, which neither overflows nor loses digits. PyTorch's `binary_cross_entropy_with_logits`.
 *
 * @example
 * const [verdict, replaced] = [input('verdict', 'float32', ['tokens']), input('replaced', 'float32', ['tokens'])]
 * const losses = binaryCrossEntropy(verdict, replaced) // nats, [tokens]
 */
export const binaryCrossEntropy = (logits: Tensor, labels: Tensor): Tensor => sub(softplus(logits), mul(logits, labels))
