// Running sums and the place of the largest: what drawing from a distribution and reading an answer need.

import { ShapeError } from '../errors.js'
import { defineSingle, requireDType, type Tensor } from '../tensor.js'

const applyCumSum = defineSingle<undefined>({
  name: 'CumSum',
  infer([x]) {
    requireDType('CumSum', [x!], 'float32', 'int32', 'int64')
    if (x!.shape.length !== 2) throw new ShapeError('CumSum', 'takes rows × columns, not', [x!.shape])
    return x!
  },
  onnx: ([x], _, emit) => emit.node('CumSum', [x!, emit.constant('int64', [], [1])]),
})

/**
 * Running sums along each row of `x`, float32, int32 or int64 [rows, columns] → [rows, columns]. Has no gradient.
 *
 * @throws {ShapeError} unless `x` has two dimensions
 *
 * @example
 * cumSum(constant([1, 2, 3, 4], [2, 2])) // [[1, 3], [3, 7]]
 */
export const cumSum = (x: Tensor): Tensor => applyCumSum([x], undefined)

const applyArgMax = defineSingle<undefined>({
  name: 'ArgMax',
  infer([x]) {
    requireDType('ArgMax', [x!], 'float32', 'int32')
    if (x!.shape.length === 0) throw new ShapeError('ArgMax', 'a scalar has no last axis', [x!.shape])
    return { dtype: 'int64', shape: x!.shape.slice(0, -1) }
  },
  onnx: ([x], _, emit) => emit.node('ArgMax', [x!], { attributes: { axis: { int: -1 }, keepdims: { int: 0 } } }),
})

/**
 * The index of the largest element along the last axis (the first of equals): float32 or int32 [.., n] → int64 [..].
 * Has no gradient.
 *
 * @throws {ShapeError} for a scalar
 *
 * @example
 * argMax(constant([0.1, 0.7, 0.2], [1, 3])) // [1]
 */
export const argMax = (x: Tensor): Tensor => applyArgMax([x], undefined)
