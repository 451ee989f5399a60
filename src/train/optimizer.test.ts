// AdamW, LAMB, clipping and schedules, against the formulas written out again in double precision.

import { describe, expect, it } from 'vitest'
import { type Initializer, ParameterScope } from '../model/index.js'
import { Random } from '../random.js'
import {
  AdamW,
  type AdamWOptions,
  clipScale,
  globalNorm,
  Lamb,
  linearSchedule,
  type MomentOptions,
  ParameterStore,
} from './index.js'

function storeOf(...paths: string[]): ParameterStore {
  const scope = new ParameterScope()
  for (const path of paths) scope.get(path, [2, 3], initializers[path] ?? { normal: 1 })
  const store = new ParameterStore(scope.declarations())
  const random = new Random(4)
  store.values.forEach((_, i) => {
    store.values[i] = random.normal()
  })
  return store
}

const initializers: Readonly<Record<string, Initializer>> = {
  'a.bias': 'zeros',
  'a.LayerNorm.weight': 'ones',
  'a.LayerNorm.bias': 'zeros',
  bias: 'zeros',
}

// A weight decays whatever it is called: SpanBERT has linear layers below `mlp_layer_norm`.
const PATHS = ['a.weight', 'a.bias', 'a.LayerNorm.weight', 'a.LayerNorm.bias', 'mlp_layer_norm.linear1.weight', 'bias']
const DECAYING = ['a.weight', 'mlp_layer_norm.linear1.weight']

/** A step of plain arithmetic: each parameter's new values from its old ones, its Adam step and whether it decays. */
type Rule = (w: readonly number[], adam: readonly number[], decays: boolean, rate: number) => number[]

/** Twenty steps of an optimizer beside the same steps by the formula; returns the largest relative difference. */
function compare(
  optimizer: AdamW | Lamb,
  store: ParameterStore,
  rule: Rule,
  options: AdamWOptions & { decaying?: readonly string[] },
): number {
  const { betas = [0.9, 0.999], epsilon = 1e-6, biasCorrection = true, epsilonBeforeCorrection = false } = options
  const { decaying = DECAYING } = options
  const random = new Random(2)
  const w = Array.from(store.values)
  const [m, v] = [w.map(() => 0), w.map(() => 0)]
  for (let t = 1; t <= 20; t++) {
    const gradients = Float32Array.from(w, (_, i) => (i === 5 ? 0 : random.normal() * 10 ** (i % 3)))
    const [rate, scale] = [0.1 / t, t % 2 === 0 ? 0.25 : 1]
    optimizer.step(store.values, gradients, rate, scale)
    const adam = w.map((_, i) => {
      const g = gradients[i]! * scale
      m[i] = betas[0] * m[i]! + (1 - betas[0]) * g
      v[i] = betas[1] * v[i]! + (1 - betas[1]) * g ** 2
      const [one, two] = biasCorrection ? [1 - betas[0] ** t, 1 - betas[1] ** t] : [1, 1]
      // fairseq: lr · √(1 − β2^t) / (1 − β1^t) · m / (√v + ε)
      if (epsilonBeforeCorrection) return (Math.sqrt(two) / one) * (m[i]! / (Math.sqrt(v[i]!) + epsilon))
      return m[i]! / one / (Math.sqrt(v[i]! / two) + epsilon)
    })
    for (const { path, start, end } of store.slots) {
      const next = rule(w.slice(start, end), adam.slice(start, end), decaying.includes(path), rate)
      w.splice(start, end - start, ...next)
    }
  }
  expect(optimizer.state.stepCount).toBe(20)
  return Math.max(...w.map((value, i) => Math.abs(store.values[i]! - value) / (1 + Math.abs(value))))
}

const constants = { betas: [0.5, 0.7], epsilon: 1e-2, weightDecay: 0.3 } as const

describe.each<[string, AdamWOptions & { decaying?: readonly string[] }]>([
  ['with defaults', {}],
  ['without bias correction', { biasCorrection: false }],
  ['with other constants', constants],
  ['as in fairseq', { ...constants, epsilonBeforeCorrection: true, decays: () => true, decaying: PATHS }],
])('AdamW %s', (_, options) => {
  it('follows the formula, step after step', () => {
    const store = storeOf(...PATHS)
    const { weightDecay = 0.01 } = options
    const rule: Rule = (w, adam, decays, rate) =>
      w.map((x, i) => x - rate * (adam[i]! + (decays ? weightDecay * x : 0)))
    expect(compare(new AdamW(store.slots, options), store, rule, options)).toBeLessThan(2e-6)
  })
})

describe.each<[string, MomentOptions]>([
  ['with defaults', {}],
  ['without bias correction, as ALBERT has it', { biasCorrection: false }],
  ['with other constants', constants],
])('LAMB %s', (_, options) => {
  it('follows the formula, step after step', () => {
    const store = storeOf(...PATHS)
    const { weightDecay = 0.01 } = options
    const norm = (x: readonly number[]): number => Math.hypot(...x)
    const rule: Rule = (w, adam, decays, rate) => {
      const step = adam.map((u, i) => u + (decays ? weightDecay * w[i]! : 0))
      const ratio = decays ? norm(w) / norm(step) : 1
      return w.map((x, i) => x - rate * ratio * step[i]!)
    }
    expect(compare(new Lamb(store.slots, options), store, rule, options)).toBeLessThan(5e-6)
  })

  it('takes the step as it is where a norm is 0', () => {
    const store = storeOf('a.weight')
    store.values.fill(0)
    new Lamb(store.slots, { ...options, betas: [0, 0], epsilon: 0 }).step(
      store.values,
      new Float32Array(6).fill(2),
      0.1,
    )
    store.values.forEach((value) => {
      expect(value).toBeCloseTo(-0.1, 6)
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
