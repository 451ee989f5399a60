// What eight bits may hold on this processor.

import { input, linear, parameter, quantizeWeight } from '../graph/index.js'
import type { Runtime } from './runtime.js'

const WIDTH = 64

const known = new WeakMap<Runtime, 127 | 63>()

/**
 * The largest weight that dense layers in eight bits compute right with: 127, or 63 on processors that add the products of
 * two pairs in sixteen bits, where they stop at 32,767 without a word (x86 before VNNI; ONNX Runtime's documentation of
 * quantization calls it saturation). Tried out once for each runtime, in a few milliseconds.
 *
 * @example
 * using runtime = await Runtime.open()
 * const int8 = quantizeWeight(Float32Array.of(1, -1), 1, await largestInt8(runtime))
 */
export async function largestInt8(runtime: Runtime): Promise<127 | 63> {
  const largest = known.get(runtime) ?? ((await isExact(runtime)) ? 127 : 63)
  known.set(runtime, largest)
  return largest
}

/** Whether sums of the largest weights with the largest inputs come out right. */
async function isExact(runtime: Runtime): Promise<boolean> {
  const ones = new Float32Array(WIDTH * WIDTH).fill(1)
  const stored = { dtype: 'float32', data: new Uint8Array(ones.buffer), int8: quantizeWeight(ones, WIDTH) } as const
  const product = linear(input('x', 'float32', ['rows', WIDTH]), parameter('weight', [WIDTH, WIDTH]))
  using compiled = await runtime.compile({ product }, { stored: () => stored })
  const { product: found } = await compiled.run({ x: { data: ones, dims: [WIDTH, WIDTH] } })
  return (found.data as Float32Array).every((value) => Math.abs(value - WIDTH) < 1)
}
