// Writing one file so that it is there whole or not at all: a temporary name beside it, flushed to the disk, then
// renamed. Also what folderSwap.node.ts shares with that: temporary names, flushing, and reasons in words.

import { randomBytes } from 'node:crypto'
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { CheckpointError } from './error.js'

const LONGEST_WRITE = 2 ** 30

/**
 * Writes a file so that a reader, a crash or a power cut sees either the previous file or the new one, whole.
 *
 * A symbolic link at `path` is replaced, not followed (behind a link in a Hugging Face cache lies a blob that other
 * snapshots share). An existing file's permissions are kept.
 *
 * @param path the file to write; its folder must exist
 * @param chunks the file's bytes in pieces; each is written before the next is asked for
 * @throws CheckpointError `file-write`, naming path and reason; the previous file is then untouched and nothing is left
 * @example
 * const chunks = safetensorsChunks([{ name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }])
 * await writeFileAtomically('out/model.safetensors', chunks)
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const target = resolve(path)
  const temporary = claimTemporaryName(target)
  try {
    const previous = await lstat(target).catch(absentIsUndefined)
    if (previous !== undefined && !previous.isFile() && !previous.isSymbolicLink()) {
      throw new CheckpointError('file-write', `Cannot write ${path}: it is not a regular file. Choose another name.`)
    }
    await removeAbandoned(target)
    await writeNewFile(temporary, chunks, previous?.isFile() ? previous.mode & 0o7777 : undefined)
    await rename(temporary, target)
    await flushFolder(dirname(target))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeFailure(path, error)
  } finally {
    releaseTemporaryName(temporary)
  }
}

/** Creates a file that must not exist, writes all chunks and flushes them to the disk. */
export async function writeNewFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  mode?: number,
): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    if (mode !== undefined) await handle.chmod(mode)
    await writeAll(handle, chunks)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes chunks one after the other; the operating system may take fewer bytes at once than it is offered. */
export async function writeAll(
  handle: Pick<FileHandle, 'write'>,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.byteLength; ) {
      const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.byteLength - done, LONGEST_WRITE))
      done += bytesWritten
    }
  }
}

/** Makes renames inside a folder survive a power cut, on the systems where folders can be flushed. */
export async function flushFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Windows and some network file systems cannot flush folders; a folder that may be written but not listed cannot
    // be opened. The rename itself has happened.
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(errorCode(error) ?? '')) throw error
  }
}

// Temporary names carry host and process, so that what a killed process left can be told from what a living one needs.
const claimed = new Set<string>()
const host = hostname().replace(/[^A-Za-z0-9]/g, '_')
const temporaryPrefix = (target: string): string => `.${basename(target)}.bertkin-new-${host}-`

/** A name beside `target` for work in progress, protected from {@link removeAbandoned} until it is released. */
export function claimTemporaryName(target: string): string {
  const name = `${temporaryPrefix(target)}${process.pid}-${randomBytes(6).toString('hex')}`
  const path = join(dirname(target), name)
  claimed.add(path)
  return path
}

/** Ends the protection of a temporary name. */
export function releaseTemporaryName(path: string): void {
  claimed.delete(path)
}

/** Removes what processes of this machine that no longer run left beside `target`: it can be gigabytes. */
export async function removeAbandoned(target: string): Promise<void> {
  const folder = dirname(target)
  const prefix = temporaryPrefix(target)
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix)) continue
    const path = join(folder, name)
    const owner = /^(\d+)-[0-9a-f]{12}$/.exec(name.slice(prefix.length))?.[1]
    if (owner === undefined || claimed.has(path) || (Number(owner) !== process.pid && isRunning(Number(owner))))
      continue
    await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Whether a process of this machine lives. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** The operating system's code of an error (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined
}

/** For `.catch`: a path that does not exist becomes `undefined`, any other error stays one. */
export function absentIsUndefined(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder',
  EBUSY: 'it is in use',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EIO: 'the disk reported an error',
  ELOOP: 'its symbolic links lead in a circle',
}

/** An operating system's error in words, with its code. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error)
  const words = code === undefined ? undefined : REASONS[code]
  return words === undefined ? (error instanceof Error ? error.message : String(error)) : `${words} (${code})`
}

/** Wraps an operating system's error into one that names path and reason; leaves every other error as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  if (error instanceof CheckpointError || errorCode(error) === undefined) return error
  return new CheckpointError('file-write', `Cannot write ${path}: ${reasonOf(error)}.`, { cause: error })
}
