// A checkpoint's weights, whichever files they lie in: names, shapes, reading, and where they are on disk for mapping.

import type { ByteSource } from './byteSource.js'
import type { StoredDtype } from './dtype.js'
import { CheckpointError, shown } from './error.js'
import type { Folder } from './files.js'
import { readSafetensorsHeader } from './safetensors.js'
import { parseShardIndex } from './shardIndex.js'
import type { StoredTensor, TensorFile, TensorInfo } from './tensorFile.js'
import { openTorchFile } from './torchFile.js'

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
  /**
   * For memory mapping; `undefined` where there are no files, as in browsers, and for tensors whose bytes do not lie in
   * their file as they are read.
   */
  location(name: string): WeightLocation | undefined
}

/** The files that weights lie in, in transformers' order of preference. An index names the files of its folder. */
const FILE_NAMES = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
]

/**
 * Opens a checkpoint's weights, as transformers chooses them: `model.safetensors`, in one file or in several with an
 * index, else `pytorch_model.bin`, likewise. Nothing in a PyTorch file is executed.
 *
 * @param folder the checkpoint
 * @throws CheckpointError `file-missing` if there are no weights; `file-truncated` also if a file that the index names
 *   is not there; the errors of {@link readSafetensorsHeader} and {@link openTorchFile}
 * @example
 * const weights = await openWeights(await openFolder('models/electra'))
 * const embeddings = await weights.readFloat32('electra.embeddings.word_embeddings.weight')
 */
export async function openWeights(folder: Folder): Promise<Weights> {
  for (const fileName of FILE_NAMES) {
    const source = await folder.open(fileName)
    if (source === undefined) continue
    return fileName.endsWith('.json')
      ? openShards(folder, fileName, source)
      : weightsOf(folder.name, [await openPart(folder, fileName, source)])
  }
  throw new CheckpointError(
    'file-missing',
    `${folder.name} has no model.safetensors or pytorch_model.bin: is it a checkpoint's folder?`,
  )
}

interface Part {
  readonly file: TensorFile
  readonly path?: string | undefined
}

async function openPart(folder: Folder, fileName: string, source: ByteSource): Promise<Part> {
  const open = fileName.endsWith('.safetensors') ? readSafetensorsHeader : openTorchFile
  const file = await open(source, `${folder.name}/${fileName}`)
  return { file, path: folder.path?.(fileName) }
}

/** Every tensor is where the index says it is. Tensors of the files that it does not name are there nevertheless. */
async function openShards(folder: Folder, indexName: string, indexSource: ByteSource): Promise<Weights> {
  const shownName = `${folder.name}/${indexName}`
  const fileOf = await parseShardIndex(indexSource, shownName)
  const parts = new Map<string, Part>()
  for (const fileName of new Set([...fileOf.values()].sort())) {
    const source = await folder.open(fileName)
    if (source === undefined) {
      throw new CheckpointError(
        'file-truncated',
        `${folder.name} is incomplete: ${indexName} names ${shown(fileName)}, which is not there. Download or copy it too.`,
      )
    }
    parts.set(fileName, await openPart(folder, fileName, source))
  }
  for (const [tensor, fileName] of fileOf) {
    if (parts.get(fileName)!.file.tensors.has(tensor)) continue
    throw new CheckpointError(
      'file-malformed',
      `${shownName} says that ${shown(fileName)} holds tensor ${shown(tensor)}, but it does not. Download or save all files again.`,
    )
  }
  return weightsOf(folder.name, [...parts.values()])
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
  files: readonly { readonly file: TensorFile; readonly path?: string | undefined }[],
): Weights {
  const home = new Map<string, Part>()
  for (const entry of files) {
    for (const tensor of entry.file.tensors.keys()) {
      if (home.has(tensor)) throw new CheckpointError('file-malformed', `${name} holds tensor ${shown(tensor)} twice.`)
      home.set(tensor, entry)
    }
  }
  const fileOf = (tensor: string): TensorFile => {
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
      const { byteOffset, byteLength, dtype, rearranged } = fileOf(tensor).info(tensor)
      const path = home.get(tensor)?.path
      return path === undefined || rearranged ? undefined : { path, byteOffset, byteLength, dtype }
    },
  }
}
