// Every operator in the table: its value against float64 arrays, its gradient against central differences, on every
// device that runs here. (BERTKIN_TEST_DEVICES=webgpu adds one.)

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../random.js'
import { type Device, Runtime } from '../../runtime/index.js'
import { MissingGradientError } from '../errors.js'
import { grad } from '../gradient.js'
import { operators } from '../tensor.js'
import { cases } from '../testing/cases.js'
import { check } from '../testing/check.js'
import { cast, input, reduceSum } from './index.js'

const extra = (process.env.BERTKIN_TEST_DEVICES ?? '').split(',').filter((name) => name !== '') as Device[]
const devices = [...new Set<Device>(['cpu', 'wasm', ...extra])]

/** Sizes of the dimensions `n` and `m`: usual ones, and 1, where broadcasting hides mistakes. */
const sizes = [
  new Map([
    ['n', 4],
    ['m', 3],
  ]),
  new Map([
    ['n', 1],
    ['m', 1],
  ]),
]

it('has a case for every operator', () => {
  const covered = new Set(cases.map(({ operator }) => operator))
  // A parameter's value and gradient are what every other test of the gradient looks at.
  const missing = [...operators.keys()].filter((name) => !covered.has(name) && name !== 'Parameter')
  expect(missing).toEqual([])
})

describe.each(devices)('on %s', (device) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await Runtime.open({ device })
  })
  afterAll(() => runtime.dispose())

  it.each(cases.map((one, i) => ({ one, i, name: `${one.operator}: ${one.title}` })))('$name', async ({ one, i }) => {
    for (const [round, size] of sizes.entries()) {
      for (const found of await check(runtime, one, size, new Random(i, round))) {
        expect(found.dims, found.what).toEqual(found.expectedDims)
        expect(found.error, `${found.what} at n = ${size.get('n')}`).toBeLessThan(1e-5)
      }
    }
  })
})

describe('operators without a gradient raise an error when one is asked for', () => {
  const without = cases.filter(({ operator }) => {
    const { gradient } = operators.get(operator)!
    return gradient === undefined && operator !== 'Input' && operator !== 'Constant'
  })

  it.each(without.map((one) => ({ one, name: `${one.operator}: ${one.title}` })))('$name', ({ one }) => {
    const inputs = one.inputs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape))
    const [y] = [one.apply(...inputs)].flat()
    expect(() => grad(reduceSum(cast(y!, 'float32')), inputs)).toThrow(MissingGradientError)
  })
})
