// Where expressions begin: inputs fed at every run, parameters, and constants.

import { DTypeError } from '../errors.js'
import type { Shape } from '../shape.js'
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
 * @example
 * const inputIds = input('inputIds', 'int32', ['tokens'])
 */
export function input(name: string, dtype: DType, shape: Shape): Tensor {
  return applyInput([], { name, dtype, shape })
}

/** A float32 weight, known by its path; what `grad` differentiates with respect to. */
export function parameter(name: string, shape: readonly number[]): Tensor {
  return applyParameter([], { name, dtype: 'float32', shape })
}

/** The name of an input or a parameter, undefined for any other tensor. */
export function leafName(tensor: Tensor): string | undefined {
  return isInput(tensor) || isParameter(tensor) ? (tensor.node.attributes as NamedAttributes).name : undefined
}

export const isInput = (tensor: Tensor): boolean => tensor.node.operator.name === 'Input'
export const isParameter = (tensor: Tensor): boolean => tensor.node.operator.name === 'Parameter'

/** A constant tensor, its values in row-major order. */
export function constant(values: readonly number[], shape: readonly number[], dtype: DType = 'float32'): Tensor {
  return applyConstant([], { dtype, shape, values })
}

/** A constant scalar, `[]`. */
export const scalar = (value: number, dtype: DType = 'float32'): Tensor => constant([value], [], dtype)
