// Files of checkpoints that the browser keeps, in its Cache API: a file is put there when it is whole, in one go, and is
// taken from there if it still is. What is known to be missing is kept, too, so that a page works without a network.

import { versionOf, type WebFile } from './webDownload.js'

const CACHE_NAME = 'bertkin-checkpoints'
const BYTES = 'X-Bertkin-Bytes'

/** A file that is kept, or the knowledge that there is none. */
export type Kept = WebFile | 'missing'

/** What is kept of an address; `undefined` if nothing is, or not all of it. */
export async function findKept(url: string): Promise<Kept | undefined> {
  const cache = await openCache()
  const response = await cache?.match(url)
  if (response === undefined) return undefined
  if (response.status === 404) return 'missing'
  const blob = await response.blob()
  const bytes = Number(response.headers.get(BYTES) ?? Number.NaN)
  if (blob.size !== bytes) {
    await cache?.delete(url)
    return undefined
  }
  return { blob, version: versionOf(response, bytes, true) }
}

/**
 * Keeps a file, or the knowledge that there is none.
 *
 * @returns why it cannot be kept, in words, if so; nothing of it is there then
 */
export async function keep(url: string, kept: Kept): Promise<string | undefined> {
  try {
    const cache = await openCache()
    if (!cache) return 'this page has no cache: browsers have one for pages from https or localhost only'
    await cache.put(url, kept === 'missing' ? new Response(null, { status: 404 }) : responseOf(kept))
    return undefined
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
    return name === 'QuotaExceededError' ? 'the browser has no more room for this page' : message
  }
}

/**
 * Removes all that was kept of checkpoints, for this page and all others of its origin.
 *
 * @returns whether there was anything
 * @example
 * await forgetDownloads()
 */
export async function forgetDownloads(): Promise<boolean> {
  return (await storage()?.delete(CACHE_NAME)) ?? false
}

function responseOf({ blob, version: { bytes, etag, lastModified } }: WebFile): Response {
  const headers = new Headers({ 'Content-Type': 'application/octet-stream', [BYTES]: String(bytes) })
  if (etag !== undefined) headers.set('ETag', etag)
  if (lastModified !== undefined) headers.set('Last-Modified', lastModified)
  return new Response(blob, { headers })
}

const storage = (): CacheStorage | undefined => (globalThis as { readonly caches?: CacheStorage }).caches

/** Undefined where there is none, and where somebody has forbidden it (private windows of some browsers throw). */
const openCache = async (): Promise<Cache | undefined> =>
  storage()
    ?.open(CACHE_NAME)
    .catch(() => undefined)
