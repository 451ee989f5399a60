import { expect, it } from 'vitest'
import { byteToUnit, SPACE_UNIT, unitToByte } from './byteAlphabet.js'

it('gives every byte a visible character of its own', () => {
  expect(new Set(byteToUnit).size).toBe(256)
  for (let byte = 0; byte < 256; byte++) {
    expect(unitToByte(byteToUnit[byte]!)).toBe(byte)
    expect(String.fromCharCode(byteToUnit[byte]!)).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u)
  }
  const letters = (bytes: number[]): string => String.fromCharCode(...bytes.map((byte) => byteToUnit[byte]!))
  expect(letters([0x0a, 0x20, 0x41, 0x7f, 0xa0, 0xad, 0xff])).toBe('ĊĠAġłŃÿ')
  expect(SPACE_UNIT).toBe(0x120)
  expect([0x20, 0xa0, 0x144, 0x3042].map(unitToByte)).toEqual([-1, -1, -1, -1])
})
