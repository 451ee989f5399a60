import { describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource } from './byteSource.js'
import type { StoredDtype, TypedArray } from './dtype.js'
import { CheckpointError } from './error.js'
import { narrow } from './half.js'
import {
  call,
  dict,
  global,
  type Layout,
  legacyBytes,
  orderedDict,
  type Py,
  rowByRow,
  type StorageToWrite,
  stateDict,
  storage,
  tensor,
  torchEntries,
  torchFileBytes,
  tuple,
  type ViewToWrite,
  zipBytes,
} from './testing/torchFiles.js'
import { openTorchFile } from './torchFile.js'

const LAYOUTS: readonly Layout[] = ['zip', 'legacy']
const open = (bytes: Uint8Array) => openTorchFile(bytesSource(bytes), 'm.bin')
const numbers = Float32Array.from({ length: 24 }, (_, i) => i)
const storages: Readonly<Record<string, StorageToWrite>> = { '7': { dtype: 'F32', data: numbers } }

/** A file with one pickled value around the storages above. */
const fileOf = (value: Py, layout: Layout = 'zip', protocol: 2 | 4 = 2): Uint8Array => {
  const file = { storages, value, protocol }
  return layout === 'zip' ? zipBytes(torchEntries(file)) : legacyBytes(file)
}

/** What a view should read as: its definition, index by index. */
function expected({ shape, strides = rowByRow(shape), offset = 0 }: ViewToWrite, from: ArrayLike<number>): number[] {
  let places = [offset]
  shape.forEach((size, axis) => {
    places = places.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * strides[axis]!))
  })
  return places.map((place) => from[place]!)
}

