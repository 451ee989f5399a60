// What pickles of PyTorch may name: tensors of the usual types and what they are made of. Nothing else is known here,
// so nothing else can be asked for. A tensor is a view of a storage, and storages lie outside the pickle.

import { DTYPES, elementCount, type StoredDtype } from './dtype.js'
import { CheckpointError, shown } from './error.js'
import type { PickleWorld } from './pickle.js'
import { Dict, malformedTorch, PickleObject, type PickleValue, Tuple, unsafe } from './pickleValue.js'

/** Numbers beside one another that tensors look into: the whole of one that is stored, or a part. */
export class Storage extends PickleObject {
  constructor(
    readonly name: string,
    readonly key: string,
    readonly dtype: StoredDtype,
    /** From the beginning of what is stored. */
    readonly byteOffset: number,
    readonly byteLength: number,
  ) {
    super()
  }
}

/** A tensor before it is known where in the file its storage is. */
export class TensorView extends PickleObject {
  readonly name = 'a tensor'

  constructor(
    readonly storage: Storage,
    readonly dtype: StoredDtype,
    /** Of the first element, from the beginning of what is stored. */
    readonly byteOffset: number,
    readonly shape: readonly number[],
    /** In elements, one for each dimension. */
    readonly strides: readonly number[],
  ) {
    super()
  }
}

/** A storage of the file: its length as the pickle says it. */
export interface StorageClaim {
  /** Bytes. */
  readonly elementSize: number
  readonly elements: number
}

/** Something with a name that may be asked for: a function, a class, an element type. */
class Known extends PickleObject {
  constructor(
    readonly name: string,
    readonly call?: (world: TorchWorld, args: readonly PickleValue[]) => PickleValue,
    /** What a storage of this class holds, or what an element type is called here. */
    readonly dtype?: StoredDtype,
  ) {
    super()
  }
}

/** Values of no interest to weights: their arguments are not looked at. */
class Other extends PickleObject {
  readonly name = 'an object'
}

/** What a state dict's pickle can reach. One for each pickle: it remembers the storages that were asked for. */
export class TorchWorld implements PickleWorld {
  /** By key. */
  readonly storages = new Map<string, StorageClaim>()

  constructor(readonly fileName: string) {}

  find(name: string): PickleObject {
    const known = KNOWN.get(name.replace(/^__builtin__\./, 'builtins.'))
    if (known !== undefined) return known
    throw unsafe(this.fileName, name)
  }

  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue {
    if (!(callee instanceof Known) || callee.call === undefined) {
      throw unsafe(this.fileName, `a call of ${callee instanceof PickleObject ? callee.name : 'plain data'}`)
    }
    return callee.call(this, args)
  }

  /** ('storage', class, key, device, elements), in the older layout with a sixth: (key, start, elements) of a view. */
  load(id: PickleValue): PickleValue {
    const [kind, type, key, , elements, view] = id instanceof Tuple ? id.items : []
    if (kind !== 'storage' || !(type instanceof Known) || !type.name.endsWith('Storage')) {
      throw this.malformed('it refers to an object outside its pickle that is no storage')
    }
    const storage = this.#claim(type, keyOf(key), this.count(elements, 'the length of a storage'))
    if (view === null || view === undefined) return storage
    const [, start, length] = view instanceof Tuple ? view.items : []
    return this.#part(storage, this.count(start, 'the start of a view'), this.count(length, 'the length of a view'))
  }

