import { describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import { convertedTensors } from './convert.js'
import { readSafetensorsHeader } from './safetensors.js'
import { safetensorsBytes, type TensorToWrite } from './safetensorsWriter.js'
import { type Weights, weightsOf } from './weights.js'

async function weightsWith(...tensors: TensorToWrite[]): Promise<Weights> {
  const file = await readSafetensorsHeader(bytesSource(safetensorsBytes(tensors)), 'model.safetensors')
  return weightsOf('a folder', [{ file }])
}

const bias: TensorToWrite = { name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 1 / 3) }
const positions: TensorToWrite = { name: 'position_ids', dtype: 'I64', shape: [2], data: BigInt64Array.of(0n, 1n) }

describe('convertedTensors', () => {
  it('rounds numbers, and leaves whole ones alone', async () => {
    const converted = await convertedTensors(await weightsWith(bias, positions), 'F16')
    expect(converted.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: 'bias', dtype: 'F16', shape: [2], data: Uint16Array.of(0x3c00, 0x3555) },
      { name: 'position_ids', dtype: 'I64', data: positions.data },
    ])
  })

  it('widens again what was rounded', async () => {
    const halves = await convertedTensors(await weightsWith(bias), 'BF16')
    const [{ dtype, data }] = (await convertedTensors(await weightsWith(...halves), 'F32')) as [TensorToWrite]
    expect({ dtype, data }).toEqual({ dtype: 'F32', data: Float32Array.of(1, 0.333984375) })
  })

  it('refuses numbers that would become infinite, but keeps those that are', async () => {
    const large = { ...bias, data: Float32Array.of(1, 65520) }
    await expect(convertedTensors(await weightsWith(large), 'F16')).rejects.toMatchObject({
      code: 'not-finite',
      message: '65520 in bias is too large for half precision: export it as float32',
    })
    const infinite = { ...bias, data: Float32Array.of(1, Number.POSITIVE_INFINITY) }
    const [{ data }] = (await convertedTensors(await weightsWith(infinite), 'F16')) as [TensorToWrite]
    expect(data).toEqual(Uint16Array.of(0x3c00, 0x7c00))
  })
})
