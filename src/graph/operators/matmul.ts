// Matrix products: the dense layer in Hugging Face's weight layout, and batched products for attention.

import { ShapeError } from '../errors.js'
import { type Dim, dimProduct, sameShape } from '../shape.js'
import { defineSingle, type Node, requireDType, type Tensor } from '../tensor.js'
import { reduceSum } from './shape.js'

const applyLinear = defineSingle<undefined>({
  name: 'Linear',
  infer([x, weight, bias]) {
    requireDType('Linear', [x!, weight!, ...(bias ? [bias] : [])], 'float32')
    const [rows, width] = x!.shape
    const [outWidth, inWidth] = weight!.shape
    if (x!.shape.length !== 2 || weight!.shape.length !== 2 || width !== inWidth) {
      throw new ShapeError('Linear', 'rows × in and out × in must agree on in', [x!.shape, weight!.shape])
    }
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outWidth)) {
      throw new ShapeError('Linear', 'the bias does not fit out × in', [weight!.shape, bias.shape])
    }
    return { dtype: 'float32', shape: [rows!, outWidth!] }
  },
  onnx(inputs, _, emit) {
    const [x, weight, bias] = inputs
    const int8 = emit.standardOnly ? undefined : emit.int8Weight(weight!)
    // Gemm takes the checkpoint's [out, in] weights as they are.
    if (!int8) return emit.node('Gemm', inputs, { attributes: { transB: { int: 1 } } })
    // The rows are rounded to eight bits as they come, by one scale for all of them; no zero point: '' stands for none.
    const operands = [x!, int8.values, int8.scales, ...(bias ? ['', bias] : [])]
    return emit.node('DynamicQuantizeMatMul', operands, { domain: 'com.microsoft' })
  },
  gradient: ({ inputs: [x, weight, bias] }, [dy]) => [
    matmul(dy!, weight!), // [rows, out] × [out, in]
    matmul(dy!, x!, { transposeA: true }), // [out, rows] × [rows, in]
    ...(bias ? [reduceSum(dy!, [0])] : []),
  ],
})

/**
 * `x · weightᵀ + bias` for `x` [rows, in], `weight` [out, in] and `bias` [out], all float32; the result is [rows, out].
 * As PyTorch’s `linear`, whose weights lie the same way.
 *
 * @throws {ShapeError} if the shapes do not fit
 *
 * @example
 * const x = input('x', 'float32', ['tokens', 256])
 * const y = linear(x, parameter('dense.weight', [1024, 256]), parameter('dense.bias', [1024])) // [tokens, 1024]
 */
export const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  applyLinear(bias ? [x, weight, bias] : [x, weight], undefined)

interface MatmulAttributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly alpha: number
}

const applyMatmul = defineSingle<MatmulAttributes>({
  name: 'MatMul',
  infer([a, b], { transposeA, transposeB }) {
    requireDType('MatMul', [a!, b!], 'float32')
    if (a!.shape.length < 2 || b!.shape.length < 2) {
      throw new ShapeError('MatMul', 'both sides need two dimensions or more', [a!.shape, b!.shape])
    }
    const [rows, inner] = transposeA ? a!.shape.slice(-2).reverse() : a!.shape.slice(-2)
    const [innerB, columns] = transposeB ? b!.shape.slice(-2).reverse() : b!.shape.slice(-2)
    if (inner !== innerB) throw new ShapeError('MatMul', 'the inner dimensions differ', [a!.shape, b!.shape])
    const batch = a!.shape.slice(0, -2)
    if (!sameShape(batch, b!.shape.slice(0, -2))) {
      throw new ShapeError('MatMul', 'the leading dimensions must be equal', [a!.shape, b!.shape])
    }
    return { dtype: 'float32', shape: [...batch, rows!, columns!] }
  },
  onnx(inputs, { transposeA, transposeB, alpha }, emit, call) {
    if (!transposeA && !transposeB && alpha === 1) return emit.node('MatMul', inputs)
    if (emit.standardOnly) {
      const turned = [transposeA, transposeB].map((isTurned, side) => {
        const axes = call.inputs[side]!.shape.map((_, axis) => axis)
        const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2]
        return isTurned
          ? emit.node('Transpose', [inputs[side]!], { attributes: { perm: { ints: perm } } })
          : inputs[side]!
      })
      const product = emit.node('MatMul', turned)
      return alpha === 1 ? product : emit.node('Mul', [product, emit.constant('float32', [], [alpha])])
    }
    const attributes = {
      transA: { int: transposeA ? 1 : 0 },
      transB: { int: transposeB ? 1 : 0 },
      alpha: { float: alpha },
    }
    return emit.node('FusedMatMul', inputs, { domain: 'com.microsoft', attributes })
  },
  gradient({ inputs: [a, b], attributes: { transposeA, transposeB, alpha } }, [dy]) {
    const da = transposeA
      ? matmul(b!, dy!, { transposeA: transposeB, transposeB: true, alpha })
      : matmul(dy!, b!, { transposeB: !transposeB, alpha })
    const db = transposeB
      ? matmul(dy!, a!, { transposeA: true, transposeB: transposeA, alpha })
      : matmul(a!, dy!, { transposeA: !transposeA, alpha })
    return [da, db]
  },
})

/**
 * `alpha · a·b` over equal leading dimensions: float32 [.., m, k] × [.., k, n] → [.., m, n].
 *
 * @param options `transposeA` and `transposeB`: that side comes with its last two axes the other way round; `alpha`: 1
 *   unless said
 * @throws {ShapeError} if the shapes do not fit; leading dimensions do not broadcast
 *
 * @example
 * const query = input('query', 'float32', ['batch', 4, 'sequence', 64])
 * const key = input('key', 'float32', ['batch', 4, 'sequence', 64])
 * const scores = matmul(query, key, { transposeB: true, alpha: 1 / 8 }) // [batch, 4, sequence, sequence]
 */
export function matmul(a: Tensor, b: Tensor, options: Partial<MatmulAttributes> = {}): Tensor {
  return applyMatmul([a, b], { transposeA: false, transposeB: false, alpha: 1, ...options })
}

/** How many multiplications a node's matrix product takes, as a product of dimensions; none if it is no such node. */
export function multiplications({ operator, inputs, outputs, attributes }: Node): Dim[] {
  const [a] = inputs
  if (operator.name === 'Linear') return [dimProduct([...outputs[0]!.shape, a!.shape[1]!])]
  if (operator.name !== 'MatMul') return []
  const inner = a!.shape.at((attributes as MatmulAttributes).transposeA ? -2 : -1)!
  return [dimProduct([...outputs[0]!.shape, inner])]
}
