import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32, narrow, widen } from './half.js'

const python = process.env.BERTKIN_PYTHON

describe('half precision', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [-1e30, 0xfc00],
    [Infinity, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // a tie, to even
    [2 ** -25 * 1.0001, 0x0001],
    [3 * 2 ** -25, 0x0002], // a tie, to even
    [2 ** -14 - 2 ** -26, 0x0400], // a subnormal that rounds up to the smallest normal
    [1 + 2 ** -11, 0x3c00], // a tie, to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000], // a carry into the exponent
    [1e-40, 0x0000],
    [NaN, 0x7e00],
  ])('narrows %d to F16', (value, half) => expect(float32ToHalf(value)).toBe(half))

  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3f80],
    [-1, 0xbf80],
    [1 + 2 ** -8, 0x3f80], // a tie, to even
    [1 + 3 * 2 ** -8, 0x3f82],
    [3.4028234e38, 0x7f80], // the largest float rounds to infinity
    [-Infinity, 0xff80],
    [NaN, 0x7fc0],
    [2 ** -149, 0x0000],
    [2 ** -133, 0x0001],
  ])('narrows %d to BF16', (value, bfloat) => expect(float32ToBfloat16(value)).toBe(bfloat))

  it('widens and narrows every bit pattern back to itself', () => {
    for (let pattern = 0; pattern < 65536; pattern++) {
      const [half, bfloat] = [halfToFloat32(pattern), bfloat16ToFloat32(pattern)]
      // Every NaN narrows to the quiet one.
      if (!Number.isNaN(half)) expect(float32ToHalf(half)).toBe(pattern)
      else expect(float32ToHalf(half) & 0x7fff).toBe(0x7e00)
      if (!Number.isNaN(bfloat)) expect(float32ToBfloat16(bfloat)).toBe(pattern)
      else expect(float32ToBfloat16(bfloat) & 0x7fff).toBe(0x7fc0)
    }
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
    expect(widen(all, 'F16')[0x3c01]).toBe(1 + 2 ** -10)
    expect(widen(all, 'BF16')[0x3f81]).toBe(1 + 2 ** -7)
  })

  it.skipIf(python === undefined)('agrees with PyTorch bit by bit (needs BERTKIN_PYTHON)', () => {
    // Random bit patterns, so that every exponent, subnormals, infinities and NaN occur; and the neighbours of ties.
    const words = new Uint32Array(200_000)
    let state = 12345
    for (let i = 0; i < words.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      words[i] = i % 2 === 0 ? state : (state & 0xffffe000) + [0, 0xfff, 0x1000, 0x1001, 0x7fff, 0x8000][i % 6]!
      // Between the smallest subnormal and the largest half.
      if (i % 3 === 0) words[i] = (words[i]! & 0x807fffff) | ((100 + ((state >>> 8) % 45)) << 23)
    }
    const script = `
import sys, torch, numpy
x = torch.from_numpy(numpy.frombuffer(sys.stdin.buffer.read(), dtype=numpy.float32).copy())
for dtype in (torch.float16, torch.bfloat16):
    sys.stdout.buffer.write(x.to(dtype).view(torch.int16).numpy().tobytes())`
    const { stdout, status } = spawnSync(python ?? '', ['-c', script], {
      input: new Uint8Array(words.buffer),
      maxBuffer: 2 ** 24,
    })
    expect(status).toBe(0)
    const reference = new Uint16Array(new Uint8Array(stdout).buffer)
    const floats = new Float32Array(words.buffer)
    const ours = { F16: narrow(floats, 'F16'), BF16: narrow(floats, 'BF16') }
    let differences = 0
    for (let i = 0; i < floats.length; i++) {
      if (Number.isNaN(floats[i])) continue // any NaN will do
      if (ours.F16[i] !== reference[i]) differences++
      if (ours.BF16[i] !== reference[floats.length + i]) differences++
    }
    expect(differences).toBe(0)
  })
})
