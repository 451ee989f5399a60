// Activations, and softmax over the last axis.

import { ShapeError } from '../errors.js'
import { defineSingle, requireDType, type Tensor } from '../tensor.js'
import { add, erf, exp, mul, relu, sub, tanh } from './elementwise.js'
import { scalar } from './leaf.js'
import { reduceSum } from './shape.js'

const applyGelu = defineSingle<{ approximate: 'none' | 'tanh' }>({
  name: 'Gelu',
  infer([x]) {
    requireDType('Gelu', [x!], 'float32')
    return x!
  },
  onnx: ([x], { approximate }, emit) =>
    emit.node('Gelu', [x!], { attributes: { approximate: { string: approximate } } }),
  gradient: ({ inputs: [x], attributes: { approximate } }, [dy]) => [
    mul(dy!, approximate === 'none' ? geluSlope(x!) : geluTanhSlope(x!)),
  ],
})

/** d/dx x·Φ(x) = Φ(x) + x·φ(x), written over u = x/√2 to save passes: ½ + ½·erf(u) + u·e^(−u²)/√π. */
function geluSlope(x: Tensor): Tensor {
  const u = mul(x, scalar(Math.SQRT1_2))
  const density = mul(mul(u, scalar(1 / Math.sqrt(Math.PI))), exp(mul(u, mul(u, scalar(-1)))))
  return add(add(mul(erf(u), scalar(0.5)), scalar(0.5)), density)
}

/** The slope of ½x(1 + tanh z), z = √(2/π)(x + 0.044715x³). */
function geluTanhSlope(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI)
  const x2 = mul(x, x)
  const t = tanh(mul(x, add(scalar(c), mul(x2, scalar(0.044715 * c)))))
  const dz = add(scalar(c), mul(x2, scalar(3 * 0.044715 * c)))
  const rising = mul(mul(x, scalar(0.5)), mul(sub(scalar(1), mul(t, t)), dz))
  return add(add(mul(t, scalar(0.5)), scalar(0.5)), rising)
}

/**
 * x·Φ(x), exactly (erf), for float32 of any shape: Hendrycks and Gimpel, 2016; PyTorch’s default `gelu`.
 *
 * @example
 * const y = gelu(input('x', 'float32', ['rows', 1024])) // [rows, 1024]
 */
export const gelu = (x: Tensor): Tensor => applyGelu([x], { approximate: 'none' })

/**
 * ½x(1 + tanh(√(2/π)(x + 0.044715x³))): Google’s approximation of GELU, `gelu_new` in configurations.
 *
 * @example
 * const y = geluTanh(input('x', 'float32', ['rows', 1024])) // [rows, 1024]
 */
export const geluTanh = (x: Tensor): Tensor => applyGelu([x], { approximate: 'tanh' })

/**
 * Activations by the names that `hidden_act` has in config.json.
 *
 * @example
 * const y = activations.gelu_new(input('x', 'float32', ['rows', 1024]))
 */
export const activations = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  relu,
  tanh,
} as const

const applySoftmax = defineSingle<undefined>({
  name: 'Softmax',
  infer([x]) {
    requireDType('Softmax', [x!], 'float32')
    if (x!.shape.length === 0) throw new ShapeError('Softmax', 'a scalar has no last axis', [x!.shape])
    return x!
  },
  onnx: (inputs, _, emit) => emit.node('Softmax', inputs, { attributes: { axis: { int: -1 } } }),
  gradient({ outputs: [y] }, [dy]) {
    const weighted = mul(dy!, y!)
    return [sub(weighted, mul(y!, reduceSum(weighted, [-1], true)))]
  },
})

/**
 * Exponentials over their sum, along the last axis: float32 [.., n] → [.., n].
 *
 * @throws {ShapeError} for a scalar
 *
 * @example
 * const probabilities = softmax(input('logits', 'float32', ['rows', 30522])) // [rows, 30522]
 */
export const softmax = (x: Tensor): Tensor => applySoftmax([x], undefined)
