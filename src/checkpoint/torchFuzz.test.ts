// Good files of both layouts, damaged at random: what comes out is either right or one clear error. With BERTKIN_PYTHON
// (a Python with torch) what is read is also compared with what torch.load makes of the same damage.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../random.js'
import { bytesSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import type { TensorFile } from './tensorFile.js'
import {
  type Layout,
  legacyBytes,
  type StorageToWrite,
  stateDict,
  torchEntries,
  zipBytes,
} from './testing/torchFiles.js'
import { openTorchFile } from './torchFile.js'

const ROUNDS = Number(process.env.BERTKIN_FUZZ ?? 1000)

const storages: Readonly<Record<string, StorageToWrite>> = {
  '0': { dtype: 'F32', data: Float32Array.from({ length: 24 }, (_, i) => i / 4) },
  '1': { dtype: 'F16', data: Uint16Array.from({ length: 9 }, (_, i) => 0x3c00 + i) },
  '2': { dtype: 'I64', data: BigInt64Array.of(-1n, 2n, 3n) },
}
const views = {
  weight: { storage: '0', shape: [4, 6] },
  tied: { storage: '0', shape: [4, 6] },
  transposed: { storage: '0', shape: [6, 4], strides: [1, 6] },
  expanded: { storage: '1', shape: [3, 5], strides: [0, 1], offset: 2 },
  half: { storage: '1', shape: [9] },
  position_ids: { storage: '2', shape: [1, 3] },
}

function goodFile(layout: Layout, protocol: 2 | 4): Uint8Array {
  const file = { storages, value: stateDict(views, storages, layout), protocol }
  return layout === 'zip' ? zipBytes(torchEntries(file)) : legacyBytes(file)
}

/** Flips, cuts, inserts, repeats or overwrites, at one to three places. */
function damaged(good: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = good.slice()
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(bytes.length)
    const length = 1 + random.below(random.below(2) === 0 ? 4 : 40)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)]
    const kind = random.below(6)
    if (kind === 0) bytes[at]! ^= 1 << random.below(8)
    else if (kind === 1) bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x2e, 0x52, 0x28][random.below(8)]!
    else if (kind === 2) bytes = joined(before, after)
    else if (kind === 3) bytes = joined(before, noise(length, random), bytes.subarray(at))
    else if (kind === 4) bytes = joined(before, bytes.subarray(at, at + length), bytes.subarray(at))
    else bytes.fill(random.below(2) === 0 ? 0 : 0xff, at, at + Math.min(length, 8))
    if (bytes.length === 0) break
  }
  return bytes
}

const noise = (length: number, random: Random): Uint8Array => Uint8Array.from({ length }, () => random.below(256))
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** Every tensor's type, shape and bytes; or the error, which must be one of ours. */
async function readAll(bytes: Uint8Array): Promise<Record<string, string> | CheckpointError> {
  let file: TensorFile
  try {
    file = await openTorchFile(bytesSource(bytes), 'm.bin')
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toMatch(/^m\.bin .{10,600}\.$/)
    return error as CheckpointError
  }
  const tensors: [string, string][] = []
  for (const [name, { dtype, shape, byteLength, byteOffset, rearranged }] of file.tensors) {
    expect(byteLength).toBeLessThanOrEqual(2 ** 26)
    if (!rearranged) expect(byteOffset + byteLength).toBeLessThanOrEqual(bytes.length)
    const read = await file.readBytes(name)
    expect(read.length).toBe(byteLength)
    tensors.push([name, `${dtype} ${shape.join()} ${Buffer.from(read).toString('hex')}`])
  }
  return Object.fromEntries(tensors)
}

