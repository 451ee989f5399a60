// Random numbers inside the graph, from counters: the same on every device and after a resume, because they depend on
// nothing but the seed that is fed and the element's place. (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011, for the idea; the mixing is murmur3's finalizer.)

import { BertkinError } from '../../errors.js'
import { ShapeError } from '../errors.js'
import { dimProduct, type Shape } from '../shape.js'
import { defineSingle, type Tensor } from '../tensor.js'
import { bitXor, cast, less, mul, shiftRight, where } from './elementwise.js'
import { constant, scalar } from './leaf.js'
import { reshape } from './shape.js'

const applyRange = defineSingle<{ length: Shape }>({
  name: 'Range',
  infer: (_, { length }) => ({ dtype: 'int32', shape: [dimProduct(length)] }),
  onnx(_, { length }, emit) {
    const scalarOf = (value: string): string => emit.cast(emit.node('Squeeze', [value]), 'int32')
    const limit = scalarOf(emit.dim(dimProduct(length)))
    return emit.node('Range', [emit.constant('int32', [], [0]), limit, emit.constant('int32', [], [1])])
  },
})

/**
 * 0, 1, 2, … as many as a tensor of `shape` has elements: int32 [elements].
 *
 * @example
 * const rowNumbers = range(['rows']) // 0 … rows − 1
 */
export const range = (shape: Shape): Tensor => applyRange([], { length: shape })

const uint32 = (value: number): Tensor => scalar(value >>> 0, 'uint32')
const xorShift = (x: Tensor, bits: number): Tensor => bitXor(x, shiftRight(x, uint32(bits)))

/** Murmur3's finalizer: every bit of the result depends on every bit of `x`. */
const mix = (x: Tensor): Tensor =>
  xorShift(mul(xorShift(mul(xorShift(x, 16), uint32(0x85ebca6b)), 13), uint32(0xc2b2ae35)), 16)

/**
 * Random bits, uint32, for every element of a tensor of `shape` (rows × columns).
 *
 * @param seed a uint32 of shape [1], fed; another for every step
 * @param stream a constant that tells the places of one graph apart
 */
function randomBits(shape: Shape, seed: Tensor, stream: number): Tensor {
  const columns = shape.at(-1)!
  const rows = dimProduct(shape.slice(0, -1))
  // The seed is hashed before it meets the rows: met as it is, the next seed would only put the same rows in another
  // order. Rows and columns are hashed in full, their combination once more but cheaply: that is the part which costs.
  const key = mix(bitXor(mix(seed), uint32(Math.imul(stream + 1, 0x9e3779b1))))
  const rowBits = mix(bitXor(mix(cast(range([rows]), 'uint32')), key))
  const columnBits = mix(bitXor(cast(range([columns]), 'uint32'), constant([0x7f4a7c15], [1], 'uint32')))
  const crossed = bitXor(reshape(rowBits, [rows, 1]), reshape(columnBits, [1, columns]))
  return reshape(mul(xorShift(mul(crossed, uint32(0x85ebca6b)), 15), uint32(0xc2b2ae35)), shape)
}

/** How a graph's dropout layers draw: one seed fed at every step, and a count that gives each layer its own stream. */
export interface DropoutSource {
  readonly seed: Tensor
  nextStream(): number
}

/**
 * Zeroes each element with the given probability and scales the others by 1/(1 − probability)
 * (Srivastava et al., 2014). Without a source, or at probability 0, it is the identity: that is inference.
 *
 * @throws {BertkinError} `option-invalid` unless 0 ≤ probability < 1
 * @throws {ShapeError} for a scalar
 *
 * @example
 * let streams = 0
 * const source = { seed: input('dropoutSeed', 'uint32', [1]), nextStream: () => streams++ }
 * const y = dropout(input('x', 'float32', ['tokens', 256]), 0.1, source) // [tokens, 256]
 */
export function dropout(x: Tensor, probability: number, source: DropoutSource | undefined): Tensor {
  if (!(probability >= 0 && probability < 1)) {
    throw new BertkinError('option-invalid', `dropout: the probability must be in [0, 1), not ${probability}`)
  }
  if (!source || probability === 0) return x
  if (x.shape.length === 0) throw new ShapeError('Dropout', 'takes one dimension or more, not', [x.shape])
  const threshold = uint32(Math.min(probability * 2 ** 32, 2 ** 32 - 1))
  const dropped = less(randomBits(x.shape, source.seed, source.nextStream()), threshold)
  return mul(x, where(dropped, scalar(0), scalar(1 / (1 - probability))))
}
