// The cache that all Hugging Face libraries share. Of a model organization/name:
//   models--organization--name/blobs/ETAG              contents, by what the hub calls them
//   models--organization--name/snapshots/COMMIT/FILE   links to blobs: the model's folder at a commit
//   models--organization--name/refs/REVISION           which commit a branch or tag is
//   models--organization--name/.no_exist/COMMIT/FILE   empty: the commit has no such file
//   .locks/models--organization--name/                 locks (see hubLock.node.ts)

import { randomBytes } from 'node:crypto'
import { copyFile, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { isCommit } from './hubClient.node.js'
import { absentIsUndefined, errorCode, writeFailure, writeFileAtomically } from './write.node.js'

// Marks a folder that backups may leave out (https://bford.info/cachedir/).
const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of Hugging Face downloads.\n'

const CANNOT_LINK: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']

/** What the cache knows of a file at a commit. */
export type Knowledge = 'here' | 'absent' | 'unknown'

/** One model's part of the cache. Names are checked before they come here. */
export class ModelCache {
  readonly #root: string

  /** @param copies put files into snapshots, not links */
  constructor(
    private readonly cacheDir: string,
    private readonly id: string,
    private readonly copies = false,
  ) {
    this.#root = join(cacheDir, this.#folderName())
  }

  snapshot(commit: string): string {
    return join(this.#root, 'snapshots', commit)
  }

  blob(etag: string): string {
    return join(this.#root, 'blobs', etag)
  }

  lock(etag: string): string {
    return join(this.cacheDir, '.locks', this.#folderName(), `${etag}.bertkin.lock`)
  }

  /** The commit that a revision was when it was last asked for, if its snapshot is here. */
  async commitOf(revision: string): Promise<string | undefined> {
    const text = isCommit(revision) ? revision : await readFile(this.#ref(revision), 'utf8').catch(() => '')
    const commit = text.trim()
    if (!isCommit(commit)) return undefined
    const status = await stat(this.snapshot(commit)).catch(() => undefined)
    return status?.isDirectory() ? commit : undefined
  }

  /** Remembers which commit a revision is. A cache that may only be read stays as it is. */
  async rememberCommit(revision: string, commit: string): Promise<void> {
    if (isCommit(revision)) return
    const path = this.#ref(revision)
    if ((await readFile(path, 'utf8').catch(() => '')) === commit) return
    await this.#attempt(async () => {
      await this.#makeFolder(dirname(path))
      await writeFileAtomically(path, [new TextEncoder().encode(commit)])
    })
  }

  async rememberAbsence(commit: string, file: string): Promise<void> {
    const path = this.#absence(commit, file)
    await this.#attempt(async () => {
      await this.#makeFolder(dirname(path))
      await (await open(path, 'a')).close()
    })
  }

  async know(commit: string, file: string): Promise<Knowledge> {
    // A link whose blob was removed is not there.
    if (await exists(join(this.snapshot(commit), file))) return 'here'
    return (await exists(this.#absence(commit, file))) ? 'absent' : 'unknown'
  }

  /** The names of a snapshot's files, without those in folders. */
  async filesOf(commit: string): Promise<readonly string[]> {
    return readdir(this.snapshot(commit)).catch(() => [])
  }

  /** Whether a blob is here with the size that it should have. */
  async hasBlob(etag: string, size: number | undefined): Promise<boolean> {
    const status = await stat(this.blob(etag)).catch(absentIsUndefined)
    return status?.isFile() === true && (size === undefined || status.size === size)
  }

  /** Makes the folders that a download needs. @throws CheckpointError `file-write` */
  async prepare(commit: string, file: string): Promise<void> {
    await this.#makeFolder(join(this.#root, 'blobs'))
    await this.#makeFolder(dirname(join(this.snapshot(commit), file)))
  }

  /**
   * Puts a blob into a snapshot: as a link; where there are no links, as the blob itself if it is new (nothing else
   * needs it yet), else as a copy.
   *
   * @throws CheckpointError `file-write`
   */
  async show(etag: string, commit: string, file: string, isNew: boolean): Promise<void> {
    const pointer = join(this.snapshot(commit), file)
    const blob = this.blob(etag)
    try {
      if (!this.copies && (await link(relative(dirname(pointer), blob), pointer))) return
      if (isNew) return await rename(blob, pointer)
      const copy = `${pointer}.${randomBytes(4).toString('hex')}.tmp`
      try {
        await copyFile(blob, copy)
        await rename(copy, pointer)
      } finally {
        await rm(copy, { force: true })
      }
    } catch (error) {
      throw writeFailure(pointer, error)
    }
  }

  #folderName(): string {
    return ['models', ...this.id.split('/')].join('--')
  }

  #ref(revision: string): string {
    return join(this.#root, 'refs', ...revision.split('/'))
  }

  #absence(commit: string, file: string): string {
    return join(this.#root, '.no_exist', commit, file)
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      await mkdir(path, { recursive: true })
      await open(join(this.cacheDir, 'CACHEDIR.TAG'), 'wx').then(
        async (handle) => {
          await handle.writeFile(CACHE_TAG).finally(() => handle.close())
        },
        () => undefined,
      )
    } catch (error) {
      throw writeFailure(path, error)
    }
  }

  /** For notes that save a question next time, and are not worth an error. */
  async #attempt(write: () => Promise<void>): Promise<void> {
    await write().catch(() => undefined)
  }
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined

/** Makes a link in place of whatever is there; false where there are no links. */
async function link(target: string, path: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await symlink(target, aside)
    await rename(aside, path)
    return true
  } catch (error) {
    await rm(aside, { force: true })
    if ((await readlink(path).catch(() => undefined)) === target) return true
    if (CANNOT_LINK.includes(errorCode(error)) && !(await lstat(path).catch(() => undefined))) return false
    throw error
  }
}
