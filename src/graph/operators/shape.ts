// Operators that move or repeat elements, and the sum that is the gradient of repeating them. They stand together
// because each is the other's gradient.

import { DTypeError, ShapeError } from '../errors.js'
import { broadcastShape, type Dim, dimProduct, resolveAxis, type Shape, sameShape } from '../shape.js'
import { type DType, defineOperator, defineSingle, requireDType, type Tensor } from '../tensor.js'

const applyReshape = defineSingle<{ shape: Shape }>({
  name: 'Reshape',
  infer([x], { shape }) {
    if (dimProduct(x!.shape) !== dimProduct(shape)) {
      throw new ShapeError('Reshape', 'the number of elements differs', [x!.shape, shape])
    }
    return { dtype: x!.dtype, shape }
  },
  onnx([x], { shape }, emit) {
    // One unknown dimension can be left to ONNX Runtime; more are read from the inputs. A dimension of 0 means 0 (an
    // empty batch), not "as in the input", and beside it nothing can be left out.
    const symbolic = shape.filter((dim) => typeof dim === 'string').length
    const inferable = symbolic === 1 && !shape.includes(0)
    const target = inferable ? emit.int64(shape.map((dim) => (typeof dim === 'string' ? -1 : dim))) : emit.shape(shape)
    return emit.node('Reshape', [x!, target], { attributes: { allowzero: { int: 1 } } })
  },
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
})

/**
 * The same elements in the same order under another shape.
 *
 * @throws {ShapeError} if the number of elements differs
 *
 * @example
 * const heads = reshape(input('x', 'float32', ['batch', 'sequence', 256]), ['batch', 'sequence', 4, 64])
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyReshape([x], { shape })
}

const applyTranspose = defineSingle<{ order: readonly number[] }>({
  name: 'Transpose',
  infer([x], { order }) {
    if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x!.shape.length) {
      throw new ShapeError('Transpose', `[${order}] is not an order of the axes of`, [x!.shape])
    }
    return { dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }
  },
  onnx: ([x], { order }, emit) => emit.node('Transpose', [x!], { attributes: { perm: { ints: order } } }),
  gradient: ({ attributes: { order } }, [dy]) => [
    transpose(
      dy!,
      order.map((_, i) => order.indexOf(i)),
    ),
  ],
})

/**
 * Axes in another order: axis i of the result is axis `order[i]` of `x`, as PyTorch's `permute`.
 *
 * @throws {ShapeError} unless `order` names every axis once
 *
 * @example
 * const y = transpose(input('x', 'float32', ['batch', 'sequence', 4, 64]), [0, 2, 1, 3]) // [batch, 4, sequence, 64]
 */
export const transpose = (x: Tensor, order: readonly number[]): Tensor => applyTranspose([x], { order })

const applyExpand = defineSingle<{ shape: Shape }>({
  name: 'Expand',
  infer([x], { shape }) {
    if (!sameShape(broadcastShape('Expand', [x!.shape, shape]), shape)) {
      throw new ShapeError('Expand', 'only dimensions of 1 can be repeated', [x!.shape, shape])
    }
    return { dtype: x!.dtype, shape }
  },
  onnx: ([x], { shape }, emit) => emit.node('Expand', [x!, emit.shape(shape)]),
  gradient: ({ inputs: [x] }, [dy]) => [sumTo(dy!, x!.shape)],
})

/**
 * Repeats `x` along dimensions of 1, or along new leading ones, until it has the given shape.
 *
 * @throws {ShapeError} if another dimension would change
 *
 * @example
 * const ones = expand(scalar(1), ['tokens', 1]) // [tokens, 1]
 */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyExpand([x], { shape })
}

const applyReduceSum = defineSingle<{ axes: readonly number[]; keepDims: boolean }>({
  name: 'ReduceSum',
  infer([x], { axes, keepDims }) {
    requireDType('ReduceSum', [x!], 'float32', 'int32')
    const reduced = new Set(axes)
    const shape: Dim[] = []
    x!.shape.forEach((dim, i) => {
      if (!reduced.has(i)) shape.push(dim)
      else if (keepDims) shape.push(1)
    })
    return { dtype: x!.dtype, shape }
  },
  onnx: ([x], { axes, keepDims }, emit) =>
    // Without noop_with_empty_axes, no axes would mean all of them.
    emit.node('ReduceSum', [x!, emit.int64(axes)], {
      attributes: { keepdims: { int: keepDims ? 1 : 0 }, noop_with_empty_axes: { int: 1 } },
    }),
  gradient({ inputs: [x], attributes: { axes } }, [dy]) {
    const kept = x!.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    return [expand(reshape(dy!, kept), x!.shape)]
  },
})

/**
 * The sum over some axes (all of them unless said), which are dropped, or kept as 1 with `keepDims`; float32 or int32.
 * An axis below 0 counts from the end.
 *
 * @throws {ShapeError} if there is no such axis
 *
 * @example
 * const perRow = reduceSum(input('x', 'float32', ['rows', 256]), [-1], true) // [rows, 1]
 */
