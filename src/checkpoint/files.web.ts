// Folders on a web server, read through fetch: checkpoints file by file, which are kept (webFolder.ts), other folders by
// ranges where the server offers them. Browsers have no folders to write to, so the writing functions only say so.

import type { ByteSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { type FileContent, type Folder, folderOf, isInnerName } from './files.js'
import {
  isWebAddress,
  type LocationOptions,
  PUBLIC_ENDPOINT,
  parseHubAddress,
  parseHubId,
  resolveAddress,
} from './hub.js'
import { failure, isMissing, refusal, request } from './webDownload.js'
import { openKeptFolder } from './webFolder.js'

// The first request brings this much, which usually holds a whole safetensors header.
const FIRST_BYTES = 65_536

/**
 * Opens a checkpoint's folder on a web server for reading. Nothing is fetched until a file is asked for.
 *
 * @param location the folder's URL, absolute or relative to the page
 * @throws CheckpointError `file-missing` if `location` is not a URL
 * @example
 * const folder = await openFolder('https://example.org/models/electra')
 */
export async function openFolder(location: string): Promise<Folder> {
  const urlOf = addressesIn(location)
  return folderOf(location, async (fileName) => openUrl(urlOf(fileName)))
}

/** The address of each file of a folder; names that lead out of it are refused. */
function addressesIn(location: string): (fileName: string) => string {
  const base = baseUrl(location)
  return (fileName) => {
    if (!isInnerName(fileName)) {
      throw new CheckpointError('file-read', `"${fileName}" is not a file name inside ${location}.`)
    }
    const url = new URL(base)
    url.pathname += fileName.split('/').map(encodeURIComponent).join('/')
    return url.href
  }
}

/**
 * Opens a checkpoint on the Hugging Face hub or under any other URL. Each file is downloaded when it is first asked for,
 * in pieces, with progress, and kept in the browser's Cache API once it is whole. What is kept is compared with the server's
 * the first time it is used in a page, and used as it is where there is no network.
 *
 * @param location `name` or `organization/name` of a model on the hub, with `@revision` where wanted; or a URL, which
 *   begins with `./`, `/` or a scheme so as not to look like an id
 * @throws CheckpointError `file-missing` if `location` is neither. Reading also throws `file-read`, `file-truncated` if
 *   less comes than the server has said, `cancelled`, and `file-missing` for what is not kept if `offline` is asked for
 * @example
 * const folder = await openCheckpoint('google/electra-small-discriminator', {
 *   onProgress: ({ file, bytes, total, bytesPerSecond }) => console.log(file, bytes, total, bytesPerSecond),
 * })
 */
export async function openCheckpoint(location: string, options: LocationOptions = {}): Promise<Folder> {
  const { revision, endpoint = PUBLIC_ENDPOINT } = options
  const hub = endpoint.replace(/\/+$/, '')
  const model = isWebAddress(location) ? parseHubAddress(location, hub, revision) : parseHubId(location, revision)
  const address = model === undefined ? location : resolveAddress(hub, model)
  return options.peek ? openFolder(address) : openKeptFolder(location, addressesIn(address), options)
}

/**
 * In a browser: always fails, there is no folder to write to.
 *
 * @throws CheckpointError `file-write`
 * @example
 * const chunks = safetensorsChunks([{ name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }])
 * const file = new Blob([...chunks] as BlobPart[]) // instead: offer this for download
 */
export async function writeFileAtomically(
  path: string,
  _chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  throw cannotWrite(path)
}

/**
 * In a browser: always fails, there is no folder to write to. {@link writeFileAtomically} shows what to do instead.
 *
 * @throws CheckpointError `file-write`
 * @example
 * await writeFolderAtomically('out', { 'vocab.txt': '[PAD]' }) // rejects
 */
export async function writeFolderAtomically(
  path: string,
  _files: Readonly<Record<string, FileContent>>,
): Promise<void> {
  throw cannotWrite(path)
}

/**
 * In a browser: always fails, there is no folder to recover.
 *
 * @throws CheckpointError `file-write`
 * @example
 * await recoverFolder('out') // rejects
 */
export async function recoverFolder(path: string): Promise<void> {
  throw cannotWrite(path)
}

/**
 * In a browser: always fails, there is no folder to write to.
 *
 * @throws CheckpointError `file-write`
 * @example
 * await checkFolder('out') // rejects
 */
export async function checkFolder(path: string): Promise<'checkpoint' | 'nothing'> {
  throw cannotWrite(path)
}

const cannotWrite = (path: string): CheckpointError =>
  new CheckpointError(
    'file-write',
    `Cannot write ${path}: a browser has no folders. Offer the bytes for download instead.`,
  )

function baseUrl(location: string): string {
  const page = typeof document === 'undefined' ? undefined : document.baseURI
  try {
    const url = new URL(location, page)
    if (!url.pathname.endsWith('/')) url.pathname += '/'
    return url.href
  } catch (error) {
    throw new CheckpointError('file-missing', `"${location}" is not the URL of a folder.`, { cause: error })
  }
}

async function openUrl(url: string): Promise<ByteSource | undefined> {
  const response = await request(url, { headers: { Range: `bytes=0-${FIRST_BYTES - 1}` } })
  if (isMissing(url, response)) return undefined
  // A range of an empty file cannot be satisfied.
  if (response.status === 416) return wholeFile(new Uint8Array(0))
  if (!response.ok) throw refusal(url, response)
  const first = await body(url, response)
  if (response.status !== 206) return wholeFile(first)

  const total = totalOf(response) ?? (first.length < FIRST_BYTES ? first.length : await lengthByHead(url))
  if (total === undefined) return wholeFile(await body(url, await request(url, {})))
  if (total <= first.length) return wholeFile(first.subarray(0, total))
  return rangedFile(url, total, first)
}

function wholeFile(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, slice: async (start, end) => bytes.slice(start, end) }
}

function rangedFile(url: string, byteLength: number, first: Uint8Array): ByteSource {
  return {
    byteLength,
    async slice(start, end) {
      if (end <= first.length) return first.slice(start, end)
      if (end <= start) return new Uint8Array(0)
      const response = await request(url, { headers: { Range: `bytes=${start}-${end - 1}` } })
      if (!response.ok) throw refusal(url, response)
      const bytes = await body(url, response)
      const total = response.status === 206 ? totalOf(response) : bytes.length
      if (total !== undefined && total !== byteLength) throw failure(url, 'the file changed while it was being read')
      const wanted = response.status === 206 ? bytes : bytes.slice(start, end)
      if (wanted.length !== end - start) {
        throw new CheckpointError('file-truncated', `Cannot read ${url}: the server sent fewer bytes than asked for.`)
      }
      return wanted
    },
  }
}

async function body(url: string, response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    throw failure(url, 'the connection broke off', error)
  }
}

// "bytes 0-65535/104857600". Servers on another origin may hide the header or not know the length ("*").
function totalOf(response: Response): number | undefined {
  const digits = /\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

async function lengthByHead(url: string): Promise<number | undefined> {
  const { ok, headers } = await request(url, { method: 'HEAD' })
  const length = headers.get('Content-Length')
  // The length of a compressed answer is not the file's.
  return ok && length !== null && headers.get('Content-Encoding') === null ? Number(length) : undefined
}
