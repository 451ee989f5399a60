// AdamW, clipping and schedules, against the formulas written out again in double precision.

import { describe, expect, it } from 'vitest'
import { ParameterScope } from '../model/index.js'
import { Random } from '../random.js'
import { AdamW, clipScale, globalNorm, linearSchedule, ParameterStore } from './index.js'

function storeOf(...paths: string[]): ParameterStore {
  const scope = new ParameterScope()
  for (const path of paths) scope.get(path, [2, 3], { normal: 1 })
  const store = new ParameterStore(scope.declarations())
  store.initialize(scope.declarations(), 4)
  return store
}

const PATHS = ['a.weight', 'a.bias', 'a.LayerNorm.weight', 'a.LayerNorm.bias', 'full_layer_layer_norm.weight', 'bias']
const DECAYING = ['a.weight']

describe.each([
  ['with bias correction', { biasCorrection: true }],
  ['without bias correction', { biasCorrection: false }],
  ['with other constants', { betas: [0.5, 0.7] as const, epsilon: 1e-2, weightDecay: 0.3 }],
  ['with defaults', {}],
])('AdamW %s', (_, options) => {
  it('follows the formula, step after step', () => {
    const {
      betas = [0.9, 0.999],
      epsilon = 1e-6,
      weightDecay = 0.01,
      biasCorrection = true,
    } = options as {
      betas?: readonly [number, number]
      epsilon?: number
      weightDecay?: number
      biasCorrection?: boolean
    }
    const store = storeOf(...PATHS)
    const random = new Random(2)
    const w = Array.from(store.values)
    const [m, v] = [w.map(() => 0), w.map(() => 0)]
    const isDecaying = store.slots.flatMap(({ path }) => Array<boolean>(6).fill(DECAYING.includes(path)))
    const optimizer = new AdamW(store.slots, options)
    for (let t = 1; t <= 20; t++) {
      const gradients = Float32Array.from(w, (_, i) => (i === 5 ? 0 : random.normal() * 10 ** (i % 3)))
      const [rate, scale] = [0.1 / t, t % 2 === 0 ? 0.25 : 1]
      optimizer.step(store.values, gradients, rate, scale)
      for (let i = 0; i < w.length; i++) {
        const g = gradients[i]! * scale
        m[i] = betas[0] * m[i]! + (1 - betas[0]) * g
        v[i] = betas[1] * v[i]! + (1 - betas[1]) * g ** 2
        const mean = biasCorrection ? m[i]! / (1 - betas[0] ** t) : m[i]!
        const square = biasCorrection ? v[i]! / (1 - betas[1] ** t) : v[i]!
        const decay = isDecaying[i] ? weightDecay * w[i]! : 0
        w[i] = w[i]! - rate * (mean / (Math.sqrt(square) + epsilon) + decay)
      }
    }
    expect(optimizer.state.stepCount).toBe(20)
    store.values.forEach((value, i) => {
      expect(Math.abs(value - w[i]!)).toBeLessThan(2e-6 * (1 + Math.abs(w[i]!)))
    })
  })
})

it('weights decay without a gradient; biases and normalizations stay', () => {
  const store = storeOf(...PATHS)
  const before = store.values.slice()
  new AdamW(store.slots, { weightDecay: 0.5 }).step(store.values, new Float32Array(before.length), 0.2)
  store.slots.forEach(({ path, start, end }) => {
    const factor = DECAYING.includes(path) ? 0.9 : 1
    const expected = before.slice(start, end).map((x) => x * factor)
    expect([...store.values.slice(start, end)], path).toEqual([...expected].map((x) => expect.closeTo(x, 6)))
  })
})

describe('clipping', () => {
  it('is by the norm of all gradients together', () => {
    expect(globalNorm(Float32Array.of(3, 0, -4))).toBe(5)
    expect(globalNorm(new Float32Array())).toBe(0)
    // Squares that float32 could not hold
    expect(globalNorm(Float32Array.of(3e30, 4e30)) / 5e30).toBeCloseTo(1, 6)
  })

  it('only ever scales down, and to the maximum', () => {
    expect(clipScale(5, 10)).toBe(1)
    expect(clipScale(5, 1) * 5).toBeCloseTo(1, 6)
    expect(clipScale(0, 1)).toBe(1)
    expect(clipScale(5, Number.POSITIVE_INFINITY)).toBe(1)
  })

  it('shows what is not finite', () => {
    expect(globalNorm(Float32Array.of(1, Number.NaN))).toBeNaN()
    expect(globalNorm(Float32Array.of(1, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('the linear schedule', () => {
  const values = (warmup: number, total: number, ...steps: number[]) => steps.map(linearSchedule({ warmup, total }))

  it('rises to 1 at the end of warm-up, and falls to 0 at the end', () => {
    expect(values(4, 12, 1, 2, 4, 6, 8, 12, 13)).toEqual([0.25, 0.5, 1, 0.75, 0.5, 0, 0])
  })

  it('may be without warm-up, or nothing but warm-up', () => {
    expect(values(0, 4, 1, 2, 4)).toEqual([0.75, 0.5, 0])
    expect(values(4, 4, 1, 4, 5)).toEqual([0.25, 1, 0])
    expect(values(1, 1, 1)).toEqual([1])
  })

  it.each([
    [5, 4],
    [-1, 4],
    [0, 0],
    [0, Number.NaN],
    [Number.NaN, 4],
  ])('refuses a warm-up of %d in %d steps', (warmup, total) => {
    const refused = expect.objectContaining({ code: 'option-invalid' })
    expect(() => linearSchedule({ warmup, total })).toThrow(refused)
  })
})
