// Files in one archive, uncompressed (weights do not compress): PKWARE's APPNOTE 4.3, local headers, a directory, an end.

const CHUNK = 1 << 20
const UTF8_NAMES = 0x0800
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

/** In pieces, so that a page does not freeze over it. */
async function crc32(blob: Blob): Promise<number> {
  let crc = 0xffffffff
  for (let at = 0; at < blob.size; at += CHUNK) {
    const bytes = new Uint8Array(await blob.slice(at, at + CHUNK).arrayBuffer())
    for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/**
 * An archive of the files, by their names.
 *
 * @example
 * const archive = await zip({ 'config.json': new Blob(['{}']) })
 */
export async function zip(files: Readonly<Record<string, Blob>>): Promise<Blob> {
  const parts: BlobPart[] = []
  const directory: BlobPart[] = []
  let offset = 0
  let directorySize = 0
  for (const [name, blob] of Object.entries(files)) {
    const path = new TextEncoder().encode(name)
    const crc = await crc32(blob)
    const common = [
      ...u16(20),
      ...u16(UTF8_NAMES),
      ...u16(0),
      ...u32(0),
      ...u32(crc),
      ...u32(blob.size),
      ...u32(blob.size),
    ]
    const local = Uint8Array.from([...u32(0x04034b50), ...common, ...u16(path.length), ...u16(0)])
    const entry = Uint8Array.from([
      ...[...u32(0x02014b50), ...u16(20), ...common, ...u16(path.length), ...u16(0), ...u16(0), ...u16(0), ...u16(0)],
      ...[...u32(0), ...u32(offset)],
    ])
    parts.push(local, path, blob)
    directory.push(entry, path)
    offset += local.length + path.length + blob.size
    directorySize += entry.length + path.length
  }
  const count = Object.keys(files).length
  const end = [
    ...u32(0x06054b50),
    ...u16(0),
    ...u16(0),
    ...u16(count),
    ...u16(count),
    ...u32(directorySize),
    ...u32(offset),
  ]
  return new Blob([...parts, ...directory, Uint8Array.from([...end, ...u16(0)])], { type: 'application/zip' })
}

const u16 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff]
const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)]
