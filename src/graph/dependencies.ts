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
