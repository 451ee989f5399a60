// A checkpoint's weights, whichever files they lie in: names, shapes, reading, and where they are on disk for mapping.

import type { StoredDtype } from './dtype.js'
import { CheckpointError } from './error.js'
import type { Folder } from './files.js'
import { readSafetensorsHeader, type SafetensorsFile, type StoredTensor, type TensorInfo } from './safetensors.js'

/** Where a parameter's bytes lie in a real file. */
export interface WeightLocation {
  /** Absolute, with symbolic links resolved. */
  readonly path: string
  /** From the beginning of the file. */
  readonly byteOffset: number
  readonly byteLength: number
  readonly dtype: StoredDtype
}

/**
 * A checkpoint's parameters under their stored names. Nothing is read until it is asked for, and nothing needs closing.
 *
 * @example
 * const weights = await openWeights(await openFolder('models/electra'))
 * for (const name of weights.names()) console.log(name, weights.info(name).shape)
 */
export interface Weights {
  /** What messages call the weights: the folder. */
  readonly name: string
  /** All stored names, in file order. */
  names(): Iterable<string>
  has(name: string): boolean
  /** @throws CheckpointError `parameter-missing` */
  info(name: string): TensorInfo
  /** As stored. @throws CheckpointError `parameter-missing`, `file-read`, `file-truncated` */
  readTensor(name: string): Promise<StoredTensor>
  /** Widened to 32 bits. @throws CheckpointError as `readTensor`, and `dtype-unsupported` for integers */
  readFloat32(name: string): Promise<Float32Array>
  /** A part of the bytes, counted from the beginning of the tensor. @throws CheckpointError as `readTensor` */
  readBytes(name: string, start: number, end: number): Promise<Uint8Array>
  /** For memory mapping; `undefined` where there are no files, as in browsers. */
  location(name: string): WeightLocation | undefined
}

/**
 * Opens a checkpoint's weights: its `model.safetensors`.
 *
 * @param folder the checkpoint
 * @throws CheckpointError `file-missing` if there are no weights, or only in a form that cannot be read yet; and the
 *   errors of {@link readSafetensorsHeader}
 * @example
 * const weights = await openWeights(await openFolder('models/electra'))
 * const embeddings = await weights.readFloat32('electra.embeddings.word_embeddings.weight')
 */
export async function openWeights(folder: Folder): Promise<Weights> {
  const fileName = 'model.safetensors'
  const source = await folder.open(fileName)
  if (source === undefined) throw await missing(folder)
  const file = await readSafetensorsHeader(source, `${folder.name}/${fileName}`)
  return weightsOf(folder.name, [{ file, path: folder.path?.(fileName) }])
}

/**
 * Weights that lie in one or more files; a sharded checkpoint is a longer list.
 *
 * @param name what messages call the weights
 * @param files open files, each with its real path where it has one
 * @throws CheckpointError `file-malformed` if two files hold a tensor of one name
 * @example
 * const bytes = safetensorsBytes([{ name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }])
 * const weights = weightsOf('memory', [{ file: await readSafetensorsHeader(bytesSource(bytes)) }])
 */
export function weightsOf(
  name: string,
  files: readonly { readonly file: SafetensorsFile; readonly path?: string | undefined }[],
): Weights {
  const home = new Map<string, (typeof files)[number]>()
  for (const entry of files) {
    for (const tensor of entry.file.tensors.keys()) {
      if (home.has(tensor)) throw new CheckpointError('file-malformed', `${name} holds tensor "${tensor}" twice.`)
      home.set(tensor, entry)
    }
  }
  const fileOf = (tensor: string): SafetensorsFile => {
    const entry = home.get(tensor)
    if (entry !== undefined) return entry.file
    throw new CheckpointError('parameter-missing', `${name} holds no parameter "${tensor}".`)
  }
  return {
    name,
    names: () => home.keys(),
    has: (tensor) => home.has(tensor),
    info: (tensor) => fileOf(tensor).info(tensor),
    readTensor: async (tensor) => fileOf(tensor).readTensor(tensor),
    readFloat32: async (tensor) => fileOf(tensor).readFloat32(tensor),
    readBytes: async (tensor, start, end) => fileOf(tensor).readBytes(tensor, start, end),
    location(tensor) {
      const { byteOffset, byteLength, dtype } = fileOf(tensor).info(tensor)
      const path = home.get(tensor)?.path
      return path === undefined ? undefined : { path, byteOffset, byteLength, dtype }
    },
  }
}

async function missing(folder: Folder): Promise<CheckpointError> {
  for (const [other, what] of [
    ['model.safetensors.index.json', 'weights in several files'],
    ['pytorch_model.bin', 'PyTorch weights'],
  ] as const) {
    if ((await folder.open(other)) === undefined) continue
    const advice = 'save the model as one model.safetensors'
    return new CheckpointError(
      'file-missing',
      `${folder.name} has ${what} (${other}), which cannot be read yet: ${advice}.`,
    )
  }
  return new CheckpointError('file-missing', `${folder.name} has no model.safetensors: is it a checkpoint's folder?`)
}
