// Expressions to ONNX: dimensions read from inputs, equal work done once, names, and stored parameters.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BertkinError } from '../errors.js'
import { Runtime } from '../runtime/index.js'
import { type CompileOptions, compile, type StoredParameter } from './compile.js'
import { ShapeError } from './errors.js'
import {
  add,
  cast,
  constant,
  exp,
  expand,
  input,
  linear,
  matmul,
  mul,
  parameter,
  reshape,
  scalar,
  sizeOf,
  split,
  sub,
  zeros,
} from './operators/index.js'
import type { Tensor } from './tensor.js'
import { toNumbers } from './testing/check.js'

let runtime: Runtime
let wasm: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ device: 'cpu' })
  wasm = await Runtime.open({ device: 'wasm' })
})
afterAll(() => {
  runtime.dispose()
  wasm.dispose()
})

const nodesOf = (outputs: Record<string, Tensor>): number => compile(outputs).nodeCount

function codeOf(use: () => unknown): string {
  try {
    use()
  } catch (error) {
    if (error instanceof BertkinError) return error.code
  }
  return 'no BertkinError'
}

describe('dimensions', () => {
  it('are read from the inputs that carry them, and multiplied', async () => {
    const x = input('x', 'float32', ['batch', 'sequence', 2])
    using compiled = await runtime.compile({
      flat: reshape(x, ['batch*sequence', 2]),
      turned: reshape(x, ['sequence', 'batch', 2]),
      count: sizeOf('2*batch*sequence', 'int64'),
      filled: expand(scalar(7), ['sequence', 'batch']),
    })
    expect(compiled.outputs.map(({ shape }) => shape)).toEqual([
      ['batch*sequence', 2],
      ['sequence', 'batch', 2],
      [],
      ['sequence', 'batch'],
    ])
    const results = await compiled.run({ x: { data: new Float32Array(12), dims: [3, 2, 2] } })
    expect(results.flat.dims).toEqual([6, 2])
    expect(results.turned.dims).toEqual([2, 3, 2])
    expect(toNumbers(results.count.data)).toEqual([12])
    expect(results.filled.dims).toEqual([2, 3])
    expect(toNumbers(results.filled.data)).toEqual([7, 7, 7, 7, 7, 7])
  })

  it('that no input carries are an error which names them', () => {
    const lost = zeros(['nowhere', 2])
    expect(() => compile({ lost })).toThrow(ShapeError)
    expect(() => compile({ lost })).toThrow(/no graph input carries the dimension "nowhere"/)
  })
})

describe('equal subexpressions', () => {
  const x = input('x', 'float32', ['n', 2])

  it('are compiled once', () => {
    expect(nodesOf({ y: add(exp(x), exp(x)) })).toBe(nodesOf({ y: mul(exp(x), scalar(2)) }))
    const again = (): Tensor => mul(exp(add(x, scalar(1))), constant([1, 2], [2]))
    expect(nodesOf({ a: again(), b: again() })).toBe(nodesOf({ a: again() }) + 1) // the other output's name
  })

  it('are told apart by attributes and by the order of inputs', async () => {
    const parts = [split(x, 1, [1, 1])[1]!, split(x, 1, [1, 1])[0]!]
    using compiled = await runtime.compile({
      right: parts[0]!,
      left: parts[1]!,
      minus: sub(x, scalar(1)),
      plus: sub(scalar(1), x),
      whole: cast(x, 'int32'),
      wide: cast(x, 'int64'),
    })
    const results = await compiled.run({ x: { data: Float32Array.of(5, 6), dims: [1, 2] } })
    expect(Object.values(results).map(({ data }) => toNumbers(data))).toEqual([
      [6],
      [5],
      [4, 5],
      [-4, -5],
      [5, 6],
      [5, 6],
    ])
    expect(results.whole.data).toBeInstanceOf(Int32Array)
    expect(results.wide.data).toBeInstanceOf(BigInt64Array)
  })

  it('are told apart by numbers that JSON cannot write', async () => {
    const numbers = [0, -0, Infinity, -Infinity, Number.NaN]
    using compiled = await runtime.compile(
      Object.fromEntries(numbers.map((value, i) => [`y${i}`, mul(x, constant([value], []))])),
    )
    const results = await compiled.run({ x: { data: Float32Array.of(1, 1), dims: [1, 2] } })
    expect(numbers.map((_, i) => results[`y${i}`]!.data[0])).toEqual(numbers)
  })
})

