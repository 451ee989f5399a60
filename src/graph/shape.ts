// Shapes with symbolic dimensions. A dimension is a number, a name that stands for a number known only when the
// graph runs ("tokens"), or a product of both ("64*batch*sequence"), always written in one canonical form so that
// equal dimensions are equal strings.

import { ShapeError } from './errors.js'

/** A dimension: a known size, or the name of one that is known only when the graph runs. */
export type Dim = number | string

/** A tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly Dim[]

/**
 * The product of dimensions, in canonical form: the number first, then the names in order.
 *
 * @example
 * dimProduct(['sequence', 4, 'batch'])  // '4*batch*sequence'
 * dimProduct([3, 4])                    // 12
 */
export function dimProduct(dims: Shape): Dim {
  let size = 1
  const names: string[] = []
  for (const dim of dims) {
    for (const factor of typeof dim === 'number' ? [dim] : dim.split('*')) {
      const value = Number(factor)
      if (Number.isNaN(value)) names.push(String(factor))
      else size *= value
    }
  }
  if (names.length === 0) return size
  names.sort()
  return size === 1 ? names.join('*') : `${size}*${names.join('*')}`
}

/**
 * The factors of a dimension: its number and its names, with repetitions.
 *
 * @example
 * dimFactors('64*batch*sequence') // { size: 64, names: ['batch', 'sequence'] }
 */
export function dimFactors(dim: Dim): { size: number; names: string[] } {
  if (typeof dim === 'number') return { size: dim, names: [] }
  const names = dim.split('*')
  const size = Number(names[0])
  return Number.isNaN(size) ? { size: 1, names } : { size, names: names.slice(1) }
}

/** Whether a symbolic dimension is a name, or a product as `dimProduct` writes it. */
export function isCanonical(dim: string): boolean {
  return dimProduct([dim]) === dim && dimFactors(dim).names.every((name) => /^[A-Za-z_][\w.]*$/.test(name))
}

/**
 * A dimension's size, given the sizes of its names.
 *
 * @example
 * dimSize('4*rows', new Map([['rows', 3]])) // 12
 */
export function dimSize(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  const { size, names } = dimFactors(dim)
  return names.reduce((product, name) => product * (sizes.get(name) ?? Number.NaN), size)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

/**
 * A shape as it stands in error messages.
 *
 * @example
 * formatShape(['tokens', 256]) // '[tokens, 256]'
 */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** The shape of an elementwise result (numpy's broadcasting: dimensions align at the end; 1 stretches). */
export function broadcastShape(operator: string, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  const result: Dim[] = new Array<Dim>(rank).fill(1)
  for (const shape of shapes) {
    const offset = rank - shape.length
    shape.forEach((dim, i) => {
      const present = result[offset + i]!
      if (dim === 1 || dim === present) return
      if (present !== 1) throw new ShapeError(operator, 'these shapes do not broadcast', shapes)
      result[offset + i] = dim
    })
  }
  return result
}

/** Turns a negative axis, counted from the end, into one counted from the start. */
export function resolveAxis(operator: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length) {
    throw new ShapeError(operator, `axis ${axis} does not exist`, [shape])
  }
  return resolved
}