describe.each(LAYOUTS)('openTorchFile, %s layout', (layout) => {
  it('reads every element type', async () => {
    const values = new Float32Array([1, -2.5, 0.0625, 65504])
    const all: Partial<Record<StoredDtype, TypedArray>> = {
      F32: values,
      F64: Float64Array.of(1 / 3, -1e300),
      F16: narrow(values, 'F16'),
      BF16: narrow(values, 'BF16'),
      I64: BigInt64Array.of(-5n, 2n ** 62n),
      I32: Int32Array.of(-5, 7, 2 ** 31 - 1),
      I16: Int16Array.of(-5, 7, 1),
      I8: Int8Array.of(-5, 7, 1),
      U8: Uint8Array.of(255, 0, 1),
      BOOL: Uint8Array.of(1, 0, 1),
    }
    const stored = Object.fromEntries(
      Object.entries(all).map(([dtype, data], i) => [String(i), { dtype: dtype as StoredDtype, data }]),
    )
    const views = Object.fromEntries(
      Object.entries(stored).map(([key, { dtype, data }]) => [dtype, { storage: key, shape: [1, data.length] }]),
    )
    const file = await open(torchFileBytes(views, stored, layout))
    expect([...file.tensors.keys()]).toEqual(Object.keys(all))
    for (const [dtype, data] of Object.entries(all)) {
      const read = await file.readTensor(dtype)
      expect(read).toEqual({ name: dtype, dtype, shape: [1, data.length], data })
      expect(file.info(dtype).rearranged).toBeUndefined()
    }
    expect(await file.readFloat32('F16')).toEqual(values)
    expect(await file.readFloat32('F64')).toEqual(Float32Array.of(1 / 3, -Infinity))
    await expect(file.readFloat32('I64')).rejects.toMatchObject({ code: 'dtype-unsupported' })
    expect(() => file.info('nothing')).toThrow('m.bin holds no tensor "nothing"')
  })

  const views: Readonly<Record<string, ViewToWrite>> = {
    whole: { storage: '7', shape: [4, 6] },
    flat: { storage: '7', shape: [24] },
    part: { storage: '7', shape: [2, 6], offset: 6 },
    scalar: { storage: '7', shape: [], offset: 23 },
    empty: { storage: '7', shape: [0, 4] },
    emptyAtTheEnd: { storage: '7', shape: [3, 0], offset: 24 },
    oneRow: { storage: '7', shape: [1, 5], strides: [99, 1], offset: 19 },
    transposed: { storage: '7', shape: [6, 4], strides: [1, 6] },
    turned: { storage: '7', shape: [2, 4, 3], strides: [3, 6, 1] },
    turnedAll: { storage: '7', shape: [3, 2, 4], strides: [1, 12, 3] },
    expanded: { storage: '7', shape: [3, 4], strides: [0, 1], offset: 5 },
    repeated: { storage: '7', shape: [5], strides: [0], offset: 3 },
    everyThird: { storage: '7', shape: [8], strides: [3] },
    column: { storage: '7', shape: [4, 1], strides: [6, 1], offset: 2 },
    sliding: { storage: '7', shape: [5, 4], strides: [2, 1] },
  }

  it('reads views as their strides say, whole and in parts', async () => {
    const file = await open(torchFileBytes(views, storages, layout))
    for (const [name, view] of Object.entries(views)) {
      const wanted = expected(view, numbers)
      expect([...(await file.readFloat32(name))], name).toEqual(wanted)
      const bytes = new Uint8Array(Float32Array.from(wanted).buffer)
      expect(file.info(name)).toMatchObject({ dtype: 'F32', shape: view.shape, byteLength: bytes.length })
      for (let start = 0; start <= bytes.length; start += 3) {
        for (const end of [start, start + 1, start + 6, bytes.length, bytes.length + 8]) {
          if (end < start) continue
          expect(await file.readBytes(name, start, end), `${name} ${start}–${end}`).toEqual(bytes.slice(start, end))
        }
      }
    }
  })

  it('says where tensors lie, unless they are rearranged', async () => {
    const bytes = torchFileBytes(views, storages, layout)
    const file = await open(bytes)
    const direct = ['whole', 'flat', 'part', 'scalar', 'empty', 'emptyAtTheEnd', 'oneRow']
    for (const [name, view] of Object.entries(views)) {
      const { byteOffset, byteLength, rearranged } = file.info(name)
      expect(rearranged, name).toBe(direct.includes(name) ? undefined : true)
      if (rearranged) continue
      const there = new Float32Array(bytes.slice(byteOffset, byteOffset + byteLength).buffer)
      expect([...there], name).toEqual(expected(view, numbers))
    }
  })

  it('takes parameters, attributes, protocol 4, and names of any kind', async () => {
    const view = { storage: '7', shape: [2] }
    const plain = tensor(view, storages, layout)
    const parameter = call('torch._utils _rebuild_parameter', plain, true, orderedDict)
    const old = call('torch._utils _rebuild_tensor', storage('7', storages['7']!, layout), 2, tuple(2), tuple(1))
    const typed = call(
      'torch._tensor _rebuild_from_type_v2',
      ...[global('torch._utils _rebuild_tensor_v2'), global('torch.nn.parameter Parameter')],
      ...[
        tuple(storage('7', storages['7']!, layout), 4, tuple(2), tuple(1), false, orderedDict),
        dict({ note: 'mine' }),
      ],
    )
    const cuda = call(
      'torch._utils _rebuild_tensor_v2',
      ...[storage('7', storages['7']!, layout, 'torch.cuda FloatStorage'), 6, tuple(2), tuple(1), false, orderedDict],
    )
    const names = { parameter, old, typed, cuda, 'wört.größe': plain, '': plain, __proto__x: plain, constructor: plain }
    const value = { build: dict(names), state: dict({ _metadata: orderedDict }) }
    for (const protocol of [2, 4] as const) {
      const file = await open(fileOf(value, layout, protocol))
      expect([...file.tensors.keys()]).toEqual(Object.keys(names))
      expect([...(await file.readFloat32('parameter'))]).toEqual([0, 1])
      expect([...(await file.readFloat32('old'))]).toEqual([2, 3])
      expect([...(await file.readFloat32('typed'))]).toEqual([4, 5])
      expect([...(await file.readFloat32('cuda'))]).toEqual([6, 7])
      expect([...(await file.readFloat32('constructor'))]).toEqual([0, 1])
    }
  })

  it('finds the state dict: on top, else where scripts keep it', async () => {
    const inner = stateDict({ w: { storage: '7', shape: [2] } }, storages, layout)
    const beside = { epoch: 3, loss: 0.25, best: null, tags: ['a', 'b'], lr: tuple(0.1, 2), done: true, b: 1e300 }
    const names = async (value: Py): Promise<string[]> => [...(await open(fileOf(value, layout))).tensors.keys()]
    expect(await names(inner)).toEqual(['w'])
    expect(await names(dict({ ...beside, state_dict: inner }))).toEqual(['w'])
    expect(await names(dict({ model: inner, optimizer: dict({ state: dict({}) }), ...beside }))).toEqual(['w'])
    expect(await names(dict({ model_state_dict: inner, model: 'bert' }))).toEqual(['w'])
    // What is on top counts first, and what is no tensor in it is left alone.
    const top = tensor({ storage: '7', shape: [3] }, storages, layout)
    expect(await names(dict({ ...beside, top, model: inner }))).toEqual(['top'])
    for (const nothing of [dict(beside), [inner], tuple(inner), 7, null, 'w', dict({ net: inner }), top]) {
      await expect(names(nothing)).rejects.toThrow(/it holds no state dict|no tensor uses/)
    }
    expect(await names(dict({ a: dict({}), model: dict({ a: 1 }), state_dict: inner }))).toEqual(['w'])
  })

  it('reads what Python 2 wrote: pairs, and texts of bytes', async () => {
    const oldText = (text: string): Py => ({ raw: [0x55, text.length, ...Buffer.from(text)] })
    const held = { dtype: 'F32', data: numbers } as const
    const items = [oldText('storage'), global('torch FloatStorage'), oldText('7'), oldText('cpu'), held.data.length]
    const stored: Py = { persistent: tuple(...items, ...(layout === 'legacy' ? [null] : [])) }
    const w = call('torch._utils _rebuild_tensor_v2', stored, 1, tuple(2), tuple(1), false, orderedDict)
    const file = await open(fileOf(call('collections OrderedDict', [[oldText('w'), w]]), layout))
    expect([...(await file.readFloat32('w'))]).toEqual([1, 2])
  })
})

