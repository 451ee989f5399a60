// A case, or several, for every operator in the table.

import type { Random } from '../../random.js'
import type { DType, Shape, Tensor } from '../index.js'
import * as op from '../operators/index.js'
import {
  at,
  build,
  elementwise,
  erf,
  logSumExp,
  type NdArray,
  perRow,
  sizeOfDims,
  softmaxRow,
  sum,
} from './array.js'
import type { Argument, Case } from './check.js'

type Draw = (random: Random) => number

const normal: Draw = (random) => random.normal()
const positive: Draw = (random) => 0.3 + 2 * random.uniform()
/** Away from zero, where relu has no derivative and division none either. */
const awayFromZero: Draw = (random) => (random.uniform() < 0.5 ? -1 : 1) * (0.3 + random.uniform())
const bit: Draw = (random) => random.below(2)
const uint32: Draw = (random) => random.uint32()
const below =
  (bound: number): Draw =>
  (random) =>
    random.below(bound)

const float = (shape: Shape, draw: Draw = normal): Argument => ({ shape, dtype: 'float32', draw, differentiable: true })
const fixed = (shape: Shape, dtype: DType, draw: Draw): Argument => ({ shape, dtype, draw, differentiable: false })

// ── element by element ──────────────────────────────────────────────────────────────────────────────────────────────

/** Pairs of shapes that broadcast in every way there is. */
const pairs: readonly (readonly [Shape, Shape])[] = [
  [
    ['n', 3],
    ['n', 3],
  ],
  [['n', 3], [3]],
  [
    [1, 'm'],
    ['n', 1],
  ],
  [[], ['n', 'm']],
  [
    [2, 1, 'm'],
    ['n', 1],
  ],
  [[1], []],
]

type Binary = (a: Tensor, b: Tensor) => Tensor
type Unary = (x: Tensor) => Tensor

const smooth = (operator: string, apply: Binary, f: (a: number, b: number) => number, draw = normal): Case[] =>
  pairs.map(([a, b]) => ({
    operator,
    title: `[${a}] and [${b}]`,
    inputs: [float(a, draw), float(b, draw)],
    apply,
    reference: elementwise(f),
  }))

/** Operators without a gradient, over the element types they take. */
const discrete = (
  operator: string,
  apply: Binary,
  f: (a: number, b: number) => number,
  draws: Partial<Record<DType, Draw>>,
): Case[] =>
  pairs.flatMap(([a, b]) =>
    Object.entries(draws).map(([dtype, draw]) => ({
      operator,
      title: `${dtype} [${a}] and [${b}]`,
      inputs: [fixed(a, dtype as DType, draw), fixed(b, dtype as DType, draw)],
      apply,
      reference: elementwise(f),
    })),
  )

const unary = (operator: string, apply: Unary, f: (x: number) => number, draw = normal): Case[] =>
  [['n', 3], [], [1, 'm', 2]].map((shape) => ({
    operator,
    title: `[${shape}]`,
    inputs: [float(shape, draw)],
    apply,
    reference: elementwise(f),
  }))

