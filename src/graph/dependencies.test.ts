// Which parameters an expression is computed from.

import { expect, it } from 'vitest'
import { add, denseWeightsOf, input, linear, mul, parameter, parametersOf, tanh } from './index.js'

it('finds every parameter once, and no input', () => {
  const x = input('x', 'float32', ['rows', 2])
  const w = parameter('w', [2, 2])
  const y = tanh(linear(x, w, parameter('b', [2])))
  const z = mul(add(y, linear(y, w)), parameter('scale', [2]))
  expect(parametersOf([y])).toEqual(new Set(['w', 'b']))
  expect(parametersOf([y, z])).toEqual(new Set(['w', 'b', 'scale']))
  expect(parametersOf([x])).toEqual(new Set())
  expect(parametersOf([])).toEqual(new Set())
})

it('tells the weights of dense layers from other parameters', () => {
  const x = input('x', 'float32', ['rows', 2])
  const w = parameter('w', [2, 2])
  const y = linear(mul(linear(x, w), parameter('scale', [2])), add(w, parameter('update', [2, 2])), parameter('b', [2]))
  expect(denseWeightsOf([y])).toEqual(new Set(['w'])) // the second one’s weight is computed
})