  #claim({ name, dtype }: Known, key: string | undefined, elements: number): Storage {
    if (key === undefined) throw this.malformed('a storage has no name')
    if (dtype === undefined) throw this.unsupported(name)
    const elementSize = DTYPES[dtype].size
    const before = this.storages.get(key)
    if (before && before.elementSize * before.elements !== elementSize * elements) {
      throw this.malformed(`it gives storage ${shown(key)} two lengths`)
    }
    this.storages.set(key, { elementSize, elements })
    if (this.storages.size > MOST_STORAGES) throw this.malformed(`it has more than ${MOST_STORAGES} storages`)
    return new Storage(name, key, dtype, 0, elementSize * elements)
  }

  #part({ name, key, dtype, byteLength }: Storage, start: number, length: number): Storage {
    const { size } = DTYPES[dtype]
    if ((start + length) * size > byteLength) throw this.malformed(`a view reaches beyond storage ${shown(key)}`)
    return new Storage(name, key, dtype, start * size, length * size)
  }

  /** A number of things: a whole number from 0 on. */
  count(value: PickleValue | undefined, what: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw this.malformed(`${what} is ${typeof value === 'number' || typeof value === 'bigint' ? value : 'no number'}`)
  }

  counts(value: PickleValue | undefined, what: string): number[] {
    const items = value instanceof Tuple ? value.items : value
    if (!Array.isArray(items)) throw this.malformed(`${what} is no tuple`)
    if (items.length > MOST_DIMENSIONS) throw this.malformed(`a tensor has ${items.length} dimensions`)
    return items.map((item: PickleValue) => this.count(item, what))
  }

  malformed(problem: string): CheckpointError {
    return malformedTorch(this.fileName, problem)
  }

  unsupported(what: string): CheckpointError {
    const advice = 'save the weights as float32, float16 or bfloat16'
    return new CheckpointError('dtype-unsupported', `${this.fileName} holds ${what}, which cannot be read: ${advice}.`)
  }

  /** A tensor, with all that is claimed of it checked against its storage's claimed length. */
  tensor([storage, first, size, stride]: readonly PickleValue[], type?: Known): PickleValue {
    if (!(storage instanceof Storage)) throw this.malformed('a tensor has no storage')
    const dtype = type ? type.dtype : storage.dtype
    if (dtype === undefined) throw this.unsupported(`a tensor of ${type?.name}`)
    const offset = this.count(first, 'the offset of a tensor')
    const shape = this.counts(size, 'the shape of a tensor')
    const strides = this.counts(stride, 'the strides of a tensor')
    if (strides.length !== shape.length) {
      throw this.malformed(`a tensor has ${shape.length} dimensions, but ${strides.length} strides`)
    }
    if (elementCount(shape) === undefined) throw this.malformed(`a tensor has the impossible shape ${shown(shape)}`)
    const { size: bytes } = DTYPES[dtype]
    if ((offset + reach(shape, strides)) * bytes > storage.byteLength) {
      throw this.malformed(
        `a tensor of shape ${shown(shape)} and strides ${shown(strides)} at ${offset} reaches beyond its storage of ${storage.byteLength} bytes`,
      )
    }
    return new TensorView(storage, dtype, storage.byteOffset + offset * bytes, shape, strides)
  }
}

/** PyTorch's own limit. */
const MOST_DIMENSIONS = 64

/** Each takes a read of the file, so that their number is time. */
const MOST_STORAGES = 50_000

/** How many elements of a storage a tensor spans, from its first one on. Infinite or inexact only where it is too much. */
function reach(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0
  return shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, 1)
}

