// The wire format against encodings written by hand from its specification.

import { describe, expect, it } from 'vitest'
import { ProtobufWriter } from './protobuf.js'

const hex = (writer: ProtobufWriter): string => Buffer.from(writer.finish()).toString('hex')

describe('ProtobufWriter', () => {
  const encodings: readonly (readonly [what: string, writer: ProtobufWriter, bytes: string])[] = [
    ['nothing', new ProtobufWriter(), ''],
    ['150', new ProtobufWriter().int(1, 150), '089601'],
    ['0', new ProtobufWriter().int(1, 0), '0800'],
    ['127', new ProtobufWriter().int(1, 127), '087f'],
    ['128', new ProtobufWriter().int(1, 128), '088001'],
    ['300', new ProtobufWriter().int(2, 300), '10ac02'],
    ['2³²', new ProtobufWriter().int(1, 2 ** 32), '08808080801' + '0'],
    ['−1, ten bytes of two’s complement', new ProtobufWriter().int(1, -1), '08ffffffffffffffffff01'],
    ['the largest int64', new ProtobufWriter().int(1, 2n ** 63n - 1n), '08ffffffffffffffff7f'],
    ['a field number over 15', new ProtobufWriter().int(20, 7), 'a00107'],
    ['a text', new ProtobufWriter().string(2, 'testing'), '120774657374696e67'],
    ['a text beyond ASCII', new ProtobufWriter().string(1, 'Ωé'), '0a04cea9c3a9'],
    ['an empty text', new ProtobufWriter().string(1, ''), '0a00'],
    ['a float', new ProtobufWriter().float(2, 1.5), '150000c03f'],
    ['a double', new ProtobufWriter().double(1, 1.5), '09000000000000f83f'],
    ['a message in a message', new ProtobufWriter().message(3, (w) => w.int(1, 150)), '1a03089601'],
    ['an empty message', new ProtobufWriter().message(3, () => {}), '1a00'],
    ['one after the other', new ProtobufWriter().int(1, 1).int(1, 2), '08010802'],
  ]
  it.each(encodings)('writes %s', (_, writer, bytes) => {
    expect(hex(writer)).toBe(bytes)
  })

  it('grows as it must', () => {
    const bytes = new Uint8Array(100_000).map((_, i) => i)
    const written = new ProtobufWriter().int(1, 5).bytes(2, bytes).int(3, 6).finish()
    expect(written.slice(0, 6)).toEqual(Uint8Array.of(8, 5, 0x12, 0xa0, 0x8d, 0x06))
    expect(written.slice(6, -2)).toEqual(bytes)
    expect(written.slice(-2)).toEqual(Uint8Array.of(0x18, 6))
  })

  it('does not copy what is large, also not inside other messages', () => {
    const bytes = new Uint8Array(100_000).fill(9)
    const writer = new ProtobufWriter()
      .int(1, 5)
      .message(2, (w) => w.message(3, (inner) => inner.bytes(4, bytes).int(5, 1)))
    const { length } = writer
    const chunks = writer.int(6, 1).chunks()
    expect(chunks).toContain(bytes)
    expect(length + 2).toBe(writer.length)
    expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(writer.length)
    // 08 05, 12 len(3): 1a len(3): 22 len(3) bytes 28 01, 30 01
    expect(Buffer.from(chunks[0]!).toString('hex')).toBe('0805' + '12aa8d06' + '1aa68d06' + '22a08d06')
    expect(Buffer.concat(chunks).equals(writer.finish())).toBe(true)
  })

  it('refuses what is not a whole number', () => {
    expect(() => new ProtobufWriter().int(1, 1.5)).toThrow(RangeError)
  })
})
