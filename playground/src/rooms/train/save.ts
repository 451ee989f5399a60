// A trained model onto the disk: into a folder where the browser can, else as an archive.

import type { FileSet } from 'bertkin/browser'
import { h } from '../../dom.js'
import { zip } from './zip.js'

/** TypeScript's DOM does not know it: not all browsers have it. */
type Picker = (options: { readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>
const picker = (): Picker | undefined => (window as { showDirectoryPicker?: Picker }).showDirectoryPicker

export const canWriteFolders = (): boolean => picker() !== undefined

/** Asks for a folder and writes the files there; false if nobody chose one. */
export async function writeToFolder({ files }: FileSet): Promise<boolean> {
  let folder: FileSystemDirectoryHandle
  try {
    folder = await picker()!.call(window, { mode: 'readwrite' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    throw error
  }
  for (const [path, blob] of Object.entries(files)) {
    const parts = path.split('/')
    const name = parts.pop()!
    let inner = folder
    for (const part of parts) inner = await inner.getDirectoryHandle(part, { create: true })
    const handle = await inner.getFileHandle(name, { create: true })
    const stream = await handle.createWritable()
    await stream.write(blob)
    await stream.close()
  }
  return true
}

/** Offers the files as one archive. */
export async function downloadArchive({ files }: FileSet, name: string): Promise<void> {
  const url = URL.createObjectURL(await zip(files))
  h('a', { href: url, download: `${name}.zip` }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // the download may not have begun yet
}