const few: Partial<Record<DType, Draw>> = { float32: below(3), int32: below(3), int64: below(3) }
const wholeNumbers: Partial<Record<DType, Draw>> = { int32: below(1000), int64: below(1000), uint32: below(1000) }
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const elementwiseCases: Case[] = [
  ...smooth('Add', op.add, (a, b) => a + b),
  ...smooth('Sub', op.sub, (a, b) => a - b),
  ...smooth('Mul', op.mul, (a, b) => a * b),
  ...smooth('Div', op.div, (a, b) => a / b, awayFromZero),
  ...discrete('Add', op.add, (a, b) => a + b, wholeNumbers),
  ...discrete('Mul', op.mul, (a, b) => Math.imul(a, b) >>> 0, { uint32 }),
  ...unary('Neg', op.neg, (x) => -x),
  ...unary('Exp', op.exp, Math.exp),
  ...unary('Log', op.log, Math.log, positive),
  ...unary('Sqrt', op.sqrt, Math.sqrt, positive),
  ...unary('Tanh', op.tanh, Math.tanh),
  ...unary('Sigmoid', op.sigmoid, sigmoid),
  ...unary('Softplus', op.softplus, (x) => Math.log1p(Math.exp(x))),
  ...unary('Erf', op.erf, erf),
  ...unary('Relu', op.relu, (x) => Math.max(x, 0), awayFromZero),
  ...unary('Gelu', op.gelu, (x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
  ...unary('Gelu', op.geluTanh, (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
  ...discrete('Equal', op.equal, (a, b) => Number(a === b), few),
  ...discrete('Greater', op.greater, (a, b) => Number(a > b), few),
  ...discrete('Less', op.less, (a, b) => Number(a < b), { ...few, uint32 }),
  ...discrete('And', op.and, (a, b) => a & b, { bool: bit }),
  ...discrete('BitwiseXor', op.bitXor, (a, b) => (a ^ b) >>> 0, { uint32 }),
  ...discrete(
    'BitShift',
    (a, b) => op.shiftRight(a, op.bitXor(b, b)),
    (a) => a,
    { uint32 },
  ),
  {
    operator: 'BitShift',
    title: 'by 15',
    inputs: [fixed(['n', 4], 'uint32', uint32)],
    apply: (x) => op.shiftRight(x, op.scalar(15, 'uint32')),
    reference: elementwise((x) => x >>> 15),
  },
  {
    operator: 'Not',
    title: 'masks',
    inputs: [fixed(['n', 2], 'bool', bit)],
    apply: op.not,
    reference: elementwise((x) => 1 - x),
  },
  ...[...pairs, [['n', 3], []] as const].map(
    ([a, b]): Case => ({
      operator: 'Where',
      title: `a choice from [${a}] and [${b}]`,
      inputs: [fixed(['n', 1], 'bool', bit), float(a), float(b)],
      apply: op.where,
      reference: elementwise((condition, x, y) => (condition ? x : y)),
    }),
  ),
  {
    operator: 'Where',
    title: 'a mask larger than what it chooses from',
    inputs: [fixed(['n', 'm'], 'bool', bit), float([]), float(['m'])],
    apply: op.where,
    reference: elementwise((condition, x, y) => (condition ? x : y)),
  },
  ...(['int32', 'int64', 'bool', 'uint32'] as const).flatMap((from) =>
    (['float32', 'int32', 'int64'] as const)
      .filter((to) => from !== to)
      .map(
        (to): Case => ({
          operator: 'Cast',
          title: `${from} to ${to}`,
          inputs: [fixed(['n', 2], from, from === 'bool' ? bit : below(100))],
          apply: (x) => op.cast(x, to),
          reference: (x) => x,
        }),
      ),
  ),
  {
    operator: 'StopGradient',
    title: 'one factor of two',
    inputs: [float(['n', 3])],
    apply: (x) => op.mul(x, op.stopGradient(op.tanh(x))),
    reference: elementwise((x) => x * Math.tanh(x)),
    differentiated: ([frozen], [x]) => elementwise((a, b) => a * Math.tanh(b))(x!, frozen!),
  },
]

// ── rows and matrices ───────────────────────────────────────────────────────────────────────────────────────────────

/** Products over the last two axes, leading ones equal. */
function product(a: NdArray, b: NdArray, transposeA: boolean, transposeB: boolean, alpha: number): NdArray {
  const [rows, inner] = transposeA ? a.dims.slice(-2).reverse() : a.dims.slice(-2)
  const columns = b.dims.at(transposeB ? -2 : -1)!
  return build([...a.dims.slice(0, -2), rows!, columns], (index) => {
    const [row, column] = index.slice(-2) as [number, number]
    const lead = index.slice(0, -2)
    const term = (k: number): number =>
      at(a, [...lead, ...(transposeA ? [k, row] : [row, k])]) *
      at(b, [...lead, ...(transposeB ? [column, k] : [k, column])])
    return alpha * sum(Array.from({ length: inner! }, (_, k) => term(k)))
  })
}

const matmulCases: Case[] = [
  ...[true, false].map(
    (bias): Case => ({
      operator: 'Linear',
      title: bias ? 'with a bias' : 'without a bias',
      inputs: [float(['n', 4]), float([3, 4]), ...(bias ? [float([3])] : [])],
      apply: (x, weight, b) => op.linear(x!, weight!, b),
      reference: (x, weight, b) => {
        const y = product(x!, weight!, false, true, 1)
        return b ? elementwise((value, offset) => value + offset)(y, b) : y
      },
    }),
  ),
  ...[[], ['m', 2], [1]].flatMap((lead) =>
    [0, 1, 2, 3].map((flags): Case => {
      const [transposeA, transposeB] = [Boolean(flags & 1), Boolean(flags & 2)]
      const alpha = flags === 0 ? 1 : 0.125
      return {
        operator: 'MatMul',
        title: `[${lead}], ${transposeA ? 'Aᵀ' : 'A'}·${transposeB ? 'Bᵀ' : 'B'}, alpha ${alpha}`,
        inputs: [
          float([...lead, ...(transposeA ? [4, 'n'] : ['n', 4])]),
          float([...lead, ...(transposeB ? [3, 4] : [4, 3])]),
        ],
        apply: (a, b) => op.matmul(a!, b!, { transposeA, transposeB, alpha }),
        reference: (a, b) => product(a!, b!, transposeA, transposeB, alpha),
      }
    }),
  ),
]

const mean = (row: readonly number[]): number => sum(row) / row.length

function layerNormReference(epsilon: number): (x: NdArray, weight: NdArray, bias: NdArray) => NdArray {
  return (x, weight, bias) =>
    perRow(x, (row) => {
      const centre = mean(row)
      const deviation = Math.sqrt(mean(row.map((value) => (value - centre) ** 2)) + epsilon)
      return row.map((value, i) => ((value - centre) / deviation) * weight.data[i]! + bias.data[i]!)
    })
}

const rowCases: Case[] = [
  ...[[5], ['n', 'm'], ['n', 2, 1]].map(
    (shape): Case => ({
      operator: 'Softmax',
      title: `[${shape}]`,
      inputs: [float(shape)],
      apply: op.softmax,
      reference: (x) => perRow(x!, softmaxRow),
    }),
  ),
  ...[1e-12, 1e-5].map(
    (epsilon): Case => ({
      operator: 'LayerNormalization',
      title: `epsilon ${epsilon}`,
      inputs: [float(['n', 6]), float([6]), float([6])],
      apply: (x, weight, bias) => op.layerNorm(x!, weight!, bias!, epsilon),
      reference: layerNormReference(epsilon),
    }),
  ),
  ...(['int32', 'int64'] as const).map(
    (dtype): Case => ({
      operator: 'CrossEntropy',
      title: `${dtype} labels, some ignored`,
      inputs: [float(['n', 4]), fixed(['n'], dtype, (random) => [0, 1, 2, 3, -100][random.below(5)]!)],
      apply: (logits, labels) => {
        const { loss, logProbabilities } = op.crossEntropy(logits!, labels!)
        return [loss, logProbabilities]
      },
      reference: (logits, labels) => {
        const logs = perRow(logits!, (row) => row.map((value) => value - logSumExp(row)))
        const loss = build(labels!.dims, ([i]) => (labels!.data[i!]! < 0 ? 0 : -at(logs, [i!, labels!.data[i!]!])))
        return [loss, logs]
      },
    }),
  ),
  {
    operator: 'CumSum',
    title: 'along columns',
    inputs: [fixed(['n', 'm'], 'float32', normal)],
    apply: op.cumSum,
    reference: (x) => perRow(x!, (row) => row.map((_, i) => sum(row.slice(0, i + 1)))),
  },
  ...[['n', 5], [4], ['n', 'm', 1]].map(
    (shape): Case => ({
      operator: 'ArgMax',
      title: `[${shape}], with equals`,
      inputs: [fixed(shape, 'float32', below(4))],
      apply: op.argMax,
      reference: (x) => {
        const { dims, data } = perRow(x!, (row) => [row.indexOf(Math.max(...row))])
        return { dims: dims.slice(0, -1), data }
      },
    }),
  ),
]

// ── rows by index ───────────────────────────────────────────────────────────────────────────────────────────────────

const gatherReference = (table: NdArray, indices: NdArray): NdArray =>
  build([...indices.dims, ...table.dims.slice(1)], (index) => {
    const row = at(indices, index.slice(0, indices.dims.length))
    return at(table, [row, ...index.slice(indices.dims.length)])
  })

const indexTuples = (indices: NdArray): number[][] => {
  const depth = indices.dims.at(-1)!
  const count = sizeOfDims(indices.dims.slice(0, -1))
  return Array.from({ length: count }, (_, i) => indices.data.slice(i * depth, (i + 1) * depth))
}

const gatherNdReference = (data: NdArray, indices: NdArray): NdArray => {
  const inner = data.dims.slice(indices.dims.at(-1)!)
  const slices = indexTuples(indices).flatMap((tuple) => build(inner, (rest) => at(data, [...tuple, ...rest])).data)
  return { dims: [...indices.dims.slice(0, -1), ...inner], data: slices }
}

const scatterReference = (dims: readonly number[], indices: NdArray, updates: NdArray): NdArray => {
  const tuples = indexTuples(indices)
  const depth = indices.dims.at(-1)!
  const size = sizeOfDims(dims.slice(depth))
  return build(dims, (index) => {
    const inner = index.slice(depth).reduce((flat, i, axis) => flat * dims[depth + axis]! + i, 0)
    const meets = tuples.map((tuple, t) =>
      tuple.every((i, axis) => i === index[axis]) ? updates.data[t * size + inner]! : 0,
    )
    return sum(meets)
  })
}

const indexingCases: Case[] = [
  ...([['n'], [2, 'm'], [], [1]] as Shape[]).flatMap((shape, i): Case[] => [
    {
      operator: 'Gather',
      title: `rows at [${shape}]`,
      inputs: [float([4, 3]), fixed(shape, i % 2 ? 'int64' : 'int32', below(4))],
      apply: op.gather,
      reference: gatherReference,
    },
    {
      operator: 'DropGradientAt',
      title: `an embedding with a padding row at [${shape}]`,
      inputs: [float([4, 3]), fixed(shape, i % 2 ? 'int64' : 'int32', below(4))],
      apply: (table, ids) => op.embedding(table!, ids!, 1),
      reference: gatherReference,
      differentiated: (frozen, [table, ids]) => {
        const rows = build(table!.dims, (index) => at(index[0] === 1 ? frozen[0]! : table!, index))
        return gatherReference(rows, ids!)
      },
    },
  ]),
  {
    operator: 'Gather',
    title: 'elements of a vector',
    inputs: [float([5]), fixed(['n', 2], 'int32', below(5))],
    apply: op.gather,
    reference: gatherReference,
  },
  ...[1, 2, 3].flatMap((depth): Case[] => [
    {
      operator: 'GatherND',
      title: `${depth} axes`,
      inputs: [float([3, 3, 2]), fixed(['n', depth], 'int32', below(2))],
      apply: op.gatherNd,
      reference: gatherNdReference,
    },
    {
      operator: 'ScatterAdd',
      title: `${depth} axes, places that meet`,
      inputs: [fixed(['n', depth], depth === 1 ? 'int64' : 'int32', below(2)), float(['n', ...[3, 3, 2].slice(depth)])],
      apply: (indices, updates) => op.scatterAdd([3, 3, 2], indices!, updates!),
      reference: (indices, updates) => scatterReference([3, 3, 2], indices!, updates!),
    },
  ]),
  {
    operator: 'ScatterAdd',
    title: 'to a grid whose size is known only when it runs',
    inputs: [fixed([4, 2], 'int32', below(1)), float([4, 3]), float(['n', 'm', 3])],
    apply: (indices, rows, grid) => op.add(op.scatterRows(['n', 'm', 3], indices!, rows!), grid!),
    reference: (indices, rows, grid) =>
      elementwise((a, b) => a + b)(scatterReference(grid!.dims, indices!, rows!), grid!),
  },
  {
    operator: 'AddAtLabel',
    title: 'a value a row',
    inputs: [fixed(['n', 4], 'float32', normal), fixed(['n'], 'int32', below(4)), fixed(['n'], 'float32', normal)],
    apply: op.addAtLabel,
    reference: (x, labels, values) =>
      build(x!.dims, ([i, j]) => at(x!, [i!, j!]) + (labels!.data[i!] === j ? values!.data[i!]! : 0)),
  },
]

// ── shape ───────────────────────────────────────────────────────────────────────────────────────────────────────────

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

const shapeCases: Case[] = [
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

// ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const leafCases: Case[] = [
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

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...matmulCases,
  ...rowCases,
  ...indexingCases,
  ...shapeCases,
  ...leafCases,
]
