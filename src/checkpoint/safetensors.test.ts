import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { readSafetensorsHeader } from './safetensors.js'
import { safetensorsBytes } from './safetensorsWriter.js'

function file(header: string | Uint8Array, dataLength = 0, headerLength?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + json.length + dataLength)
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

const entry = (fields: object): string =>
  JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } })
const text = (content: string): Uint8Array => new TextEncoder().encode(content)

// name, file, code, what the message must say
const HOSTILE: [string, Uint8Array, string, RegExp][] = [
  ['an empty file', new Uint8Array(0), 'file-truncated', /only 0 bytes/],
  ['seven bytes', new Uint8Array(7), 'file-truncated', /only 7 bytes/],
  ['no header', new Uint8Array(8), 'file-malformed', /not a JSON object/],
  ['a header beyond the file', file('{}', 0, 1000n), 'file-truncated', /1000 bytes/],
  ['a header one byte beyond the file', file('{}', 0, 3n), 'file-truncated', /3 bytes/],
  ['a header of 2^64 - 1 bytes', file('{}', 0, 2n ** 64n - 1n), 'file-malformed', /more than the format allows/],
  ['a header of 2^53 + 1 bytes', file('{}', 0, 2n ** 53n + 1n), 'file-malformed', /more than the format allows/],
  ['a header of 100 MB + 1', file('{}', 0, 100_000_001n), 'file-malformed', /more than the format allows/],
  ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\n'), 'file-malformed', /git lfs pull/],
  ['a PyTorch archive', text('PK\x03\x04\x00\x00\x08\x08 archive'), 'file-malformed', /PyTorch/],
  ['a web page', text('<!DOCTYPE html><html></html>'), 'file-malformed', /web page/],
  ['a header that is not UTF-8', file(new Uint8Array([0x7b, 0xff, 0x7d])), 'file-malformed', /UTF-8/],
  ['a header that is not JSON', file('{"a": }'), 'file-malformed', /not JSON/],
  ['a header cut off within', file('{"a": {"dtype": "F32"'), 'file-malformed', /not JSON/],
  ['a list for a header', file('[]'), 'file-malformed', /not a JSON object/],
  ['null for a header', file('null'), 'file-malformed', /not a JSON object/],
  ['leading space', file(` ${entry({})}`, 4), 'file-malformed', /not a JSON object/],
  ['deep nesting', file(`{"a": ${'['.repeat(100_000)}`), 'file-malformed', /nested/],
  ['deep nesting of objects', file(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), 'file-malformed', /nested/],
  [
    'a repeated tensor',
    file(`${entry({}).slice(0, -1)},${entry({}).slice(1)}`, 4),
    'file-malformed',
    /"a" occurs twice/,
  ],
  [
    'a repeated dtype',
    file('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4),
    'file-malformed',
    /"dtype" occurs twice/,
  ],
  ['a tensor that is a number', file('{"a": 1}'), 'file-malformed', /"a" is not described/],
  ['a tensor that is null', file('{"a": null}'), 'file-malformed', /"a" is not described/],
  ['no dtype', file(entry({ dtype: undefined }), 4), 'file-malformed', /unknown dtype nothing/],
  ['an unknown dtype', file(entry({ dtype: 'F33' }), 4), 'file-malformed', /unknown dtype "F33"/],
  ['a dtype from the prototype', file(entry({ dtype: 'constructor' }), 4), 'file-malformed', /unknown dtype/],
  ['the dtype __proto__', file(entry({ dtype: '__proto__' }), 4), 'file-malformed', /unknown dtype/],
  ['an 8-bit float', file(entry({ dtype: 'F8_E4M3' }), 4), 'dtype-unsupported', /F8_E4M3/],
  ['no shape', file(entry({ shape: undefined }), 4), 'file-malformed', /no shape/],
  ['a negative size', file(entry({ shape: [-1] }), 4), 'file-malformed', /impossible shape \[-1\]/],
  ['two negative sizes', file(entry({ shape: [-1, -1] }), 4), 'file-malformed', /impossible shape/],
  ['a fractional size', file(entry({ shape: [0.5, 2] }), 4), 'file-malformed', /impossible shape/],
  ['a size that is text', file(entry({ shape: ['1'] }), 4), 'file-malformed', /impossible shape/],
  ['a size of 2^53', file(entry({ shape: [2 ** 53] }), 4), 'file-malformed', /impossible shape/],
  ['sizes whose product is 2^53', file(entry({ shape: [2 ** 27, 2 ** 26] }), 4), 'file-malformed', /impossible shape/],
  [
    'sizes whose product wraps to 1 in 64 bits',
    file(entry({ shape: [2 ** 32, 2 ** 32, 1] }), 4),
    'file-malformed',
    /impossible shape/,
  ],
  [
    'an overflow hidden behind a zero',
    file(entry({ shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] })),
    'file-malformed',
    /impossible shape/,
  ],
  [
    'a size of 1e999',
    file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4),
    'file-malformed',
    /impossible shape/,
  ],
  [
    'more bytes than the file could hold',
    file(entry({ shape: [2 ** 40], data_offsets: [0, 2 ** 42] }), 4),
    'file-truncated',
    /cut off/,
  ],
  ['no offsets', file(entry({ data_offsets: undefined }), 4), 'file-malformed', /data_offsets/],
  ['one offset', file(entry({ data_offsets: [4] }), 4), 'file-malformed', /data_offsets/],
  ['three offsets', file(entry({ data_offsets: [0, 4, 8] }), 4), 'file-malformed', /data_offsets/],
  ['a negative offset', file(entry({ data_offsets: [-4, 0] }), 4), 'file-malformed', /data_offsets/],
  ['a fractional offset', file(entry({ data_offsets: [0, 4.5] }), 4), 'file-malformed', /data_offsets/],
  [
    'an offset of 2^64',
    file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551616]}}', 4),
    'file-malformed',
    /data_offsets/,
  ],
  ['an end before the beginning', file(entry({ data_offsets: [4, 0] }), 4), 'file-malformed', /before it begins/],
  ['too few bytes for the shape', file(entry({ shape: [2] }), 4), 'file-malformed', /needs 8 bytes, but has 4/],
  [
    'too many bytes for the shape',
    file(entry({ data_offsets: [0, 8] }), 8),
    'file-malformed',
    /needs 4 bytes, but has 8/,
  ],
  ['data cut off', file(entry({}), 3), 'file-truncated', /cut off: tensor "a"/],
  ['no data at all', file(entry({})), 'file-truncated', /cut off/],
  ['bytes after the data', file(entry({}), 5), 'file-malformed', /1 unused bytes follow/],
  [
    'bytes before the data',
    file(entry({ data_offsets: [4, 8] }), 8),
    'file-malformed',
    /unused bytes lie before tensor "a"/,
  ],
  ['only leftovers', file('{}', 1), 'file-malformed', /unused bytes/],
  [
    'overlapping tensors',
    file(
      JSON.stringify({
        a: { dtype: 'U8', shape: [3], data_offsets: [0, 3] },
        b: { dtype: 'U8', shape: [2], data_offsets: [2, 4] },
      }),
      4,
    ),
    'file-malformed',
    /"b" overlaps/,
  ],
  [
    'the same bytes twice',
    file(
      JSON.stringify({
        a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
        b: { dtype: 'I8', shape: [4], data_offsets: [0, 4] },
      }),
      4,
    ),
    'file-malformed',
    /overlaps/,
  ],
  [
    'a gap between tensors',
    file(
      JSON.stringify({
        a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
        b: { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
      }),
      3,
    ),
    'file-malformed',
    /unused bytes lie before tensor "b"/,
  ],
  [
    'an empty tensor within another',
    file(
      JSON.stringify({
        a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
        b: { dtype: 'U8', shape: [0], data_offsets: [2, 2] },
      }),
      4,
    ),
    'file-malformed',
    /overlaps/,
  ],
  ['metadata that is a list', file('{"__metadata__": []}'), 'file-malformed', /__metadata__/],
  ['metadata of numbers', file('{"__metadata__": {"epoch": 3}}'), 'file-malformed', /"epoch" is not a string/],
  ['a line break in a name', file(JSON.stringify({ 'a\nb': 1 })), 'file-malformed', /"a\\nb"/],
]

