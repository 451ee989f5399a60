// A small torch.save: pickles, and files of both of PyTorch's layouts around them, right ones and wrong ones.

import { DTYPES, type StoredDtype, type TypedArray } from '../dtype.js'
import { crc32 } from '../torchZip.js'

/** What can be pickled: arrays are lists, Maps dictionaries. */
export type Py = null | boolean | number | string | Uint8Array | readonly Py[] | ReadonlyMap<Py, Py> | Special

type Special =
  | { readonly global: string }
  | { readonly tuple: readonly Py[] }
  | { readonly call: Py; readonly args: readonly Py[] }
  | { readonly persistent: Py }
  | { readonly build: Py; readonly state: Py }
  | { readonly setItems: Py; readonly items: Readonly<Record<string, Py>> }
  | { readonly raw: readonly number[] }

export const tuple = (...items: readonly Py[]): Py => ({ tuple: items })
/** `module name`, as a pickle has it. */
export const global = (name: string): Py => ({ global: name })
export const call = (name: string, ...args: readonly Py[]): Py => ({ call: global(name), args })
export const dict = (entries: Readonly<Record<string, Py>>): Py => new Map(Object.entries(entries))
/** Instructions as they are. */
export const raw = (...bytes: readonly number[]): Py => ({ raw: bytes })
export const orderedDict = call('collections OrderedDict')

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const concat = (...parts: readonly Uint8Array[]): Uint8Array => joined(parts)
const ascii = (text: string): number[] => [...Buffer.from(text, 'utf8')]
const littleEndian = (value: number | bigint, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(8 * size, BigInt(value)) >> BigInt(8 * i)) & 0xffn))

/** A pickle of protocol 2, or with the texts and names of protocol 4. */
export function pickled(value: Py, protocol: 2 | 4 = 2): Uint8Array {
  const out: number[] = [0x80, protocol]
  write(value, out, protocol)
  out.push(0x2e)
  return Uint8Array.from(out)
}

function write(value: Py, out: number[], protocol: number): void {
  const all = (items: Iterable<Py>): void => {
    for (const item of items) write(item, out, protocol)
  }
  if (value === null) out.push(0x4e)
  else if (typeof value === 'boolean') out.push(value ? 0x88 : 0x89)
  else if (typeof value === 'number') writeNumber(value, out)
  else if (typeof value === 'string') {
    const bytes = ascii(value)
    if (protocol === 4 && bytes.length < 256) out.push(0x8c, bytes.length, ...bytes, 0x94)
    else out.push(0x58, ...littleEndian(bytes.length, 4), ...bytes)
  } else if (value instanceof Uint8Array) out.push(0x42, ...littleEndian(value.length, 4), ...value)
  else if (value instanceof Map) {
    out.push(0x7d, 0x28)
    for (const pair of value as ReadonlyMap<Py, Py>) all(pair)
    out.push(0x75)
  } else if (Array.isArray(value)) {
    out.push(0x5d, 0x28)
    all(value as readonly Py[])
    out.push(0x65)
  } else writeSpecial(value as Special, out, protocol, all)
}

function writeNumber(value: number, out: number[]): void {
  if (!Number.isInteger(value)) {
    const bytes = new DataView(new ArrayBuffer(8))
    bytes.setFloat64(0, value)
    out.push(0x47, ...new Uint8Array(bytes.buffer))
  } else if (value >= 0 && value < 256) out.push(0x4b, value)
  else if (Math.abs(value) < 2 ** 31) out.push(0x4a, ...littleEndian(value, 4))
  else out.push(0x8a, 16, ...littleEndian(BigInt(value), 16))
}

function writeSpecial(value: Special, out: number[], protocol: number, all: (items: Iterable<Py>) => void): void {
  if ('raw' in value) for (const byte of value.raw) out.push(byte)
  else if ('global' in value) {
    const [module = '', name = ''] = value.global.split(' ')
    if (protocol === 4) {
      all([module, name])
      out.push(0x93)
    } else out.push(0x63, ...ascii(`${module}\n${name}\n`))
  } else if ('tuple' in value) {
    out.push(0x28)
    all(value.tuple)
    out.push(0x74)
  } else if ('call' in value) {
    all([value.call, { tuple: value.args }])
    out.push(0x52)
  } else if ('persistent' in value) {
    all([value.persistent])
    out.push(0x51)
  } else if ('setItems' in value) {
    all([value.setItems])
    out.push(0x28)
    for (const item of Object.entries(value.items)) all(item)
    out.push(0x75)
  } else {
    all([value.build, value.state])
    out.push(0x62)
  }
}

