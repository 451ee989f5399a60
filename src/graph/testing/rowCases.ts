// Cases of matrix products, and of what works along rows.

import * as op from '../operators/index.js'
import { at, build, elementwise, logSumExp, type NdArray, perRow, softmaxRow, sum } from './array.js'
import type { Case } from './check.js'
import { below, fixed, float, normal } from './draw.js'

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

export const matmulCases: Case[] = [
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

export const rowCases: Case[] = [
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
  ...(['int32', 'int64'] as const).map(
    (dtype): Case => ({
      operator: 'CumSum',
      title: `of ${dtype}`,
      inputs: [fixed(['n', 'm'], dtype, below(9))],
      apply: op.cumSum,
      reference: (x) => perRow(x!, (row) => row.map((_, i) => sum(row.slice(0, i + 1)))),
    }),
  ),
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
