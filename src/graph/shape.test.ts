// Symbolic shapes: one dimension, one spelling.

import { describe, expect, it } from 'vitest'
import { ShapeError } from './errors.js'
import {
  broadcastShape,
  dimFactors,
  dimProduct,
  dimSize,
  formatShape,
  isCanonical,
  resolveAxis,
  type Shape,
  sameShape,
} from './shape.js'

describe('dimProduct', () => {
  const products: readonly (readonly [dims: Shape, product: number | string])[] = [
    [[], 1],
    [[7], 7],
    [[3, 4], 12],
    [['n'], 'n'],
    [['n', 1], 'n'],
    [['sequence', 4, 'batch'], '4*batch*sequence'],
    [['b', 'a'], 'a*b'],
    [['a*b', 'c'], 'a*b*c'],
    [['c', '2*a', 3], '6*a*c'],
    [['n', 'n'], 'n*n'],
    [['2*n', 'n'], '2*n*n'],
    [[0, 'n'], '0*n'],
  ]
  it.each(products)('of %j is %j', (dims, product) => {
    expect(dimProduct(dims)).toBe(product)
  })

  it('is the same in any order and grouping', () => {
    const dims = ['z', 2, 'a', '3*m', 5]
    const whole = dimProduct(dims)
    expect(dimProduct(dims.toReversed())).toBe(whole)
    expect(dimProduct([dimProduct(dims.slice(0, 2)), dimProduct(dims.slice(2))])).toBe(whole)
    expect(dimProduct([whole])).toBe(whole)
  })
})

it('a product falls into its factors, and has a size once its names have', () => {
  expect(dimFactors('6*a*c')).toEqual({ size: 6, names: ['a', 'c'] })
  expect(dimFactors('a*a')).toEqual({ size: 1, names: ['a', 'a'] })
  expect(dimFactors(5)).toEqual({ size: 5, names: [] })
  const sizes = new Map([
    ['a', 2],
    ['c', 5],
  ])
  expect(dimSize('6*a*c', sizes)).toBe(60)
  expect(dimSize(7, sizes)).toBe(7)
  expect(dimSize('b', sizes)).toBeNaN()
})

it('knows canonical spellings', () => {
  for (const dim of ['n', 'tokens', '4*a*b', 'a*a', 'x.y_1']) expect(isCanonical(dim), dim).toBe(true)
  for (const dim of ['b*a', 'a*4', '1*a', '', 'a**b', '12', 'a b', '2*']) expect(isCanonical(dim), dim).toBe(false)
})

describe('broadcastShape', () => {
  const fitting: readonly (readonly [shapes: readonly Shape[], result: Shape])[] = [
    [[[], []], []],
    [
      [[], ['n', 2]],
      ['n', 2],
    ],
    [
      [['n', 1], ['m']],
      ['n', 'm'],
    ],
    [
      [
        [1, 1],
        [5, 1],
      ],
      [5, 1],
    ],
    [
      [[3], [1], [2, 1]],
      [2, 3],
    ],
    [[[0], [1]], [0]],
  ]
  it.each(fitting)('of %j is %j', (shapes, result) => {
    expect(broadcastShape('Add', shapes)).toEqual(result)
  })

  it.each([[[[2], [3]]], [[['n'], ['m']]], [[['n'], [2]]], [[[0], [2]]]] as readonly [Shape[]][])(
    'of %j is an error',
    (shapes) => {
      expect(() => broadcastShape('Add', shapes)).toThrow(ShapeError)
    },
  )
})

it('axes count from either end', () => {
  expect(resolveAxis('Sum', 0, [2, 3])).toBe(0)
  expect(resolveAxis('Sum', -1, [2, 3])).toBe(1)
  for (const axis of [2, -3, 0.5, Number.NaN]) expect(() => resolveAxis('Sum', axis, [2, 3])).toThrow(ShapeError)
})

it('shapes compare and print', () => {
  expect(sameShape(['n', 2], ['n', 2])).toBe(true)
  expect(sameShape(['n', 2], ['n'])).toBe(false)
  expect(sameShape(['n'], ['m'])).toBe(false)
  expect(formatShape(['tokens', 256])).toBe('[tokens, 256]')
  expect(formatShape([])).toBe('[]')
})
