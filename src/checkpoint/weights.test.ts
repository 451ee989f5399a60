import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import type { Folder } from './files.js'
import { openFolder } from './files.node.js'
import { safetensorsBytes } from './safetensorsWriter.js'
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

  it.each([
    ['model.safetensors.index.json', 'several files'],
    ['pytorch_model.bin', 'PyTorch weights'],
    ['README.md', 'has no model.safetensors'],
  ])('says what it found instead: %s', async (fileName, message) => {
    writeFileSync(join(directory, fileName), '{}')
    const opening = openWeights(await openFolder(directory))
    await expect(opening).rejects.toMatchObject({ code: 'file-missing' })
    await expect(opening).rejects.toThrow(message)
  })
})
