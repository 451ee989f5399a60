// A model on the hub as a folder: a file is fetched into the cache when it is first asked for. All files of one folder
// are of one commit, the one that the revision was at the first question.

import type { ByteSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { decodeUtf8, type Folder, isInnerName } from './files.js'
import type { HubId, LocationOptions } from './hub.js'
import { ModelCache } from './hubCache.node.js'
import {
  type Absence,
  type FileDescription,
  HubClient,
  isCommit,
  RETRY_TIMING,
  type RetryTiming,
} from './hubClient.node.js'
import { downloadBlob } from './hubDownload.node.js'
import { HubError, nonsense } from './hubError.node.js'
import { LOCK_TIMING, type LockTiming, withLock } from './hubLock.node.js'
import { RemoteFile } from './hubParts.node.js'
import { type HubSettings, readHubSettings } from './hubSettings.node.js'

/** Files of which a checkpoint needs one: without it there is no going on, so its absence must be certain. */
const NEEDED: readonly RegExp[] = [
  /^config\.json$/,
  /^(?:model|pytorch_model)(?:-\d+-of-\d+)?\.(?:safetensors|bin)(?:\.index\.json)?$/,
  /^(?:tokenizer\.json|vocab\.(?:txt|json)|merges\.txt|spiece\.model|sentencepiece\.bpe\.model)$/,
]
const WEIGHTS = /\.(?:safetensors|bin)$/
const SHARD = /-\d+-of-\d+\./

/** Tests are less patient than users. */
export type HubTiming = RetryTiming & LockTiming
const TIMING: HubTiming = { ...RETRY_TIMING, ...LOCK_TIMING }

/**
 * A model on the hub as a folder. Nothing is asked of the hub before the first file is.
 *
 * @param openFolder opens a folder on the disk
 */
export async function openHubFolder(
  model: HubId,
  options: LocationOptions,
  openFolder: (path: string) => Promise<Folder>,
  timing: HubTiming = TIMING,
): Promise<Folder> {
  return new HubFolder(model, await readHubSettings(options), options, openFolder, timing)
}

/** What a revision is, and how that is known. */
interface Pinned {
  readonly commit: string
  /** From the hub; or from the cache, because the hub could not or may not be asked. */
  readonly by: 'hub' | 'cache' | 'commit'
  /** What the hub said about the file that was asked for first. */
  readonly first?: { readonly file: string; readonly description: FileDescription | Absence }
}

/** Where a file is after it was asked for: in the snapshot, nowhere, or still on the hub. */
type Arrived = 'here' | 'absent' | ByteSource

/** What was said already: one process says a thing once. */
const said = new Set<string>()

class HubFolder implements Folder {
  readonly name: string
  readonly #cache: ModelCache
  readonly #client: HubClient
  /** Nothing that may lie elsewhere has a path. */
  readonly path?: (fileName: string) => string
  readonly #arriving = new Map<string, Promise<Arrived>>()
  #pinned: Promise<Pinned> | undefined
  #snapshot: Folder | undefined

  constructor(
    private readonly model: HubId,
    private readonly settings: HubSettings,
    private readonly options: LocationOptions,
    private readonly openFolder: (path: string) => Promise<Folder>,
    private readonly timing: HubTiming,
  ) {
    this.name = model.revision === 'main' ? model.id : `${model.id}@${model.revision}`
    this.#cache = new ModelCache(settings.cacheDir, model.id, settings.copies)
    if (!options.peek) this.path = (fileName) => this.#path(fileName)
    this.#client = new HubClient(settings, (message) => this.#say(message), timing)
  }

  async open(fileName: string): Promise<ByteSource | undefined> {
    const arrived = await this.#arrival(fileName)
    if (typeof arrived !== 'string') return arrived
    return arrived === 'absent' ? undefined : (await this.#openSnapshot()).open(fileName)
  }

  async readText(fileName: string): Promise<string | undefined> {
    const arrived = await this.#arrival(fileName)
    if (typeof arrived !== 'string') return decodeUtf8(await arrived.slice(0, arrived.byteLength))
    return arrived === 'absent' ? undefined : (await this.#openSnapshot()).readText(fileName)
  }

  #path(fileName: string): string {
    if (this.#snapshot?.path) return this.#snapshot.path(fileName)
    throw new CheckpointError('file-missing', `${fileName} of ${this.name} has no path before it is opened.`)
  }

  async #openSnapshot(): Promise<Folder> {
    const { commit } = await this.#pinned!
    this.#snapshot ??= await this.openFolder(this.#cache.snapshot(commit))
    return this.#snapshot
  }

  /** Fetches a file, once however many ask for it at a time. */
  async #arrival(file: string): Promise<Arrived> {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names may come from a file of the model's
    if (!isInnerName(file) || /[\0-\x1f\x7f]/.test(file)) {
      throw new CheckpointError('file-read', `${JSON.stringify(file)} is not a file name inside ${this.name}.`)
    }
    const arriving = this.#arriving.get(file) ?? this.#ensure(file)
    this.#arriving.set(file, arriving)
    try {
      return await arriving
    } finally {
      this.#arriving.delete(file)
    }
  }

  /** Sees to it that a file is in the snapshot, if the model has it. */
  async #ensure(file: string): Promise<Arrived> {
    const pinned = await this.#pin(file)
    const { commit } = pinned
    const known = await this.#cache.know(commit, file)
    if (known !== 'unknown') return known
    const atCommit = { id: this.model.id, revision: commit }
    const description = await this.#describe(atCommit, file, pinned)
    if (description === undefined) return 'absent'
    if (description.commit !== undefined && description.commit !== commit) {
      throw nonsense(this.#client.host, `gives ${file} of ${this.model.id} from another commit than was asked for`)
    }
    if (description.etag === undefined) {
      await this.#cache.rememberAbsence(commit, file)
      return 'absent'
    }
    const { size } = description
    if (this.options.peek && WEIGHTS.test(file) && size !== undefined) {
      return new RemoteFile(this.#client, atCommit, file, size, this.settings.silenceSeconds)
    }
    await this.#obtain(atCommit, file, description)
    return 'here'
  }

  /** What a file is; undefined if that cannot be asked, and there is going on without it. */
  async #describe(
    atCommit: HubId,
    file: string,
    { commit, by, first }: Pinned,
  ): Promise<FileDescription | Absence | undefined> {
    if (first?.file === file) return first.description
    const isNeeded = await this.#isNeeded(commit, file)
    const goOn = (): undefined =>
      this.#sayOnce(`${file} of ${this.name} is not in the cache and cannot be asked for: going on without it`)
    if (by === 'cache' && !isNeeded) return goOn()
    if (this.settings.offline) throw notCached(this.name, file)
    try {
      return await this.#client.describe(atCommit, file)
    } catch (error) {
      if (by === 'commit' && !isNeeded && error instanceof HubError && error.remedy.cache) return goOn()
      throw error
    }
  }

  #pin(file: string): Promise<Pinned> {
    this.#pinned ??= this.#findCommit(file).catch((error: unknown) => {
      this.#pinned = undefined
      throw error
    })
    return this.#pinned
  }

  async #findCommit(file: string): Promise<Pinned> {
    const { revision } = this.model
    const cached = await this.#cache.commitOf(revision)
    if (this.settings.offline) {
      if (cached === undefined) throw notCached(this.name)
      return { commit: cached, by: 'cache' }
    }
    // A commit is what it is; nothing needs to be asked about a file of it that is here.
    const known = cached === undefined ? 'unknown' : await this.#cache.know(cached, file)
    if (cached !== undefined && isCommit(revision) && known !== 'unknown') return { commit: revision, by: 'commit' }
    try {
      // With an answer at hand, nobody is kept waiting.
      const attempts = known === 'here' ? 1 : this.timing.attempts
      const description = await this.#client.describe(this.model, file, attempts)
      if (description.commit === undefined) {
        throw nonsense(this.#client.host, `does not say at which commit ${this.name} has no ${file}`)
      }
      await this.#cache.rememberCommit(revision, description.commit)
      return { commit: description.commit, by: 'hub', first: { file, description } }
    } catch (error) {
      if (!(error instanceof HubError && error.remedy.cache)) throw error
      if (cached === undefined) throw nowhere(this.name, error)
      this.#sayOnce(`${error.message} ${this.name} is taken from the cache (commit ${cached.slice(0, 7)})`)
      return { commit: cached, by: 'cache' }
    }
  }

  /** Whether a file is one that has to be there, and nothing that is there can do in its place. */
  async #isNeeded(commit: string, file: string): Promise<boolean> {
    const kind = NEEDED.find((pattern) => pattern.test(file))
    if (kind === undefined || SHARD.test(file)) return kind !== undefined
    return !(await this.#cache.filesOf(commit)).some((present) => kind.test(present))
  }

  async #obtain(model: HubId, file: string, description: FileDescription): Promise<void> {
    const { etag, size, commit } = description
    const { silenceSeconds } = this.settings
    const work = async (): Promise<void> => {
      // Another process may have been faster.
      if ((await this.#cache.know(commit, file)) === 'here') return
      await this.#cache.prepare(commit, file)
      const isNew = !(await this.#cache.hasBlob(etag, size))
      const onProgress = (bytes: number, total: number | undefined): void => {
        this.options.onProgress?.({ model: this.model.id, file, bytes, total })
      }
      const blob = this.#cache.blob(etag)
      const { attempts } = this.timing
      const task = { model, file, description, blob, silenceSeconds, attempts, onProgress }
      if (isNew) await downloadBlob(this.#client, task)
      await this.#cache.show(etag, commit, file, isNew)
    }
    const onWait = (pid: number | undefined): void => {
      const who = pid === undefined ? 'Another process' : `Another process (${pid})`
      this.#say(`${who} is downloading ${file} of ${this.model.id}: waiting for it`)
    }
    await withLock(this.#cache.lock(etag), work, onWait, this.timing)
  }

  #say(message: string): void {
    if (this.options.onWarning) this.options.onWarning(message)
    else console.warn(message)
  }

  #sayOnce(message: string): undefined {
    if (!said.has(message)) this.#say(message)
    said.add(message)
  }
}

/** What looks like an id may have been meant as a path. */
function nowhere(name: string, error: HubError): HubError {
  return new HubError(error.code, `There is no folder ${name}, and ${error.message}`, error.remedy, { cause: error })
}

function notCached(name: string, file?: string): CheckpointError {
  const what = file === undefined ? `There is no folder ${name}; the model ${name} is` : `${file} of ${name} is`
  const advice = 'download it once without HF_HUB_OFFLINE'
  return new CheckpointError('file-missing', `${what} not in the cache, and the hub may not be asked: ${advice}.`)
}
