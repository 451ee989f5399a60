// What is read is not written over.

import { openFolder } from '#checkpoint/files'
import { BertkinError } from '../errors.js'
import type { Folder } from './files.js'

/**
 * Refuses to put a result in the folder that the model comes from, however its path is written: absolute, relative, or
 * by a link. A folder of the web is never one of the disk.
 *
 * @throws {BertkinError} `option-invalid`
 * @example
 * await checkNotSource(await openFolder('runs/albert'), 'runs/entities') // else it throws
 */
export async function checkNotSource(source: Folder, out: string): Promise<void> {
  if (!(await isSameFolder(source, out))) return
  throw new BertkinError('option-invalid', `${out} is the model to begin with: choose another folder for the result`)
}

/**
 * Whether a path leads to a folder that has been opened, through whatever links. `false` for what is not there yet, or
 * is no folder.
 *
 * @example
 * await isSameFolder(await openFolder('runs/albert'), './runs/../runs/albert') // true
 */
export async function isSameFolder(folder: Folder, path: string): Promise<boolean> {
  const own = configPath(folder)
  if (own === undefined) return false
  const there = await openFolder(path).catch(() => undefined)
  return there !== undefined && configPath(there) === own
}

/** Where its config.json lies on the disk, through all links. */
function configPath({ path }: Folder): string | undefined {
  try {
    return path?.('config.json')
  } catch {
    return undefined // it has none
  }
}
