// A precompiled charsmap (SentencePiece's table of replacements) small enough to be made in a test.

/** A charsmap that replaces each character that begins with one of `keys` (UTF-8 bytes) by what stands beside it. */
export function tinyCharsmap(keys: ReadonlyMap<number, string>): Uint8Array {
  // One level of a double array: the root's children lie at 256 ^ byte, the leaf of each 1024 further on.
  const units = new Uint32Array(2048)
  units[0] = 256 << 10
  let texts = ''
  for (const [byte, text] of keys) {
    const child = 256 ^ byte
    units[child] = (1024 << 10) | 0x100 | byte
    units[child ^ 1024] = 0x80000000 | new TextEncoder().encode(texts).length
    texts += `${text}\0`
  }
  const encoded = new TextEncoder().encode(texts)
  const bytes = new Uint8Array(4 + units.byteLength + encoded.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, units.byteLength, true)
  for (const [i, unit] of units.entries()) view.setUint32(4 + 4 * i, unit, true)
  bytes.set(encoded, 4 + units.byteLength)
  return bytes
}
