// Strict decoding: text that is not UTF-8 is refused with its place, never read as something it is not.

import { isUtf8 } from 'node:buffer'
import { BertkinError } from '../errors.js'

/**
 * Decodes bytes of a text file strictly.
 *
 * @param bytes whole characters of the file (a line, or a piece of one)
 * @param path, offset where the bytes come from, for the message; `offset` in bytes from the file's start
 * @throws BertkinError 'text-binary' if there is a NUL byte; 'text-not-utf8' if the bytes are not UTF-8
 * @example
 * decodeText(Buffer.from('naïve'), 'a.txt', 0)   // 'naïve'
 */
export function decodeText(bytes: Buffer, path: string, offset: number): string {
  const nul = bytes.indexOf(0)
  if (nul !== -1) {
    throw new BertkinError(
      'text-binary',
      `${path} is not text: it has a NUL byte at offset ${offset + nul}. Leave this file out; or, if it is UTF-16 text, ` +
        `convert it: iconv -f utf-16 -t utf-8 '${path}' > converted.txt`,
    )
  }
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const bad = firstInvalidByte(bytes)
  const value = bytes[bad]!.toString(16).padStart(2, '0')
  throw new BertkinError(
    'text-not-utf8',
    `${path} is not UTF-8: byte 0x${value} at offset ${offset + bad}. If it is Latin-1 text, convert it: ` +
      `iconv -f latin1 -t utf-8 '${path}' > converted.txt`,
  )
}

/**
 * Refuses a file whose first bytes mark it as UTF-16, and says how many bytes of a UTF-8 mark to drop.
 *
 * @returns 3 if the file begins with UTF-8's byte order mark, else 0
 * @throws BertkinError 'text-not-utf8' for UTF-16's byte order marks
 * @example
 * byteOrderMark(Buffer.from('\uFEFFtext'), 'a.txt')   // 3
 */
export function byteOrderMark(start: Buffer, path: string): 0 | 3 {
  const [a, b, c] = start
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new BertkinError(
      'text-not-utf8',
      `${path} is UTF-16, not UTF-8 (byte order mark at offset 0). Convert it: ` +
        `iconv -f utf-16 -t utf-8 '${path}' > converted.txt`,
    )
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0
}

/**
 * The index of the first byte that does not begin a well-formed UTF-8 sequence (Unicode Standard, table 3-7), or
 * `bytes.length` if all do.
 *
 * @example
 * firstInvalidByte(Uint8Array.of(0x61, 0xe9, 0x62))   // 1
 */
export function firstInvalidByte(bytes: Uint8Array): number {
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i]!
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
    if (length === 0) return i
    // The second byte's range is narrower after four leads: no overlong forms, no surrogates, nothing above U+10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (let k = 1; k < length; k++) {
      const byte = bytes[i + k]
      if (byte === undefined || byte < (k === 1 ? low : 0x80) || byte > (k === 1 ? high : 0xbf)) return i
    }
    i += length
  }
  return i
}
