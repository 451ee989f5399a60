// A checkpoint's tensors in another floating-point type: half the bytes, where half the precision is enough.

import { CheckpointError } from './error.js'
import { narrow } from './half.js'
import type { TensorToWrite } from './safetensorsWriter.js'
import type { Weights } from './weights.js'

/** The floating-point types that weights are stored in. */
export type FloatDtype = 'F32' | 'F16' | 'BF16'

const FLOATS: ReadonlySet<string> = new Set(['F64', 'F32', 'F16', 'BF16'])

/**
 * Every tensor of a checkpoint under its stored name, floating-point ones in another type. Whole numbers stay as they are.
 *
 * @param dtype narrowing rounds to nearest, ties to even
 * @throws {CheckpointError} `not-finite` if a number is too large for the type; the errors of reading
 * @example
 * const weights = await openWeights(await openFolder('runs/electra/discriminator'))
 * const tensors = await convertedTensors(weights, 'F16')
 * await writeFileAtomically('model.safetensors', safetensorsChunks(tensors))
 */
export async function convertedTensors(weights: Weights, dtype: FloatDtype): Promise<TensorToWrite[]> {
  const tensors: TensorToWrite[] = []
  for (const name of weights.names()) {
    const info = weights.info(name)
    if (info.dtype === dtype || !FLOATS.has(info.dtype)) tensors.push(await weights.readTensor(name))
    else {
      const values = await weights.readFloat32(name)
      const data = dtype === 'F32' ? values : narrowInRange(values, dtype, name)
      tensors.push({ name, dtype, shape: info.shape, data })
    }
  }
  return tensors
}

/**
 * Narrows numbers, none of which may become infinite.
 *
 * @param name what the message calls them
 * @throws {CheckpointError} `not-finite`
 * @example
 * narrowInRange(new Float32Array([1]), 'F16', 'bias') // Uint16Array [0x3c00]
 */
export function narrowInRange(values: Float32Array, dtype: 'F16' | 'BF16', name: string): Uint16Array {
  const result = narrow(values, dtype)
  const infinity = dtype === 'F16' ? 0x7c00 : 0x7f80
  const lost = result.findIndex((bits, i) => (bits & 0x7fff) === infinity && Number.isFinite(values[i]!))
  if (lost < 0) return result
  const message = `${values[lost]} in ${name} is too large for half precision: export it as float32`
  throw new CheckpointError('not-finite', message)
}
