// Weights of dense layers in eight bits: a quarter of the bytes to read, and integer products, which processors do
// several at a time.

/** The weight of a dense layer, [out, in], as whole numbers: what it was is value × scale of its output, nearly. */
export interface Int8Weight {
  /** [in, out], the way round that the integer product wants it */
  readonly values: Int8Array
  /** [out] */
  readonly scales: Float32Array
}

/**
 * Rounds the weight of a dense layer to whole numbers, each output by a scale of its own: symmetric quantization per
 * channel, as ONNX Runtime’s dynamic quantization has it. Nothing needs to be known of the inputs.
 *
 * @param weight [out, in]
 * @param out how many outputs
 * @param largest what the largest weight of each output becomes: 127, or 63 where eight bits would overflow (see
 *   `largestInt8`)
 *
 * @example
 * quantizeWeight(Float32Array.of(1, -0.5), 1) // values: 127, -64 (what -63.5 is rounded to); scales: 1 / 127
 */
export function quantizeWeight(weight: Float32Array, out: number, largest: 127 | 63 = 127): Int8Weight {
  const width = weight.length / out
  const values = new Int8Array(weight.length)
  const scales = Float32Array.from({ length: out }, (_, o) => {
    const most = largestMagnitude(weight.subarray(o * width, (o + 1) * width))
    return most === 0 ? 1 : most / largest
  })
  // Turned in strips of outputs: what is written then lies together as what is read does.
  for (let first = 0; first < out; first += STRIP) {
    const end = Math.min(first + STRIP, out)
    for (let i = 0; i < width; i++) {
      for (let o = first; o < end; o++) values[i * out + o] = weight[o * width + i]! / scales[o]! + ROUNDING - ROUNDING
    }
  }
  return { values, scales }
}

const STRIP = 64

/** Beside this, a double has no room for fractions: adding it rounds, halves to the even side. */
const ROUNDING = 1.5 * 2 ** 52

function largestMagnitude(values: Float32Array): number {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most
}
