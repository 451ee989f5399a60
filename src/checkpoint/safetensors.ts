// Reading safetensors files: an 8-byte header length, a JSON header, then the tensors' bytes without gaps. The header
// comes from strangers, so everything it claims is checked against the file's real size before anything is allocated.

import type { ByteSource } from './byteSource.js'
import { DTYPES, elementCount, isForeignDtype, isStoredDtype } from './dtype.js'
import { CheckpointError, shown } from './error.js'
import { decodeUtf8 } from './files.js'
import { jsonProblem } from './headerJson.js'
import { TensorFile, type TensorInfo } from './tensorFile.js'

/** The reference implementation's limit on the header, bytes. */
export const LONGEST_HEADER = 100_000_000

/**
 * Reads and checks a safetensors header. Nothing but the header is read.
 *
 * @param source the file's bytes
 * @param fileName what messages call the file
 * @throws CheckpointError `file-truncated` if the file is shorter than its header says; `file-malformed` if the header
 *   contradicts itself or the format; `dtype-unsupported` for element types that cannot be read
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * const folder = await openFolder('models/electra')
 * const file = await readSafetensorsHeader((await folder.open('model.safetensors'))!, 'model.safetensors')
 * const weight = await file.readFloat32('electra.embeddings.word_embeddings.weight')
 */
export async function readSafetensorsHeader(
  source: ByteSource,
  fileName = 'The safetensors file',
): Promise<SafetensorsFile> {
  const size = source.byteLength
  if (size < 8) {
    throw new CheckpointError('file-truncated', `${fileName} has only ${size} bytes: download or save it again.`)
  }
  const start = await source.slice(0, 8)
  const view = new DataView(start.buffer, start.byteOffset, 8)
  const headerLength = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (headerLength > LONGEST_HEADER) throw notSafetensors(fileName, start, headerLength)
  if (headerLength > size - 8) {
    throw new CheckpointError(
      'file-truncated',
      `${fileName} is cut off: its header should have ${headerLength} bytes, but only ${size - 8} follow. Download or save it again.`,
    )
  }
  const { entries, metadata } = parseHeader(await source.slice(8, 8 + headerLength), fileName)

  const tensors = entries.map(([name, value]) => ({ name, info: checkEntry(value, name, fileName, 8 + headerLength) }))
  // File order. Empty tensors share their offset with a neighbour and must come before it.
  tensors.sort((a, b) => a.info.byteOffset - b.info.byteOffset || a.info.byteLength - b.info.byteLength)
  checkLayout(tensors, 8 + headerLength, size, fileName)
  return new SafetensorsFile(source, fileName, new Map(tensors.map(({ name, info }) => [name, info])), metadata)
}

/**
 * An open safetensors file: what it contains, and reading its tensors one at a time.
 *
 * @example
 * const bytes = safetensorsBytes([{ name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }])
 * const file = await readSafetensorsHeader(bytesSource(bytes))
 * for (const [name, { dtype, shape }] of file.tensors) console.log(name, dtype, shape) // bias F32 [2]
 * await file.readFloat32('bias') // Float32Array [1, 2]
 * await file.readBytes('bias', 4, 8) // those of the second number
 */
export class SafetensorsFile extends TensorFile {
  /** Use {@link readSafetensorsHeader}. */
  constructor(
    private readonly source: ByteSource,
    fileName: string,
    tensors: ReadonlyMap<string, TensorInfo>,
    /** Free-form notes of the writer; transformers writes `format: pt`. */
    readonly metadata: ReadonlyMap<string, string>,
  ) {
    super(fileName, tensors)
  }

  /**
   * Reads a tensor's bytes, or a part of them.
   *
   * @param start first byte within the tensor, default 0
   * @param end byte after the last one within the tensor, default its length
   * @throws CheckpointError `parameter-missing`, `file-truncated`, `file-read`
   */
  async readBytes(name: string, start = 0, end?: number): Promise<Uint8Array> {
    const { byteOffset, byteLength } = this.info(name)
    const stop = Math.min(end ?? byteLength, byteLength)
    const bytes = await this.source.slice(byteOffset + start, byteOffset + stop)
    if (bytes.length === stop - start) return bytes
    throw this.endedWithin(name)
  }
}

interface Header {
  readonly entries: readonly (readonly [string, unknown])[]
  readonly metadata: ReadonlyMap<string, string>
}