describe('a graph of ONNX’s own operators', () => {
  it('computes the same products', async () => {
    const a = input('a', 'float32', ['batch', 'heads', 2, 3])
    const b = input('b', 'float32', ['batch', 'heads', 2, 3])
    const outputs = {
      right: matmul(a, b, { transposeB: true, alpha: 0.5 }),
      left: matmul(a, b, { transposeA: true }),
      plain: matmul(a, reshape(b, ['batch', 'heads', 3, 2]), { alpha: -2 }),
    }
    const feed = { data: Float32Array.from({ length: 12 }, (_, i) => i - 4), dims: [2, 1, 2, 3] }
    using fused = await runtime.compile(outputs)
    using standard = await runtime.compile(outputs, { standardOnly: true })
    const [expected, actual] = [await fused.run({ a: feed, b: feed }), await standard.run({ a: feed, b: feed })]
    expect(actual).toEqual(expected)
    const text = (standardOnly: boolean): string =>
      Buffer.from(compile(outputs, { standardOnly }).bytes).toString('latin1')
    expect(text(false)).toContain('com.microsoft')
    expect(text(true)).not.toContain('com.microsoft')
  })
})

describe('names', () => {
  it('of inputs and parameters must not be used for two things', () => {
    const twice = (a: Tensor, b: Tensor): string => codeOf(() => compile({ y: add(cast(a, 'float32'), b) }))
    expect(twice(input('x', 'float32', [2]), input('x', 'float32', []))).toBe('duplicate-name')
    expect(twice(input('x', 'int32', [2]), input('x', 'float32', [2]))).toBe('duplicate-name')
    expect(twice(input('x', 'float32', [2]), parameter('x', [2]))).toBe('duplicate-name')
  })

  it('may be written down twice for one thing', () => {
    const { inputs } = compile({ y: add(input('x', 'float32', ['n']), input('x', 'float32', ['n'])) })
    expect(inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['n'] }])
  })

  it('of outputs must not be an input’s', () => {
    const x = input('x', 'float32', [2])
    expect(codeOf(() => compile({ x: exp(x) }))).toBe('duplicate-name')
    expect(() => compile({ x })).toThrow('"x" is an input and an output; rename one')
  })

  it('may look like those that the compiler gives', async () => {
    const [a, b] = [input('Add_0', 'float32', [2]), input('constant_1', 'float32', [2])]
    const sum = add(a, b)
    using compiled = await runtime.compile({ Mul_2: mul(sum, scalar(3)), Exp_3: sum, 'Split_4.1': add(sum, sum) })
    const feed = { data: Float32Array.of(1, 2), dims: [2] }
    const results = await compiled.run({ Add_0: feed, constant_1: feed })
    expect(toNumbers(results.Mul_2.data)).toEqual([6, 12])
    expect(toNumbers(results.Exp_3.data)).toEqual([2, 4])
  })

  it('may be any text', async () => {
    const x = input('a/b: "ü" (1,2)', 'float32', [1])
    using compiled = await runtime.compile({ 'y, z': exp(x) })
    const results = await compiled.run({ 'a/b: "ü" (1,2)': { data: Float32Array.of(0), dims: [1] } })
    expect(toNumbers(results['y, z'].data)).toEqual([1])
  })
})

it('an output may be an input, one value under two names, or a constant', async () => {
  const x = input('x', 'float32', [2])
  using compiled = await runtime.compile({ same: x, again: x, fixed: constant([1, 2, 3], [3], 'int64') })
  const results = await compiled.run({ x: { data: Float32Array.of(4, 5), dims: [2] } })
  expect(toNumbers(results.same.data)).toEqual([4, 5])
  expect(toNumbers(results.again.data)).toEqual([4, 5])
  expect(results.fixed.data).toEqual(BigInt64Array.of(1n, 2n, 3n))
})

