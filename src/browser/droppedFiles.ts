// Folders that a person gives to a page, as files by name: dropped, picked, or opened as a directory. Nothing is read but
// the names.

import { CheckpointError, type FileSet } from '../checkpoint/index.js'

/** A checkpoint has a dozen files: with more than these, somebody has dropped something else. */
const MOST_FILES = 5000
const DEEPEST = 8

/**
 * The files of `<input type="file" webkitdirectory>`, or of one that takes several files.
 *
 * @throws {CheckpointError} `file-missing` for none, `option-invalid` for too many
 *
 * @example
 * const input = document.querySelector<HTMLInputElement>('input[type=file]')!
 * const source = filesOfList(input.files ?? [])
 */
export function filesOfList(list: Iterable<File>): FileSet {
  const found = [...list].map((file) => [file.webkitRelativePath || file.name, file] as const)
  return fileSet(found)
}

/**
 * The folder, or the files, of a drop. To be called while the event is handled: afterwards it holds nothing.
 *
 * @throws {CheckpointError} as {@link filesOfList}
 *
 * @example
 * document.addEventListener('drop', async (event) => {
 *   event.preventDefault()
 *   const source = await filesOfDrop(event.dataTransfer!)
 *   console.log(source.name, Object.keys(source.files))
 * })
 */
export async function filesOfDrop({ items }: DataTransfer): Promise<FileSet> {
  // All at once, since the list is emptied at the first await.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const found: [string, File][] = []
  for (const entry of entries) await collectEntry(entry, '', found, 0)
  return fileSet(found)
}

/**
 * The files of a directory that was opened with `showDirectoryPicker`.
 *
 * @throws {CheckpointError} as {@link filesOfList}
 *
 * @example
 * const source = await filesOfDirectory(await navigator.storage.getDirectory())
 */
export async function filesOfDirectory(directory: FileSystemDirectoryHandle): Promise<FileSet> {
  const found: [string, File][] = []
  await collectHandle(directory, `${directory.name}/`, found, 0)
  return fileSet(found)
}

async function collectEntry(entry: FileSystemEntry, prefix: string, found: [string, File][], depth: number) {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    add(found, `${prefix}${entry.name}`, file)
  } else if (depth < DEEPEST) {
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    // It gives a hundred at a time.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const inner of some) await collectEntry(inner, `${prefix}${entry.name}/`, found, depth + 1)
    }
  }
}

/** TypeScript's DOM does not know yet that a directory can be gone through. */
type Entries = AsyncIterable<[string, FileSystemDirectoryHandle | FileSystemFileHandle]>

async function collectHandle(
  directory: FileSystemDirectoryHandle,
  prefix: string,
  found: [string, File][],
  depth: number,
) {
  for await (const [name, handle] of directory as unknown as Entries) {
    if (handle.kind === 'file') add(found, `${prefix}${name}`, await (handle as FileSystemFileHandle).getFile())
    else if (depth < DEEPEST) {
      await collectHandle(handle as FileSystemDirectoryHandle, `${prefix}${name}/`, found, depth + 1)
    }
  }
}

function add(found: [string, File][], name: string, file: File): void {
  checkCount(found.length + 1)
  found.push([name, file])
}

function checkCount(count: number): void {
  if (count === 0) throw new CheckpointError('file-missing', 'there are no files in what was given')
  if (count <= MOST_FILES) return
  const message = `there are more than ${MOST_FILES} files: choose the checkpoint's own folder`
  throw new CheckpointError('option-invalid', message)
}

/** Names relative to the folder that all of them are in, if there is one. */
function fileSet(found: readonly (readonly [string, File])[]): FileSet {
  checkCount(found.length)
  const [first] = found[0]!
  const top = first.slice(0, first.indexOf('/') + 1)
  const isFolder = top !== '' && found.every(([name]) => name.startsWith(top))
  const files = Object.fromEntries(found.map(([name, file]) => [isFolder ? name.slice(top.length) : name, file]))
  return { name: (isFolder && top.slice(0, -1)) || 'the files that were given', files }
}
