// From a file on the hub to a blob in the cache: resumed where an earlier download broke off, checked, then renamed.
//
// Under way, a blob is BLOB.bertkin.incomplete. Older versions of Python's huggingface_hub append to BLOB.incomplete
// under a lock that Node cannot see, so that file is taken over only when nobody has written to it for a while.

import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import type { HubId } from './hub.js'
import { bodyOf, drop, startAgain, totalOf, Watchdog } from './hubBody.node.js'
import type { FileDescription, HubClient } from './hubClient.node.js'
import { HubError, nonsense } from './hubError.node.js'
import { absentIsUndefined, writeFailure } from './write.node.js'

/** What to download and where to. */
export interface DownloadTask {
  /** At a commit. */
  readonly model: HubId
  readonly file: string
  readonly description: FileDescription
  /** The blob's path; its folder exists. */
  readonly blob: string
  /** After so long without a byte the connection is given up. */
  readonly silenceSeconds: number
  readonly attempts: number
  /** Bytes that are here, and in all. */
  readonly onProgress: (bytes: number, total: number | undefined) => void
}

// Without a promise of the size (only small files come without) a body may be so long.
const LONGEST_UNPROMISED = 2 ** 30

// So many new bytes are progress: the attempts are counted anew.
const PROGRESS = 2 ** 20

const ABANDONED_MILLISECONDS = 60_000

/**
 * Downloads a blob. Only one process may do so at a time (see {@link withLock}).
 *
 * @throws HubError, CheckpointError `file-write`; what has arrived is kept for the next time, unless it is wrong
 */
export async function downloadBlob(client: HubClient, task: DownloadTask): Promise<void> {
  const { blob, description, model, file } = task
  const work = `${blob}.bertkin.incomplete`
  try {
    await adopt(`${blob}.incomplete`, work)
    for (;;) {
      const resumed = await sizeOf(work)
      await receiveAll(client, work, task)
      if (await isIntact(work, description.etag)) break
      await rm(work, { force: true })
      // The wrong bytes may be the earlier download's.
      if (resumed === 0) throw nonsense(client.host, `sent ${file} of ${model.id} with contents that are not its own`)
    }
    await rename(work, blob).catch(async (error: unknown) => {
      // A process that took us for dead has finished our work.
      if ((await stat(blob).catch(() => undefined)) === undefined) throw error
    })
  } catch (error) {
    if (error instanceof HubError && error.code === 'hub-malformed') await rm(work, { force: true })
    throw writeFailure(blob, error)
  }
}

/** Attempt after attempt, until everything is there. */
async function receiveAll(client: HubClient, work: string, task: DownloadTask): Promise<void> {
  let failures = 0
  let best = await sizeOf(work)
  for (;;) {
    try {
      return await receive(client, work, task)
    } catch (error) {
      const have = await sizeOf(work)
      failures = have >= best + PROGRESS ? 1 : failures + 1
      best = Math.max(best, have)
      if (await client.pauseBefore(failures, task.attempts, error)) continue
      throw brokenOff(error, have, task)
    }
  }
}

function brokenOff(error: unknown, have: number, { model, file, description }: DownloadTask): unknown {
  if (!(error instanceof HubError && error.code === 'hub-unreachable')) return error
  const after = `${megabytes(have)}${description.size === undefined ? '' : ` of ${megabytes(description.size)}`} MB`
  const message = `The download of ${file} of ${model.id} broke off after ${after}: ${error.message} Run again to go on from there.`
  return new HubError(error.code, message, error.remedy, { cause: error })
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** One request: the bytes that are missing, written to where they belong. */
async function receive(client: HubClient, work: string, task: DownloadTask): Promise<void> {
  const { model, file, description, silenceSeconds, onProgress } = task
  const what = `${file} of ${model.id}`
  const handle = await open(work, constants.O_RDWR | constants.O_CREAT)
  const watchdog = new Watchdog(silenceSeconds)
  try {
    let position = await usableSize(handle, description.size)
    if (position !== description.size) {
      const response = await client.get(model, file, position, watchdog.signal)
      const isPart = response.status === 206
      if (position > 0 && !isPart) {
        // No ranges here, or none that begins so far on: from the beginning then.
        await handle.truncate(0)
        position = 0
        if (response.status === 416) throw startAgain(client.host)
      }
      const total = totalOf(response, position, description.size, client.host, what)
      onProgress(position, total)
      for await (const chunk of bodyOf(response, watchdog, client.host)) {
        if (position + chunk.byteLength > (total ?? LONGEST_UNPROMISED)) {
          throw nonsense(client.host, `sends more of ${what} than there is`)
        }
        await writeAt(handle, chunk, position)
        position += chunk.byteLength
        onProgress(position, total)
      }
      if (total !== undefined && position < total) throw drop(client.host, 'the connection was closed')
      if (total === undefined) onProgress(position, position)
    }
    await handle.sync()
  } finally {
    watchdog.stop()
    await handle.close()
  }
}

/** How much of what is there can be gone on from; the rest is cut off. */
async function usableSize(handle: FileHandle, promised: number | undefined): Promise<number> {
  const { size } = await handle.stat()
  if (promised !== undefined && size <= promised) return size
  await handle.truncate(0)
  return 0
}

// At its own place: should two processes write at once, they write the same bytes there.
async function writeAt(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, position + done)
    done += bytesWritten
  }
}

/**
 * Whether a file's contents are what their name says: SHA-256 in 64 digits, or Git's SHA-1 in 40. Other names say
 * nothing. The file is read back, so that what is on the disk is checked, whoever wrote it.
 */
async function isIntact(path: string, etag: string): Promise<boolean> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(etag)) return true
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1')
  if (etag.length === 40) hash.update(`blob ${await sizeOf(path)}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex') === etag
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(absentIsUndefined))?.size ?? 0
}

async function adopt(theirs: string, ours: string): Promise<void> {
  const status = await stat(theirs).catch(() => undefined)
  const isAbandoned = status !== undefined && Date.now() - status.mtimeMs > ABANDONED_MILLISECONDS
  if (isAbandoned && (await sizeOf(ours)) < status.size) await rename(theirs, ours).catch(() => undefined)
}