function parseHeader(bytes: Uint8Array, fileName: string): Header {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw malformed(fileName, 'its header is not UTF-8 text')
  if (!text.startsWith('{')) throw malformed(fileName, 'its header is not a JSON object')
  // header → tensor → list is 3 deep; a few levels more for entries that later versions may add.
  const problem = jsonProblem(text, 8)
  if (problem !== undefined) throw malformed(fileName, `in its header ${problem}`)
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (error) {
    throw malformed(fileName, 'its header is not JSON', error)
  }
  if (!isObject(header)) throw malformed(fileName, 'its header is not a JSON object')

  const metadata = new Map<string, string>()
  const notes = Object.hasOwn(header, '__metadata__') ? header.__metadata__ : {}
  if (!isObject(notes)) throw malformed(fileName, 'its __metadata__ is not an object')
  for (const [key, value] of Object.entries(notes)) {
    if (typeof value !== 'string') throw malformed(fileName, `its __metadata__ entry ${shown(key)} is not a string`)
    metadata.set(key, value)
  }
  return { entries: Object.entries(header).filter(([name]) => name !== '__metadata__'), metadata }
}

function checkEntry(value: unknown, name: string, fileName: string, dataStart: number): TensorInfo {
  const tensor = `tensor ${shown(name)}`
  if (!isObject(value)) throw malformed(fileName, `${tensor} is not described by an object`)
  const { dtype, shape, data_offsets: offsets } = value
  if (!isStoredDtype(dtype)) {
    if (!isForeignDtype(dtype)) throw malformed(fileName, `${tensor} has the unknown dtype ${shown(dtype)}`)
    throw new CheckpointError(
      'dtype-unsupported',
      `${fileName}: ${tensor} holds ${shown(dtype)} numbers, which cannot be read. Save the checkpoint as F32, F16 or BF16.`,
    )
  }
  if (!Array.isArray(shape)) throw malformed(fileName, `${tensor} has no shape`)
  const count = elementCount(shape)
  if (count === undefined) throw malformed(fileName, `${tensor} has the impossible shape ${shown(shape)}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw malformed(fileName, `${tensor} has the impossible data_offsets ${shown(offsets)}`)
  }
  const [begin, end] = offsets as [number, number]
  if (begin > end) throw malformed(fileName, `${tensor} ends at ${end}, before it begins at ${begin}`)
  const byteLength = count * DTYPES[dtype].size
  if (byteLength !== end - begin) {
    throw malformed(
      fileName,
      `${tensor} of ${dtype} [${shape.join(', ')}] needs ${byteLength} bytes, but has ${end - begin}`,
    )
  }
  return { dtype, shape: shape as number[], byteOffset: dataStart + begin, byteLength }
}

/** Without gaps, overlaps or leftovers; else the same bytes could mean two things. */
function checkLayout(
  tensors: readonly { readonly name: string; readonly info: TensorInfo }[],
  dataStart: number,
  fileSize: number,
  fileName: string,
): void {
  let position = dataStart
  for (const { name, info } of tensors) {
    const end = info.byteOffset + info.byteLength
    if (end > fileSize) {
      throw new CheckpointError(
        'file-truncated',
        `${fileName} is cut off: tensor ${shown(name)} ends at byte ${end}, the file at ${fileSize}. Download or save it again.`,
      )
    }
    if (info.byteOffset < position) throw malformed(fileName, `tensor ${shown(name)} overlaps the one before it`)
    if (info.byteOffset > position) throw malformed(fileName, `unused bytes lie before tensor ${shown(name)}`)
    position = end
  }
  if (position < fileSize) throw malformed(fileName, `${fileSize - position} unused bytes follow the last tensor`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const malformed = (fileName: string, problem: string, cause?: unknown): CheckpointError =>
  new CheckpointError(
    'file-malformed',
    `${fileName} is not a valid safetensors file: ${problem}. Download or save it again.`,
    cause === undefined ? undefined : { cause },
  )

// What people meet most under the name model.safetensors, by its first bytes.
function notSafetensors(fileName: string, start: Uint8Array, headerLength: number): CheckpointError {
  const text = String.fromCharCode(...start)
  if (text === 'version ') {
    const advice = 'fetch the file itself (git lfs pull)'
    return new CheckpointError('file-malformed', `${fileName} is only a Git LFS pointer: ${advice}.`)
  }
  if (text.startsWith('PK')) {
    const advice = 'name it pytorch_model.bin, or save the model with safe_serialization'
    return new CheckpointError('file-malformed', `${fileName} is a PyTorch archive, not a safetensors file: ${advice}.`)
  }
  if (text.trimStart().startsWith('<')) return malformed(fileName, 'it is a web page or XML')
  return malformed(fileName, `its header claims ${headerLength} bytes, more than the format allows`)
}
