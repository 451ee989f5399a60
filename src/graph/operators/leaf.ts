// Where expressions begin: inputs fed at every run, parameters, and constants.

import { DTypeError, ShapeError } from '../errors.js'
import { isCanonical, type Shape } from '../shape.js'
import { type DType, defineSingle, type Tensor, type TensorType } from '../tensor.js'

interface NamedAttributes extends TensorType {
  readonly name: string
}

/** A leaf's ONNX form is decided by the compiler, which knows what is fed and what is stored. */
const decidedByCompiler = (): string => {
  throw new DTypeError('leaf', 'inputs and parameters are emitted by compile()')
}

const applyInput = defineSingle<NamedAttributes>({
  name: 'Input',
  infer: (_, { dtype, shape }) => ({ dtype, shape }),
  onnx: decidedByCompiler,
})

const applyParameter = defineSingle<NamedAttributes>({
  name: 'Parameter',
  infer: (_, { dtype, shape }) => ({ dtype, shape }),
  onnx: decidedByCompiler,
})

interface ConstantAttributes extends TensorType {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

const applyConstant = defineSingle<ConstantAttributes>({
  name: 'Constant',
  infer: (_, { dtype, shape }) => ({ dtype, shape }),
  onnx: (_, { dtype, shape, values }, emit) => emit.constant(dtype, shape, values),
})

/**
 * A value fed at every run.
 *
 * @throws {ShapeError} if a dimension is neither a whole number nor a name, nor a product as `dimProduct` writes it
 *
 * @example
 * const inputIds = input('inputIds', 'int32', ['tokens'])
 */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  checkShape(`input "${name}"`, shape)
  return applyInput([], { name, dtype, shape })
}

/**
 * A float32 weight, known by its path; what `grad` differentiates with respect to.
 *
 * @throws {ShapeError} if a dimension is no whole number, 0 or above
 *
 * @example
 * const weight = parameter('encoder.layer.0.output.dense.weight', [256, 1024])
 */
export function parameter(name: string, shape: readonly number[]): Tensor {
  checkShape(`parameter "${name}"`, shape)
  return applyParameter([], { name, dtype: 'float32', shape })
}

function checkShape(what: string, shape: Shape): void {
  for (const dim of shape) {
    const valid = typeof dim === 'number' ? Number.isInteger(dim) && dim >= 0 : isCanonical(dim)
    if (!valid) throw new ShapeError(what, `${JSON.stringify(dim)} is no dimension`, [shape])
  }
}

/** The name of an input or a parameter, undefined for any other tensor. */
export function leafName(tensor: Tensor): string | undefined {
  return isInput(tensor) || isParameter(tensor) ? (tensor.node.attributes as NamedAttributes).name : undefined
}

export const isInput = (tensor: Tensor): boolean => tensor.node.operator.name === 'Input'
export const isParameter = (tensor: Tensor): boolean => tensor.node.operator.name === 'Parameter'

/**
 * A constant tensor, its values in row-major order; float32 unless said.
 *
 * @throws {ShapeError} if the values do not fill the shape
 *
 * @example
 * const pairs = constant([0, 1, 2, 3], [2, 2], 'int32')
 */
export function constant(values: readonly number[], shape: readonly number[], dtype: DType = 'float32'): Tensor {
  if (values.length !== shape.reduce((product, dim) => product * dim, 1)) {
    throw new ShapeError('Constant', `${values.length} values do not fill`, [shape])
  }
  return applyConstant([], { dtype, shape, values })
}

/**
 * A constant scalar, `[]`; float32 unless said.
 *
 * @example
 * const half = mul(input('x', 'float32', ['n']), scalar(0.5)) // [n]
 */
export const scalar = (value: number, dtype: DType = 'float32'): Tensor => constant([value], [], dtype)