// ── tensors ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const STORAGE_NAMES: Readonly<Partial<Record<StoredDtype, string>>> = {
  ...{ F32: 'Float', F64: 'Double', F16: 'Half', BF16: 'BFloat16', I64: 'Long', I32: 'Int', I16: 'Short' },
  ...{ I8: 'Char', U8: 'Byte', BOOL: 'Bool' },
}

export interface StorageToWrite {
  readonly dtype: StoredDtype
  readonly data: TypedArray
}

export interface ViewToWrite {
  /** Its key. */
  readonly storage: string
  readonly shape: readonly number[]
  /** Default: row by row. */
  readonly strides?: readonly number[]
  readonly offset?: number
}

export type Layout = 'zip' | 'legacy'

/** A reference to a storage. */
export function storage(key: string, { dtype, data }: StorageToWrite, layout: Layout, type?: string): Py {
  const name = type ?? `torch ${STORAGE_NAMES[dtype]}Storage`
  const items = ['storage', global(name), key, 'cpu', data.length]
  return { persistent: tuple(...items, ...(layout === 'legacy' ? [null] : [])) }
}

export const rowByRow = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))

/** What torch.save writes of a tensor. */
export function tensor(view: ViewToWrite, storages: Readonly<Record<string, StorageToWrite>>, layout: Layout): Py {
  const { shape, strides = rowByRow(shape), offset = 0 } = view
  const held = storage(view.storage, storages[view.storage]!, layout)
  return call('torch._utils _rebuild_tensor_v2', held, offset, tuple(...shape), tuple(...strides), false, orderedDict)
}

export interface TorchFileToWrite {
  readonly storages: Readonly<Record<string, StorageToWrite>>
  /** The pickled object; from names to tensors it is a state dict. */
  readonly value: Py
  readonly protocol?: 2 | 4
}

/** A state dict of views of storages, as a module gives it. */
export const stateDict = (
  views: Readonly<Record<string, ViewToWrite>>,
  storages: Readonly<Record<string, StorageToWrite>>,
  layout: Layout,
): Py => ({
  build: {
    setItems: orderedDict,
    items: Object.fromEntries(Object.entries(views).map(([name, view]) => [name, tensor(view, storages, layout)])),
  },
  state: dict({ _metadata: orderedDict }),
})

const bytesOf = ({ data }: StorageToWrite): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

// ── the layout since 1.6 ────────────────────────────────────────────────────────────────────────────────────────────

export interface EntryToWrite {
  readonly name: string
  readonly data: Uint8Array
  readonly method?: number
  readonly flags?: number
  /** What the directory claims instead of the truth. */
  readonly claims?: {
    readonly length?: number | bigint
    readonly headerOffset?: number | bigint
    readonly crc?: number
  }
  /** Write the lengths and the offset as ZIP64 does. */
  readonly wide?: boolean
}

export interface ZipOptions {
  /** Of the data, in bytes. Default: 64, as PyTorch pads. */
  readonly alignment?: number
  /** With the record of 64-bit numbers at the end, as PyTorch always writes it. Default: true. */
  readonly zip64?: boolean
  readonly comment?: string
}

/** A ZIP archive of stored entries. */
export function zipBytes(
  entries: readonly EntryToWrite[],
  { alignment = 64, zip64 = true, comment = '' }: ZipOptions = {},
): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let position = 0
  for (const entry of entries) {
    const { name, data } = entry
    const unpadded = position + 30 + ascii(name).length + 4
    const padding = (alignment - (unpadded % alignment)) % alignment
    const extra = [0x46, 0x42, ...littleEndian(padding, 2), ...new Array<number>(padding).fill(0x5a)]
    const header = [...[0x50, 0x4b, 3, 4, 0, 0, 8, 8], ...littleEndian(entry.method ?? 0, 2), ...littleEndian(0, 16)]
    const local = [...header, ...littleEndian(ascii(name).length, 2), ...littleEndian(extra.length, 2), ...ascii(name)]
    const lengths = [...littleEndian(crc32(data), 4), ...littleEndian(data.length, 4), ...littleEndian(data.length, 4)]
    directory.push(directoryEntry(entry, position))
    const part = concat(Uint8Array.from([...local, ...extra]), data, Uint8Array.from([0x50, 0x4b, 7, 8, ...lengths]))
    parts.push(part)
    position += part.length
  }
  const all = joined(directory)
  return concat(joined(parts), all, endOf(all.length, position, entries.length, zip64, comment))
}

