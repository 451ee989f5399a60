// Running functions: what is refused and how, what is freed, and that nothing is lost on the way.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  add,
  addAtLabel,
  exp,
  gather,
  greater,
  input,
  linear,
  matmul,
  mul,
  parameter,
  reduceSum,
  reshape,
  scalar,
  softmax,
} from '../graph/index.js'
import type { CompiledFunction, Device, Feeds } from './index.js'
import { Runtime, RuntimeError, type TensorData } from './index.js'

const floats = (dims: readonly number[], ...values: number[]): TensorData => ({
  data: Float32Array.from(values),
  dims,
})
const numbers = ({ data }: TensorData): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

/** The error of a call that must be refused. */
async function refusal(call: Promise<unknown>): Promise<RuntimeError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RuntimeError)
  return error as RuntimeError
}

describe.each<Device>(['cpu', 'wasm'])('on %s', (device) => {
  let runtime: Runtime
  let sum: CompiledFunction<'y'>
  beforeAll(async () => {
    runtime = await Runtime.open({ device })
    const a = input('a', 'float32', ['n', 2])
    const b = input('b', 'float32', ['n', 1])
    const w = parameter('w', [2])
    sum = await runtime.compile({ y: add(mul(a, b), w) })
  })
  afterAll(() => runtime.dispose())

  const good = { a: floats([2, 2], 1, 2, 3, 4), b: floats([2, 1], 10, 100), w: floats([2], 1, 2) }

  it('runs', async () => {
    const { y } = await sum.run(good)
    expect(y.dims).toEqual([2, 2])
    expect(numbers(y)).toEqual([11, 22, 301, 402])
  })

  describe('refuses', () => {
    const ints = { data: Int32Array.of(1, 2), dims: [2] }
    const wrong: readonly (readonly [feeds: Record<string, unknown>, message: string])[] = [
      [{ w: undefined }, 'input "w" is missing'],
      [{ more: good.w }, 'there is no input "more"'],
      [{ w: ints }, 'input "w" takes a Float32Array, not a Int32Array'],
      [{ w: { data: [1, 2], dims: [2] } }, 'input "w" takes a Float32Array, not a Array'],
      [{ w: new Float32Array(2) }, 'input "w" needs data and dims'],
      [{ w: 3 }, 'input "w" needs data and dims'],
      [{ w: floats([3], 1, 2) }, 'input "w" has 2 elements, not [3]'],
      [{ w: floats([-1, -2], 1, 2) }, 'input "w" has 2 elements, not [-1, -2]'],
      [{ w: floats([3], 1, 2, 3) }, 'input "w" must be [2], not [3]'],
      [{ w: floats([1, 2], 1, 2) }, 'input "w" must be [2], not [1, 2]'],
      [{ b: floats([3, 1], 1, 2, 3) }, 'input "b" must be [n = 2, 1], not [3, 1]'],
      [{ b: floats([1, 1], 1) }, 'input "b" must be [n = 2, 1], not [1, 1]'],
      [{ b: floats([], 1) }, 'input "b" must be [n = 2, 1], not []'],
    ]
    it.each(wrong.map(([feeds, message]) => ({ feeds, message })))('$message', async ({ feeds, message }) => {
      const all: Record<string, unknown> = { ...good, ...feeds }
      for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name]
      const error = await refusal(sum.run(all as Feeds))
      expect(error).toMatchObject({ code: 'bad-feed', message })
    })

    it('products of dimensions that do not multiply', async () => {
      const grid = input('grid', 'float32', ['rows', 'columns'])
      const flat = input('flat', 'float32', ['columns*rows'])
      using compiled = await runtime.compile({ y: add(reshape(grid, ['columns*rows']), flat) })
      const feeds = { grid: floats([2, 2], 1, 2, 3, 4), flat: floats([3], 1, 2, 3) }
      const error = await refusal(compiled.run(feeds))
      expect(error.message).toBe('input "flat" must be [columns*rows = 4], not [3]')
    })

    it('an index out of range, with the engine’s reason, and goes on', async () => {
      const rows = gather(input('table', 'float32', [3, 2]), input('ids', 'int32', ['n']))
      using compiled = await runtime.compile({ rows })
      const table = floats([3, 2], 1, 2, 3, 4, 5, 6)
      const at = (...ids: number[]): Promise<{ rows: TensorData }> =>
        compiled.run({ table, ids: { data: Int32Array.from(ids), dims: [ids.length] } })
      for (const id of [3, -4, 2 ** 31 - 1]) {
        const error = await refusal(at(0, id))
        expect(error.code).toBe('bad-feed')
        expect(error.message).toMatch(/Gather.*out of|out of.*Gather|indices element out of data bounds/s)
        expect(error.cause).toBeDefined()
      }
      expect(numbers((await at(2, 0)).rows)).toEqual([5, 6, 1, 2])
    })

    it('a label out of range', async () => {
      const y = addAtLabel(input('x', 'float32', ['n', 2]), input('i', 'int32', ['n']), input('v', 'float32', ['n']))
      using compiled = await runtime.compile({ y })
      const feeds = { x: floats([1, 2], 1, 2), i: { data: Int32Array.of(5), dims: [1] }, v: floats([1], 1) }
      expect((await refusal(compiled.run(feeds))).code).toBe('bad-feed')
    })

    it('a disposed function, and functions of a disposed runtime', async () => {
      const other = await Runtime.open({ device })
      const [first, second] = [await other.compile({ y: scalar(1) }), await other.compile({ y: scalar(2) })]
      first.dispose()
      first.dispose()
      expect((await refusal(first.run({}))).code).toBe('disposed')
      expect(numbers((await second.run({})).y)).toEqual([2])
      other.dispose()
      other.dispose()
      expect((await refusal(second.run({}))).code).toBe('disposed')
      expect((await refusal(other.compile({ y: scalar(1) }))).code).toBe('disposed')
    })
  })

  describe('writes into given arrays', () => {
    it('what it would have returned', async () => {
      const target = floats([2, 2], 0, 0, 0, 0)
      const { y } = await sum.run(good, { y: target })
      expect(y).toBe(target)
      expect(numbers(target)).toEqual([11, 22, 301, 402])
    })

    it('some of the outputs', async () => {
      const x = input('x', 'float32', ['n'])
      using compiled = await runtime.compile({ twice: add(x, x), large: greater(x, scalar(1)) })
      const large = { data: new Uint8Array(2), dims: [2] }
      const results = await compiled.run({ x: floats([2], 1, 2) }, { large })
      expect(results.large).toBe(large)
      expect(numbers(large)).toEqual([0, 1])
      expect(numbers(results.twice)).toEqual([2, 4])
    })

    const wrong: readonly (readonly [into: Feeds, message: string])[] = [
      [{ z: floats([2, 2], 0, 0, 0, 0) }, 'there is no output "z"'],
      [{ y: floats([4], 0, 0, 0, 0) }, 'output "y" must be [n = 2, 2], not [4]'],
      [{ y: floats([3, 2], 0, 0, 0, 0, 0, 0) }, 'output "y" must be [n = 2, 2], not [3, 2]'],
      [{ y: { data: new Int32Array(4), dims: [2, 2] } }, 'output "y" takes a Float32Array, not a Int32Array'],
    ]
    it.each(wrong.map(([into, message]) => ({ into, message })))('but: $message', async ({ into, message }) => {
      expect(await refusal(sum.run(good, into))).toMatchObject({ code: 'bad-feed', message })
    })
  })

  it('answers calls that overlap, each with its own', async () => {
    const x = input('x', 'float32', ['n'])
    using other = await runtime.compile({ y: exp(x) })
    const calls = Array.from({ length: 30 }, async (_, i) => {
      const { y } = await sum.run({ ...good, w: floats([2], i, i) })
      const more = await other.run({ x: floats([1], i / 10) })
      return [numbers(y)[0], numbers(more.y)[0]]
    })
    const answers = await Promise.all(calls)
    answers.forEach(([y, e], i) => {
      expect(y).toBe(10 + i)
      expect(e).toBeCloseTo(Math.exp(i / 10), 5)
    })
  })

  it('finishes the calls under way before it frees a function', async () => {
    const x = input('x', 'float32', ['n'])
    const compiled = await runtime.compile({ y: add(x, x) })
    const calls = [1, 2, 3].map((value) => compiled.run({ x: floats([1], value) }))
    compiled.dispose()
    expect((await Promise.all(calls)).map(({ y }) => numbers(y)[0])).toEqual([2, 4, 6])
    expect((await refusal(compiled.run({ x: floats([1], 1) }))).code).toBe('disposed')
  })

  it('gives the same bits again', async () => {
    const x = input('x', 'float32', ['n', 64])
    using compiled = await runtime.compile({ y: softmax(matmul(x, x, { transposeB: true })), total: reduceSum(x) })
    const feed = { x: { data: Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i * i)), dims: [64, 64] } }
    const [first, second] = [await compiled.run(feed), await compiled.run(feed)]
    expect(second).toEqual(first)
  })

  it('takes names that every object has', async () => {
    using compiled = await runtime.compile({ toString: exp(input('constructor', 'float32', [1])) })
    expect((await refusal(compiled.run({}))).message).toBe('input "constructor" is missing')
    expect(numbers((await compiled.run({ constructor: floats([1], 0) })).toString)).toEqual([1])
  })
})

