// The alphabet of byte-level tokenizers: every byte stands for itself as a visible character, so that a vocabulary of
// byte strings can be written as text. Printable Latin-1 is itself; the other 68 bytes follow from U+0100 on (a space
// is U+0120, Ġ). The mapping of GPT-2's encoder.

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae

/** The character (a UTF-16 unit) of each byte. */
export const byteToUnit = new Uint16Array(256)
let unprintable = 0
for (let byte = 0; byte < 256; byte++) byteToUnit[byte] = isPrintable(byte) ? byte : 0x100 + unprintable++

const unitToByteTable = new Int16Array(0x100 + unprintable).fill(-1)
for (let byte = 0; byte < 256; byte++) unitToByteTable[byteToUnit[byte]!] = byte

/** What stands for the byte 0x20, the space: `Ġ`. */
export const SPACE_UNIT = byteToUnit[0x20]!

/**
 * The byte that a character stands for, or -1.
 *
 * @example
 * unitToByte(0x120) // 32: Ġ is the space
 */
export function unitToByte(unit: number): number {
  return unit < unitToByteTable.length ? unitToByteTable[unit]! : -1
}
