// A zip of a checkpoint: read again by the reader of PyTorch's archives, byte for byte, with checksums by zlib.

import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { blobSource } from '../checkpoint/index.js'
import { readZipDirectory, zipDataOffset } from '../checkpoint/zipDirectory.js'
import { zipOf } from './saveFiles.js'

const malformed = (problem: string): never => {
  throw new Error(problem)
}

it('holds every file as it is, in a folder of the set’s name', async () => {
  const weights = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 7919) % 251) // several slices
  const files = {
    'config.json': new Blob(['{"model_type": "électra"}']),
    'generator/model.safetensors': new Blob([weights]),
  }
  const source = blobSource(await zipOf({ name: 'my: run', files }), 'zip')
  const entries = await readZipDirectory(source, malformed)
  expect([...entries.keys()]).toEqual(['my- run/config.json', 'my- run/generator/model.safetensors'])
  for (const [name, blob] of Object.entries(files)) {
    const entry = entries.get(`my- run/${name}`)!
    const content = new Uint8Array(await blob.arrayBuffer())
    const start = await zipDataOffset(source, entry, malformed)
    expect(entry.crc32).toBe(crc32(content))
    expect(Buffer.compare(await source.slice(start, start + entry.byteLength), content)).toBe(0)
  }
})

it('refuses what it cannot hold', async () => {
  const huge = { size: 2 ** 32 } as Blob
  await expect(zipOf({ name: 'huge', files: { 'model.safetensors': huge } })).rejects.toMatchObject({
    code: 'file-write',
  })
})
