// The layout of torch.save before PyTorch 1.6: five pickles one after another (a magic number, a version, facts about
// the machine, the object, the keys of its storages), then each storage: its length in 8 bytes, and its numbers.

import type { ByteSource } from './byteSource.js'
import { CheckpointError, shown } from './error.js'
import { unpickle } from './pickle.js'
import { malformedTorch, type PickleValue } from './pickleValue.js'
import { keyOf, TorchWorld } from './torchPickle.js'
import { LONGEST_PICKLE, type TorchContents } from './torchZip.js'

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn
const PROTOCOL = 1001

/** How much is read at first: enough for the pickles of most models. */
const FIRST_BYTES = 65_536

/**
 * Reads all of a file of the older layout but its storages. Their numbers are little-endian whatever machine wrote them.
 *
 * @param source the file
 * @param fileName what messages call it
 * @throws CheckpointError `file-malformed`, `file-truncated`, `file-unsafe`, `dtype-unsupported`
 * @example
 * const folder = await openFolder('models/spanbert')
 * const { value } = await readTorchLegacy((await folder.open('pytorch_model.bin'))!, 'pytorch_model.bin')
 */
export async function readTorchLegacy(source: ByteSource, fileName: string): Promise<TorchContents> {
  const malformed = (problem: string) => malformedTorch(fileName, problem)
  const pickles = new Pickles(source, fileName)
  if ((await pickles.next()).value !== MAGIC_NUMBER) throw malformed('it is a pickle, but not of torch.save')
  const version = (await pickles.next()).value
  if (version !== PROTOCOL) throw malformed('it is of an unknown version')
  await pickles.next()
  const { value, world } = await pickles.next()
  const keys = (await pickles.next()).value
  if (!Array.isArray(keys)) throw malformed('its storages are not listed')
  return { value, storages: await findStorages(source, pickles.position, keys, world), bigEndian: false }
}

/** Pickles whose length is known only when they have been read: more bytes are fetched until they suffice. */
class Pickles {
  /** Of the next one. */
  position = 0
  #bytes = new Uint8Array(0)

  constructor(
    private readonly source: ByteSource,
    private readonly fileName: string,
  ) {}

  async next(): Promise<{ value: PickleValue; world: TorchWorld }> {
    for (;;) {
      const world = new TorchWorld(this.fileName)
      const unpickled = unpickle(this.#bytes, this.position, world, this.fileName)
      if (unpickled !== undefined) {
        this.position = unpickled.end
        return { value: unpickled.value, world }
      }
      await this.#readMore()
    }
  }

  async #readMore(): Promise<void> {
    const { byteLength } = this.source
    const length = this.#bytes.length
    if (length >= byteLength) {
      throw new CheckpointError('file-truncated', `${this.fileName} is cut off within its pickles: download it again.`)
    }
    if (length >= LONGEST_PICKLE) throw malformedTorch(this.fileName, `its pickles have more than ${length} bytes`)
    this.#bytes = new Uint8Array(
      await this.source.slice(0, Math.min(Math.max(2 * length, FIRST_BYTES), byteLength, LONGEST_PICKLE)),
    )
  }
}

/** Walks from storage to storage: each says its length. */
async function findStorages(
  source: ByteSource,
  start: number,
  keys: readonly PickleValue[],
  world: TorchWorld,
): Promise<Map<string, number>> {
  const size = source.byteLength
  const { fileName } = world
  const found = new Map<string, number>()
  let position = start
  for (const value of keys) {
    const key = keyOf(value) ?? ''
    const claim = world.storages.get(key)
    if (claim === undefined || found.has(key)) {
      throw world.malformed(`it lists storage ${shown(key)}, which ${claim ? 'it has already' : 'no tensor uses'}`)
    }
    const end = position + 8 + claim.elements * claim.elementSize
    if (end > size) {
      throw new CheckpointError('file-truncated', `${fileName} is cut off: ${end} bytes are needed, it has ${size}.`)
    }
    const header = await source.slice(position, position + 8)
    const elements = new DataView(header.buffer, header.byteOffset, 8).getBigInt64(0, true)
    if (elements !== BigInt(claim.elements)) {
      throw world.malformed(`storage ${shown(key)} has ${elements} elements, but should have ${claim.elements}`)
    }
    found.set(key, position + 8)
    position = end
  }
  for (const key of world.storages.keys()) {
    if (!found.has(key)) throw world.malformed(`storage ${shown(key)} is missing`)
  }
  if (position < size) throw world.malformed(`${size - position} unused bytes follow the last storage`)
  return found
}
