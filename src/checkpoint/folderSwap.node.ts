// Replacing a whole checkpoint folder so that a kill at any moment leaves the old one or the new one, never a mixture.
//
// Node cannot exchange two folders in one step, so it takes two renames, and these names beside FOLDER:
//   .FOLDER.bertkin-new-HOST-PID-…   work in progress, or old contents being deleted: never read
//   .FOLDER.bertkin-old              the previous checkpoint between the two renames: always whole
// If the process dies between the renames, FOLDER is absent and .FOLDER.bertkin-old is the checkpoint: readers read it
// there (findReadable), the next writer moves it back (recoverFolder).

import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CheckpointError } from './error.js'
import { type FileContent, isInnerName } from './files.js'
import {
  absentIsUndefined,
  claimTemporaryName,
  errorCode,
  flushFolder,
  releaseTemporaryName,
  removeAbandoned,
  writeFailure,
  writeNewFile,
} from './write.node.js'

/** Marks folders that bertkin wrote without a config.json as replaceable. */
const MARKER = '.bertkin-checkpoint'

/** Weights that would shadow or contradict the ones being written, so they are not carried over. */
const STALE_WEIGHTS = /^(model|pytorch_model)(-\d+-of-\d+)?\.(safetensors|bin)(\.index\.json)?$/

const asideOf = (target: string): string => join(dirname(target), `.${basename(target)}.bertkin-old`)

/**
 * Writes a checkpoint's folder so that a kill at any moment leaves either the previous folder or the new one, whole.
 *
 * Only a folder that is absent, empty, or a checkpoint (its config.json describes a model, or bertkin wrote it) is
 * replaced; anything else is refused, so that a mistyped path cannot cost anyone their files. What the previous folder
 * held and `files` does not name (a README, tokenizer files, sub-folders) is carried over, except earlier weights
 * (`model*.safetensors`, `pytorch_model*.bin` and their indexes), which would contradict the new ones. One process
 * at a time may write to a folder, and it may not be working in it (its current folder would vanish).
 *
 * @param path the folder; missing parents are created; a symbolic link is followed
 * @param files contents by file name; names are plain, without `/`
 * @throws CheckpointError `file-write`, naming path and reason; the previous folder is then untouched
 * @example
 * await writeFolderAtomically('out/step-1000', {
 *   'config.json': toHuggingFaceConfig(createConfig({ modelType: 'electra' })),
 *   'model.safetensors': safetensorsChunks([{ name: 'bias', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]),
 * })
 */
export async function writeFolderAtomically(path: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  for (const name of Object.keys(files)) {
    if (!isInnerName(name) || name.includes('/')) {
      throw new CheckpointError('file-write', `Cannot write "${name}" into ${path}: it is not a plain file name.`)
    }
  }
  let temporary: string | undefined
  try {
    const target = (await realpath(path).catch(absentIsUndefined)) ?? resolve(path)
    refuseCurrent(path, target)
    await mkdir(dirname(target), { recursive: true })
    await recoverFolder(target)
    const previous = await classify(target)
    if (previous === 'file' || previous === 'foreign') throw refusal(path, previous)
    await removeAbandoned(target)

    temporary = claimTemporaryName(target)
    await mkdir(temporary)
    for (const [name, content] of Object.entries(files)) await writeNewFile(join(temporary, name), chunksOf(content))
    if (!Object.hasOwn(files, 'config.json')) await writeNewFile(join(temporary, MARKER), [])
    if (previous === 'checkpoint') {
      await chmod(temporary, (await stat(target)).mode & 0o7777)
      for (const name of await readdir(target)) {
        if (Object.hasOwn(files, name) || name === MARKER || STALE_WEIGHTS.test(name)) continue
        await carryOver(join(target, name), join(temporary, name))
      }
    }
    await flushFolder(temporary)
    await swap(target, temporary, previous)
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw writeFailure(path, error)
  } finally {
    if (temporary !== undefined) releaseTemporaryName(temporary)
  }
}

/**
 * Refuses now what {@link writeFolderAtomically} would refuse later, so that nobody finds out after hours of work.
 * Changes nothing on the disk.
 *
 * @param path the folder that will be written
 * @returns what is there: a checkpoint, which would be replaced, or nothing
 * @throws CheckpointError `file-write`, naming path and reason
 * @example
 * await checkFolder('out/step-1000') // 'nothing'
 */
