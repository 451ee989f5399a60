// A lock between processes, so that one model is downloaded once. Python's huggingface_hub locks with flock(2), which
// Node does not have; so the lock is a file of our own beside Python's, which names its owner and is touched while it is
// held. Nothing breaks where a lock fails: blobs are renamed into place whole, and checked first.

import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, isRunning, writeFailure } from './write.node.js'

/** In milliseconds. */
export interface LockTiming {
  /** How often a lock is touched while it is held. */
  readonly heartbeat: number
  /** After so long without a touch, its owner is dead. */
  readonly stale: number
  /** How often a waiting process looks. */
  readonly poll: number
}

export const LOCK_TIMING: LockTiming = { heartbeat: 3000, stale: 30_000, poll: 200 }

interface Owner {
  readonly pid: number
  readonly host: string
  readonly token: string
}

/**
 * Works while holding the lock `path`.
 *
 * @param onWait told once if another process holds it: that process, or undefined if it cannot be told
 * @throws CheckpointError `file-write` if the lock cannot be made
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  onWait: (pid: number | undefined) => void,
  timing: LockTiming = LOCK_TIMING,
): Promise<Result> {
  const owner = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') }
  try {
    await mkdir(dirname(path), { recursive: true })
    await acquire(path, owner, onWait, timing)
  } catch (error) {
    throw writeFailure(path, error)
  }
  const heart = setInterval(() => {
    const now = new Date()
    void utimes(path, now, now).catch(() => undefined)
  }, timing.heartbeat)
  heart.unref()
  try {
    return await work()
  } finally {
    clearInterval(heart)
    // Whoever held us for dead owns the file now.
    if ((await read(path))?.token === owner.token) await rm(path, { force: true }).catch(() => undefined)
  }
}

async function acquire(
  path: string,
  owner: Owner,
  onWait: (pid: number | undefined) => void,
  { stale, poll }: LockTiming,
): Promise<void> {
  let isWaiting = false
  let touched: number | undefined
  let looked = performance.now()
  let watched = 0
  while (!(await create(path, owner))) {
    const holder = await read(path)
    const touch = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    if (touch === undefined) continue // released between the two looks
    // Clocks of two machines may differ, so it counts how long no touch was seen from here; and only time in which this
    // process looked, for when a computer sleeps, both of them do.
    const now = performance.now()
    watched = touch === touched ? watched + Math.min(now - looked, 2 * poll) : 0
    looked = now
    touched = touch
    if (isDead(holder) || watched > stale) {
      await breakLock(path, holder)
      continue
    }
    if (!isWaiting) onWait(holder?.pid)
    isWaiting = true
    await sleep(poll)
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o664)
    try {
      await handle.writeFile(JSON.stringify(owner))
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    // Windows denies access to a file that is just being deleted.
    if (errorCode(error) === 'EEXIST' || (process.platform === 'win32' && errorCode(error) === 'EPERM')) return false
    throw error
  }
}

/** Who holds the lock; undefined if nobody does, or if its owner has not yet written who it is. */
async function read(path: string): Promise<Owner | undefined> {
  try {
    const { pid, host, token } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    const isOwner = Number.isSafeInteger(pid) && typeof host === 'string' && typeof token === 'string'
    return isOwner ? { pid: pid as number, host, token } : undefined
  } catch {
    return undefined
  }
}

// Of a process with our own number, another thread may hold the lock: it lives as long as it is touched.
const isDead = (owner: Owner | undefined): boolean =>
  owner !== undefined && owner.host === hostname() && owner.pid !== process.pid && !isRunning(owner.pid)

/** Takes a dead owner's lock away; if another process was faster and holds it by now, gives it back. */
async function breakLock(path: string, dead: Owner | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  if ((await read(aside))?.token === dead?.token) await rm(aside, { force: true })
  else await rename(aside, path)
}
