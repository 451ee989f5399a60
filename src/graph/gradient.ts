// Reverse-mode differentiation (Linnainmaa, 1970): walk the graph backwards from the loss, and let every operator's
// gradient rule say how the loss changes with its inputs. The result is more expressions, compiled like any others.

import { MissingGradientError } from './errors.js'
import { add } from './operators/elementwise.js'
import { leafName, scalar } from './operators/leaf.js'
import { formatShape } from './shape.js'
import type { Node, Tensor } from './tensor.js'

/**
 * dLoss/dParameter for each parameter, as expressions of the parameters' shapes.
 *
 * @param loss a float32 scalar
 * @param parameters what to differentiate with respect to
 * @throws {MissingGradientError} if an operator on the way has no gradient rule, or a parameter does not reach the
 *   loss: a gradient is never silently zero
 *
 * @example
 * const w = parameter('w', [3])
 * const loss = reduceSum(mul(w, w))
 * const [dw] = grad(loss, [w]) // 2w
 */
export function grad(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  if (loss.dtype !== 'float32' || loss.shape.length > 0) {
    throw new MissingGradientError(
      'grad',
      `the loss must be a float32 scalar, not ${loss.dtype}${formatShape(loss.shape)}`,
    )
  }
  const order = topologicalOrder([loss])
  const differentiable = reachedFrom(parameters, order)
  const gradients = new Gradients()
  gradients.contribute(loss, scalar(1))

  for (const node of order.toReversed()) {
    if (!differentiable.has(node) || node.inputs.length === 0 || stopsGradient(node)) continue
    const dy = node.outputs.map((output) => gradients.of(output))
    if (dy.every((gradient) => gradient === undefined)) continue
    inputGradients(node, dy, differentiable).forEach((gradient, i) => {
      if (gradient) gradients.contribute(node.inputs[i]!, gradient)
    })
  }
  return parameters.map((parameter) => {
    const gradient = gradients.of(parameter)
    if (gradient) return gradient
    throw new MissingGradientError('grad', `the loss does not depend on ${leafName(parameter) ?? 'a given tensor'}`)
  })
}

/** Nothing behind such a node is differentiated, not even to find that it cannot be. */
const stopsGradient = (node: Node): boolean => node.operator.name === 'StopGradient'

function inputGradients(
  node: Node,
  dy: readonly (Tensor | undefined)[],
  differentiable: ReadonlySet<Node>,
): readonly (Tensor | undefined)[] {
  const { operator } = node
  if (!operator.gradient) throw new MissingGradientError(operator.name, 'this operator has no gradient')
  const gradients = operator.gradient(node, dy as readonly Tensor[])
  node.inputs.forEach((input, i) => {
    const wanted = differentiable.has(input.node)
    if (wanted && gradients[i] === undefined) {
      throw new MissingGradientError(operator.name, `no gradient with respect to its input ${i}`)
    }
  })
  return gradients.map((gradient, i) => (differentiable.has(node.inputs[i]!.node) ? gradient : undefined))
}

/**
 * What each tensor has received so far; added up only when it is asked for. Inputs and parameters go by name: one that
 * was written down twice is still one.
 */
class Gradients {
  readonly #contributions = new Map<Tensor | string, Tensor[]>()

  contribute(tensor: Tensor, gradient: Tensor): void {
    const key = leafName(tensor) ?? tensor
    const present = this.#contributions.get(key)
    if (present) present.push(gradient)
    else this.#contributions.set(key, [gradient])
  }

  of(tensor: Tensor): Tensor | undefined {
    return this.#contributions.get(leafName(tensor) ?? tensor)?.reduce((sum, gradient) => add(sum, gradient))
  }
}

/** Nodes that lead to the given tensors, inputs before their users; iterative, since graphs are deep. */
export function topologicalOrder(tensors: readonly Tensor[]): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack = tensors.map(({ node }) => ({ node, next: 0 })).reverse()
  while (stack.length > 0) {
    const top = stack.at(-1)!
    if (top.next === 0 && seen.has(top.node)) {
      stack.pop()
      continue
    }
    seen.add(top.node)
    const input = top.node.inputs[top.next++]
    if (input === undefined) {
      order.push(top.node)
      stack.pop()
    } else if (!seen.has(input.node)) {
      stack.push({ node: input.node, next: 0 })
    }
  }
  return order
}

/** The nodes of `order` through which the loss depends on any of the sources, the sources' own included. */
function reachedFrom(sources: readonly Tensor[], order: readonly Node[]): Set<Node> {
  const reached = new Set(sources.map(({ node }) => node))
  const names = new Set(sources.map(leafName))
  names.delete(undefined)
  const dependsOn = (node: Node): boolean => !stopsGradient(node) && node.inputs.some((x) => reached.has(x.node))
  for (const node of order) {
    if (names.has(leafName(node.outputs[0]!)) || dependsOn(node)) {
      reached.add(node)
    }
  }
  return reached
}
