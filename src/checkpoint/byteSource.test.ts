import { expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'

it('hands out copies that start their own buffer', async () => {
  const bytes = new Uint8Array([9, 1, 2, 3]).subarray(1)
  for (const source of [bytesSource(bytes), bytesSource(Buffer.from(bytes))]) {
    expect(source.byteLength).toBe(3)
    const part = await source.slice(1, 3)
    expect([...part]).toEqual([2, 3])
    expect(part.byteOffset).toBe(0)
    expect(part.buffer.byteLength).toBe(2)
    part[0] = 77
    expect([...(await source.slice(0, 3))]).toEqual([1, 2, 3])
  }
})
