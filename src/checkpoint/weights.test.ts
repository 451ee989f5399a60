import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import type { Folder } from './files.js'
import { openFolder } from './files.node.js'
import { safetensorsBytes } from './safetensorsWriter.js'
import { type Layout, torchFileBytes } from './testing/torchFiles.js'
import { openWeights } from './weights.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'bertkin-weights-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const bytes = safetensorsBytes([
  { name: 'w', dtype: 'F32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) },
  { name: 'b', dtype: 'BF16', shape: [2], data: new Float32Array([5, 6]) },
])

describe('openWeights', () => {
  it('reads by name and says where the bytes are', async () => {
    writeFileSync(join(directory, 'blob'), bytes)
    symlinkSync('blob', join(directory, 'model.safetensors')) // as in a Hugging Face cache
    const weights = await openWeights(await openFolder(directory))
    expect([...weights.names()]).toEqual(['w', 'b'])
    expect(weights.info('w')).toMatchObject({ dtype: 'F32', shape: [2, 2] })
    expect([...(await weights.readFloat32('w'))]).toEqual([1, 2, 3, 4])
    expect([...(await weights.readFloat32('b'))]).toEqual([5, 6])

    const location = weights.location('w')
    expect(location).toMatchObject({ path: join(directory, 'blob'), byteLength: 16, dtype: 'F32' })
    const raw = readFileSync(location?.path ?? '').subarray(location?.byteOffset, (location?.byteOffset ?? 0) + 16)
    expect(raw.readFloatLE(4)).toBe(2)
    expect(() => weights.info('x')).toThrow(`${directory} holds no parameter "x"`)
    await expect(weights.readFloat32('x')).rejects.toMatchObject({ code: 'parameter-missing' })
  })

  it('has no locations where there are no paths', async () => {
    const folder: Folder = { name: 'web', open: async () => bytesSource(bytes), readText: async () => undefined }
    expect((await openWeights(folder)).location('w')).toBeUndefined()
  })

  it('says what is missing', async () => {
    writeFileSync(join(directory, 'README.md'), '{}')
    const opening = openWeights(await openFolder(directory))
    await expect(opening).rejects.toMatchObject({ code: 'file-missing' })
    await expect(opening).rejects.toThrow('has no model.safetensors or pytorch_model.bin')
  })

  it('prefers what transformers prefers', async () => {
    const tensorNames = async (): Promise<string[]> => [...(await openWeights(await openFolder(directory))).names()]
    const safetensors = (name: string) =>
      safetensorsBytes([{ name, dtype: 'F32', shape: [1], data: Float32Array.of(1) }])
    const torch = (name: string, layout: Layout) =>
      torchFileBytes(
        { [name]: { storage: '0', shape: [1] } },
        { '0': { dtype: 'F32', data: Float32Array.of(1) } },
        layout,
      )
    writeFileSync(join(directory, 'part-1.bin'), torch('fourth', 'legacy'))
    writeFileSync(join(directory, 'pytorch_model.bin.index.json'), indexOf({ fourth: 'part-1.bin' }))
    expect(await tensorNames()).toEqual(['fourth'])
    writeFileSync(join(directory, 'pytorch_model.bin'), torch('third', 'zip'))
    expect(await tensorNames()).toEqual(['third'])
    writeFileSync(join(directory, 'part-1.safetensors'), safetensors('second'))
    writeFileSync(join(directory, 'model.safetensors.index.json'), indexOf({ second: 'part-1.safetensors' }))
    expect(await tensorNames()).toEqual(['second'])
    writeFileSync(join(directory, 'model.safetensors'), safetensors('first'))
    expect(await tensorNames()).toEqual(['first'])
  })

  it.each(['zip', 'legacy'] as const)('reads PyTorch files and says where the bytes are, %s layout', async (layout) => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6)
    const views = {
      w: { storage: '0', shape: [2, 3] },
      tied: { storage: '0', shape: [2, 3] },
      row: { storage: '0', shape: [3], offset: 3 },
      transposed: { storage: '0', shape: [3, 2], strides: [1, 3] },
    }
    writeFileSync(join(directory, 'blob'), torchFileBytes(views, { '0': { dtype: 'F32', data } }, layout))
    symlinkSync('blob', join(directory, 'pytorch_model.bin'))
    const weights = await openWeights(await openFolder(directory))
    expect(await weights.readFloat32('transposed')).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6))
    expect(weights.location('transposed')).toBeUndefined()
    expect(weights.location('tied')).toEqual(weights.location('w'))
    const { path, byteOffset, byteLength, dtype } = weights.location('row')!
    expect({ path, dtype }).toEqual({ path: join(directory, 'blob'), dtype: 'F32' })
    const raw = readFileSync(path).subarray(byteOffset, byteOffset + byteLength)
    expect(new Float32Array(new Uint8Array(raw).buffer)).toEqual(Float32Array.of(4, 5, 6))
  })
})

const indexOf = (weightMap: unknown, more: object = {}): string =>
  JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap, ...more })

