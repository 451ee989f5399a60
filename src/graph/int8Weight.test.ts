// Weights in eight bits: rounding worked out by hand, and dense layers that compute with them, on both engines.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../random.js'
import { type Device, largestInt8, Runtime } from '../runtime/index.js'
import { compile, embedding, input, linear, parameter, quantizeWeight, type StoredParameter } from './index.js'

describe('quantizeWeight', () => {
  it('gives each output a scale of its own, and lays values out by inputs', () => {
    const { values, scales } = quantizeWeight(Float32Array.of(127, -127, 63.5, 0.25, -0.25, 0.125), 2)
    // Halves go to the even side: 63.5 to 64, and 0.125 / 0.25 · 127 = 63.5 too.
    expect([...values]).toEqual([127, 127, -127, -127, 64, 64])
    expect([...scales]).toEqual([1, Math.fround(0.25 / 127)])
  })

  it('leaves zeros alone, and keeps to the largest that is allowed', () => {
    const { values, scales } = quantizeWeight(Float32Array.of(0, 0, 4, -10), 2, 63)
    expect([...values]).toEqual([0, 25, 0, -63])
    expect([...scales]).toEqual([1, Math.fround(10 / 63)])
  })

  it.each([
    [1, 7],
    [130, 5],
  ])('is within half a step of each of %i outputs of %i', (out, width) => {
    const random = new Random(out)
    const weight = Float32Array.from({ length: out * width }, () => random.normal())
    const { values, scales } = quantizeWeight(weight, out)
    weight.forEach((value, at) => {
      const [o, i] = [Math.floor(at / width), at % width]
      expect(Math.abs(values[i * out + o]! * scales[o]! - value)).toBeLessThanOrEqual(0.5001 * scales[o]!)
    })
  })
})

describe.each<Device>(['cpu', 'wasm'])('dense layers on %s', (device) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await Runtime.open({ device })
  })
  afterAll(() => runtime.dispose())

  const [rows, width, out] = [9, 64, 48]
  const random = new Random(1)
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal())
  const table = normal(out * width)
  const stored = (data: Float32Array): StoredParameter => ({ dtype: 'float32', data: new Uint8Array(data.buffer) })
  const bias = normal(out)
  const plain = new Map([
    ['table', stored(table)],
    ['bias', stored(bias)],
  ])
  const both = new Map([...plain, ['table', { ...stored(table), int8: quantizeWeight(table, out) }]])
  const x = input('x', 'float32', ['rows', width])
  const ids = input('ids', 'int32', ['rows'])
  const weight = parameter('table', [out, width])
  const y = linear(x, weight, parameter('bias', [out]))
  const feed = { data: normal(rows * width), dims: [rows, width] }
  const idFeed = { data: Int32Array.from({ length: rows }, (_, i) => i), dims: [rows] }

  it('are close to those of float32, and tables that are looked up stay exact', async () => {
    const largest = await largestInt8(runtime)
    const int8 = { ...both.get('table')!, int8: quantizeWeight(table, out, largest) }
    using rounded = await runtime.compile(
      { y, found: embedding(weight, ids), bare: linear(x, weight) },
      { stored: (name) => (name === 'table' ? int8 : both.get(name)) },
    )
    using exact = await runtime.compile({ y }, { stored: (name) => plain.get(name) })
    const answer = await rounded.run({ x: feed, ids: idFeed })
    const expected = (await exact.run({ x: feed })).y.data as Float32Array
    const found = answer.y.data as Float32Array
    const error = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(0.03 * Math.max(...expected.map(Math.abs)))
    expect(answer.found.data).toEqual(table.subarray(0, rows * width))
    const bare = answer.bare.data as Float32Array
    bare.forEach((value, i) => {
      expect(value + bias[i % out]!).toBeCloseTo(found[i]!, 4)
    })
  })

  it('do not keep what they do not use', () => {
    const size = (options: Parameters<typeof compile>[1]) => compile({ y }, options).bytes.length
    const floats = size({ stored: (name) => plain.get(name) })
    expect(size({ stored: (name) => both.get(name) })).toBeLessThan(floats / 2)
  })

  it('are those of float32 where only ONNX’s own operators are wanted', () => {
    const { bytes } = compile({ y }, { stored: (name) => both.get(name), standardOnly: true })
    expect(Buffer.from(bytes).includes('DynamicQuantizeMatMul')).toBe(false)
  })
})
