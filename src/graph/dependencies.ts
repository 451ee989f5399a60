// What an expression is made of.

import { topologicalOrder } from './gradient.js'
import { isParameter, leafName } from './operators/leaf.js'
import type { Tensor } from './tensor.js'

/**
 * The names of the parameters that tensors are computed from.
 *
 * @example
 * const y = linear(input('x', 'float32', ['rows', 4]), parameter('dense.weight', [2, 4]))
 * parametersOf([y]) // Set { 'dense.weight' }
 */
export function parametersOf(tensors: readonly Tensor[]): Set<string> {
  const leaves = topologicalOrder(tensors).map(({ outputs }) => outputs[0]!)
  return new Set(leaves.filter(isParameter).map((leaf) => leafName(leaf)!))
}

/**
 * The names of those parameters that are weights of dense layers, and what they may be beside that.
 *
 * @example
 * const y = linear(input('x', 'float32', ['rows', 4]), parameter('weight', [2, 4]), parameter('bias', [2]))
 * denseWeightsOf([y]) // Set { 'weight' }
 */
export function denseWeightsOf(tensors: readonly Tensor[]): Set<string> {
  const dense = topologicalOrder(tensors).filter(({ operator }) => operator.name === 'Linear')
  return new Set(dense.flatMap(({ inputs: [, weight] }) => (isParameter(weight!) ? leafName(weight!)! : [])))
}
