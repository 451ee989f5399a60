// A whole file from a web server, in pieces as they arrive, and certain to be whole.

import { CheckpointError } from './error.js'

/** A file that is there in full. */
export interface WebFile {
  readonly blob: Blob
  readonly version: WebVersion
}

/** What tells a file from what was there under its address before. */
export interface WebVersion {
  readonly bytes: number
  readonly etag?: string
  readonly lastModified?: string
  /** The server said how long the file is, and it is that long. */
  readonly isVerified: boolean
}

export interface WebDownloadOptions {
  /** Told of each piece, and of the beginning. */
  readonly onPiece?: (bytes: number, total: number | undefined) => void
  readonly signal?: AbortSignal | undefined
}

/** Pieces are put into a blob by so many bytes, which the browser keeps where it has room, and not in this memory. */
const PART_BYTES = 2 ** 24

/**
 * Downloads a file; `undefined` if there is none.
 *
 * The range `bytes=0-` is asked for, so that browsers do not let the server compress it: then its length can be checked.
 *
 * @throws CheckpointError `file-read` if the server or the connection fails; `file-truncated` if fewer or more bytes come
 *   than the server has said; `cancelled`
 */
export async function download(url: string, options: WebDownloadOptions = {}): Promise<WebFile | undefined> {
  const response = await request(url, {
    headers: { Range: 'bytes=0-' },
    ...(options.signal && { signal: options.signal }),
  })
  if (isMissing(url, response)) {
    await response.body?.cancel()
    return undefined
  }
  // A range of an empty file cannot be satisfied.
  if (response.status === 416) return { blob: new Blob([]), version: versionOf(response, 0, true) }
  if (!response.ok) throw refusal(url, response)
  const total = totalOf(response)
  const blob = await readBody(url, response, total, options)
  return { blob, version: versionOf(response, blob.size, total !== undefined) }
}

/** Development servers answer a missing file with the application's own page. */
export function isMissing(url: string, { status, headers, ok }: Response): boolean {
  if (status === 404 || status === 410) return true
  return ok && !/\.html?$/.test(new URL(url).pathname) && !!headers.get('Content-Type')?.startsWith('text/html')
}

/** A request whose failures are this room's. */
export async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    throw init.signal?.aborted ? cancelled(url) : failure(url, reasonOf(error), error)
  }
}

/** What a server says of a file, with its length. */
export const versionOf = ({ headers }: Response, bytes: number, isVerified: boolean): WebVersion => {
  const [etag, lastModified] = [headers.get('ETag'), headers.get('Last-Modified')]
  return { bytes, isVerified, ...(etag !== null && { etag }), ...(lastModified !== null && { lastModified }) }
}

async function readBody(
  url: string,
  response: Response,
  total: number | undefined,
  { onPiece, signal }: WebDownloadOptions,
): Promise<Blob> {
  const parts: Blob[] = []
  let pieces: Uint8Array<ArrayBuffer>[] = []
  let [bytes, pending] = [0, 0]
  const flush = (): void => {
    parts.push(new Blob(pieces))
    pieces = []
    pending = 0
  }
  onPiece?.(0, total)
  const reader = response.body!.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      pieces.push(value)
      bytes += value.length
      pending += value.length
      if (total !== undefined && bytes > total) throw wrongLength(url, bytes, total)
      if (pending >= PART_BYTES) flush()
      onPiece?.(bytes, total)
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined)
    if (error instanceof CheckpointError) throw error
    throw signal?.aborted ? cancelled(url) : failure(url, 'the connection broke off', error)
  }
  flush()
  if (total !== undefined && bytes !== total) throw wrongLength(url, bytes, total)
  if (total === undefined) onPiece?.(bytes, bytes)
  return new Blob(parts)
}

/** The file's length: a range's answer has it behind the slash, unless the server hides that from other origins. */
function totalOf({ status, headers }: Response): number | undefined {
  const digits = status === 206 ? /\/(\d+)$/.exec(headers.get('Content-Range') ?? '')?.[1] : undefined
  if (digits !== undefined) return Number(digits)
  const length = headers.get('Content-Length')
  // The length of a compressed answer is not the file's.
  return length !== null && headers.get('Content-Encoding') === null ? Number(length) : undefined
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const failure = (url: string, reason: string, cause?: unknown): CheckpointError =>
  new CheckpointError('file-read', `Cannot read ${url}: ${reason}.`, cause === undefined ? undefined : { cause })

/** What a server will not give. */
export const refusal = (url: string, { status, statusText }: Response): CheckpointError =>
  failure(url, `the server answered ${status} ${statusText}`.trim())

const wrongLength = (url: string, bytes: number, total: number): CheckpointError => {
  const message = `${url} should have ${total} bytes, but ${bytes > total ? 'more' : `only ${bytes}`} came`
  return new CheckpointError('file-truncated', `${message}: try again.`)
}

export const cancelled = (url: string): CheckpointError =>
  new CheckpointError('cancelled', `${url} is no longer wanted.`)
