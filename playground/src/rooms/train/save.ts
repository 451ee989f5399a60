// A trained model onto the disk: into a folder where the browser can, else as an archive.

import { type FileSet, saveToDirectory, zipOf } from 'bertkin/browser'
import { h } from '../../dom.js'

/** TypeScript's DOM does not know it: not all browsers have it. */
type Picker = (options: { readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>
const picker = (): Picker | undefined => (window as { showDirectoryPicker?: Picker }).showDirectoryPicker

export const canWriteFolders = (): boolean => picker() !== undefined

/** Asks for a folder and writes the files there; false if nobody chose one. */
export async function writeToFolder(files: FileSet): Promise<boolean> {
  try {
    await saveToDirectory(await picker()!.call(window, { mode: 'readwrite' }), files)
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    throw error
  }
}

/** Offers the files as one archive. */
export async function downloadArchive(files: FileSet): Promise<void> {
  const url = URL.createObjectURL(await zipOf(files))
  h('a', { href: url, download: `${files.name}.zip` }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // the download may not have begun yet
}
