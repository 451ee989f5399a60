// Runs an operator and its gradient on a device and compares them with float64 arrays and central differences.

import type { Random } from '../../random.js'
import type { Runtime, TensorArray, TensorData } from '../../runtime/index.js'
import { type DType, dimSize, grad, input, mul, reduceSum, type Shape, type Tensor } from '../index.js'
import { add } from '../operators/elementwise.js'
import { type NdArray, sizeOfDims, sum } from './array.js'

/** One input of a case: its symbolic shape and how its values are drawn. */
export interface Argument {
  readonly shape: Shape
  readonly dtype: DType
  draw(random: Random): number
  /** Whether its gradient is compared; float32 inputs without it are constants to the case. */
  readonly differentiable: boolean
}

export interface Case {
  /** The operator's name in the table. */
  readonly operator: string
  readonly title: string
  readonly inputs: readonly Argument[]
  apply(...inputs: Tensor[]): Tensor | readonly Tensor[]
  reference(...inputs: NdArray[]): NdArray | readonly NdArray[]
  /** What `grad` differentiates, where that is not the value: `fixed` are the inputs that it takes as constants. */
  differentiated?(fixed: readonly NdArray[], inputs: readonly NdArray[]): NdArray
}

const arrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array } as const

/** Numbers as the runtime takes them. */
export function toTensorData(dtype: DType, { dims, data }: NdArray): TensorData {
  if (dtype === 'int64') return { dims, data: BigInt64Array.from(data, BigInt) }
  if (dtype === 'bool') return { dims, data: Uint8Array.from(data) }
  return { dims, data: arrays[dtype].from(data) }
}

export const toNumbers = (data: TensorArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

export interface Deviation {
  readonly what: string
  readonly dims: readonly number[]
  readonly expectedDims: readonly number[]
  /** The largest difference over the largest magnitude expected (or 1, if that is larger). */
  readonly error: number
}

/** Runs a case with random values at the given sizes of its symbolic dimensions. */
export async function check(
  runtime: Runtime,
  one: Case,
  sizes: ReadonlyMap<string, number>,
  random: Random,
): Promise<Deviation[]> {
  const draw = ({ shape, dtype, draw }: Argument): NdArray => {
    const dims = shape.map((dim) => dimSize(dim, sizes))
    const data = Array.from({ length: sizeOfDims(dims) }, () => draw(random))
    return { dims, data: dtype === 'float32' ? data.map(Math.fround) : data }
  }
  const values = one.inputs.map(draw)
  const tensors = one.inputs.map(({ dtype, shape }, i) => input(`x${i}`, dtype, shape))
  const feeds = Object.fromEntries(one.inputs.map(({ dtype }, i) => [`x${i}`, toTensorData(dtype, values[i]!)]))
  const outputs = [one.apply(...tensors)].flat() as Tensor[]
  const expected = [one.reference(...values)].flat() as NdArray[]
  const named: Record<string, Tensor> = Object.fromEntries(outputs.map((y, i) => [`output ${i}`, y]))

  // The loss is a random linear functional of the outputs, so that no element's gradient can hide.
  const wanted = one.inputs.flatMap(({ differentiable }, i) => (differentiable ? [i] : []))
  const weights = outputs.map(({ shape, dtype }) =>
    draw({ shape, dtype, draw: () => random.normal(), differentiable: false }),
  )
  if (wanted.length > 0) {
    const terms = outputs.map((y, i) => reduceSum(mul(y, input(`weight${i}`, 'float32', y.shape))))
    const loss = terms.reduce((total, term) => add(total, term))
    const gradients = grad(
      loss,
      wanted.map((i) => tensors[i]!),
    )
    gradients.forEach((gradient, i) => {
      named[`gradient of input ${wanted[i]}`] = gradient
    })
    weights.forEach((weight, i) => {
      feeds[`weight${i}`] = toTensorData('float32', weight)
    })
  }
  using compiled = await runtime.compile(named)
  // What the outputs do not depend on is not an input (the input of `size of a dimension` but for its shape).
  const used = Object.fromEntries(compiled.inputs.map(({ name }) => [name, feeds[name]!]))
  const results = await compiled.run(used)

  const deviations = expected.map((array, i) => deviation(`output ${i}`, results[`output ${i}`]!, array))
  for (const i of wanted) {
    const functional = (x: readonly NdArray[]): number => {
      const y = one.differentiated ? [one.differentiated(values, x)] : ([one.reference(...x)].flat() as NdArray[])
      return sum(y.map(({ data }, k) => sum(data.map((value, j) => value * weights[k]!.data[j]!))))
    }
    const differences = centralDifferences(functional, values, i)
    deviations.push(deviation(`gradient of input ${i}`, results[`gradient of input ${i}`]!, differences))
  }
  return deviations
}

/** d functional / d values[i], element by element. */
function centralDifferences(
  functional: (values: readonly NdArray[]) => number,
  values: readonly NdArray[],
  i: number,
): NdArray {
  const { dims, data } = values[i]!
  const step = 1e-5
  const moved = (j: number, by: number): number =>
    functional(values.with(i, { dims, data: data.with(j, data[j]! + by) }))
  return { dims, data: data.map((_, j) => (moved(j, step) - moved(j, -step)) / (2 * step)) }
}

export function deviation(what: string, { data, dims }: TensorData, expected: NdArray): Deviation {
  const scale = Math.max(1, ...expected.data.map(Math.abs))
  const differences = toNumbers(data).map((value, i) => Math.abs(value - expected.data[i]!) / scale)
  // A NaN must not pass for the smallest of numbers.
  const error = differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(0, ...differences)
  return { what, dims, expectedDims: expected.dims, error }
}
