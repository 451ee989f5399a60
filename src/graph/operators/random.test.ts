// Dropout's masks, as a statistician would look at them. The bits of an element are a mix of its row's and its
// column's, so what is looked for above all is what rows and columns could have in common.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Runtime } from '../../runtime/index.js'
import type { Tensor } from '../tensor.js'
import { type DropoutSource, dropout, input, scalar } from './index.js'

const ROWS = 512
const COLUMNS = 192

let native: Runtime
let wasm: Runtime
beforeAll(async () => {
  native = await Runtime.open({ device: 'cpu' })
  wasm = await Runtime.open({ device: 'wasm' })
})
afterAll(() => {
  native.dispose()
  wasm.dispose()
})

function source(): DropoutSource {
  let streams = 0
  return { seed: input('seed', 'uint32', [1]), nextStream: () => streams++ }
}

/** The output of dropout over ones, in two streams of one graph. */
async function draw(runtime: Runtime, probability: number, seed: number): Promise<[Float32Array, Float32Array]> {
  const from = source()
  const ones = input('ones', 'float32', ['rows', COLUMNS])
  const first = dropout(ones, probability, from)
  using compiled = await runtime.compile({ first, second: dropout(ones, probability, from) })
  const results = await compiled.run({
    seed: { data: Uint32Array.of(seed), dims: [1] },
    ones: { data: new Float32Array(ROWS * COLUMNS).fill(1), dims: [ROWS, COLUMNS] },
  })
  return [results.first.data as Float32Array, results.second.data as Float32Array]
}

/** Dropped or kept as a number with mean 0 and variance 1, if the rate is right. */
const standardize = (mask: Float32Array, p: number): Float64Array =>
  Float64Array.from(mask, (value) => ((value === 0 ? 1 : 0) - p) / Math.sqrt(p * (1 - p)))

/** The sum of `term(i)` over i < n, in units of its deviation where the terms are independent with variance 1. */
function deviations(n: number, term: (i: number) => number): number {
  let total = 0
  for (let i = 0; i < n; i++) total += term(i)
  return total / Math.sqrt(n)
}

