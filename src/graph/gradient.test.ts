// Reverse mode beyond single operators: sharing, reach, depth, and gradients of gradients.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { Runtime, type TensorData } from '../runtime/index.js'
import { MissingGradientError } from './errors.js'
import { grad } from './gradient.js'
import {
  add,
  argMax,
  cast,
  crossEntropy,
  embedding,
  exp,
  gather,
  gelu,
  input,
  layerNorm,
  linear,
  mul,
  parameter,
  reduceSum,
  relu,
  scalar,
  softmax,
  stopGradient,
  sub,
  tanh,
} from './operators/index.js'
import type { Tensor } from './tensor.js'
import { toNumbers } from './testing/check.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ device: 'cpu' })
})
afterAll(() => runtime.dispose())

const vector = (...values: number[]): TensorData => ({ data: Float32Array.from(values), dims: [values.length] })

async function values(outputs: readonly Tensor[], feeds: Record<string, TensorData>): Promise<number[][]> {
  using compiled = await runtime.compile(Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])))
  const used = Object.fromEntries(compiled.inputs.map(({ name }) => [name, feeds[name]!]))
  const results = await compiled.run(used)
  return outputs.map((_, i) => toNumbers(results[`y${i}`]!.data))
}

it('adds up what comes through a shared subexpression', async () => {
  const w = parameter('w', [2])
  const shared = mul(w, w) // w²
  const loss = reduceSum(add(mul(shared, shared), shared)) // w⁴ + w²
  const [dw] = await values(grad(loss, [w]), { w: vector(1, 2) })
  expect(dw).toEqual([6, 36]) // 4w³ + 2w
})

it('adds up a parameter used many times', async () => {
  const w = parameter('w', [1])
  let loss = reduceSum(w)
  for (let i = 0; i < 50; i++) loss = add(loss, reduceSum(w))
  expect(await values(grad(loss, [w]), { w: vector(3) })).toEqual([[51]])
})

it('takes a parameter that was written down twice for one', async () => {
  const loss = reduceSum(mul(parameter('w', [2]), parameter('w', [2])))
  expect(await values(grad(loss, [parameter('w', [2])]), { w: vector(1, 5) })).toEqual([[2, 10]])
})

it('differentiates with respect to inner tensors and to the loss itself', async () => {
  const w = parameter('w', [2])
  const inner = exp(w)
  const loss = reduceSum(mul(inner, inner))
  const [dInner, dw, dLoss] = await values(grad(loss, [inner, w, loss]), { w: vector(0, 0) })
  expect([dInner, dw, dLoss]).toEqual([[2, 2], [2, 2], [1]])
})

it('names a parameter that does not reach the loss', () => {
  const [w, unused] = [parameter('w', [2]), parameter('encoder.unused', [2])]
  expect(() => grad(reduceSum(w), [w, unused])).toThrow(MissingGradientError)
  expect(() => grad(reduceSum(w), [w, unused])).toThrow(/does not depend on encoder\.unused/)
  expect(() => grad(reduceSum(mul(w, stopGradient(unused))), [w, unused])).toThrow(/encoder\.unused/)
})

it('stops at stopGradient, also where nothing behind it could be differentiated', async () => {
  const w = parameter('w', [3])
  const table = parameter('table', [3])
  const chosen = argMax(stopGradient(w)) // a draw from a distribution looks like this
  const loss = add(reduceSum(gather(table, chosen)), reduceSum(mul(w, stopGradient(w))))
  const gradients = await values(grad(loss, [w, table]), { w: vector(1, 4, 2), table: vector(0, 0, 0) })
  expect(gradients).toEqual([
    [1, 4, 2],
    [0, 1, 0],
  ])
  expect(() => grad(reduceSum(gather(table, argMax(w))), [w, table])).toThrow(MissingGradientError)
})

it('refuses a gradient through conversion', () => {
  const w = parameter('w', [3])
  expect(() => grad(reduceSum(cast(cast(w, 'int32'), 'float32')), [w])).toThrow(/Cast: this operator has no gradient/)
})

it('gives the padding row of an embedding what comes by other ways only', async () => {
  const table = parameter('table', [3, 1])
  const ids = input('ids', 'int32', [4])
  const loss = add(reduceSum(embedding(table, ids, 0)), mul(reduceSum(gather(table, ids)), scalar(10)))
  const feeds = {
    table: { data: new Float32Array(3), dims: [3, 1] },
    ids: { data: Int32Array.of(0, 1, 1, 0), dims: [4] },
  }
  expect(await values(grad(loss, [table]), feeds)).toEqual([[20, 22, 0]])
})

