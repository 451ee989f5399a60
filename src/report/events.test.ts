// TensorBoard's event files: the checksum against published values, the frame by a reader written from the formats'
// descriptions, and, where Python has it (BERTKIN_PYTHON=path of such an interpreter), TensorBoard itself.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { crc32c, maskedCrc32c } from './crc32c.js'
import { eventFileStart, restartEvent, scalarsEvent } from './index.js'

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4.
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['the digits', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected)
  })
})

interface Message {
  readonly [field: number]: readonly (bigint | Uint8Array)[]
}

/** Any protobuf message by field numbers. */
function message(bytes: Uint8Array): Message {
  const fields: Record<number, (bigint | Uint8Array)[]> = {}
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const take = (length: number): Uint8Array => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const read = [varint, () => take(8), () => take(Number(varint())), undefined, undefined, () => take(4)][tag & 7]!
    fields[tag >> 3] = [...(fields[tag >> 3] ?? []), read()]
  }
  return fields
}

const view = (bytes: unknown): DataView => {
  const { buffer, byteOffset, byteLength } = bytes as Uint8Array
  return new DataView(buffer, byteOffset, byteLength)
}
const text = (bytes: unknown): string => new TextDecoder().decode(bytes as Uint8Array)

/** The events of a file, every checksum checked. */
function events(file: Uint8Array): Message[] {
  const found: Message[] = []
  for (let at = 0; at < file.length; ) {
    const head = file.subarray(at, at + 8)
    const length = Number(view(head).getBigUint64(0, true))
    expect(view(file).getUint32(at + 8, true)).toBe(maskedCrc32c(head))
    const data = file.subarray(at + 12, at + 12 + length)
    expect(view(file).getUint32(at + 12 + length, true)).toBe(maskedCrc32c(data))
    found.push(message(data))
    at += 16 + length
  }
  return found
}

const scalars = { 'train/loss': 3.25, 'train/learning_rate': 5e-4, 'held-out/été': -1 }

describe('an event file', () => {
  it('has the version first, then numbers by step and tag', () => {
    const [start, event] = events(
      Buffer.concat([eventFileStart(1_700_000_000.5), scalarsEvent(2 ** 40, 1_700_000_001.25, scalars)]),
    )
    expect(view(start![1]![0]).getFloat64(0, true)).toBe(1_700_000_000.5)
    expect(text(start![3]![0])).toBe('brain.Event:2')
    expect(view(event![1]![0]).getFloat64(0, true)).toBe(1_700_000_001.25)
    expect(event![2]).toEqual([2n ** 40n])
    const values = message(event![5]![0] as Uint8Array)[1]!.map((bytes) => message(bytes as Uint8Array))
    expect(values.map((value) => [text(value[1]![0]), view(value[2]![0]).getFloat32(0, true)])).toEqual(
      Object.entries(scalars).map(([tag, value]) => [tag, Math.fround(value)]),
    )
  })

  it('says where a run begins again', () => {
    const [event] = events(restartEvent(1201, 5))
    expect(event![2]).toEqual([1201n])
    expect(message(event![7]![0] as Uint8Array)).toEqual({ 1: [1n] })
  })
})

/** The interpreter to ask, if it is named and has TensorBoard. */
function pythonWithTensorBoard(): string | undefined {
  const python = process.env.BERTKIN_PYTHON
  if (!python) return undefined
  try {
    execFileSync(python, ['-c', 'import tensorboard'], { stdio: 'ignore' })
    return python
  } catch {
    return undefined
  }
}

const python = pythonWithTensorBoard()

it.skipIf(!python)(
  `TensorBoard reads it${python ? '' : ' (skipped: BERTKIN_PYTHON has no tensorboard)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'bertkin-events-'))
    const values = (from: number, to: number, shift: number): Uint8Array[] =>
      Array.from({ length: to - from }, (_, i) =>
        scalarsEvent(from + i, 100 + i, { loss: from + i + shift, 'a/ü b': Number.NaN }),
      )
    try {
      writeFileSync(
        join(folder, 'events.out.tfevents.100.here.1.0'),
        Buffer.concat([eventFileStart(100), ...values(1, 9, 0)]),
      )
      // The run ended at step 8 and went on from a checkpoint of step 5.
      const resumed = [eventFileStart(200), restartEvent(6, 200), ...values(6, 8, 0.5)]
      writeFileSync(join(folder, 'events.out.tfevents.200.here.2.0'), Buffer.concat(resumed))
      const script = resolve(fileURLToPath(import.meta.url), '../testing/readEvents.py')
      const output = execFileSync(python!, [script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      const found = JSON.parse(output.trim().split('\n').at(-1)!.replaceAll('NaN', 'null')) as Record<string, unknown[]>
      expect(found.loss).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
        [5, 5],
        [6, 6.5],
        [7, 7.5],
      ])
      expect(found['a/ü b']).toHaveLength(7)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  120_000,
)
