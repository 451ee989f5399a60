// How far two results are apart, for tests.

import { expect } from 'vitest'
import type { TensorData } from '../../runtime/index.js'

/** The largest difference of two results, which must have the same names and dimensions. */
export function difference(a: Record<string, TensorData>, b: Record<string, TensorData>): number {
  expect(Object.keys(a)).toEqual(Object.keys(b))
  let largest = 0
  for (const [name, { data, dims }] of Object.entries(a)) {
    expect(dims).toEqual(b[name]!.dims)
    data.forEach((value, i) => {
      const gap = Math.abs(Number(value) - Number(b[name]!.data[i]))
      largest = Math.max(largest, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap)
    })
  }
  return largest
}