it('goes through log-probabilities as well as through the loss', async () => {
  const logits = parameter('logits', [2, 3])
  const labels = input('labels', 'int32', [2])
  const picked = input('picked', 'float32', [2, 3])
  const feeds = {
    logits: { data: Float32Array.of(1, 2, 3, 0, 0, 1), dims: [2, 3] },
    labels: { data: Int32Array.of(2, -100), dims: [2] },
    picked: { data: Float32Array.of(0, 0, -1, 0, 0, 0), dims: [2, 3] },
  }
  const { loss, logProbabilities } = crossEntropy(logits, labels)
  const [direct] = grad(reduceSum(loss), [logits])
  const [byHand] = grad(reduceSum(mul(logProbabilities, picked)), [logits])
  const [a, b] = await values([direct!, byHand!], feeds)
  a!.forEach((value, i) => {
    expect(b![i]).toBeCloseTo(value, 6)
  })
})

it('walks graphs of many thousand nodes', async () => {
  const w = parameter('w', [2])
  let y: Tensor = w
  for (let i = 0; i < 5000; i++) y = add(y, scalar(i % 2 ? 1 : -1))
  const [dw] = grad(reduceSum(mul(y, y)), [w])
  expect(await values([dw!], { w: vector(1, 2) })).toEqual([[2, 4]])

  let deep: Tensor = w
  for (let i = 0; i < 100_000; i++) deep = add(deep, w)
  expect(grad(reduceSum(deep), [w])).toHaveLength(1)
})

it('differentiates gradients where every rule has one', async () => {
  const w = parameter('w', [3])
  const x = vector(-1, 0.5, 2)
  const [first] = grad(reduceSum(mul(mul(w, w), w)), [w]) // 3w²
  const [second] = grad(reduceSum(first!), [w]) // 6w
  expect(await values([second!], { w: x })).toEqual([[-6, 3, 12]])

  // Against central differences of the first gradient.
  const slopes = (f: (t: Tensor) => Tensor): Tensor => grad(reduceSum(f(w)), [w])[0]!
  for (const f of [tanh, gelu, (t: Tensor) => mul(softmax(t), t), (t: Tensor) => softmax(mul(t, t))]) {
    const weighted = reduceSum(mul(slopes(f), input('weights', 'float32', [3])))
    const weights = vector(1, -2, 3)
    const [curve] = await values(grad(weighted, [w]), { w: x, weights })
    for (const i of [0, 1, 2]) {
      const at = async (step: number): Promise<number> => {
        const moved = vector(...toNumbers(x.data).map((value, j) => value + (i === j ? step : 0)))
        return (await values([weighted], { w: moved, weights }))[0]![0]!
      }
      const difference = ((await at(1 / 64)) - (await at(-1 / 64))) * 32
      expect(curve![i]).toBeCloseTo(difference, 2)
    }
  }
})

it('refuses the gradient of a gradient where a rule has none, rather than be wrong', () => {
  const w = parameter('w', [4])
  const x = parameter('x', [2, 4])
  const [norm] = grad(reduceSum(mul(layerNorm(x, w, w, 1e-5), x)), [x])
  expect(() => grad(reduceSum(norm!), [x])).toThrow(/LayerNormalization: the gradient of its gradient is not defined/)
  const [slope] = grad(reduceSum(relu(w)), [w])
  expect(() => grad(reduceSum(slope!), [w])).toThrow(MissingGradientError)
})

it('trains: gradient descent finds a line', async () => {
  const [weight, bias] = [parameter('weight', [1, 1]), parameter('bias', [1])]
  const error = sub(linear(input('x', 'float32', ['n', 1]), weight, bias), input('y', 'float32', ['n', 1]))
  const loss = reduceSum(mul(error, error))
  const [dWeight, dBias] = grad(loss, [weight, bias])
  using step = await runtime.compile({ loss, dWeight: dWeight!, dBias: dBias! })
  const x = Float32Array.of(-1, 0, 1, 2)
  const [w, b] = [new Float32Array(1), new Float32Array(1)]
  for (let i = 0; i < 200; i++) {
    const results = await step.run({
      x: { data: x, dims: [4, 1] },
      y: { data: x.map((value) => 3 * value - 1), dims: [4, 1] },
      weight: { data: w, dims: [1, 1] },
      bias: { data: b, dims: [1] },
    })
    w[0]! -= 0.05 * Number(results.dWeight.data[0])
    b[0]! -= 0.05 * Number(results.dBias.data[0])
  }
  expect(w[0]).toBeCloseTo(3, 4)
  expect(b[0]).toBeCloseTo(-1, 4)
})
