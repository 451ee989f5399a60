// Arithmetic, comparison and choice, element by element, with numpy's broadcasting. One entry an operator. Functions take
// float32, logic bools, bits uint32, the others two of one type. What does not fit is a DTypeError, or a ShapeError.

import { DTypeError } from '../errors.js'
import { broadcastShape } from '../shape.js'
import { type Call, type DType, defineSingle, requireDType, type Tensor } from '../tensor.js'
import { scalar } from './leaf.js'
import { sumTo } from './shape.js'

type BinaryGradient = (ab: readonly [Tensor, Tensor], dy: Tensor, y: Tensor) => readonly [Tensor, Tensor]
type UnaryGradient = (x: Tensor, dy: Tensor, y: Tensor) => Tensor

interface BinaryOptions {
  readonly gradient?: BinaryGradient
  readonly dtypes?: readonly DType[]
  /** The result's element type where it is not the inputs'. */
  readonly result?: DType
  readonly attributes?: Readonly<Record<string, { string: string }>>
}

const numeric: readonly DType[] = ['float32', 'int32', 'int64', 'uint32']

function binary(
  type: string,
  { gradient, dtypes = numeric, result, attributes }: BinaryOptions,
): (a: Tensor, b: Tensor) => Tensor {
  const apply = defineSingle<undefined>({
    name: type,
    infer([a, b]) {
      requireDType(type, [a!, b!], ...dtypes)
      if (a!.dtype !== b!.dtype) throw new DTypeError(type, `${a!.dtype} and ${b!.dtype} do not mix: cast one`)
      return { dtype: result ?? a!.dtype, shape: broadcastShape(type, [a!.shape, b!.shape]) }
    },
    onnx: (inputs, _, emit) => emit.node(type, inputs, attributes && { attributes }),
    ...(gradient && {
      gradient({ inputs, outputs }: Call<undefined>, [dy]: readonly Tensor[]) {
        const [a, b] = [inputs[0]!, inputs[1]!]
        const [da, db] = gradient([a, b], dy!, outputs[0]!)
        return [sumTo(da, a.shape), sumTo(db, b.shape)]
      },
    }),
  })
  return (a, b) => apply([a, b], undefined)
}

function unary(type: string, gradient: UnaryGradient): (x: Tensor) => Tensor {
  const apply = defineSingle<undefined>({
    name: type,
    infer([x]) {
      requireDType(type, [x!], 'float32')
      return x!
    },
    onnx: (inputs, _, emit) => emit.node(type, inputs),
    gradient: ({ inputs: [x], outputs: [y] }, [dy]) => [gradient(x!, dy!, y!)],
  })
  return (x) => apply([x], undefined)
}

// ── arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** a + b */
export const add = binary('Add', { gradient: (_, dy) => [dy, dy] })
/** a − b */
export const sub = binary('Sub', { gradient: (_, dy) => [dy, neg(dy)] })
/** a · b */
export const mul = binary('Mul', { gradient: ([a, b], dy) => [mul(dy, b), mul(dy, a)] })
/** a / b; between integers, rounded towards 0 */
export const div = binary('Div', { gradient: ([, b], dy, y) => [div(dy, b), neg(div(mul(dy, y), b))] })

// ── functions ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** −x */
export const neg = unary('Neg', (_, dy) => neg(dy))
/** eˣ */
export const exp = unary('Exp', (_, dy, y) => mul(dy, y))
/** ln x */
export const log = unary('Log', (x, dy) => div(dy, x))
/** √x */
export const sqrt = unary('Sqrt', (_, dy, y) => div(mul(dy, scalar(0.5)), y))
/** (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) */
export const tanh = unary('Tanh', (_, dy, y) => mul(dy, sub(scalar(1), mul(y, y))))
/** 1/(1 + e⁻ˣ) */
export const sigmoid = unary('Sigmoid', (_, dy, y) => mul(dy, mul(y, sub(scalar(1), y))))
/** ln(1 + eˣ), computed without overflow. */
export const softplus = unary('Softplus', (x, dy) => mul(dy, sigmoid(x)))
/** 2/√π · ∫₀ˣ e^(−t²) dt */
export const erf = unary('Erf', (x, dy) => mul(dy, mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))))))
/** max(x, 0); its slope at 0 is 0 */
export const relu = unary('Relu', (_, dy, y) => where(greater(y, scalar(0)), dy, scalar(0)))

