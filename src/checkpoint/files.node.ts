// Folders on a local disk: reading them. Writing them is in write.node.ts and folderSwap.node.ts, re-exported here so
// that this file and files.web.ts offer the same names. Only this file is imported from outside, as #checkpoint/files.

import { type BigIntStats, realpathSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ByteSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { type Folder, isInnerName, textOf } from './files.js'
import { openFolder as openWebFolder } from './files.web.js'
import { findReadable } from './folderSwap.node.js'
import { isWebAddress, type LocationOptions, parseHubAddress, parseHubId } from './hub.js'
import { openHubFolder } from './hubFolder.node.js'
import { endpointFrom } from './hubSettings.node.js'
import { errorCode, reasonOf } from './write.node.js'

export { checkFolder, recoverFolder, writeFolderAtomically } from './folderSwap.node.js'
export { writeFileAtomically } from './write.node.js'

// The operating system reads at most 2 GiB at once.
const LONGEST_READ = 2 ** 30

/**
 * Opens a checkpoint's folder for reading.
 *
 * If a process died while it was replacing the folder, the previous checkpoint is found and read. If another process
 * replaces the folder while it is being read, later reads fail instead of mixing two checkpoints.
 *
 * @param location a local directory
 * @throws CheckpointError `file-missing` if there is no such directory, `file-read` if it cannot be read
 * @example
 * const folder = await openFolder('models/electra-small-discriminator')
 */
export async function openFolder(location: string): Promise<Folder> {
  const directory = await findReadable(resolve(location))
  if (directory === undefined) {
    throw new CheckpointError(
      'file-missing',
      `There is no folder ${location}: check the path, or download the checkpoint.`,
    )
  }
  const identity = await statOf(directory, location)
  if (!identity?.isDirectory()) {
    throw new CheckpointError('file-missing', `${location} is not a folder: give the folder that holds config.json.`)
  }

  // Files are opened when they are asked for; between two of them a writer may have swapped the whole folder.
  const checkNotReplaced = async (): Promise<void> => {
    const now = await statOf(directory, location)
    if (now?.ino !== identity.ino || now?.dev !== identity.dev) throw replaced(location)
  }

  const openFile = async (fileName: string): Promise<FileSource | undefined> => {
    if (!isInnerName(fileName)) {
      throw new CheckpointError('file-read', `"${fileName}" is not a file name inside ${location}.`)
    }
    const shown = join(location, fileName)
    const path = join(directory, fileName)
    const status = await statOf(path, shown)
    await checkNotReplaced()
    if (status === undefined) return undefined
    if (!status.isFile()) throw new CheckpointError('file-read', `${shown} is not a regular file.`)
    return new FileSource(path, shown, status)
  }

  return {
    name: location,
    open: openFile,
    async readText(fileName) {
      const source = await openFile(fileName)
      return source && textOf(source, source.shown)
    },
    path: (fileName) => realpathSync(join(directory, fileName)),
  }
}

/**
 * Opens a checkpoint wherever it is: in a local folder, under a URL, or on the Hugging Face hub.
 *
 * A folder that exists wins; what looks like a path (`./x`, `/x`, `~`, more than one slash, a backslash) is never an id.
 * Of a model on the hub, files are downloaded when they are first asked for, into the cache that all Hugging Face
 * libraries share; what is there already is not downloaded again, and is enough where there is no network.
 * `HF_HUB_CACHE`, `HF_HOME`, `HF_TOKEN`, `HF_ENDPOINT`, `HF_HUB_OFFLINE` and the others mean what they mean to Python's
 * huggingface_hub.
 *
 * @param location a folder, a URL, or `name` or `organization/name` of a model, with `@revision` where wanted
 * @throws CheckpointError `file-missing` if it is nowhere. Reading from the hub also throws `file-missing` for models,
 *   revisions and files that it has not, or that are not in the cache where it must do; `hub-unreachable`,
 *   `hub-denied` (private or gated), `hub-malformed` (answers that make no sense, wrong checksums), and `file-write`
 * @see https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 * @example
 * const folder = await openCheckpoint('google/electra-small-discriminator', {
 *   onProgress: ({ file, bytes, total }) => console.log(file, bytes, total),
 * })
 * const config = parseConfig(await folder.readText('config.json') ?? '{}')
 */
export async function openCheckpoint(location: string, options: LocationOptions = {}): Promise<Folder> {
  if (location.trim() === '') {
    // A script's variable that was never set; as a path it would be the current folder.
    const message = 'The name of the checkpoint is empty: give a folder, a URL, or a name on the hub.'
    throw new CheckpointError('file-missing', message)
  }
  if (isWebAddress(location)) {
    const model = parseHubAddress(location, endpointFrom(options), options.revision)
    return model === undefined ? openWebFolder(location) : openHubFolder(model, options, openFolder)
  }
  if ((await findReadable(resolve(location))) !== undefined) return openFolder(location)
  const model = parseHubId(location, options.revision)
  return model === undefined ? openFolder(location) : openHubFolder(model, options, openFolder)
}

/**
 * A file on disk. It holds no descriptor between reads, so there is nothing to close; instead each read checks that the
 * path still names the same unchanged file.
 */
class FileSource implements ByteSource {
  readonly byteLength: number

  constructor(
    private readonly path: string,
    readonly shown: string,
    private readonly status: BigIntStats,
  ) {
    this.byteLength = Number(status.size)
  }

  async slice(start: number, end: number): Promise<Uint8Array> {
    let handle: FileHandle | undefined
    try {
      handle = await open(this.path, 'r')
      const now = await handle.stat({ bigint: true })
      const { ino, dev, size, mtimeNs } = this.status
      if (now.ino !== ino || now.dev !== dev || now.size !== size || now.mtimeNs !== mtimeNs) throw replaced(this.shown)
      const bytes = new Uint8Array(end - start)
      for (let filled = 0; filled < bytes.length; ) {
        const length = Math.min(bytes.length - filled, LONGEST_READ)
        const { bytesRead } = await handle.read(bytes, filled, length, start + filled)
        if (bytesRead === 0) throw replaced(this.shown)
        filled += bytesRead
      }
      return bytes
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw replaced(this.shown)
      throw readFailure(this.shown, error)
    } finally {
      await handle?.close()
    }
  }
}

async function statOf(path: string, shown: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw readFailure(shown, error)
  }
}

function readFailure(shown: string, error: unknown): unknown {
  if (errorCode(error) === undefined || error instanceof CheckpointError) return error
  return new CheckpointError('file-read', `Cannot read ${shown}: ${reasonOf(error)}.`, { cause: error })
}

const replaced = (shown: string): CheckpointError =>
  new CheckpointError('file-read', `${shown} was replaced while it was being read: open the checkpoint again.`)
