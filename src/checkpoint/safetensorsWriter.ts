// Writing safetensors files piece by piece, without holding a second copy of the weights.

import { DTYPES, elementCount, type StoredDtype, type TypedArray } from './dtype.js'
import { CheckpointError } from './error.js'
import { narrow } from './half.js'
import { LONGEST_HEADER } from './safetensors.js'

// Elements converted to 16 bits at a time.
const PIECE = 2 ** 18

/** A tensor to be written. */
export interface TensorToWrite {
  /** Not `__metadata__`, which the format reserves. */
  readonly name: string
  readonly dtype: StoredDtype
  readonly shape: readonly number[]
  /**
   * The elements, in the array that {@link StoredDtype} stands for. For F16 and BF16 also a Float32Array, which is
   * rounded to nearest even. A function is called when the tensor's turn comes, so that not all need be in memory.
   */
  readonly data: TypedArray | (() => TypedArray)
}

/**
 * A safetensors file in pieces: its header, then the tensors' bytes. Widest element type first (so that every tensor is
 * aligned), otherwise in the order given. The pieces are views of the tensors, not copies.
 *
 * @param tensors what to write
 * @param metadata notes for the header; the default `{ format: 'pt' }` is what transformers insists on
 * @throws CheckpointError `parameter-mismatch` if an array does not fit its dtype and shape, `duplicate-name` if a name
 *   occurs twice
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * await writeFileAtomically('model.safetensors', safetensorsChunks([
 *   { name: 'bias', dtype: 'F32', shape: [2], data: new Float32Array([1, 2]) },
 * ]))
 */
export function* safetensorsChunks(
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Generator<Uint8Array, void, undefined> {
  const ordered = [...tensors].sort((a, b) => DTYPES[b.dtype].size - DTYPES[a.dtype].size)
  yield header(ordered, metadata)
  for (const tensor of ordered) yield* dataChunks(tensor)
}

/**
 * A whole safetensors file in one array. For large models stream {@link safetensorsChunks} instead.
 *
 * @throws as {@link safetensorsChunks}
 * @example
 * const bytes = safetensorsBytes([{ name: 'bias', dtype: 'F32', shape: [2], data: new Float32Array([1, 2]) }])
 */
export function safetensorsBytes(
  tensors: Iterable<TensorToWrite>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  // Copied one by one: the next chunk may come from a function that reuses its memory.
  const chunks = Array.from(safetensorsChunks(tensors, metadata), (chunk) => chunk.slice())
  const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let position = 0
  for (const chunk of chunks) {
    result.set(chunk, position)
    position += chunk.length
  }
  return result
}

function header(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const names = new Set(['__metadata__'])
  // Pairs instead of an object: an object would reorder names that look like numbers and trip over `__proto__`.
  const entries = [`"__metadata__":${JSON.stringify(metadata)}`]
  let begin = 0
  for (const { name, dtype, shape } of tensors) {
    if (names.has(name)) throw new CheckpointError('duplicate-name', `Two tensors to be written are called "${name}".`)
    names.add(name)
    const end = begin + byteLength(name, dtype, shape)
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`)
    begin = end
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`)
  const length = Math.ceil(json.length / 8) * 8
  if (length > LONGEST_HEADER) {
    throw new CheckpointError('parameter-mismatch', `${tensors.length} tensors are too many for one safetensors file.`)
  }
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  return bytes
}

function byteLength(name: string, dtype: StoredDtype, shape: readonly number[]): number {
  const count = elementCount(shape)
  if (count !== undefined) return count * DTYPES[dtype].size
  throw new CheckpointError('parameter-mismatch', `Tensor "${name}" has the impossible shape [${shape.join(', ')}].`)
}

function* dataChunks({ name, dtype, shape, data }: TensorToWrite): Generator<Uint8Array> {
  const array = typeof data === 'function' ? data() : data
  const count = elementCount(shape)
  const isHalf = dtype === 'F16' || dtype === 'BF16'
  const isRounded = isHalf && array instanceof Float32Array
  if (array.length !== count || !(isRounded || array instanceof DTYPES[dtype].array)) {
    throw new CheckpointError(
      'parameter-mismatch',
      `Tensor "${name}" should be ${dtype} [${shape.join(', ')}], but a ${array.constructor.name} of ${array.length} elements was given.`,
    )
  }
  if (!isRounded) {
    if (array.byteLength > 0) yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    return
  }
  for (let start = 0; start < array.length; start += PIECE) {
    yield new Uint8Array(narrow(array.subarray(start, start + PIECE), dtype).buffer)
  }
}