function directoryEntry({ name, data, method = 0, flags = 0x808, claims = {}, wide }: EntryToWrite, at: number) {
  const { length = data.length, headerOffset = at, crc = crc32(data) } = claims
  const extra = [1, 0, 24, 0, ...littleEndian(length, 8), ...littleEndian(length, 8), ...littleEndian(headerOffset, 8)]
  const all = littleEndian(-1, 4)
  return Uint8Array.from([
    ...[0x50, 0x4b, 1, 2, 0, 0, 0, 0, ...littleEndian(flags, 2), ...littleEndian(method, 2), 0, 0, 0, 0],
    ...littleEndian(crc, 4),
    ...(wide ? [...all, ...all] : [...littleEndian(length, 4), ...littleEndian(length, 4)]),
    ...littleEndian(ascii(name).length, 2),
    ...littleEndian(wide ? extra.length : 0, 2),
    ...littleEndian(0, 10),
    ...(wide ? all : littleEndian(headerOffset, 4)),
    ...ascii(name),
    ...(wide ? extra : []),
  ])
}

function endOf(length: number, start: number, count: number, zip64: boolean, comment: string): Uint8Array {
  const counts = (size: number): number[] => [...littleEndian(count, size), ...littleEndian(count, size)]
  const end64 = [
    ...[0x50, 0x4b, 6, 6, ...littleEndian(44, 8), ...littleEndian(0, 12), ...counts(8)],
    ...[...littleEndian(length, 8), ...littleEndian(start, 8)],
    ...[0x50, 0x4b, 6, 7, ...littleEndian(0, 4), ...littleEndian(start + length, 8), ...littleEndian(1, 4)],
  ]
  return Uint8Array.from([
    ...(zip64 ? end64 : []),
    ...[0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...counts(2), ...littleEndian(length, 4), ...littleEndian(start, 4)],
    ...[...littleEndian(ascii(comment).length, 2), ...ascii(comment)],
  ])
}

/** The entries of a file of the newer layout. */
export function torchEntries(
  { storages, value, protocol }: TorchFileToWrite,
  { folder = 'archive', byteOrder = 'little' }: { folder?: string; byteOrder?: string } = {},
): EntryToWrite[] {
  const swapped = (stored: StorageToWrite): Uint8Array => {
    if (byteOrder !== 'big') return bytesOf(stored)
    const { size } = DTYPES[stored.dtype]
    const bytes = bytesOf(stored)
    return bytes.map((_, i) => bytes[i - (i % size) + size - 1 - (i % size)]!)
  }
  return [
    { name: `${folder}/data.pkl`, data: pickled(value, protocol) },
    { name: `${folder}/byteorder`, data: Uint8Array.from(ascii(byteOrder)) },
    ...Object.entries(storages).map(([key, stored]) => ({ name: `${folder}/data/${key}`, data: swapped(stored) })),
    { name: `${folder}/version`, data: Uint8Array.from(ascii('3\n')) },
  ]
}

// ── the layout before 1.6 ───────────────────────────────────────────────────────────────────────────────────────────

export interface LegacyOptions {
  /** Bytes before the storages, to move them. Default: 0. */
  readonly shift?: number
  /** Default: those of the storages. */
  readonly keys?: readonly Py[]
}

/** A file of the older layout. */
export function legacyBytes(
  { storages, value, protocol }: TorchFileToWrite,
  { shift = 0, keys = Object.keys(storages) }: LegacyOptions = {},
): Uint8Array {
  const magic = Uint8Array.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e])
  const facts = dict({ protocol_version: 1001, little_endian: true, padding: 'x'.repeat(shift) })
  const stored = Object.values(storages).map((one) =>
    concat(Uint8Array.from(littleEndian(one.data.length, 8)), bytesOf(one)),
  )
  return concat(magic, pickled(1001), pickled(facts), pickled(value, protocol), pickled(keys), ...stored)
}

/** A whole file of views of storages, in either layout. */
export function torchFileBytes(
  views: Readonly<Record<string, ViewToWrite>>,
  storages: Readonly<Record<string, StorageToWrite>>,
  layout: Layout,
): Uint8Array {
  const file = { storages, value: stateDict(views, storages, layout) }
  return layout === 'zip' ? zipBytes(torchEntries(file)) : legacyBytes(file)
}
