// An open file of tensors, whatever its format: what is in it, and reading its tensors one at a time.

import { DTYPES, type StoredDtype, type TypedArray } from './dtype.js'
import { CheckpointError } from './error.js'
import { widen } from './half.js'

/** Where a stored tensor is and what it is made of. */
export interface TensorInfo {
  readonly dtype: StoredDtype
  readonly shape: readonly number[]
  /** Of the first element, from the beginning of the file. */
  readonly byteOffset: number
  /** Of the tensor. */
  readonly byteLength: number
  /** Set if its elements do not lie in the file one after another, or not in this byte order: it cannot be mapped. */
  readonly rearranged?: true
}

/** A tensor with its elements. F16 and BF16 are bit patterns in a Uint16Array. */
export interface StoredTensor {
  readonly name: string
  readonly dtype: StoredDtype
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/**
 * An open file of tensors: a safetensors file or one of PyTorch's.
 *
 * @example
 * const folder = await openFolder('models/spanbert')
 * const file: TensorFile = await openTorchFile((await folder.open('pytorch_model.bin'))!)
 * for (const [name, { dtype, shape }] of file.tensors) console.log(name, dtype, shape)
 */
export abstract class TensorFile {
  constructor(
    /** What messages call the file. */
    readonly fileName: string,
    /** Every tensor by name, in file order. */
    readonly tensors: ReadonlyMap<string, TensorInfo>,
  ) {}

  /**
   * What is known of a tensor without reading it.
   *
   * @throws CheckpointError `parameter-missing`
   */
  info(name: string): TensorInfo {
    const info = this.tensors.get(name)
    if (info !== undefined) return info
    throw new CheckpointError('parameter-missing', `${this.fileName} holds no tensor "${name}".`)
  }

  /**
   * Reads a tensor's bytes, or a part of them: little-endian, row by row.
   *
   * @param start first byte within the tensor, default 0
   * @param end byte after the last one within the tensor, default its length
   * @throws CheckpointError `parameter-missing`, `file-truncated`, `file-read`
   */
  abstract readBytes(name: string, start?: number, end?: number): Promise<Uint8Array>

  /**
   * Reads a tensor as it is stored: F16 and BF16 stay bit patterns in a Uint16Array, BOOL is a Uint8Array of 0 and 1.
   *
   * @throws CheckpointError `parameter-missing`, `file-truncated`, `file-read`
   */
  async readTensor(name: string): Promise<StoredTensor> {
    const { dtype, shape } = this.info(name)
    const bytes = await this.readBytes(name)
    const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    const { buffer } = isWhole ? bytes : bytes.slice()
    return { name, dtype, shape, data: DTYPES[dtype].view(buffer) }
  }

  /**
   * Reads a tensor of floating-point numbers as 32-bit ones: F16 and BF16 are widened exactly, F64 is rounded.
   *
   * @throws CheckpointError `dtype-unsupported` if the tensor holds integers; else as {@link readTensor}
   */
  async readFloat32(name: string): Promise<Float32Array> {
    const { dtype } = this.info(name)
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16' && dtype !== 'F64') {
      throw new CheckpointError(
        'dtype-unsupported',
        `Tensor "${name}" in ${this.fileName} holds ${dtype} numbers, but floating-point ones are needed here.`,
      )
    }
    const { data } = await this.readTensor(name)
    if (data instanceof Float32Array) return data
    if (data instanceof Uint16Array && (dtype === 'F16' || dtype === 'BF16')) return widen(data, dtype)
    return Float32Array.from(data as Float64Array)
  }

  protected endedWithin(name: string): CheckpointError {
    return new CheckpointError('file-truncated', `${this.fileName} ended within tensor "${name}": download it again.`)
  }
}