const meanSquare = (values: readonly number[]): number => values.reduce((a, b) => a + b * b, 0) / values.length
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe.each([0.1, 0.5])('at probability %d', (p) => {
  let mask: Float32Array
  let z: Float64Array
  let otherStream: Float64Array
  let nextSeed: Float64Array
  const cell = (row: number, column: number): number => z[row * COLUMNS + column]!

  beforeAll(async () => {
    const [first, second] = await draw(native, p, 1000)
    mask = first
    z = standardize(first, p)
    otherStream = standardize(second, p)
    nextSeed = standardize((await draw(native, p, 1001))[0], p)
  })

  it('keeps the scale: what is not dropped is divided by 1 − p', () => {
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
  })

  it('drops at the rate asked for, overall, in every row and in every column', () => {
    expect(Math.abs(deviations(z.length, (i) => z[i]!))).toBeLessThan(4)
    const rows = counting(ROWS).map((row) => deviations(COLUMNS, (column) => cell(row, column)))
    const columns = counting(COLUMNS).map((column) => deviations(ROWS, (row) => cell(row, column)))
    for (const found of [...rows, ...columns]) expect(Math.abs(found)).toBeLessThan(5.5)
    // Neither too uneven nor too even to be chance.
    expect(Math.abs(meanSquare(rows) - 1)).toBeLessThan(5 * Math.sqrt(2 / ROWS))
    expect(Math.abs(meanSquare(columns) - 1)).toBeLessThan(5 * Math.sqrt(2 / COLUMNS))
  })

  it.each([1, 2, 3, 64])('does not correlate at a distance of %d rows or columns', (distance) => {
    const size = z.length - distance * COLUMNS
    expect(Math.abs(deviations(size, (i) => z[i]! * z[i + distance * COLUMNS]!))).toBeLessThan(4.5)
    expect(Math.abs(deviations(z.length - distance, (i) => z[i]! * z[i + distance]!))).toBeLessThan(4.5)
  })

  it('has no pair of columns, and no pair of rows, that goes together', () => {
    const columns = counting(COLUMNS).flatMap((a) =>
      counting(a).map((b) => deviations(ROWS, (row) => cell(row, a) * cell(row, b))),
    )
    const rows = counting(COLUMNS).flatMap((a) =>
      counting(a).map((b) => deviations(COLUMNS, (column) => cell(a, column) * cell(b, column))),
    )
    for (const pairs of [rows, columns]) {
      expect(Math.max(...pairs.map(Math.abs))).toBeLessThan(7)
      // The pairs of one array share elements: their squares vary a little more than independent ones would.
      expect(Math.abs(meanSquare(pairs) - 1)).toBeLessThan(0.08)
    }
  })

  it('has even 2 × 2 minors: a fourth corner cannot be told from three', () => {
    const corners = (rowStep: number, columnStep: number): number =>
      deviations((ROWS - rowStep) * (COLUMNS - columnStep), (i) => {
        const row = Math.floor(i / (COLUMNS - columnStep))
        const column = i % (COLUMNS - columnStep)
        const [below, beside] = [row + rowStep, column + columnStep]
        return cell(row, column) * cell(row, beside) * cell(below, column) * cell(below, beside)
      })
    const found = [1, 2, 5, 100].flatMap((rowStep) => [1, 3, 17, 128].map((columnStep) => corners(rowStep, columnStep)))
    for (const corner of found) expect(Math.abs(corner)).toBeLessThan(5)
  })

  it('draws another mask in another stream and from another seed, row against any row', () => {
    for (const other of [otherStream, nextSeed]) {
      expect(Math.abs(deviations(z.length, (i) => z[i]! * other[i]!))).toBeLessThan(4.5)
      // The same rows in another order would be no new mask.
      const pairs = counting(128).flatMap((a) =>
        counting(128).map((b) => deviations(COLUMNS, (column) => cell(a, column) * other[b * COLUMNS + column]!)),
      )
      expect(Math.max(...pairs.map(Math.abs))).toBeLessThan(7)
    }
  })
})

it('draws the same mask again, in WebAssembly too', async () => {
  const first = await draw(native, 0.1, 42)
  expect(await draw(native, 0.1, 42)).toEqual(first)
  expect(await draw(wasm, 0.1, 42)).toEqual(first)
  expect(await draw(native, 0.1, 43)).not.toEqual(first)
})

it('takes seeds over the whole range', async () => {
  const [low] = await draw(native, 0.1, 0)
  const [high] = await draw(native, 0.1, 2 ** 32 - 1)
  expect(high).not.toEqual(low)
})

it('is the identity at probability 0 and without a source', () => {
  const x: Tensor = input('x', 'float32', [2, 3])
  expect(dropout(x, 0, source())).toBe(x)
  expect(dropout(x, 0.1, undefined)).toBe(x)
})

it('takes vectors and cubes', async () => {
  const from = source()
  const vector = dropout(input('x', 'float32', ['n']), 0.5, from)
  const cube = dropout(input('y', 'float32', ['n', 3, 'm']), 0.5, from)
  expect(() => dropout(scalar(1), 0.5, from)).toThrow(/one dimension or more/)
  using compiled = await native.compile({ vector, cube })
  const results = await compiled.run({
    seed: { data: Uint32Array.of(5), dims: [1] },
    x: { data: new Float32Array(1000).fill(1), dims: [1000] },
    y: { data: new Float32Array(6000).fill(1), dims: [1000, 3, 2] },
  })
  for (const { data } of [results.vector, results.cube]) {
    const rate = (data as Float32Array).filter((value) => value === 0).length / data.length
    expect(Math.abs(rate - 0.5)).toBeLessThan(0.08)
  }
})
