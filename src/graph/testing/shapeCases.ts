// Cases of what moves or repeats elements, and of leaves.

import type { Shape } from '../index.js'
import * as op from '../operators/index.js'
import { at, build, elementwise, type NdArray, sum } from './array.js'
import type { Case } from './check.js'
import { below, fixed, float } from './draw.js'

const reshapeCase = (from: Shape, to: Shape): Case => ({
  operator: 'Reshape',
  title: `[${from}] to [${to}]`,
  inputs: [float(from), float(to)],
  // A tensor of the target shape carries the names, and checks them.
  apply: (x, y) => op.add(op.reshape(x!, to), y!),
  reference: (x, y) => ({ dims: y!.dims, data: y!.data.map((value, i) => value + x!.data[i]!) }),
})

const transposeCase = (shape: Shape, order: readonly number[]): Case => ({
  operator: 'Transpose',
  title: `[${shape}] by [${order}]`,
  inputs: [float(shape)],
  apply: (x) => op.transpose(x!, order),
  reference: (x) =>
    build(
      order.map((axis) => x!.dims[axis]!),
      (index) =>
        at(
          x!,
          order.map((_, axis) => index[order.indexOf(axis)]!),
        ),
    ),
})

const expandCase = (from: Shape, to: Shape): Case => ({
  operator: 'Expand',
  title: `[${from}] to [${to}]`,
  inputs: [float(from), float(to)],
  apply: (x, y) => op.mul(op.expand(x!, to), y!),
  reference: elementwise((x, y) => x * y),
})

const reduceSumCase = (shape: Shape, axes: readonly number[] | undefined, keepDims: boolean): Case => ({
  operator: 'ReduceSum',
  title: `[${shape}] over ${axes ? `[${axes}]` : 'all'}${keepDims ? ', kept' : ''}`,
  inputs: [float(shape)],
  apply: (x) => op.reduceSum(x!, axes, keepDims),
  reference: (x) => {
    const rank = x!.dims.length
    const reduced = new Set((axes ?? x!.dims.map((_, i) => i)).map((axis) => (axis + rank) % rank))
    const kept = x!.dims.map((dim, axis) => (reduced.has(axis) ? 1 : dim))
    const inner = x!.dims.map((dim, axis) => (reduced.has(axis) ? dim : 1))
    const { data } = build(kept, (index) =>
      sum(
        build(inner, (within) =>
          at(
            x!,
            index.map((i, axis) => (reduced.has(axis) ? within[axis]! : i)),
          ),
        ).data,
      ),
    )
    return { dims: keepDims ? kept : kept.filter((_, axis) => !reduced.has(axis)), data }
  },
})

const slice = (x: NdArray, axis: number, start: number, length: number): NdArray =>
  build(x.dims.with(axis, length), (index) => at(x, index.with(axis, index[axis]! + start)))

export const shapeCases: Case[] = [
  reshapeCase(['n', 6], ['n', 2, 3]),
  reshapeCase(['n', 2, 3], ['2*n', 3]),
  reshapeCase(['n', 'm'], ['m*n']),
  reshapeCase(['m*n', 2], ['n', 'm', 2]),
  reshapeCase([], [1, 1]),
  reshapeCase([4], [2, 2, 1]),
  transposeCase(['n', 3], [1, 0]),
  transposeCase(['n', 'm', 2, 3], [2, 0, 3, 1]),
  transposeCase([2], [0]),
  transposeCase([1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 3], [10, 9, 8, 7, 6, 5, 4, 3, 1, 2, 0]),
  expandCase([1, 3], ['n', 3]),
  expandCase([], ['n', 'm']),
  expandCase(['m'], [2, 'n', 'm']),
  expandCase(['n', 1, 1], ['n', 'm', 2]),
  reduceSumCase(['n', 'm'], undefined, false),
  reduceSumCase(['n', 'm'], undefined, true),
  reduceSumCase(['n', 'm', 3], [1], false),
  reduceSumCase(['n', 'm', 3], [-1, 0], true),
  reduceSumCase(['n', 3], [0, -2], false),
  reduceSumCase(['n', 3], [], false),
  reduceSumCase([], undefined, false),
  {
    operator: 'Concat',
    title: 'two and one more, also twice the same',
    inputs: [float(['n', 2]), float(['n', 1])],
    apply: (a, b) => op.concat([a!, b!, a!], -1),
    reference: (a, b) =>
      build([a!.dims[0]!, 5], ([i, j]) =>
        j! < 2 ? at(a!, [i!, j!]) : j! < 3 ? at(b!, [i!, 0]) : at(a!, [i!, j! - 3]),
      ),
  },
  ...[true, false].map(
    (all): Case => ({
      operator: 'Split',
      title: all ? 'into three' : 'into three, of which one is used',
      inputs: [float(['n', 6, 2])],
      apply: (x) => op.split(x!, 1, [1, 3, 2]).filter((_, i) => all || i === 1),
      reference: (x) => [slice(x!, 1, 0, 1), slice(x!, 1, 1, 3), slice(x!, 1, 4, 2)].filter((_, i) => all || i === 1),
    }),
  ),
  {
    operator: 'Zeros',
    title: 'under a tensor',
    inputs: [float(['n', 'm'])],
    apply: (x) => op.add(x!, op.zeros(['n', 'm'])),
    reference: (x) => x!,
  },
  {
    operator: 'Size',
    title: 'a mean over a dimension known when it runs',
    inputs: [float(['n', 'm'])],
    apply: (x) => op.div(op.reduceSum(x!), op.sizeOf('m*n')),
    reference: (x) => ({ dims: [], data: [sum(x!.data) / x!.data.length] }),
  },
  ...([['n', 3], []] as Shape[]).map(
    (shape): Case => ({
      operator: 'Range',
      title: `as many as [${shape}]`,
      inputs: [fixed(shape, 'int32', below(9))],
      apply: (x) => op.add(op.range(shape), op.reshape(x!, op.range(shape).shape)),
      reference: (x) => ({ dims: [x!.data.length], data: x!.data.map((value, i) => value + i) }),
    }),
  ),
]

export const leafCases: Case[] = [
  {
    operator: 'Input',
    title: 'itself',
    inputs: [float(['n', 3])],
    apply: (x) => x!,
    reference: (x) => x!,
  },
  {
    operator: 'Constant',
    title: 'numbers that JSON cannot write, told apart',
    inputs: [float([6])],
    apply: (x) => {
      const [infinite, small] = [op.constant([Infinity], []), op.constant([-Infinity], [])]
      const value = op.stopGradient(x!)
      const clipped = op.where(op.less(value, infinite), op.where(op.greater(value, small), x!, small), infinite)
      return op.mul(clipped, op.constant([1.5, -2, 0.25, 1e-3, 100, 7], [6]))
    },
    reference: (x) => elementwise((a, b) => a * b)(x!, { dims: [6], data: [1.5, -2, 0.25, 1e-3, 100, 7] }),
  },
]