export async function checkFolder(path: string): Promise<'checkpoint' | 'nothing'> {
  try {
    const target = (await realpath(path).catch(absentIsUndefined)) ?? resolve(path)
    refuseCurrent(path, target)
    const present = await classify(target)
    if (present === 'file' || present === 'foreign') throw refusal(path, present)
    return present === 'checkpoint' ? present : 'nothing'
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/**
 * Heals what a process left that died while it replaced a folder: the previous checkpoint gets its name back, or, if
 * the new one is already in place, the previous one is removed. Does nothing otherwise.
 *
 * @param path the folder that was being written
 * @throws CheckpointError `file-write` if the folder cannot be renamed, or if something that is not a checkpoint stands
 *   in the place of the folder
 * @example
 * await recoverFolder('out/step-1000')
 */
export async function recoverFolder(path: string): Promise<void> {
  const target = resolve(path)
  const aside = asideOf(target)
  try {
    if ((await lstat(aside).catch(absentIsUndefined)) === undefined) return
    const present = await classify(target)
    if (present === 'checkpoint') return await discard(target, aside)
    if (present === 'file' || present === 'foreign') {
      throw new CheckpointError(
        'file-write',
        `${path} is not a checkpoint, but ${aside} is the one that was being replaced there: move one of them away.`,
      )
    }
    if (present === 'empty') await rmdir(target)
    await rename(aside, target)
    await flushFolder(dirname(target))
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/**
 * Where to read a checkpoint that should be at `target`: there, or, if a process died while replacing it, where the
 * previous one was put; `undefined` if it is nowhere. Changes nothing on the disk.
 */
export async function findReadable(target: string): Promise<string | undefined> {
  const aside = asideOf(target)
  for (let attempt = 0; ; attempt++) {
    const present = await classify(target).catch(() => 'unreadable' as const)
    if (present !== 'absent' && present !== 'empty') return target
    const asideIsThere = (await lstat(aside).catch(() => undefined)) !== undefined
    if (!asideIsThere) {
      // The writer may have finished between the two looks.
      if (attempt === 0) continue
      return present === 'absent' ? undefined : target
    }
    // A living writer needs microseconds between its renames; after this wait it is a dead one.
    if (attempt === 5) return aside
    await sleep(10)
  }
}

type Contents = 'absent' | 'empty' | 'checkpoint' | 'foreign' | 'file'

async function classify(path: string): Promise<Contents> {
  const status = await stat(path).catch(absentIsUndefined)
  if (status === undefined) return 'absent'
  if (!status.isDirectory()) return 'file'
  const names = await readdir(path)
  if (names.length === 0) return 'empty'
  if (names.includes(MARKER)) return 'checkpoint'
  return names.includes('config.json') && (await describesModel(join(path, 'config.json'))) ? 'checkpoint' : 'foreign'
}

// Many projects have a config.json; only one that speaks of a model makes its folder a checkpoint.
async function describesModel(path: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof config !== 'object' || config === null) return false
    return 'model_type' in config || 'architectures' in config || 'hidden_size' in config
  } catch {
    return false
  }
}

function refusal(path: string, what: 'file' | 'foreign'): CheckpointError {
  const reason =
    what === 'file'
      ? 'there is a file of that name'
      : 'it holds files but no checkpoint, and replacing it could lose them'
  return new CheckpointError('file-write', `Cannot write ${path}: ${reason}. Choose a new or empty folder.`)
}

// The running process, and the shell it came from, would be left in a deleted folder.
function refuseCurrent(path: string, target: string): void {
  const fromTarget = relative(target, process.cwd())
  if (fromTarget === '..' || fromTarget.startsWith(`..${sep}`) || isAbsolute(fromTarget)) return
  throw new CheckpointError(
    'file-write',
    `Cannot write ${path}: the current folder is in it, and it would be replaced. Work from another folder.`,
  )
}

async function swap(target: string, replacement: string, previous: Contents): Promise<void> {
  const aside = asideOf(target)
  if (previous === 'empty') await rmdir(target)
  if (previous === 'checkpoint') await rename(target, aside)
  try {
    await rename(replacement, target)
  } catch (error) {
    if (previous === 'checkpoint') await rename(aside, target)
    throw error
  }
  await flushFolder(dirname(target))
  if (previous === 'checkpoint') await discard(target, aside)
}

// Deleting takes many steps, so it is done under a name that nobody reads: whatever is called .bertkin-old is whole.
async function discard(target: string, aside: string): Promise<void> {
  const trash = claimTemporaryName(target)
  try {
    await rename(aside, trash)
    // What cannot be deleted now, the next writer deletes; the new checkpoint is in place either way.
    await rm(trash, { recursive: true, force: true }).catch(() => undefined)
  } finally {
    releaseTemporaryName(trash)
  }
}

// Files are linked where the file system can do that: nothing is copied, and the old name goes with the old folder.
async function carryOver(from: string, to: string): Promise<void> {
  const status = await lstat(from)
  if (status.isSymbolicLink()) {
    await symlink(await readlink(from), to)
  } else if (status.isDirectory()) {
    await mkdir(to)
    for (const name of await readdir(from)) await carryOver(join(from, name), join(to, name))
    await chmod(to, status.mode & 0o7777)
    await flushFolder(to)
  } else if (status.isFile()) {
    await link(from, to).catch((error: unknown) => {
      if (!['EPERM', 'EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errorCode(error) ?? '')) throw error
      return copyFile(from, to)
    })
  } else {
    throw new CheckpointError('file-write', `Cannot replace the folder of ${from}: it is neither a file nor a folder.`)
  }
}

async function* chunksOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield new TextEncoder().encode(content)
  else if (content instanceof Uint8Array) yield content
  else yield* content
}
