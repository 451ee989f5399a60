// What an operator says when it is used wrongly: its name, what it wants, and the shapes it got.

import { expect, it } from 'vitest'
import { BertkinError } from '../../errors.js'
import { DTypeError, MissingGradientError, ShapeError } from '../errors.js'
import { grad } from '../gradient.js'
import type { Tensor } from '../tensor.js'
import * as op from './index.js'

const float = (...shape: (number | string)[]): Tensor => op.input('x', 'float32', shape)
const int = (...shape: (number | string)[]): Tensor => op.input('i', 'int32', shape)
const bool = (...shape: (number | string)[]): Tensor => op.input('b', 'bool', shape)

type Kind = typeof ShapeError | typeof DTypeError | typeof MissingGradientError

const wrong: readonly (readonly [use: () => unknown, kind: Kind, message: string])[] = [
  [() => op.add(float(2, 3), float(2)), ShapeError, 'Add: these shapes do not broadcast: [2, 3] and [2]'],
  [() => op.mul(float('n'), float('m')), ShapeError, 'Mul: these shapes do not broadcast: [n] and [m]'],
  [() => op.sub(float('n'), float(4)), ShapeError, 'Sub: these shapes do not broadcast: [n] and [4]'],
  [() => op.add(float(2), int(2)), DTypeError, 'Add: float32 and int32 do not mix: cast one'],
  [() => op.div(bool(2), bool(2)), DTypeError, 'Div: takes float32 or int32 or int64 or uint32, not bool'],
  [() => op.exp(int(2)), DTypeError, 'Exp: takes float32, not int32'],
  [() => op.and(float(2), float(2)), DTypeError, 'And: takes bool, not float32'],
  [() => op.not(float(2)), DTypeError, 'Not: takes bool, not float32'],
  [() => op.bitXor(int(2), int(2)), DTypeError, 'BitwiseXor: takes uint32, not int32'],
  [() => op.where(float(2), float(2), float(2)), DTypeError, 'Where: takes bool, not float32'],
  [() => op.where(bool(2), float(2), int(2)), DTypeError, 'Where: float32 and int32 do not mix: cast one'],
  [
    () => op.where(bool(2), float(3), float(3)),
    ShapeError,
    'Where: these shapes do not broadcast: [2] and [3] and [3]',
  ],
  [() => op.gelu(int(2)), DTypeError, 'Gelu: takes float32, not int32'],
  [() => op.softmax(float()), ShapeError, 'Softmax: a scalar has no last axis: []'],
  [() => op.reshape(float(2, 3), [4]), ShapeError, 'Reshape: the number of elements differs: [2, 3] and [4]'],
  [() => op.reshape(float('n', 3), ['m', 3]), ShapeError, 'Reshape: the number of elements differs: [n, 3] and [m, 3]'],
  [() => op.transpose(float(2, 3), [0, 0]), ShapeError, 'Transpose: [0,0] is not an order of the axes of: [2, 3]'],
  [() => op.transpose(float(2, 3), [0]), ShapeError, 'Transpose: [0] is not an order of the axes of: [2, 3]'],
  [() => op.expand(float(2), [3]), ShapeError, 'Expand: these shapes do not broadcast: [2] and [3]'],
  [() => op.expand(float(2, 3), [3]), ShapeError, 'Expand: only dimensions of 1 can be repeated: [2, 3] and [3]'],
  [() => op.reduceSum(float(2, 3), [2]), ShapeError, 'ReduceSum: axis 2 does not exist: [2, 3]'],
  [() => op.reduceSum(float(2, 3), [0.5]), ShapeError, 'ReduceSum: axis 0.5 does not exist: [2, 3]'],
  [() => op.concat([float(2, 3), float(3, 3)], 1), ShapeError, 'Concat: all but axis 1 must agree: [2, 3] and [3, 3]'],
  [() => op.concat([float('n'), float('n')], 0), ShapeError, 'Concat: axis 0 must be known: [n] and [n]'],
  [() => op.concat([float(2), int(2)], 0), DTypeError, 'Concat: float32 and int32 do not mix: cast one'],
  [() => op.concat([], 0), ShapeError, 'Concat: axis 0 does not exist: []'],
  [() => op.split(float(5), 0, [2, 2]), ShapeError, 'Split: lengths 2 + 2 do not make up axis 0: [5]'],
  [() => op.split(float(5), 0, [6, -1]), ShapeError, 'Split: lengths 6 + -1 do not make up axis 0: [5]'],
  [
    () => op.linear(float('n', 3), float(2, 4)),
    ShapeError,
    'Linear: rows × in and out × in must agree on in: [n, 3] and [2, 4]',
  ],
  [
    () => op.linear(float('n', 3), float(2, 3), float(3)),
    ShapeError,
    'Linear: the bias does not fit out × in: [2, 3] and [3]',
  ],
  [() => op.matmul(float(2, 3), float(2, 3)), ShapeError, 'MatMul: the inner dimensions differ: [2, 3] and [2, 3]'],
  [() => op.matmul(float(3), float(3)), ShapeError, 'MatMul: both sides need two dimensions or more: [3] and [3]'],
  [
    () => op.matmul(float(2, 3, 4), float(4, 5)),
    ShapeError,
    'MatMul: the leading dimensions must be equal: [2, 3, 4] and [4, 5]',
  ],
  [
    () => op.matmul(float(2, 3, 2), float(2, 5)),
    ShapeError,
    'MatMul: the leading dimensions must be equal: [2, 3, 2] and [2, 5]',
  ],
  [
    () => op.layerNorm(float('n', 4), float(3), float(4), 1e-12),
    ShapeError,
    'LayerNormalization: x is rows × width, weight and bias are width, a known number: [n, 4] and [3] and [4]',
  ],
  [
    () => op.layerNorm(float('n', 4), float(4, 2), float(4), 1e-12),
    ShapeError,
    'LayerNormalization: x is rows × width, weight and bias are width, a known number: [n, 4] and [4, 2] and [4]',
  ],
  [() => op.gather(float(3, 2), float(2)), DTypeError, 'Gather: takes int32 or int64, not float32'],
  [() => op.gather(float(), int(2)), ShapeError, 'Gather: a scalar has no rows: []'],
  [
    () => op.gatherNd(float(3), int('n', 2)),
    ShapeError,
    'GatherND: the indices’ last dimension says how many axes they index: [3] and [n, 2]',
  ],
  [
    () => op.gatherCells(float(3), int('n', 2)),
    ShapeError,
    'GatherCells: a grid has two axes or more, and cells are rows × 2: [3] and [n, 2]',
  ],
  [
    () => op.scatterCells([2, 3, 4], int('n', 2), float('n', 3)),
    ShapeError,
    'ScatterCells: rows must be [n, 4]: [n, 3]',
  ],
  [() => op.scatterAdd([3, 2], int('n', 1), float('n', 3)), ShapeError, 'ScatterAdd: updates must be [n, 2]: [n, 3]'],
  [
    () => op.addAtLabel(float('n', 3), int('m'), float('n')),
    ShapeError,
    'AddAtLabel: x is rows × classes, labels and values are rows: [n, 3] and [m] and [n]',
  ],
  [
    () => op.crossEntropy(float('n', 3), int('m')),
    ShapeError,
    'CrossEntropy: logits are rows × classes, labels are rows: [n, 3] and [m]',
  ],
  [() => op.crossEntropy(float('n', 3), float('n')), DTypeError, 'CrossEntropy: takes int32 or int64, not float32'],
  [() => op.cumSum(float(3)), ShapeError, 'CumSum: takes rows × columns, not: [3]'],
  [() => op.argMax(float()), ShapeError, 'ArgMax: a scalar has no last axis: []'],
  [() => op.constant([1, 2], [3]), ShapeError, 'Constant: 2 values do not fill: [3]'],
  [() => float(-1), ShapeError, 'input "x": -1 is no dimension: [-1]'],
  [() => float('b*a'), ShapeError, 'input "x": "b*a" is no dimension: [b*a]'],
  [() => op.parameter('w', [1.5]), ShapeError, 'parameter "w": 1.5 is no dimension: [1.5]'],
  [() => grad(float(2), []), MissingGradientError, 'grad: the loss must be a float32 scalar, not float32[2]'],
  [() => grad(int(), []), MissingGradientError, 'grad: the loss must be a float32 scalar, not int32[]'],
  [
    () => grad(op.reduceSum(float(2)), [op.parameter('encoder.w', [2])]),
    MissingGradientError,
    'grad: the loss does not depend on encoder.w',
  ],
  [
    () => grad(op.reduceSum(op.cumSum(op.parameter('w', [2, 2]))), [op.parameter('w', [2, 2])]),
    MissingGradientError,
    'CumSum: this operator has no gradient',
  ],
]

it.each(wrong.map(([use, kind, message]) => ({ use, kind, message })))('$message', ({ use, kind, message }) => {
  let caught: unknown
  try {
    use()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(kind)
  expect(caught).toBeInstanceOf(BertkinError)
  expect((caught as BertkinError).message).toBe(message)
})

it('a shape error carries the operator and the shapes', () => {
  try {
    op.add(float('n', 3), float(2))
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'shape-mismatch',
      operator: 'Add',
      shapes: [['n', 3], [2]],
    })
  }
})

it('dropout refuses a probability outside [0, 1)', () => {
  for (const probability of [-0.1, 1, Number.NaN]) {
    expect(() => op.dropout(float(2, 2), probability, undefined)).toThrow(/must be in \[0, 1\)/)
  }
})