describe('stored parameters', () => {
  const values = [1, -2, 0.5, 3]
  const bytes = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  // 1, −2, 0.5 and 3 in half precision and in bfloat16, from the formats' definitions.
  const stored: Record<string, StoredParameter> = {
    float32: { dtype: 'float32', data: bytes(Float32Array.from(values)) },
    float16: { dtype: 'float16', data: bytes(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200)) },
    bfloat16: { dtype: 'bfloat16', data: bytes(Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x4040)) },
  }
  const y = (): Tensor => linear(input('x', 'float32', ['n', 2]), parameter('encoder.weight', [2, 2]))
  const feeds = { x: { data: Float32Array.of(1, 0, 0, 1), dims: [2, 2] } }
  const transposed = [1, 0.5, -2, 3]

  it.each(Object.keys(stored))('as %s bytes, on both devices', async (dtype) => {
    for (const device of [runtime, wasm]) {
      const options: CompileOptions = { stored: () => stored[dtype] }
      using compiled = await device.compile({ y: y() }, options)
      expect(compiled.inputs.map(({ name }) => name)).toEqual(['x'])
      expect(toNumbers((await compiled.run(feeds)).y.data)).toEqual(transposed)
    }
  })

  it('which are not stored are inputs', () => {
    const { inputs } = compile({ y: y() }, { stored: () => undefined })
    expect(inputs.map(({ name }) => name)).toEqual(['x', 'encoder.weight'])
  })

  it('of a wrong size are an error', () => {
    const short: StoredParameter = { dtype: 'float16', data: new Uint8Array(6) }
    expect(codeOf(() => compile({ y: y() }, { stored: () => short }))).toBe('parameter-mismatch')
    const long: StoredParameter = { dtype: 'float32', data: { location: 'weights', offset: 0, length: 20 } }
    expect(() => compile({ y: y() }, { stored: () => long })).toThrow(
      '"encoder.weight", float32[2, 2], takes 16 bytes; 20 are stored',
    )
  })

  describe('in a file', () => {
    const header = Buffer.from('{"__metadata__":{"format":"pt"},"other":{}}  ')
    let folder: string
    beforeAll(() => {
      // As a safetensors file lies: 8 bytes of header length, the header, then tensors one after the other.
      folder = mkdtempSync(join(tmpdir(), 'bertkin-external-'))
      const length = Buffer.alloc(8)
      length.writeBigUInt64LE(BigInt(header.length))
      const tensors = [new Uint8Array(6).fill(255), ...Object.values(stored).map(({ data }) => data as Uint8Array)]
      writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, header, ...tensors]))
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    const start = 8 + header.length + 6
    const offsets = { float32: start, float16: start + 16, bfloat16: start + 24 }

    it.each(['float32', 'float16', 'bfloat16'] as const)('are mapped as %s from behind a header', async (dtype) => {
      const length = dtype === 'float32' ? 16 : 8
      const inFile: StoredParameter = { dtype, data: { location: 'model.safetensors', offset: offsets[dtype], length } }
      for (const prepack of [false, true]) {
        using compiled = await runtime.compile(
          { y: y() },
          { stored: () => inFile, externalDataFolder: folder, prepack },
        )
        expect(toNumbers((await compiled.run(feeds)).y.data)).toEqual(transposed)
      }
    })

    it('that is missing, or too short, are an error', async () => {
      const data = { location: 'nowhere.safetensors', offset: 0, length: 16 }
      const missing = runtime.compile(
        { y: y() },
        { stored: () => ({ dtype: 'float32', data }), externalDataFolder: folder },
      )
      await expect(missing).rejects.toThrow(BertkinError)
      const beyond = { location: 'model.safetensors', offset: 1_000_000, length: 16 }
      const short = runtime.compile(
        { y: y() },
        { stored: () => ({ dtype: 'float32', data: beyond }), externalDataFolder: folder },
      )
      await expect(short).rejects.toThrow(BertkinError)
    })
  })
})
