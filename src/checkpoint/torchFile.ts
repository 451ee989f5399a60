// Files of torch.save as files of tensors: the state dict in them, and reading its tensors, which may be views of one
// another, transposed or expanded.

import type { ByteSource } from './byteSource.js'
import { DTYPES, elementCount } from './dtype.js'
import { CheckpointError, shown } from './error.js'
import { Dict, malformedTorch, type PickleValue } from './pickleValue.js'
import { gatherElements, isRowByRow, swapBytes } from './strides.js'
import { TensorFile, type TensorInfo } from './tensorFile.js'
import { readTorchLegacy } from './torchLegacy.js'
import { TensorView } from './torchPickle.js'
import { readTorchZip, type TorchContents } from './torchZip.js'

/** What training scripts call the weights in a checkpoint that has other things beside them. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model']

/** A tensor may stand for more bytes than its storage has (`expand`): up to the size of the file, or this. */
const LARGEST_EXPANSION = 2 ** 26

/**
 * Opens a file of weights that `torch.save` wrote, in the layout of PyTorch 1.6 and later or in the older one. Its
 * pickle is read by a machine that executes nothing and knows only tensors. Nothing but the pickle is read.
 *
 * The file holds a state dict: a dictionary of tensors; what is no tensor in it is ignored. One level down it is found
 * under the names `state_dict`, `model_state_dict` or `model`.
 *
 * @param source the file's bytes
 * @param fileName what messages call the file
 * @throws CheckpointError `file-unsafe` if the file asks for anything but tensors (then nothing has been executed);
 *   `file-truncated`, `file-malformed`; `dtype-unsupported` for element types that cannot be read
 * @example
 * const folder = await openFolder('models/spanbert')
 * const file = await openTorchFile((await folder.open('pytorch_model.bin'))!, 'pytorch_model.bin')
 * const weight = await file.readFloat32('bert.embeddings.word_embeddings.weight')
 */
export async function openTorchFile(source: ByteSource, fileName = 'The PyTorch file'): Promise<TensorFile> {
  const start = await source.slice(0, Math.min(source.byteLength, 512))
  const layout = layoutOf(start, fileName)
  const contents = await (layout === 'zip' ? readTorchZip : readTorchLegacy)(source, fileName)
  const views = stateDict(contents.value, fileName)
  const limit = Math.max(source.byteLength, LARGEST_EXPANSION)
  const tensors = [...views].map(([name, view]) => [name, infoOf(name, view, contents, limit, fileName)] as const)
  return new TorchFile(source, fileName, new Map(tensors), views, contents.bigEndian)
}

class TorchFile extends TensorFile {
  constructor(
    private readonly source: ByteSource,
    fileName: string,
    tensors: ReadonlyMap<string, TensorInfo>,
    private readonly views: ReadonlyMap<string, TensorView>,
    private readonly bigEndian: boolean,
  ) {
    super(fileName, tensors)
  }

  async readBytes(name: string, start = 0, end?: number): Promise<Uint8Array> {
    const { byteOffset, byteLength, dtype, shape, rearranged } = this.info(name)
    const stop = Math.min(end ?? byteLength, byteLength)
    const read = async (from: number, to: number): Promise<Uint8Array> => {
      const bytes = await this.source.slice(byteOffset + from, byteOffset + to)
      if (bytes.length === to - from) return bytes
      throw this.endedWithin(name)
    }
    if (!rearranged || stop <= start) return read(start, Math.max(start, stop))
    // Whole elements, and of those the bytes that were asked for.
    const { size } = DTYPES[dtype]
    const [first, last] = [Math.floor(start / size), Math.ceil(stop / size)]
    const elements = await gatherElements(read, { shape, strides: this.views.get(name)!.strides, size }, first, last)
    if (this.bigEndian) swapBytes(elements, size)
    const bytes = elements.subarray(start - first * size, stop - first * size)
    return bytes.length === elements.length ? elements : bytes.slice()
  }
}

function layoutOf(start: Uint8Array, fileName: string): 'zip' | 'legacy' {
  const text = String.fromCharCode(...start)
  if (text.startsWith('PK\x03\x04')) return 'zip'
  if (text.startsWith('\x80')) return 'legacy'
  if (text.length < 8) {
    throw new CheckpointError('file-truncated', `${fileName} has only ${text.length} bytes: download or save it again.`)
  }
  if (text.startsWith('version https://git-lfs')) {
    const advice = 'fetch the file itself (git lfs pull)'
    throw new CheckpointError('file-malformed', `${fileName} is only a Git LFS pointer: ${advice}.`)
  }
  if (text.trimStart().startsWith('<')) throw malformedTorch(fileName, 'it is a web page or XML')
  if (text.slice(257, 262) === 'ustar') throw malformedTorch(fileName, 'it is of a PyTorch before 0.1.10')
  if (/^.{8}\{/s.test(text)) throw malformedTorch(fileName, 'it may be a safetensors file: name it model.safetensors')
  throw malformedTorch(fileName, 'it begins as neither a ZIP archive nor a pickle')
}

/** The tensors by name: on the top level, else in the dictionary that scripts keep them in. */
function stateDict(value: PickleValue, fileName: string): Map<string, TensorView> {
  const tensors = tensorsIn(value, fileName)
  if (tensors.size > 0) return tensors
  for (const wrapper of WRAPPERS) {
    const found = tensorsIn(itemOf(value, wrapper), fileName)
    if (found.size > 0) return found
  }
  if (value instanceof Dict && value.entries.length === 0) return tensors
  throw malformedTorch(
    fileName,
    `it holds no state dict, neither as it is nor under ${WRAPPERS.join(', ')}; save the state_dict() of the model`,
  )
}

function tensorsIn(value: PickleValue | undefined, fileName: string): Map<string, TensorView> {
  const tensors = new Map<string, TensorView>()
  if (!(value instanceof Dict)) return tensors
  const names = new Set<string>()
  value.entries.forEach((name, i) => {
    if (i % 2 === 1 || typeof name !== 'string') return
    if (names.has(name)) throw malformedTorch(fileName, `the name ${shown(name)} occurs twice`)
    names.add(name)
    const tensor = value.entries[i + 1]
    if (tensor instanceof TensorView) tensors.set(name, tensor)
  })
  return tensors
}

function itemOf(value: PickleValue, name: string): PickleValue | undefined {
  if (!(value instanceof Dict)) return undefined
  const at = value.entries.findIndex((key, i) => i % 2 === 0 && key === name)
  return at < 0 ? undefined : value.entries[at + 1]
}

function infoOf(
  name: string,
  { storage, dtype, byteOffset, shape, strides }: TensorView,
  { storages, bigEndian }: TorchContents,
  limit: number,
  fileName: string,
): TensorInfo {
  const { size } = DTYPES[dtype]
  const byteLength = elementCount(shape)! * size
  if (byteLength > limit) {
    throw malformedTorch(fileName, `tensor ${shown(name)} expands ${storage.byteLength} bytes to ${byteLength}`)
  }
  const isDirect = isRowByRow(shape, strides) && !(bigEndian && size > 1)
  const info = { dtype, shape, byteOffset: storages.get(storage.key)! + byteOffset, byteLength }
  return isDirect ? info : { ...info, rearranged: true }
}