/** Keys are texts of digits; some old files have numbers. */
export const keyOf = (value: PickleValue | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined

// ── the names ───────────────────────────────────────────────────────────────────────────────────────────────────────

const rebuildTensor = (world: TorchWorld, args: readonly PickleValue[]): PickleValue => {
  checkMetadata(world, args[6])
  return world.tensor(args)
}

/** As the others, with the element type apart from the storage, which is then one of bytes. */
const rebuildTensorOfType = (world: TorchWorld, args: readonly PickleValue[]): PickleValue => {
  checkMetadata(world, args[7])
  const type = args[6]
  if (!(type instanceof Known)) throw world.malformed('a tensor has no element type')
  return world.tensor(args, type)
}

/** Says of some views that the numbers in the file are to be negated or conjugated. */
function checkMetadata(world: TorchWorld, metadata: PickleValue | undefined): void {
  if (!(metadata instanceof Dict) || !metadata.entries.some((value, i) => i % 2 === 1 && value === true)) return
  throw world.unsupported('a tensor that is stored negated or conjugated')
}

/** (tensor, requires_grad, hooks): a parameter is its tensor. */
const rebuildParameter = (world: TorchWorld, [tensor]: readonly PickleValue[]): PickleValue => {
  if (tensor instanceof TensorView) return tensor
  throw world.malformed('a parameter has no tensor')
}

/** (function, class, arguments, attributes): a tensor of a class of its own, or with attributes. */
const rebuildFromType = (world: TorchWorld, [rebuild, , args]: readonly PickleValue[]): PickleValue => {
  const isNested = rebuild instanceof Known && rebuild.call === rebuildFromType
  if (!(args instanceof Tuple) || isNested) throw world.malformed('a tensor is rebuilt from what are no arguments')
  return world.call(rebuild ?? null, args.items)
}

/** Empty, or made of pairs, as Python 2 wrote it. */
const orderedDict = (world: TorchWorld, [pairs]: readonly PickleValue[]): PickleValue => {
  const dict = new Dict()
  if (pairs === undefined) return dict
  if (!Array.isArray(pairs)) throw world.malformed('an OrderedDict is made of what are no pairs')
  for (const pair of pairs) {
    const items: readonly PickleValue[] = pair instanceof Tuple ? pair.items : Array.isArray(pair) ? pair : []
    if (items.length !== 2) throw world.malformed('an OrderedDict is made of what are no pairs')
    dict.entries.push(items[0]!, items[1]!)
  }
  return dict
}

const other = (): PickleValue => new Other()

/** Classes of storages, by element type; `undefined` for types that cannot be read. */
const STORAGES: Readonly<Record<string, StoredDtype | undefined>> = {
  Float: 'F32',
  Double: 'F64',
  Half: 'F16',
  BFloat16: 'BF16',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
  Untyped: 'U8',
  ...Object.fromEntries(
    ['ComplexFloat', 'ComplexDouble', 'QInt8', 'QUInt8', 'QInt32', 'QUInt4x2', 'QUInt2x4'].map((x) => [x, undefined]),
  ),
}

const ELEMENT_TYPES: Readonly<Record<string, StoredDtype | undefined>> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  ...Object.fromEntries(
    ['complex32', 'complex64', 'complex128', 'float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz'].map(
      (x) => [x, undefined],
    ),
  ),
}

const FUNCTIONS: Readonly<Record<string, Known['call']>> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_tensor_v3': rebuildTensorOfType,
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch._utils._rebuild_parameter_with_state': rebuildParameter,
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
  'torch.Size': (_, [sizes]) => sizes ?? new Tuple([]),
  'torch.device': other,
  // How protocol 2 writes bytes, bytearrays, sets and complex numbers.
  '_codecs.encode': other,
  'builtins.bytearray': other,
  'builtins.set': other,
  'builtins.complex': other,
  'torch.Tensor': undefined,
  'torch.nn.parameter.Parameter': undefined,
}

const storageNames = (element: string): string[] =>
  ['torch', 'torch.cuda', 'torch.storage'].flatMap((module) =>
    (element === 'Untyped' ? ['UntypedStorage', '_UntypedStorage'] : [`${element}Storage`]).map(
      (name) => `${module}.${name}`,
    ),
  )

const KNOWN: ReadonlyMap<string, Known> = new Map(
  [
    ...Object.entries(FUNCTIONS).map(([name, call]) => new Known(name, call)),
    ...Object.entries(STORAGES).flatMap(([element, dtype]) =>
      storageNames(element).map((name) => new Known(name, undefined, dtype)),
    ),
    ...Object.entries(ELEMENT_TYPES).map(([name, dtype]) => new Known(`torch.${name}`, undefined, dtype)),
  ].map((known) => [known.name, known]),
)
