// The layout of torch.save since PyTorch 1.6: a ZIP archive with a pickle, `data.pkl`, and each storage's bytes in an
// entry of its own, `data/<key>`, all in one folder of any name.

import type { ByteSource } from './byteSource.js'
import { shown } from './error.js'
import { unpickle } from './pickle.js'
import { malformedTorch, type PickleValue } from './pickleValue.js'
import { TorchWorld } from './torchPickle.js'
import { type Malformed, readZipDirectory, type ZipEntry, zipDataOffset } from './zipDirectory.js'

/** A file of either layout, before it is looked at as a state dict. */
export interface TorchContents {
  readonly value: PickleValue
  /** Where each storage's bytes begin in the file, by its key. All of them lie within the file. */
  readonly storages: ReadonlyMap<string, number>
  readonly bigEndian: boolean
}

/** Weights have some 100 bytes of pickle a tensor. */
export const LONGEST_PICKLE = 32_000_000

/** Local headers that are read at a time: on a web server each is a request. */
const AT_A_TIME = 16

/**
 * Reads all of a file of the newer layout but its storages.
 *
 * @param source the file
 * @param fileName what messages call it
 * @throws CheckpointError `file-malformed`, `file-unsafe`, `dtype-unsupported`
 * @example
 * const folder = await openFolder('models/roberta')
 * const { value } = await readTorchZip((await folder.open('pytorch_model.bin'))!, 'pytorch_model.bin')
 */
export async function readTorchZip(source: ByteSource, fileName: string): Promise<TorchContents> {
  const malformed: Malformed = (problem, code) => malformedTorch(fileName, problem, code)
  const entries = await readZipDirectory(source, malformed)
  const roots = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  const [pickleName] = roots
  if (pickleName === undefined) throw malformed('it is an archive without a data.pkl')
  if (roots.length > 1) throw malformed(`it has ${shown(roots[0])} and ${shown(roots[1])}`)
  const folder = pickleName.slice(0, -'data.pkl'.length)
  if (entries.has(`${folder}constants.pkl`)) {
    throw malformed('it is a TorchScript program, not weights; save the state_dict() of the model')
  }
  const read = (entry: ZipEntry, longest: number): Promise<Uint8Array> => readEntry(source, entry, longest, fileName)

  const order = entries.get(`${folder}byteorder`)
  const byteOrder = order === undefined ? 'little' : new TextDecoder().decode(await read(order, 16))
  if (byteOrder !== 'little' && byteOrder !== 'big') throw malformed(`its byte order is ${shown(byteOrder)}`)

  const world = new TorchWorld(fileName)
  const bytes = await read(entries.get(pickleName)!, LONGEST_PICKLE)
  const unpickled = unpickle(bytes, 0, world, fileName)
  if (unpickled?.end !== bytes.length) throw malformed('its pickle is cut off, or something follows it')

  const storages = new Map<string, number>()
  const claims = [...world.storages]
  for (let i = 0; i < claims.length; i += AT_A_TIME) {
    const places = claims.slice(i, i + AT_A_TIME).map(async ([key, { elements, elementSize }]) => {
      const entry = entries.get(`${folder}data/${key}`)
      if (entry === undefined) throw malformed(`storage ${shown(key)} is missing`)
      if (entry.byteLength < elements * elementSize) {
        throw malformed(`storage ${shown(key)} needs ${elements * elementSize} bytes, but has ${entry.byteLength}`)
      }
      return [key, await zipDataOffset(source, entry, malformed)] as const
    })
    for (const [key, offset] of await Promise.all(places)) storages.set(key, offset)
  }
  return { value: unpickled.value, storages, bigEndian: byteOrder === 'big' }
}

async function readEntry(source: ByteSource, entry: ZipEntry, longest: number, fileName: string): Promise<Uint8Array> {
  const malformed = (problem: string) => malformedTorch(fileName, problem)
  const { name, byteLength } = entry
  if (byteLength > longest) throw malformed(`its entry ${shown(name)} has ${byteLength} bytes`)
  const offset = await zipDataOffset(source, entry, malformed)
  const bytes = await source.slice(offset, offset + byteLength)
  // PyTorch can be told not to compute checksums, and then writes 0.
  if (entry.crc32 !== 0 && crc32(bytes) !== entry.crc32) throw malformed(`its entry ${shown(name)} is damaged`)
  return bytes
}

/** For each byte, the remainder of its division by ZIP's polynomial (reflected 0xedb88320). */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/** ZIP's checksum. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff
  for (const byte of bytes) remainder = (remainder >>> 8) ^ REMAINDERS[(remainder ^ byte) & 0xff]!
  return ~remainder >>> 0
}
