// The two 16-bit floating-point formats of checkpoints, to and from 32 bits. Narrowing rounds to nearest, ties to even
// (IEEE 754), as PyTorch and NumPy do.

// One number seen as a float and as its bits.
const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/**
 * The IEEE half precision (F16) bits of a number. Values from 65520 on become infinity, values below 2^-25 zero, every
 * NaN the quiet one.
 *
 * @param value rounded to 32 bits first
 * @example
 * float32ToHalf(1) // 0x3c00
 */
export function float32ToHalf(value: number): number {
  float[0] = value
  const word = bits[0]!
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude >= 0x38800000) {
    // Normal in both formats: rebias the exponent, round the 13 bits that fall away; a carry moves into the exponent.
    const even = (magnitude >>> 13) & 1
    return sign | ((magnitude - 0x38000000 + 0xfff + even) >>> 13)
  }
  // Subnormal: count units of 2^-24.
  const shift = 126 - (magnitude >>> 23)
  if (shift > 24) return sign
  const mantissa = (magnitude & 0x7fffff) | 0x800000
  const units = mantissa >>> shift
  const rest = mantissa & ((1 << shift) - 1)
  const tie = 1 << (shift - 1)
  return sign | (rest > tie || (rest === tie && (units & 1) === 1) ? units + 1 : units)
}

/**
 * The number that IEEE half precision (F16) bits stand for; exact.
 *
 * @param half 16 bits
 * @example
 * halfToFloat32(0x3c00) // 1
 */
export function halfToFloat32(half: number): number {
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0) return (half & 0x8000 ? -mantissa : mantissa) * 2 ** -24
  const widened = exponent === 31 ? 0x7f800000 : (exponent + 112) << 23
  bits[0] = ((half & 0x8000) << 16) | widened | (mantissa << 13)
  return float[0]!
}

/**
 * The bfloat16 (BF16) bits of a number: the upper half of its 32 bits, rounded. Every NaN becomes the quiet one.
 *
 * @param value rounded to 32 bits first
 * @example
 * float32ToBfloat16(1) // 0x3f80
 */
export function float32ToBfloat16(value: number): number {
  float[0] = value
  const word = bits[0]!
  if ((word & 0x7fffffff) > 0x7f800000) return ((word >>> 16) & 0x8000) | 0x7fc0
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
}

/**
 * The number that bfloat16 (BF16) bits stand for; exact.
 *
 * @param bfloat 16 bits
 * @example
 * bfloat16ToFloat32(0x3f80) // 1
 */
export function bfloat16ToFloat32(bfloat: number): number {
  bits[0] = bfloat << 16
  return float[0]!
}

/**
 * Widens 16-bit floats to 32 bits; exact.
 *
 * @param data the 16-bit patterns
 * @param dtype which of the two formats they are in
 * @example
 * widen(new Uint16Array([0x3c00]), 'F16') // Float32Array [1]
 */
export function widen(data: Uint16Array, dtype: 'F16' | 'BF16'): Float32Array {
  const result = new Float32Array(data.length)
  if (dtype === 'F16') {
    for (let i = 0; i < data.length; i++) result[i] = halfToFloat32(data[i]!)
  } else {
    const words = new Uint32Array(result.buffer)
    for (let i = 0; i < data.length; i++) words[i] = data[i]! << 16
  }
  return result
}

/**
 * Narrows 32-bit floats to one of the 16-bit formats, rounding to nearest even.
 *
 * @param data the numbers
 * @param dtype the format of the result
 * @example
 * narrow(new Float32Array([1]), 'BF16') // Uint16Array [0x3f80]
 */
export function narrow(data: Float32Array, dtype: 'F16' | 'BF16'): Uint16Array {
  const convert = dtype === 'F16' ? float32ToHalf : float32ToBfloat16
  const result = new Uint16Array(data.length)
  for (let i = 0; i < data.length; i++) result[i] = convert(data[i]!)
  return result
}
