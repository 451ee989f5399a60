// Sums at repeated indices, when several threads work on them.

import { describe, expect, test } from 'vitest'
import { Random } from '../../random.js'
import { Runtime } from '../../runtime/index.js'
import { gather, grad, input, mul, parameter, reduceSum, scatterAdd } from '../index.js'

const ROWS = 30_000
const WIDTH = 64
const TABLE = 11

describe.each(['cpu', 'wasm'] as const)('on %s', (device) => {
  test('scatterAdd loses nothing where threads meet, and sums in the same order every time', async () => {
    using runtime = await Runtime.open({ device, threads: 2 })
    const random = new Random(7)
    const indices = Int32Array.from({ length: ROWS }, () => random.below(TABLE))
    const updates = Float32Array.from({ length: ROWS * WIDTH }, () => random.normal())
    const exact = new Float64Array(TABLE * WIDTH)
    updates.forEach((value, i) => {
      exact[indices[Math.floor(i / WIDTH)]! * WIDTH + (i % WIDTH)]! += value
    })
    const rows = input('indices', 'int32', ['rows', 1])
    using sum = await runtime.compile({ y: scatterAdd([TABLE, WIDTH], rows, input('x', 'float32', ['rows', WIDTH])) })
    const feeds = { indices: { data: indices, dims: [ROWS, 1] }, x: { data: updates, dims: [ROWS, WIDTH] } }
    const first = (await sum.run(feeds)).y.data as Float32Array
    first.forEach((value, i) => {
      expect(Math.abs(value - exact[i]!)).toBeLessThan(0.01)
    })
    for (let run = 0; run < 10; run++) expect((await sum.run(feeds)).y.data).toEqual(first)
  })

  test('the gradient of an embedding table sums over every use of a row', async () => {
    using runtime = await Runtime.open({ device, threads: 2 })
    const table = parameter('table', [TABLE, WIDTH])
    const rows = gather(table, input('ids', 'int32', ['rows']))
    const [gradient] = grad(reduceSum(mul(rows, input('slope', 'float32', ['rows', WIDTH]))), [table])
    using backward = await runtime.compile({ gradient: gradient! })
    const ids = Int32Array.from({ length: ROWS }, (_, i) => i % TABLE)
    const result = await backward.run({
      ids: { data: ids, dims: [ROWS] },
      slope: { data: new Float32Array(ROWS * WIDTH).fill(1), dims: [ROWS, WIDTH] },
    })
    for (let row = 0; row < TABLE; row++) {
      expect(result.gradient.data[row * WIDTH]).toBe(ids.filter((id) => id === row).length)
    }
  })
})