describe.each(['zip', 'legacy'] as const)('damaged files, %s layout', (layout) => {
  it.each([2, 4] as const)('are read right or refused, protocol %d', async (protocol) => {
    const good = goodFile(layout, protocol)
    const whole = await readAll(good)
    expect(Object.keys(whole)).toEqual(Object.keys(views))
    const random = new Random(12, protocol)
    const codes = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      const read = await readAll(damaged(good, random))
      const code = read instanceof CheckpointError ? read.code : 'read'
      codes.set(code, (codes.get(code) ?? 0) + 1)
      // An archive's pickle has a checksum: names, types and shapes are right, if it is read at all.
      if (layout === 'zip' && !(read instanceof CheckpointError)) expect(outlines(read)).toEqual(outlines(whole))
    }
    expect(codes.get('file-malformed')).toBeGreaterThan(ROUNDS / 4)
    expect(codes.get('read')).toBeGreaterThan(ROUNDS / 50)
  })

  it('are read right where only numbers were damaged', async () => {
    const good = goodFile(layout, 2)
    const { tensors } = await openTorchFile(bytesSource(good))
    const direct = [...tensors].filter(([, { rearranged }]) => !rearranged)
    const whole = await readAll(good)
    for (const [name, { byteOffset, byteLength }] of direct) {
      for (let at = byteOffset; at < byteOffset + byteLength; at++) {
        const bytes = good.slice()
        bytes[at]! ^= 0xff
        const read = (await readAll(bytes)) as Record<string, string>
        expect(outlines(read)).toEqual(outlines(whole as Record<string, string>))
        expect(read[name]).toContain(Buffer.from(bytes.subarray(byteOffset, byteOffset + byteLength)).toString('hex'))
        expect(read.tied).toBe(read.weight)
      }
    }
  })
})

const outlines = (tensors: object): string[] =>
  Object.entries(tensors).map(([name, text]) => `${name} ${String(text).replace(/[^ ]*$/, '')}`)

const python = process.env.BERTKIN_PYTHON
it.skipIf(!python)('torch.load makes the same of damaged files (needs BERTKIN_PYTHON)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bertkin-fuzz-'))
  try {
    const random = new Random(5, 5)
    const files: Uint8Array[] = []
    for (const layout of ['zip', 'legacy'] as const) {
      const good = goodFile(layout, 2)
      files.push(good, ...Array.from({ length: 800 }, () => damaged(good, random)))
    }
    for (const [i, bytes] of files.entries()) writeFileSync(join(folder, `${i}.bin`), bytes)
    execFileSync(python!, ['-W', 'ignore', '-c', TORCH_LOAD, folder, String(files.length)], { maxBuffer: 2 ** 26 })
    const theirs = JSON.parse(readFileSync(join(folder, 'read.json'), 'utf8')) as (Record<string, string> | null)[]
    let both = 0
    for (const [i, bytes] of files.entries()) {
      const ours = await readAll(bytes)
      const reference = theirs[i]
      if (i === 0) expect(reference).not.toBeNull()
      if (ours instanceof CheckpointError || !reference) continue
      expect(ours, `file ${i}`).toEqual(reference)
      both++
    }
    expect(both).toBeGreaterThan(files.length / 20)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const TORCH_LOAD = `
import json, sys, torch
NAMES = {torch.float32: 'F32', torch.float64: 'F64', torch.float16: 'F16', torch.bfloat16: 'BF16', torch.int64: 'I64',
         torch.int32: 'I32', torch.int16: 'I16', torch.int8: 'I8', torch.uint8: 'U8', torch.bool: 'BOOL'}
folder, count = sys.argv[1], int(sys.argv[2])
def text(x):
    shape = ','.join(str(n) for n in x.shape)
    flat = x.contiguous().reshape(-1)
    data = bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b''
    return f'{NAMES[x.dtype]} {shape} {data.hex()}'
def read(path):
    try:
        value = torch.load(path, weights_only=True)
        return {name: text(x) for name, x in value.items() if isinstance(x, torch.Tensor) and isinstance(name, str)}
    except Exception:
        return None
json.dump([read(f'{folder}/{i}.bin') for i in range(count)], open(f'{folder}/read.json', 'w'))
`
