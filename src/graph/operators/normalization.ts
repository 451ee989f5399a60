// Layer normalization (Ba, Kiros and Hinton, 2016) over the last axis.

import { MissingGradientError, ShapeError } from '../errors.js'
import { defineOperator, requireDType, type Tensor } from '../tensor.js'
import { div, mul, sub } from './elementwise.js'
import { scalar } from './leaf.js'
import { reduceSum } from './shape.js'

const applyLayerNorm = defineOperator<{ epsilon: number }>({
  name: 'LayerNormalization',
  infer([x, weight, bias]) {
    requireDType('LayerNormalization', [x!, weight!, bias!], 'float32')
    const width = x!.shape.at(-1)
    const fits = [weight!, bias!].every(({ shape }) => shape.length === 1 && shape[0] === width)
    if (x!.shape.length !== 2 || typeof width !== 'number' || !fits) {
      throw new ShapeError('LayerNormalization', 'x is rows × width, weight and bias are width, a known number', [
        x!.shape,
        weight!.shape,
        bias!.shape,
      ])
    }
    const perRow = { dtype: 'float32' as const, shape: [x!.shape[0]!, 1] }
    return [{ dtype: 'float32', shape: x!.shape }, perRow, perRow] // y, mean, 1/deviation
  },
  onnx: (inputs, { epsilon }, emit) =>
    emit.nodeOutputs('LayerNormalization', inputs, { attributes: { epsilon: { float: epsilon } }, outputs: 3 }),
  gradient({ inputs: [x, weight], outputs: [, mean, inverseDeviation] }, [dy, ...dStatistics]) {
    // The mean and the deviation are seen by this rule alone: only a gradient of a gradient comes through them.
    if (!dy || dStatistics.some((d) => d !== undefined)) {
      throw new MissingGradientError('LayerNormalization', 'the gradient of its gradient is not defined')
    }
    const width = scalar(Number(x!.shape[1]))
    const normalized = mul(sub(x!, mean!), inverseDeviation!) // [rows, width]
    const scaled = mul(dy, weight!)
    // A row's gradient is freed of its mean and of its part along the normalized row.
    const meanPart = div(reduceSum(scaled, [1], true), width) // [rows, 1]
    const alongPart = div(reduceSum(mul(scaled, normalized), [1], true), width) // [rows, 1]
    const dx = mul(sub(sub(scaled, meanPart), mul(normalized, alongPart)), inverseDeviation!)
    return [dx, reduceSum(mul(dy, normalized), [0]), reduceSum(dy, [0])]
  },
})

/**
 * (x − mean)/√(variance + epsilon) · weight + bias for every row of `x` [rows, width]; `weight` and `bias` are [width].
 * As PyTorch's `layer_norm`: the variance is divided by width.
 *
 * @throws {ShapeError} if the shapes are others, or the width is known only when the graph runs
 *
 * @example
 * const [weight, bias] = [parameter('LayerNorm.weight', [256]), parameter('LayerNorm.bias', [256])]
 * const y = layerNorm(input('x', 'float32', ['tokens', 256]), weight, bias, 1e-12) // [tokens, 256]
 */
export const layerNorm = (x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor =>
  applyLayerNorm([x, weight, bias], { epsilon })[0]!
