import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { readSafetensorsHeader } from './safetensors.js'
import { safetensorsBytes, safetensorsChunks, type TensorToWrite } from './safetensorsWriter.js'

const TENSORS: TensorToWrite[] = [
  { name: 'bool', dtype: 'BOOL', shape: [3], data: new Uint8Array([1, 0, 1]) },
  { name: 'i8', dtype: 'I8', shape: [2], data: new Int8Array([-128, 127]) },
  { name: 'u8', dtype: 'U8', shape: [1], data: new Uint8Array([255]) },
  { name: 'i16', dtype: 'I16', shape: [2], data: new Int16Array([-2, 2]) },
  { name: 'u16', dtype: 'U16', shape: [1], data: new Uint16Array([65535]) },
  { name: 'f16', dtype: 'F16', shape: [2, 2], data: new Float32Array([1, -2, 0.5, 65504]) },
  { name: 'bf16', dtype: 'BF16', shape: [2], data: new Float32Array([1, -3]) },
  { name: 'i32', dtype: 'I32', shape: [1], data: new Int32Array([-7]) },
  { name: 'u32', dtype: 'U32', shape: [1], data: new Uint32Array([2 ** 32 - 1]) },
  { name: 'f32', dtype: 'F32', shape: [1, 3], data: new Float32Array([0, 1, 9, 2.5, 3, 9]).subarray(2, 5) },
  { name: 'scalar', dtype: 'F32', shape: [], data: new Float32Array([42]) },
  { name: 'empty', dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
  { name: 'i64', dtype: 'I64', shape: [1], data: new BigInt64Array([-(2n ** 63n)]) },
  { name: 'u64', dtype: 'U64', shape: [1], data: new BigUint64Array([2n ** 64n - 1n]) },
  { name: 'f64', dtype: 'F64', shape: [1], data: () => new Float64Array([Math.PI]) },
  { name: '__proto__', dtype: 'F32', shape: [1], data: new Float32Array([8]) },
  { name: '3', dtype: 'F32', shape: [1], data: new Float32Array([3]) },
  { name: 'naïve "🙂"\n', dtype: 'F32', shape: [1], data: new Float32Array([6]) },
]

describe('safetensorsChunks', () => {
  it('is read back as it was written', async () => {
    const bytes = safetensorsBytes(TENSORS)
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(headerLength % 8).toBe(0)
    const file = await readSafetensorsHeader(bytesSource(bytes))
    expect([...file.metadata]).toEqual([['format', 'pt']])
    expect(file.tensors.size).toBe(TENSORS.length)
    for (const { name, dtype, shape, data } of TENSORS) {
      const info = file.info(name)
      expect(info).toMatchObject({ dtype, shape })
      if (info.byteLength > 0)
        expect(
          info.byteOffset %
            (info.byteLength /
              Math.max(
                1,
                shape.reduce((a, b) => a * b, 1),
              )),
        ).toBe(0)
      const written = typeof data === 'function' ? data() : data
      const read = written instanceof Float32Array ? await file.readFloat32(name) : (await file.readTensor(name)).data
      expect(read, name).toEqual(written.slice())
    }
  })

  it('streams views of large tensors and converts in pieces', () => {
    const data = new Float32Array(600_000).fill(1)
    const [header, ...chunks] = safetensorsChunks([{ name: 'w', dtype: 'F32', shape: [600_000], data }])
    expect(header?.length).toBeLessThan(200)
    expect(chunks.map((chunk) => chunk.buffer)).toEqual([data.buffer])
    const halves = [...safetensorsChunks([{ name: 'w', dtype: 'BF16', shape: [600_000], data }])].slice(1)
    expect(halves.length).toBe(3)
    expect(halves.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(1_200_000)
  })

  it('calls for each tensor only when its turn comes', () => {
    const asked: string[] = []
    const lazy = (name: string): TensorToWrite => ({
      name,
      dtype: 'F32',
      shape: [1],
      data: () => {
        asked.push(name)
        return new Float32Array(1)
      },
    })
    const chunks = safetensorsChunks([lazy('a'), lazy('b')])
    chunks.next()
    expect(asked).toEqual([])
    chunks.next()
    expect(asked).toEqual(['a'])
  })

  it.each([
    [
      'too few elements',
      { name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(1) },
      /Float32Array of 1 elements/,
    ],
    ['the wrong array', { name: 'a', dtype: 'F32', shape: [1], data: new Int32Array(1) }, /Int32Array/],
    ['a negative size', { name: 'a', dtype: 'F32', shape: [-1], data: new Float32Array(1) }, /impossible shape/],
    ['the reserved name', { name: '__metadata__', dtype: 'F32', shape: [1], data: new Float32Array(1) }, /Two tensors/],
  ] satisfies [string, TensorToWrite, RegExp][])('refuses %s', (_, tensor, message) => {
    expect(() => safetensorsBytes([tensor])).toThrow(CheckpointError)
    expect(() => safetensorsBytes([tensor])).toThrow(message)
  })

  it('refuses two tensors of one name', () => {
    const tensor: TensorToWrite = { name: 'a', dtype: 'F32', shape: [1], data: new Float32Array(1) }
    expect(() => safetensorsBytes([tensor, tensor])).toThrow('Two tensors to be written are called "a"')
  })

  const python = process.env.BERTKIN_PYTHON
  it.skipIf(python === undefined)('is read by the reference implementation (needs BERTKIN_PYTHON)', async () => {
    const script = `
import sys, json, torch
from safetensors import deserialize
from safetensors.torch import load, save
data = sys.stdin.buffer.read()
deserialize(data)
tensors = load(data)
print(json.dumps({k: [str(v.dtype), list(v.shape), [float(x) for x in v.flatten()]] for k, v in tensors.items()}), file=sys.stderr)
sys.stdout.buffer.write(save(tensors, {"format": "pt"}))`
    const { stdout, stderr, status } = spawnSync(python ?? '', ['-c', script], { input: safetensorsBytes(TENSORS) })
    expect(status, String(stderr)).toBe(0)
    const seen = new Map<string, unknown>(Object.entries(JSON.parse(String(stderr)) as object))
    expect(seen.size).toBe(TENSORS.length)
    expect(seen.get('f16')).toEqual(['torch.float16', [2, 2], [1, -2, 0.5, 65504]])
    expect(seen.get('bf16')).toEqual(['torch.bfloat16', [2], [1, -3]])
    expect(seen.get('f32')).toEqual(['torch.float32', [1, 3], [9, 2.5, 3]])
    expect(seen.get('scalar')).toEqual(['torch.float32', [], [42]])
    expect(seen.get('empty')).toEqual(['torch.float32', [0, 4], []])
    expect(seen.get('i64')).toEqual(['torch.int64', [1], [-(2 ** 63)]])
    expect(seen.get('bool')).toEqual(['torch.bool', [3], [1, 0, 1]])

    // And back: what the reference writes of it, we read.
    const file = await readSafetensorsHeader(bytesSource(stdout))
    expect(file.tensors.size).toBe(TENSORS.length)
    expect(await file.readFloat32('f16')).toEqual(new Float32Array([1, -2, 0.5, 65504]))
    expect((await file.readTensor('u64')).data).toEqual(new BigUint64Array([2n ** 64n - 1n]))
  })
})
