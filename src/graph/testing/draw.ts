// How the cases' inputs are drawn.

import type { Random } from '../../random.js'
import type { DType, Shape } from '../index.js'
import type { Argument } from './check.js'

export type Draw = (random: Random) => number

export const normal: Draw = (random) => random.normal()
export const positive: Draw = (random) => 0.3 + 2 * random.uniform()
/** Away from zero, where relu has no derivative and division none either. */
export const awayFromZero: Draw = (random) => (random.uniform() < 0.5 ? -1 : 1) * (0.3 + random.uniform())
export const bit: Draw = (random) => random.below(2)
export const uint32: Draw = (random) => random.uint32()
export const below =
  (bound: number): Draw =>
  (random) =>
    random.below(bound)

export const float = (shape: Shape, draw: Draw = normal): Argument => ({
  shape,
  dtype: 'float32',
  draw,
  differentiable: true,
})
export const fixed = (shape: Shape, dtype: DType, draw: Draw): Argument => ({
  shape,
  dtype,
  draw,
  differentiable: false,
})