describe('readSafetensorsHeader', () => {
  it.each(HOSTILE)('refuses %s', async (_, bytes, code, message) => {
    // Whatever the header claims, only bytes of the file are asked for.
    let most = 0
    const source: ByteSource = {
      byteLength: bytes.length,
      slice(start, end) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(bytes.length)
        most = Math.max(most, end - start)
        return bytesSource(bytes).slice(start, end)
      },
    }
    const error: unknown = await readSafetensorsHeader(source, 'evil.safetensors').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CheckpointError)
    const refusal = error as CheckpointError
    expect(refusal.message).toMatch(message)
    expect(refusal.code).toBe(code)
    expect(refusal.message).toContain('evil.safetensors')
    expect(refusal.message).not.toContain('\n')
    expect(refusal.message.length).toBeLessThan(400)
    expect(most).toBeLessThanOrEqual(bytes.length)
  })

  it('reads awkward but valid files', async () => {
    const empty = await readSafetensorsHeader(bytesSource(file('{}      ')))
    expect([...empty.tensors]).toEqual([])

    const names = ['__proto__', 'constructor', 'toString', '10', '9', '', 'naïve 🙂']
    const header = `{${names.map((name, i) => `${JSON.stringify(name)}:{"dtype":"U8","shape":[],"data_offsets":[${i},${i + 1}]}`).join(',')}}`
    const bytes = file(header, names.length)
    bytes.set([1, 2, 3, 4, 5, 6, 7], bytes.length - 7)
    const read = await readSafetensorsHeader(bytesSource(bytes))
    expect([...read.tensors.keys()]).toEqual(names)
    expect((await read.readTensor('__proto__')).data[0]).toBe(1)
    expect((await read.readTensor('9')).data[0]).toBe(5)
    expect(Object.prototype).not.toHaveProperty('dtype')

    // Empty tensors at the beginning, between others, and at the end; in any order in the header.
    const zeros = JSON.stringify({
      z: { dtype: 'F32', shape: [0, 7], data_offsets: [4, 4] },
      b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
      y: { dtype: 'I64', shape: [0], data_offsets: [8, 8] },
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      x: { dtype: 'U8', shape: [0], data_offsets: [0, 0] },
    })
    const sparse = await readSafetensorsHeader(bytesSource(file(zeros, 8)))
    expect([...sparse.tensors.keys()]).toEqual(['x', 'a', 'z', 'b', 'y'])
    expect((await sparse.readTensor('y')).data).toEqual(new BigInt64Array(0))
    expect(await sparse.readFloat32('z')).toEqual(new Float32Array(0))
  })

  it('reads tensors that are not aligned in the file', async () => {
    const header = JSON.stringify({
      a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
      b: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
    })
    const bytes = file(header, 5)
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 1.5, true)
    // A source that breaks its promise and hands out views.
    const views: ByteSource = { byteLength: bytes.length, slice: async (start, end) => bytes.subarray(start, end) }
    for (const source of [views, bytesSource(bytes)]) {
      expect([...(await (await readSafetensorsHeader(source)).readFloat32('b'))]).toEqual([1.5])
    }
  })

  it('widens to 32 bits, and refuses integers and unknown names', async () => {
    const values = new Float32Array([0, -1.5, 2 ** -10, 3])
    const bytes = safetensorsBytes([
      { name: 'f64', dtype: 'F64', shape: [4], data: Float64Array.from(values) },
      { name: 'f32', dtype: 'F32', shape: [4], data: values },
      { name: 'f16', dtype: 'F16', shape: [4], data: values },
      { name: 'bf16', dtype: 'BF16', shape: [4], data: values },
      { name: 'i64', dtype: 'I64', shape: [1], data: new BigInt64Array([-5n]) },
    ])
    const read = await readSafetensorsHeader(bytesSource(bytes), 'm.safetensors')
    for (const name of ['f64', 'f32', 'f16', 'bf16']) expect(await read.readFloat32(name)).toEqual(values)
    expect((await read.readTensor('f16')).data).toBeInstanceOf(Uint16Array)
    await expect(read.readFloat32('i64')).rejects.toMatchObject({ code: 'dtype-unsupported' })
    await expect(read.readFloat32('nothing')).rejects.toThrow('m.safetensors holds no tensor "nothing"')
    const firstBytes = await read.readBytes('f32', 4, 8)
    expect(new Float32Array(firstBytes.buffer)[0]).toBe(-1.5)
  })

  it('notices a source that ends early', async () => {
    const bytes = safetensorsBytes([{ name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(2) }])
    const source: ByteSource = {
      byteLength: bytes.length,
      slice: async (start, end) => bytes.slice(start, Math.min(end, bytes.length - 4)),
    }
    const read = await readSafetensorsHeader(source)
    await expect(read.readTensor('a')).rejects.toMatchObject({ code: 'file-truncated' })
  })

  const golden = new URL('../../../shared/golden/models/', import.meta.url)
  it.skipIf(!existsSync(golden))('reads files written by the reference (needs ../shared/golden)', async () => {
    const cases = readdirSync(golden)
    expect(cases.length).toBeGreaterThan(0)
    for (const name of cases) {
      for (const fileName of ['model.safetensors', 'io.safetensors']) {
        const read = await readSafetensorsHeader(bytesSource(readFileSync(new URL(`${name}/${fileName}`, golden))))
        expect(read.tensors.size).toBeGreaterThan(0)
        for (const [tensor, { dtype, shape }] of read.tensors) {
          const { data } = await read.readTensor(tensor)
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
          if (dtype === 'F32') expect((data as Float32Array).every(Number.isFinite)).toBe(true)
        }
      }
    }
  })
})
