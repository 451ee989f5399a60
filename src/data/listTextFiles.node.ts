// From the paths a person gives to the list of text files behind them.

import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BertkinError } from '../errors.js'

/** A text file: its path as found, and its size in bytes. */
export interface TextFile {
  readonly path: string
  readonly byteLength: number
}

/**
 * The text files behind `paths`, in a fixed order: the paths in the order given; a folder's entries by name (code unit
 * order, the same on every machine), subfolders where their name falls.
 *
 * In folders only `.txt` files count (other text, such as a README.md beside the data, is seldom meant as data) and
 * names beginning with a dot are skipped; a file given by its own path is taken whatever its name. Links are followed;
 * a file or folder reached twice, also by a loop of links, is taken once.
 *
 * @throws BertkinError 'text-missing' if a path does not exist or cannot be read; 'text-empty' if there is no text
 *   file at all, or all are of size zero
 * @example
 * const files = await listTextFiles(['sample', 'more/notes.md'])
 */
export async function listTextFiles(paths: readonly string[]): Promise<TextFile[]> {
  if (paths.length === 0) throw new BertkinError('text-missing', 'No files or folders of text were given.')
  const files: TextFile[] = []
  const seen = new Set<string>()

  const visit = async (path: string, named: boolean): Promise<void> => {
    const info = await stat(path).catch((error: unknown) => {
      // A folder may hold a broken link or a strange entry that is nobody's text.
      if (named || path.endsWith('.txt')) throw unreadable(path, error)
    })
    if (info === undefined || (info.isFile() && !named && !path.endsWith('.txt'))) return
    if (!info.isFile() && !info.isDirectory()) {
      if (named) throw new BertkinError('text-missing', `${path} is neither a file nor a folder, so it cannot be read.`)
      return
    }
    const real = await realpath(path)
    if (seen.has(real)) return
    seen.add(real)
    if (info.isFile()) {
      files.push({ path, byteLength: info.size })
      return
    }
    const names = await readdir(path).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    for (const name of names.sort()) if (!name.startsWith('.')) await visit(join(path, name), false)
  }
  for (const path of paths) await visit(path, true)

  if (files.length === 0) {
    throw new BertkinError(
      'text-empty',
      `There is no .txt file in ${paths.join(', ')}. Give the folder that holds the text, or name other files one by one.`,
    )
  }
  if (files.every((file) => file.byteLength === 0)) {
    throw new BertkinError('text-empty', `${files.map((file) => file.path).join(', ')}: there is no text in it.`)
  }
  return files
}

/** The error for a path that the system does not let us read. */
export function unreadable(path: string, cause: unknown): BertkinError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const message =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? `${path} does not exist. Check the path, or where you run this from.`
      : code === 'EACCES' || code === 'EPERM'
        ? `${path} cannot be read: permission denied. Change its permissions (chmod +r) or run as its owner.`
        : code === 'ELOOP'
          ? `${path} cannot be read: it is a link that leads back to itself.`
          : `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`
  return new BertkinError('text-missing', message, { cause })
}
