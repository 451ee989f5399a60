// Values where formulas overflow, cancel or divide by nothing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Device, Runtime } from '../../runtime/index.js'
import { grad } from '../gradient.js'
import type { DType, Tensor } from '../tensor.js'
import { erf, logSumExp, softmaxRow } from '../testing/array.js'
import { toNumbers, toTensorData } from '../testing/check.js'
import * as op from './index.js'

describe.each<Device>(['cpu', 'wasm'])('on %s', (device) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await Runtime.open({ device })
  })
  afterAll(() => runtime.dispose())

  interface Given {
    readonly values: readonly number[]
    readonly dims: readonly number[]
    readonly dtype?: DType
  }

  /** The outputs' numbers, and the gradient of their sum with respect to the first input. */
  async function run(apply: (...x: Tensor[]) => Tensor, ...given: Given[]): Promise<{ y: number[]; dx: number[] }> {
    const inputs = given.map(({ dims, dtype = 'float32' }, i) => op.input(`x${i}`, dtype, dims))
    const y = apply(...inputs)
    const [dx] = grad(op.reduceSum(y), [inputs[0]!])
    using compiled = await runtime.compile({ y, dx: dx! })
    const feeds = given.map(({ values, dims, dtype = 'float32' }, i) => [
      `x${i}`,
      toTensorData(dtype, { dims, data: values }),
    ])
    const results = await compiled.run(Object.fromEntries(feeds))
    return { y: toNumbers(results.y.data), dx: toNumbers(results.dx.data) }
  }

  function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
    expect(actual).toHaveLength(expected.length)
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i]! - value), `element ${i}: ${actual[i]}, not ${value}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(value)),
      )
    })
  }

  const vector = (...values: number[]): Given => ({ values: values.map(Math.fround), dims: [values.length] })

  it('gelu far out, and around zero', async () => {
    const x = vector(-100, -10, -5, -1e-6, 0, 1e-6, 5, 10, 100)
    const cdf = (v: number): number => (1 + erf(v / Math.SQRT2)) / 2
    const density = (v: number): number => Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI)
    const { y, dx } = await run(op.gelu, x)
    const value = (v: number): number => v * cdf(v)
    const slope = (v: number): number => cdf(v) + v * density(v)
    expectClose(y, x.values.map(value))
    expectClose(dx, x.values.map(slope))
  })

  it('gelu by tanh far out', async () => {
    const { y, dx } = await run(op.geluTanh, vector(-100, -10, 0, 10, 100))
    expectClose(y, [0, 0, 0, 10, 100])
    expectClose(dx, [0, 0, 0.5, 1, 1])
  })

  it('softplus, sigmoid and tanh at ±100', async () => {
    const x = vector(-100, -20, 0, 20, 100)
    const softplus = await run(op.softplus, x)
    expectClose(softplus.y, [0, Math.log1p(Math.exp(-20)), Math.LN2, 20 + Math.exp(-20), 100])
    expectClose(softplus.dx, [0, 0, 0.5, 1, 1])
    const sigmoid = await run(op.sigmoid, x)
    expectClose(sigmoid.y, [0, Math.exp(-20), 0.5, 1, 1])
    expectClose(sigmoid.dx, [0, 0, 0.25, 0, 0])
    const tanh = await run(op.tanh, x)
    expectClose(tanh.y, [-1, -1, 0, 1, 1])
    expectClose(tanh.dx, [0, 0, 1, 0, 0])
  })

  it('binaryCrossEntropy at logits ±80, right and wrong', async () => {
    const { y, dx } = await run(op.binaryCrossEntropy, vector(80, 80, -80, -80), vector(1, 0, 1, 0))
    expectClose(y, [0, 80, 80, 0])
    expectClose(dx, [0, 1, -1, 0])
  })

  it('crossEntropy at logits ±80 with ignored labels', async () => {
    const rows = [
      [80, -80, 0],
      [80, -80, 0],
      [-80, -80, -80],
      [1, 2, 3],
    ]
    const labels = [0, 1, 2, -100]
    const logits: Given = { values: rows.flat(), dims: [4, 3] }
    for (const dtype of ['int32', 'int64'] as const) {
      const { y, dx } = await run((x, l) => op.crossEntropy(x!, l!).loss, logits, { values: labels, dims: [4], dtype })
      const loss = (row: readonly number[], i: number): number =>
        labels[i]! < 0 ? 0 : logSumExp(row) - row[labels[i]!]!
      expectClose(y, rows.map(loss))
      const slopes = rows.map((row, i) =>
        softmaxRow(row).map((p, j) => (labels[i]! < 0 ? 0 : p - Number(j === labels[i]))),
      )
      expectClose(dx, slopes.flat())
    }
  })

  it('crossEntropy with every label ignored', async () => {
    const logits: Given = { values: [1, 2, 3, 4], dims: [2, 2] }
    const { y, dx } = await run((x, l) => op.crossEntropy(x!, l!).loss, logits, {
      values: [-100, -100],
      dims: [2],
      dtype: 'int32',
    })
    expect(y.map(Math.abs)).toEqual([0, 0])
    expect(dx.map(Math.abs)).toEqual([0, 0, 0, 0])
  })

  it('softmax under the lowest number there is, partly and wholly masked', async () => {
    const lowest = -3.4028234663852886e38
    const scores: Given = { values: [1, 2, 3, 4, 5, 6], dims: [2, 3] }
    const mask: Given = { values: [0, lowest, 0, lowest, lowest, lowest], dims: [2, 3] }
    const { y, dx } = await run((x, m) => op.mul(op.softmax(op.add(x!, m!)), op.constant([1, 2, 4], [3])), scores, mask)
    const [p, q] = softmaxRow([1, 3]) as [number, number]
    expectClose(y.slice(0, 3), [p, 0, 4 * q])
    expect(dx.every(Number.isFinite)).toBe(true)
    expect(Math.abs(dx[1]!)).toBe(0)
    // Nothing is left to attend to: the row is even, and above all not NaN.
    expectClose(y.slice(3), [1 / 3, 2 / 3, 4 / 3])
  })

  it('layerNorm of constant rows, of large offsets and with epsilon 1e-12', async () => {
    const rows = [
      [0, 0, 0, 0],
      [3, 3, 3, 3],
      [1001, 1002, 1003, 1004],
      [1e-4, -1e-4, 2e-4, -2e-4],
    ]
    const x: Given = { values: rows.flat().map(Math.fround), dims: [4, 4] }
    const ones = vector(1, 1, 1, 1)
    const bias = vector(0.5, 0, 0, -0.5)
    const { y, dx } = await run((a, w, b) => op.layerNorm(a!, w!, b!, 1e-12), x, ones, bias)
    const normalize = (row: readonly number[]): number[] => {
      const mean = row.reduce((a, b) => a + b) / 4
      const deviation = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / 4 + 1e-12)
      return row.map((value, i) => (value - mean) / deviation + bias.values[i]!)
    }
    expectClose(y.slice(0, 8), rows.slice(0, 2).flatMap(normalize))
    expectClose(y.slice(8), rows.slice(2).flatMap(normalize), 1e-4)
    // The sum of a normalized row does not change with the row.
    expect(dx.every((value) => Math.abs(value) < 1e-2)).toBe(true)
  })

  it('no rows at all', async () => {
    const x = op.input('x', 'float32', ['rows', 2])
    const w = op.input('w', 'float32', [3, 2])
    const y = op.linear(op.gelu(x), w)
    const cube = op.reshape(y, ['rows', 1, 3])
    const loss = op.reduceSum(op.softmax(cube))
    const [dw] = grad(loss, [w])
    using compiled = await runtime.compile({ cube, loss, dw: dw! })
    const results = await compiled.run({
      x: { data: new Float32Array(0), dims: [0, 2] },
      w: { data: new Float32Array(6), dims: [3, 2] },
    })
    expect(results.cube.dims).toEqual([0, 1, 3])
    expect(toNumbers(results.loss.data)).toEqual([0])
    expect(toNumbers(results.dw.data)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('no rows, where a zero among dimensions must not mean "as before"', async () => {
    const x = op.input('x', 'float32', ['rows', 'columns'])
    using compiled = await runtime.compile({ y: op.reshape(x, ['columns', 'rows']) })
    const { y } = await compiled.run({ x: { data: new Float32Array(0), dims: [0, 3] } })
    expect(y.dims).toEqual([3, 0])
  })
})
