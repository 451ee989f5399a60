// The element types of stored tensors: their safetensors names, sizes and JavaScript arrays.

/** An array of a stored tensor's elements. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array

interface DtypeInfo {
  /** Bytes per element. */
  readonly size: number
  /** Lays an array over a whole buffer. */
  readonly view: (buffer: ArrayBufferLike) => TypedArray
  /** The array's class. */
  readonly array: abstract new (
    ...args: never[]
  ) => TypedArray
}

const of = (array: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike): TypedArray }): DtypeInfo => ({
  size: array.BYTES_PER_ELEMENT,
  view: (buffer) => new array(buffer),
  array,
})

/** The element types that can be read and written. F16 and BF16 are bit patterns; BOOL is 0 or 1. Little-endian. */
export const DTYPES = {
  F64: of(Float64Array),
  F32: of(Float32Array),
  F16: of(Uint16Array),
  BF16: of(Uint16Array),
  I64: of(BigInt64Array),
  U64: of(BigUint64Array),
  I32: of(Int32Array),
  U32: of(Uint32Array),
  I16: of(Int16Array),
  U16: of(Uint16Array),
  I8: of(Int8Array),
  U8: of(Uint8Array),
  BOOL: of(Uint8Array),
} as const

/** The safetensors name of an element type. */
export type StoredDtype = keyof typeof DTYPES

/** Whether a name is that of an element type which can be read. */
export const isStoredDtype = (name: unknown): name is StoredDtype =>
  typeof name === 'string' && Object.hasOwn(DTYPES, name)

/** Types of the format that are not read: 8-bit and smaller floats, and complex numbers. */
export const isForeignDtype = (name: unknown): boolean =>
  typeof name === 'string' && /^(F8_E5M2|F8_E4M3|F8_E8M0|F8_E5M2FNUZ|F8_E4M3FNUZ|F6_E2M3|F6_E3M2|F4|C64)$/.test(name)

/**
 * The number of elements of a shape, or `undefined` if it contains anything but non-negative safe integers, or if they
 * multiply to more than 2^53 − 1 (a zero among them does not excuse the others).
 *
 * @example
 * elementCount([2, 3]) // 6
 * elementCount([2 ** 40, 2 ** 40]) // undefined
 */
export function elementCount(shape: readonly unknown[]): number | undefined {
  let product = 1
  let isEmpty = false
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
    if (size === 0) isEmpty = true
    else product *= size
    if (product > Number.MAX_SAFE_INTEGER) return undefined
  }
  return isEmpty ? 0 : product
}
