// Plain float64 arrays with dimensions: what the operators are checked against. Written for clarity, not for speed,
// and from the operators' definitions, so that it shares nothing with the code under test.

/** A dense array, row-major. Booleans are 0 and 1. */
export interface NdArray {
  readonly dims: readonly number[]
  readonly data: readonly number[]
}

export const sizeOfDims = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1)

/** An array by its element at each index. */
export function build(dims: readonly number[], element: (index: readonly number[]) => number): NdArray {
  const data = Array.from({ length: sizeOfDims(dims) }, (_, flat) => element(unflatten(flat, dims)))
  return { dims, data }
}

export function unflatten(flat: number, dims: readonly number[]): number[] {
  const index: number[] = []
  for (const dim of dims.toReversed()) {
    index.unshift(flat % dim)
    flat = Math.floor(flat / dim)
  }
  return index
}

/** The element at an index; dimensions of 1 repeat, and missing leading ones too. */
export function at({ dims, data }: NdArray, index: readonly number[]): number {
  const own = index.slice(index.length - dims.length)
  return data[dims.reduce((flat, dim, axis) => flat * dim + (dim === 1 ? 0 : own[axis]!), 0)]!
}

export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length))
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1)
    return sizes.find((size) => size !== 1) ?? 1
  })
}

/** Applies a function of numbers element by element, with broadcasting. */
export function elementwise(f: (...x: number[]) => number): (...arrays: NdArray[]) => NdArray {
  return (...arrays) =>
    build(broadcastDims(...arrays.map(({ dims }) => dims)), (index) => f(...arrays.map((array) => at(array, index))))
}

/** Applies a function to every row, a row being what lies along the last axis. */
export function perRow(x: NdArray, f: (row: readonly number[]) => readonly number[]): NdArray {
  const width = x.dims.at(-1)!
  const rows = Array.from({ length: x.data.length / width }, (_, i) => f(x.data.slice(i * width, (i + 1) * width)))
  const newWidth = rows[0]?.length ?? width
  return { dims: [...x.dims.slice(0, -1), newWidth], data: rows.flat() }
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The error function by its series with positive terms, e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!, to the last digits. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let total = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

export const logSumExp = (row: readonly number[]): number => {
  const largest = Math.max(...row)
  return largest + Math.log(sum(row.map((value) => Math.exp(value - largest))))
}

export const softmaxRow = (row: readonly number[]): number[] => {
  const total = logSumExp(row)
  return row.map((value) => Math.exp(value - total))
}