describe('openTorchFile', () => {
  it('takes any folder, no padding, 64-bit fields, and none', async () => {
    const entries = torchEntries({ storages, value: stateDict({ w: { storage: '7', shape: [24] } }, storages, 'zip') })
    const renamed = entries.map((entry) => ({ ...entry, name: entry.name.replace('archive', 'mein Modell') }))
    const wide = entries.map((entry) => ({ ...entry, wide: true }))
    const withoutSums = entries.map((entry) => ({ ...entry, claims: { crc: 0 } }))
    for (const bytes of [
      zipBytes(renamed),
      zipBytes(wide),
      zipBytes(withoutSums),
      zipBytes(entries, { alignment: 1, zip64: false }),
      zipBytes([...entries].reverse(), { comment: 'a comment' }),
      zipBytes(entries.filter(({ name }) => !name.endsWith('byteorder'))),
    ]) {
      expect(await (await open(bytes)).readFloat32('w')).toEqual(numbers)
    }
  })

  it('turns big-endian numbers round, and does not have them mapped', async () => {
    const views = {
      w: { storage: '0', shape: [2, 3] },
      t: { storage: '0', shape: [3, 2], strides: [1, 3] },
      scalar: { storage: '0', shape: [], offset: 4 },
      long: { storage: '1', shape: [2] },
      bytes: { storage: '2', shape: [3] },
    }
    const stored: Record<string, StorageToWrite> = {
      '0': { dtype: 'F32', data: numbers.slice(0, 6) },
      '1': { dtype: 'I64', data: BigInt64Array.of(-2n, 3n) },
      '2': { dtype: 'U8', data: Uint8Array.of(1, 2, 3) },
    }
    const value = stateDict(views, stored, 'zip')
    const file = await open(zipBytes(torchEntries({ storages: stored, value }, { byteOrder: 'big' })))
    expect([...(await file.readFloat32('w'))]).toEqual([0, 1, 2, 3, 4, 5])
    expect([...(await file.readFloat32('t'))]).toEqual([0, 3, 1, 4, 2, 5])
    expect([...(await file.readFloat32('scalar'))]).toEqual([4])
    expect((await file.readTensor('long')).data).toEqual(BigInt64Array.of(-2n, 3n))
    expect(file.info('w').rearranged).toBe(true)
    expect(file.info('bytes').rearranged).toBeUndefined()
    expect(await file.readBytes('w', 4, 8)).toEqual(new Uint8Array(Float32Array.of(1).buffer))
  })

  it('reads views of storages, as the older layout had them', async () => {
    const items = ['storage', global('torch FloatStorage'), '7', 'cpu', 24, tuple('9', 4, 6)]
    const rebuild = (offset: number, size: number): Py =>
      call('torch._utils _rebuild_tensor', { persistent: tuple(...items) }, offset, tuple(size), tuple(1))
    const file = await open(fileOf(dict({ w: rebuild(1, 5) }), 'legacy'))
    expect([...(await file.readFloat32('w'))]).toEqual([5, 6, 7, 8, 9])
    await expect(open(fileOf(dict({ w: rebuild(1, 6) }), 'legacy'))).rejects.toThrow('reaches beyond its storage')
  })

  it('takes the element type apart from the storage', async () => {
    const stored = { '0': { dtype: 'U8', data: new Uint8Array(Uint32Array.of(7, 8, 9).buffer) } } as const
    const held = storage('0', stored['0'], 'zip', 'torch.storage UntypedStorage')
    const rebuild = (offset: number, type: string): Py =>
      call('torch._utils _rebuild_tensor_v3', held, offset, tuple(2), tuple(1), false, orderedDict, global(type))
    const file = await open(
      zipBytes(torchEntries({ storages: stored, value: dict({ w: rebuild(1, 'torch uint32') }) })),
    )
    expect((await file.readTensor('w')).data).toEqual(Uint32Array.of(8, 9))
    const beyond = torchEntries({ storages: stored, value: dict({ w: rebuild(2, 'torch uint32') }) })
    await expect(open(zipBytes(beyond))).rejects.toThrow('reaches beyond its storage')
  })

  it('reads pickles longer than its first request, and nothing of the storages', async () => {
    const views = Object.fromEntries(
      Array.from({ length: 1500 }, (_, i) => [`w${i}`, { storage: '7', shape: [i % 24] }]),
    )
    for (const layout of LAYOUTS) {
      const bytes = torchFileBytes(views, storages, layout)
      let read = 0
      const source: ByteSource = {
        byteLength: bytes.length + 0,
        slice: async (start, end) => {
          read += end - start
          return bytes.slice(start, end)
        },
      }
      const file = await openTorchFile(source)
      expect(file.tensors.size).toBe(1500)
      expect([...(await file.readFloat32('w1499'))]).toEqual([...numbers.slice(0, 1499 % 24)])
      expect(read).toBeLessThan(4 * bytes.length + 200_000)
    }
  })

  it('notices a source that ends early', async () => {
    const bytes = torchFileBytes({ w: { storage: '7', shape: [24] } }, storages, 'zip')
    let cut = bytes.length
    const source: ByteSource = { byteLength: bytes.length, slice: async (a, b) => bytes.slice(a, Math.min(b, cut)) }
    const file = await openTorchFile(source)
    cut = file.info('w').byteOffset + 4
    await expect(file.readTensor('w')).rejects.toMatchObject({ code: 'file-truncated' })
    await expect(file.readTensor('w')).rejects.toBeInstanceOf(CheckpointError)
  })
})
