// Cases of arithmetic, functions, comparison and choice.

import type { DType, Shape, Tensor } from '../index.js'
import * as op from '../operators/index.js'
import { elementwise, erf } from './array.js'
import type { Case } from './check.js'
import { awayFromZero, below, bit, type Draw, fixed, float, normal, positive, uint32 } from './draw.js'

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

export const elementwiseCases: Case[] = [
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
