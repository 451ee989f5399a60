// Files by name as a folder: what was dropped on a page, what a page has trained, what came out of an archive.

import type { ByteSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { type FileContent, type Folder, folderOf, isInnerName } from './files.js'

/** Files that are not, or not yet, in a folder on a disk. Structured-cloneable: a page may hand it to a worker. */
export interface FileSet {
  /** What messages call it. */
  readonly name: string
  /** By name relative to the folder, with `/` between parts. */
  readonly files: Readonly<Record<string, Blob>>
}

/**
 * Bytes of a blob, of which a part is in memory when it is read.
 *
 * @param name what messages call it
 * @example
 * await blobSource(new Blob(['{}']), 'config.json').slice(0, 2)
 */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    byteLength: blob.size,
    async slice(start, end) {
      try {
        return new Uint8Array(await blob.slice(start, end).arrayBuffer())
      } catch (cause) {
        // A file that was picked is read where it lies, and may have been moved, changed or taken away.
        throw new CheckpointError('file-read', `${name} can no longer be read: choose its folder again.`, { cause })
      }
    },
  }
}

/**
 * A folder of the files.
 *
 * @example
 * const files = { 'config.json': new Blob(['{"model_type": "electra"}']), 'model.safetensors': new Blob([new Uint8Array(8)]) }
 * const folder = folderOfFiles({ name: 'dropped', files })
 * const config = parseConfig(await folder.readText('config.json') ?? '{}')
 */
export function folderOfFiles({ name, files }: FileSet): Folder {
  return folderOf(name, async (fileName) => {
    if (!isInnerName(fileName)) {
      throw new CheckpointError('file-read', `"${fileName}" is not a file name inside ${name}.`)
    }
    return Object.hasOwn(files, fileName) ? blobSource(files[fileName]!, `${name}/${fileName}`) : undefined
  })
}

/**
 * The files of a checkpoint that was made, as blobs; what they are made of is read now.
 *
 * @param name what messages call them
 * @example
 * const { files } = await pretrainTexts({ texts: ['Tom has a dog.'], recipe: 'bert', size: 'micro', steps: 10 })
 * const folder = folderOfFiles(await fileSetOf('my run', files))
 */
export async function fileSetOf(name: string, contents: Readonly<Record<string, FileContent>>): Promise<FileSet> {
  const files: Record<string, Blob> = {}
  for (const [fileName, content] of Object.entries(contents)) files[fileName] = await blobOf(content)
  return { name, files }
}

async function blobOf(content: FileContent): Promise<Blob> {
  if (typeof content === 'string') return new Blob([content])
  const parts: BlobPart[] = []
  // A blob has its own copy of the bytes, which may be views of parameters that training changes.
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]))
  }
  return new Blob(parts)
}