export function reduceSum(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keepDims = false): Tensor {
  const resolved = new Set(axes.map((axis) => resolveAxis('ReduceSum', axis, x.shape)))
  return applyReduceSum([x], { axes: [...resolved].sort((a, b) => a - b), keepDims })
}

/** Sums away what broadcasting a tensor of `shape` repeated: the gradient of every broadcast. */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy
  const offset = dy.shape.length - shape.length
  const axes = dy.shape.map((_, i) => i).filter((i) => i < offset || (shape[i - offset] === 1 && dy.shape[i] !== 1))
  return reshape(reduceSum(dy, axes), shape)
}

const applyConcat = defineSingle<{ axis: number }>({
  name: 'Concat',
  infer(inputs, { axis }) {
    const [first] = inputs
    for (const { dtype, shape } of inputs) {
      if (dtype !== first!.dtype) throw new DTypeError('Concat', `${first!.dtype} and ${dtype} do not mix: cast one`)
      if (!sameShape(shape.toSpliced(axis, 1), first!.shape.toSpliced(axis, 1))) {
        throw new ShapeError(
          'Concat',
          `all but axis ${axis} must agree`,
          inputs.map((x) => x.shape),
        )
      }
    }
    const length = inputs.reduce((sum, { shape }) => sum + Number(shape[axis]), 0)
    if (Number.isNaN(length)) {
      const shapes = inputs.map((x) => x.shape)
      throw new ShapeError('Concat', `axis ${axis} must be known`, shapes)
    }
    return { dtype: first!.dtype, shape: first!.shape.with(axis, length) }
  },
  onnx: (inputs, { axis }, emit) => emit.node('Concat', inputs, { attributes: { axis: { int: axis } } }),
  gradient: ({ inputs, attributes: { axis } }, [dy]) =>
    split(
      dy!,
      axis,
      inputs.map((x) => Number(x.shape[axis])),
    ),
})

/**
 * Tensors one after the other along an axis whose lengths are known; below 0 it counts from the end.
 *
 * @throws {ShapeError} if the other axes differ
 * @throws {DTypeError} if the element types differ
 *
 * @example
 * const [left, right] = [input('left', 'float32', ['rows', 2]), input('right', 'float32', ['rows', 3])]
 * const both = concat([left, right], -1) // [rows, 5]
 */
export const concat = (inputs: readonly Tensor[], axis: number): Tensor =>
  applyConcat(inputs, { axis: resolveAxis('Concat', axis, inputs[0]?.shape ?? []) })

const applySplit = defineOperator<{ axis: number; lengths: readonly number[] }>({
  name: 'Split',
  infer([x], { axis, lengths }) {
    const whole = lengths.every((length) => Number.isInteger(length) && length >= 0)
    if (!whole || lengths.reduce((sum, length) => sum + length, 0) !== x!.shape[axis]) {
      throw new ShapeError('Split', `lengths ${lengths.join(' + ')} do not make up axis ${axis}`, [x!.shape])
    }
    return lengths.map((length) => ({ dtype: x!.dtype, shape: x!.shape.with(axis, length) }))
  },
  onnx: ([x], { axis, lengths }, emit) =>
    emit.nodeOutputs('Split', [x!, emit.int64(lengths)], {
      attributes: { axis: { int: axis } },
      outputs: lengths.length,
    }),
  gradient: ({ outputs, attributes: { axis } }, dy) => [
    concat(
      outputs.map((output, i) => dy[i] ?? zeros(output.shape)),
      axis,
    ),
  ],
})

/**
 * Cuts a tensor along an axis, below 0 counted from the end, into parts of the given lengths.
 *
 * @throws {ShapeError} if the lengths do not make up the axis
 *
 * @example
 * const [start, end] = split(input('logits', 'float32', ['tokens', 2]), 1, [1, 1]) // [tokens, 1] each
 */
export const split = (x: Tensor, axis: number, lengths: readonly number[]): readonly Tensor[] =>
  applySplit([x], { axis: resolveAxis('Split', axis, x.shape), lengths })

const applyZeros = defineSingle<{ shape: Shape }>({
  name: 'Zeros',
  infer: (_, { shape }) => ({ dtype: 'float32', shape }),
  onnx: (_, { shape }, emit) => emit.node('ConstantOfShape', [emit.shape(shape)]),
  gradient: () => [],
})

/**
 * Float32 zeros.
 *
 * @example
 * const padding = zeros(['rows', 48])
 */
export const zeros = (shape: Shape): Tensor => applyZeros([], { shape })

const applySize = defineSingle<{ dim: Dim; dtype: DType }>({
  name: 'Size',
  infer: (_, { dtype }) => ({ dtype, shape: [] }),
  onnx: (_, { dim, dtype }, emit) => emit.cast(emit.node('Squeeze', [emit.dim(dim)]), dtype),
  gradient: () => [],
})

/**
 * A dimension as a scalar, float32 unless said: what a mean divides by where the count is known only when the graph
 * runs.
 *
 * @example
 * const x = input('x', 'float32', ['rows', 256])
 * const mean = div(reduceSum(x), sizeOf('256*rows')) // []
 */
export const sizeOf = (dim: Dim, dtype: DType = 'float32'): Tensor => applySize([], { dim, dtype })