describe('opening', () => {
  it('refuses an unknown device, and threads that are none', async () => {
    const unknown = await refusal(Runtime.open({ device: 'abacus' as Device }))
    expect(unknown.code).toBe('device-unavailable')
    expect(unknown.message).toBe('there is no device "abacus" here; choose cpu or wasm or webgpu')
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect((await refusal(Runtime.open({ threads }))).code).toBe('option-invalid')
    }
  })

  it('reports its device, and functions their signature', async () => {
    using runtime = await Runtime.open({ threads: 1 })
    expect(runtime.device).toBe('cpu')
    using compiled = await runtime.compile({ y: exp(input('x', 'float32', ['n'])) })
    expect(compiled.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['n'] }])
    expect(compiled.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['n'] }])
    expect(compiled.nodeCount).toBe(2)
  })
})

describe('memory', () => {
  const FEW = 30 // megabytes

  /**
   * Megabytes by which the process grows while `work` is done: the least of up to three times, since a garbage collector
   * that is late and a heap that has not found its size yet make it grow once, and what is kept makes it grow each time.
   */
  const growth = async (work: () => Promise<void>): Promise<number> => {
    let least = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 3 && least >= FEW; attempt++) {
      const before = process.memoryUsage().rss
      await work()
      least = Math.min(least, (process.memoryUsage().rss - before) / 2 ** 20)
    }
    return least
  }

  it('stays where it is over 10,000 runs', async () => {
    using runtime = await Runtime.open({ device: 'cpu', threads: 1 })
    const x = input('x', 'float32', ['n', 64])
    using compiled = await runtime.compile({ y: softmax(exp(x)) })
    const feeds = { x: { data: new Float32Array(32 * 64).fill(0.5), dims: [32, 64] } }
    const run = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await compiled.run(feeds)
    }
    await run(3000)
    // 80 MB of results each time, were they kept.
    expect(await growth(() => run(10_000))).toBeLessThan(FEW)
  })

  it.each(['after', 'during'])('is given back by 300 functions that are disposed %s a call', async (when) => {
    using runtime = await Runtime.open({ device: 'cpu', threads: 1 })
    const weights = new Float32Array(256 * 256).fill(0.1)
    const y = matmul(input('x', 'float32', ['n', 256]), parameter('w', [256, 256]))
    const stored = { dtype: 'float32', data: new Uint8Array(weights.buffer) } as const
    const cycle = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const compiled = await runtime.compile({ y }, { stored: () => stored })
        const call = compiled.run({ x: { data: new Float32Array(256), dims: [1, 256] } })
        if (when === 'after') await call
        compiled.dispose()
        await call
      }
    }
    await cycle(100)
    // 75 MB of weights each time, were they kept.
    expect(await growth(() => cycle(300))).toBeLessThan(FEW)
  })
})