// ── comparison (no gradient: their results are not numbers) ─────────────────────────────────────────────────────────
/** a = b */
export const equal = binary('Equal', { result: 'bool' })
/** a > b */
export const greater = binary('Greater', { result: 'bool' })
/** a < b */
export const less = binary('Less', { result: 'bool' })
/** a ∧ b */
export const and = binary('And', { dtypes: ['bool'] })

// ── bits, for the random numbers of dropout ─────────────────────────────────────────────────────────────────────────
/** a ⊕ b, bit by bit */
export const bitXor = binary('BitwiseXor', { dtypes: ['uint32'] })
/** a moved right by b bits; zeros come in */
export const shiftRight = binary('BitShift', { dtypes: ['uint32'], attributes: { direction: { string: 'RIGHT' } } })

// ── choice and conversion ───────────────────────────────────────────────────────────────────────────────────────────
const applyNot = defineSingle<undefined>({
  name: 'Not',
  infer([x]) {
    requireDType('Not', [x!], 'bool')
    return x!
  },
  onnx: (inputs, _, emit) => emit.node('Not', inputs),
})
/** ¬x */
export const not = (x: Tensor): Tensor => applyNot([x], undefined)

const applyWhere = defineSingle<undefined>({
  name: 'Where',
  infer([condition, a, b]) {
    requireDType('Where', [condition!], 'bool')
    if (a!.dtype !== b!.dtype) throw new DTypeError('Where', `${a!.dtype} and ${b!.dtype} do not mix: cast one`)
    return { dtype: a!.dtype, shape: broadcastShape('Where', [condition!.shape, a!.shape, b!.shape]) }
  },
  onnx: (inputs, _, emit) => emit.node('Where', inputs),
  gradient: ({ inputs: [condition, a, b] }, [dy]) => [
    undefined,
    sumTo(where(condition!, dy!, scalar(0)), a!.shape),
    sumTo(where(condition!, scalar(0), dy!), b!.shape),
  ],
})
/**
 * `a` where the condition, bool, holds, `b` elsewhere; the three broadcast.
 *
 * @throws {DTypeError} if the condition is not bool, or `a` and `b` differ in type
 *
 * @example
 * const x = input('x', 'float32', ['n'])
 * const positive = where(less(x, scalar(0)), scalar(0), x) // [n]
 */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => applyWhere([condition, a, b], undefined)

const applyCast = defineSingle<{ dtype: DType }>({
  name: 'Cast',
  infer: ([x], { dtype }) => ({ dtype, shape: x!.shape }),
  onnx: ([x], { dtype }, emit) => emit.cast(x!, dtype),
})
/**
 * Converts the element type; of a bool, to 0 or 1. Has no gradient: only integers and masks are converted.
 *
 * @example
 * const ids = cast(input('ids', 'int64', ['tokens']), 'int32') // [tokens]
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : applyCast([x], { dtype })
}

const applyStopGradient = defineSingle<undefined>({
  name: 'StopGradient',
  infer: ([x]) => x!,
  onnx: ([x]) => x!,
  gradient: () => [undefined],
})
/**
 * The same value, seen as a constant by `grad`; PyTorch's `detach`.
 *
 * @example
 * const w = parameter('w', [3])
 * const [dw] = grad(reduceSum(mul(w, stopGradient(w))), [w]) // w, not 2w
 */
export const stopGradient = (x: Tensor): Tensor => applyStopGradient([x], undefined)
