// Tensor expressions. A tensor is one output of a node; a node is an operator applied to tensors. Nothing is computed
// here: expressions are differentiated by `grad` and turned into ONNX by `compile`.

import type { Emitter } from './emitter.js'
import { DTypeError } from './errors.js'
import type { Shape } from './shape.js'

/** Element types that graphs use. */
export type DType = 'float32' | 'int32' | 'int64' | 'uint32' | 'bool'

/** What an operator's shape rule says of one output. */
export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** A typed expression with a symbolic shape. Built by the operators; immutable. */
export interface Tensor extends TensorType {
  readonly node: Node
  /** Which of the node's outputs this is. */
  readonly index: number
}

/** An operator applied to inputs. */
export interface Node {
  readonly operator: Operator<unknown>
  readonly inputs: readonly Tensor[]
  readonly attributes: unknown
  readonly outputs: readonly Tensor[]
}

/** What a gradient rule sees of the node it differentiates. */
export interface Call<Attributes> {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly attributes: Attributes
}

/**
 * An operator in one place: its shape rule, its ONNX form and its gradient.
 *
 * - `infer` checks the inputs and gives the type of each output.
 * - `onnx` emits the nodes and returns the name of each output's value.
 * - `gradient` turns dLoss/dOutput into dLoss/dInput for every input, `undefined` where an input has no derivative
 *   (indices, masks). Absent: a gradient through this operator is an error.
 *   `dy[i]` is undefined only where output i does not reach the loss.
 */
export interface Operator<Attributes> {
  readonly name: string
  infer(inputs: readonly Tensor[], attributes: Attributes): TensorType | readonly TensorType[]
  onnx(inputs: readonly string[], attributes: Attributes, emit: Emitter, call: Call<Attributes>): string | string[]
  gradient?(call: Call<Attributes>, dy: readonly Tensor[]): readonly (Tensor | undefined)[]
}

/** Every operator by name; the tests walk it, so that none goes without a check of its gradient. */
export const operators = new Map<string, Operator<unknown>>()

/** Adds an operator to the table and returns the function that applies it; its outputs come as an array. */
export function defineOperator<Attributes>(
  operator: Operator<Attributes>,
): (inputs: readonly Tensor[], attributes: Attributes) => readonly Tensor[] {
  operators.set(operator.name, operator)
  return (inputs, attributes) => {
    const types = [operator.infer(inputs, attributes)].flat() as TensorType[]
    const outputs: Tensor[] = []
    const node: Node = { operator, inputs, attributes, outputs }
    types.forEach(({ dtype, shape }, index) => {
      outputs.push({ node, index, dtype, shape })
    })
    return outputs
  }
}

/** As `defineOperator`, for operators with one output, which is returned bare. */
export function defineSingle<Attributes>(
  operator: Operator<Attributes>,
): (inputs: readonly Tensor[], attributes: Attributes) => Tensor {
  const apply = defineOperator(operator)
  return (inputs, attributes) => apply(inputs, attributes)[0]!
}

/** Raises a `DTypeError` unless every tensor has one of the given element types. */
export function requireDType(operator: string, tensors: readonly Tensor[], ...dtypes: DType[]): void {
  for (const tensor of tensors) {
    if (!dtypes.includes(tensor.dtype)) {
      throw new DTypeError(operator, `takes ${dtypes.join(' or ')}, not ${tensor.dtype}`)
    }
  }
}