describe('the operations of matrix products', () => {
  it('are counted at every run, by the sizes of that run', async () => {
    using runtime = await Runtime.open({ threads: 1 })
    const a = input('a', 'float32', ['batch', 'rows', 4])
    const b = input('b', 'float32', ['batch', 'rows', 4])
    const scores = matmul(a, b, { transposeB: true }) // [batch, rows, rows]
    const flat = reshape(a, ['batch*rows', 4])
    const dense = linear(flat, parameter('w', [3, 4])) // [batch·rows, 3]
    const turned = matmul(flat, dense, { transposeA: true }) // [4, 3]
    using compiled = await runtime.compile({ scores, dense, turned, again: matmul(a, b, { transposeB: true }) })
    expect(runtime.flops).toBe(0)
    const run = async (batch: number, rows: number): Promise<void> => {
      const x = { data: new Float32Array(batch * rows * 4), dims: [batch, rows, 4] }
      await compiled.run({ a: x, b: x, w: floats([3, 4], ...new Array<number>(12).fill(1)) })
    }
    // Multiplications: batch·rows·rows·4, batch·rows·3·4, 4·3·batch·rows; what is asked for twice is computed once.
    await run(2, 5)
    expect(runtime.flops).toBe(2 * (200 + 120 + 120))
    await run(1, 3)
    expect(runtime.flops).toBe(2 * (200 + 120 + 120) + 2 * (36 + 36 + 36))
  })
})