describe('weights in several files', () => {
  const one = (name: string, value: number) =>
    ({ name, dtype: 'F32', shape: [1], data: Float32Array.of(value) }) as const
  const write = (fileName: string, content: string | Uint8Array): void =>
    writeFileSync(join(directory, fileName), content)
  const open = async () => openWeights(await openFolder(directory))
  const INDEX = 'model.safetensors.index.json'

  beforeEach(() => {
    write('1.safetensors', safetensorsBytes([one('a', 1), one('b', 2)]))
    write('2.safetensors', safetensorsBytes([one('c', 3), one('extra', 4)]))
  })

  it('are read each from its file, in a cache of links too', async () => {
    mkdirSync(join(directory, 'blobs'))
    mkdirSync(join(directory, 'snapshot'))
    for (const [i, name] of ['1.safetensors', '2.safetensors'].entries()) {
      renameSync(join(directory, name), join(directory, 'blobs', `blob${i}`))
      symlinkSync(`../blobs/blob${i}`, join(directory, 'snapshot', name))
    }
    write(`snapshot/${INDEX}`, indexOf({ c: '2.safetensors', a: '1.safetensors', b: '1.safetensors' }))
    const weights = await openWeights(await openFolder(join(directory, 'snapshot')))
    // What the index does not name is there too, as for transformers.
    expect([...weights.names()]).toEqual(['a', 'b', 'c', 'extra'])
    for (const [name, value, blob] of [
      ['a', 1, 0],
      ['b', 2, 0],
      ['c', 3, 1],
      ['extra', 4, 1],
    ] as const) {
      expect([...(await weights.readFloat32(name))]).toEqual([value])
      const { path, byteOffset } = weights.location(name)!
      expect(path).toBe(join(directory, 'blobs', `blob${blob}`))
      expect(readFileSync(path).readFloatLE(byteOffset)).toBe(value)
    }
  })

  it('may be PyTorch’s, and one of safetensors among them', async () => {
    const stored = { '0': { dtype: 'F32', data: Float32Array.of(5, 6) } } as const
    write('3.bin', torchFileBytes({ d: { storage: '0', shape: [1] } }, stored, 'zip'))
    write('4.bin', torchFileBytes({ e: { storage: '0', shape: [1], offset: 1 } }, stored, 'legacy'))
    write('pytorch_model.bin.index.json', indexOf({ d: '3.bin', e: '4.bin', a: '1.safetensors' }))
    const weights = await open()
    for (const [name, value] of [
      ['d', 5],
      ['e', 6],
      ['a', 1],
    ] as const) {
      expect([...(await weights.readFloat32(name))]).toEqual([value])
    }
  })

  it.each<[string, string, string, RegExp]>([
    [
      'a file that is not there',
      indexOf({ a: '1.safetensors', d: '3.safetensors' }),
      'file-truncated',
      /incomplete: .*names "3\.safetensors", which is not there/,
    ],
    [
      'a tensor that is elsewhere',
      indexOf({ a: '2.safetensors', c: '2.safetensors' }),
      'file-malformed',
      /"2\.safetensors" holds tensor "a", but it does not/,
    ],
    [
      'a tensor that is nowhere',
      indexOf({ a: '1.safetensors', z: '1.safetensors' }),
      'file-malformed',
      /holds tensor "z", but it does not/,
    ],
    [
      'a file above',
      indexOf({ a: '../1.safetensors' }),
      'file-malformed',
      /"\.\.\/1\.safetensors", which is no file of its folder/,
    ],
    ['an absolute file', indexOf({ a: '/etc/passwd' }), 'file-malformed', /no file of its folder/],
    ['itself', indexOf({ a: INDEX }), 'file-malformed', /no file of its folder/],
    ['a number for a file', indexOf({ a: 1 }), 'file-malformed', /lies in 1, which is no file/],
    ['an empty map', indexOf({}), 'file-malformed', /weight_map is empty/],
    ['a list for a map', indexOf(['1.safetensors']), 'file-malformed', /no weight_map/],
    ['no map', '{}', 'file-malformed', /no weight_map/],
    ['null', 'null', 'file-malformed', /no weight_map/],
    [
      'a tensor twice',
      '{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}',
      'file-malformed',
      /"a" occurs twice/,
    ],
    ['no JSON', '{"weight_map": ', 'file-malformed', /not JSON/],
    ['deep nesting', `{"weight_map": ${'['.repeat(100_000)}`, 'file-malformed', /nested more than 8 deep/],
    ['a folder for a file', indexOf({ a: 'folder' }), 'file-read', /not a regular file/],
  ])('an index with %s is refused', async (_, index, code, message) => {
    mkdirSync(join(directory, 'folder'))
    write(INDEX, index)
    await expect(open()).rejects.toMatchObject({ code })
    await expect(open()).rejects.toThrow(message)
  })

  it('an index that is not UTF-8, or huge, is refused', async () => {
    write(INDEX, new Uint8Array([0x7b, 0xff, 0x7d]))
    await expect(open()).rejects.toThrow('not UTF-8')
    const source = { byteLength: 2 ** 40, slice: () => Promise.reject(new Error('was read')) }
    const folder: Folder = {
      name: 'web',
      open: async (name) => (name === INDEX ? source : undefined),
      readText: async () => undefined,
    }
    await expect(openWeights(folder)).rejects.toThrow('it has 1099511627776 bytes')
  })

  it('a tensor in two files is refused', async () => {
    write('2.safetensors', safetensorsBytes([one('c', 3), one('a', 4)]))
    write(INDEX, indexOf({ a: '1.safetensors', b: '1.safetensors', c: '2.safetensors' }))
    await expect(open()).rejects.toThrow('holds tensor "a" twice')
  })
})
