// A folder on a web server whose files are downloaded whole when they are first asked for, and kept: afterwards they are
// there without a network.

import { CheckpointError } from './error.js'
import { blobSource } from './fileSet.js'
import { type Folder, folderOf } from './files.js'
import type { LocationOptions } from './hub.js'
import { TransferRate } from './transferRate.js'
import { findKept, type Kept, keep } from './webCache.js'
import { cancelled, download, isMissing, versionOf, type WebFile, type WebVersion } from './webDownload.js'

/** A commit on the hub is what it is for ever. */
const PINNED = /\/resolve\/[0-9a-f]{40}\//

/** How long a server may take to say whether a file is still the one that is kept. */
const PATIENCE = 5000

/** Addresses that were compared with the server once: as long as this page lives, its models are of one version. */
const compared = new Set<string>()

/**
 * Opens a folder of which each file is downloaded at most once.
 *
 * @param name what messages call it
 * @param urlOf the address of a file; refuses names that lead out of the folder
 */
export function openKeptFolder(name: string, urlOf: (fileName: string) => string, options: LocationOptions): Folder {
  return folderOf(name, async (fileName) => {
    const url = urlOf(fileName)
    const found = await inTurn(url, options.signal, () => fetchKept(url, name, fileName, options))
    return found === 'missing' ? undefined : blobSource(found.blob, `${name}/${fileName}`)
  })
}

/** What is kept if it is still right, or if nobody can say; else what the server has, which is kept then. */
async function fetchKept(url: string, name: string, fileName: string, options: LocationOptions): Promise<Kept> {
  const { cache = true, offline = false, signal } = options
  const kept = cache ? await findKept(url) : undefined
  if (
    kept !== undefined &&
    (offline || PINNED.test(url) || compared.has(url) || (await isCurrent(url, kept, signal)))
  ) {
    return kept
  }
  if (offline) {
    const message = `${name}/${fileName} is not among what this browser has kept: open it once with a network.`
    throw new CheckpointError('file-missing', message)
  }
  const found = (await downloadWithProgress(url, name, fileName, options)) ?? 'missing'
  if (cache) await keepOrWarn(url, found, `${name}/${fileName}`, options)
  return found
}

async function keepOrWarn(url: string, found: Kept, shown: string, { onWarning = console.warn }: LocationOptions) {
  const isCertain = found === 'missing' || found.version.isVerified
  const problem = isCertain ? await keep(url, found) : 'the server does not say how long it is'
  if (problem === undefined) compared.add(url)
  else onWarning(`${shown} is not kept for the next time: ${problem}.`)
}

function downloadWithProgress(
  url: string,
  model: string,
  file: string,
  { onProgress, signal }: LocationOptions,
): Promise<WebFile | undefined> {
  if (!onProgress) return download(url, { signal })
  const rate = new TransferRate()
  return download(url, {
    signal,
    onPiece: (bytes, total) => onProgress({ model, file, bytes, total, bytesPerSecond: rate.at(bytes) }),
  })
}

/** Whether the server still has what is kept; also if it cannot be asked: what is there is better than nothing. */
async function isCurrent(url: string, kept: Kept, signal: AbortSignal | undefined): Promise<boolean> {
  const patience = AbortSignal.timeout(PATIENCE)
  try {
    // With a range, browsers do not have the answer compressed, whose length and ETag would be other ones.
    const headers = { Range: 'bytes=0-' }
    const response = await fetch(url, {
      method: 'HEAD',
      headers,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    })
    const isGone = isMissing(url, response)
    if (!response.ok && !isGone) return true
    const isSame = kept === 'missing' ? isGone : !isGone && isSameVersion(kept.version, response)
    if (isSame) compared.add(url)
    return isSame
  } catch {
    if (signal?.aborted) throw cancelled(url)
    return true
  }
}

function isSameVersion(kept: WebVersion, response: Response): boolean {
  const length = Number(response.headers.get('Content-Length') ?? Number.NaN)
  const now = versionOf(response, length, false)
  if (kept.etag !== undefined && now.etag !== undefined) return plain(kept.etag) === plain(now.etag)
  if (kept.lastModified !== undefined && now.lastModified !== undefined && kept.lastModified !== now.lastModified)
    return false
  return Number.isNaN(length) || length === kept.bytes
}

/** Compression on the way makes an ETag weak. */
const plain = (etag: string): string => etag.replace(/^W\//, '')

/** One download of an address at a time, in all pages of the origin: whoever comes second finds it kept. */
function inTurn<Result>(url: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  const locks = (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks
  if (!locks) return work()
  const asked = locks.request(`bertkin ${url}`, signal ? { signal } : {}, work) as Promise<Result>
  return asked.catch((error: unknown) => {
    if (!signal?.aborted || error instanceof CheckpointError) throw error
    throw cancelled(url)
  })
}
