// The hub's protocol: what a file is (HEAD) and its bytes (GET), over redirects, with a token for the hub alone.

import { setTimeout as sleep } from 'node:timers/promises'
import { type HubId, resolveAddress } from './hub.js'
import { badAnswer, HubError, noAnswer, nonsense, trouble } from './hubError.node.js'
import type { HubSettings } from './hubSettings.node.js'

/** A file at a commit, as the hub describes it. */
export interface FileDescription {
  /** 40 hexadecimal digits. */
  readonly commit: string
  /** What the file's contents are called: its SHA-256 if it is in LFS, else Git's name of the blob. */
  readonly etag: string
  /** In bytes; undefined if the hub does not say. */
  readonly size: number | undefined
}

/** A file that is not in the model's repository; `commit` says when. */
export interface Absence {
  readonly commit: string | undefined
  readonly etag: undefined
}

/** How patient a client is. */
export interface RetryTiming {
  /** How often a request without success is sent in all. */
  readonly attempts: number
  /** Milliseconds before the second attempt; they double. */
  readonly backoff: number
}

export const RETRY_TIMING: RetryTiming = { attempts: 6, backoff: 500 }

const LONGEST_BACKOFF = 8000
// Longer than that nobody sits before a terminal; the error says how long it is.
const LONGEST_WAIT_SECONDS = 120
const MOST_REDIRECTS = 10

const COMMIT = /^[0-9a-f]{40}$/
const ETAG = /^[\w.+=~-]{1,128}$/

/** Whether a revision is a commit: its files never change. */
export const isCommit = (revision: string): boolean => COMMIT.test(revision)

export class HubClient {
  /** The hub, for messages. */
  readonly host: string
  readonly #origin: string

  constructor(
    private readonly settings: HubSettings,
    private readonly say: (message: string) => void,
    private readonly timing: RetryTiming = RETRY_TIMING,
  ) {
    const { host, origin } = new URL(settings.endpoint)
    this.host = host
    this.#origin = origin
  }

  /**
   * Asks what a file is.
   *
   * @param attempts of a request that fails for reasons that may pass
   * @throws HubError
   */
  async describe(
    model: HubId,
    file: string,
    attempts: number = this.timing.attempts,
  ): Promise<FileDescription | Absence> {
    return this.retrying(() => this.#describe(model, file), attempts)
  }

  /**
   * Asks for a file's bytes from `start` on; the answer is a success (200 or 206), or 416 if there are none.
   *
   * @param end the first byte that is not wanted any more; default: all are
   * @param signal stops the answer, too, while it arrives
   * @throws HubError
   */
  async get(model: HubId, file: string, start: number, signal: AbortSignal, end?: number): Promise<Response> {
    const last = end === undefined ? '' : end - 1
    const headers = start > 0 || end !== undefined ? { Range: `bytes=${start}-${last}` } : undefined
    const { response, url } = await this.#send('GET', this.#address(model, file), headers, signal)
    if (response.ok || response.status === 416) return response
    await discard(response)
    // Addresses of other servers are signed for a while; asking the hub again gives new ones.
    throw this.#isHub(url) ? badAnswer(response, model, this.host) : trouble(response, url.host)
  }

  /** Works, again and again while that may help. */
  async retrying<Result>(work: () => Promise<Result>, attempts: number = this.timing.attempts): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        return await work()
      } catch (error) {
        const isDown = error instanceof HubError && error.remedy.down === true
        if (!(await this.pauseBefore(failures, isDown ? Math.min(attempts, 2) : attempts, error))) throw error
      }
    }
  }

  /** Waits as long as there is to wait after so many failures in a row; false if nothing is to be tried again. */
  async pauseBefore(failures: number, attempts: number, error: unknown): Promise<boolean> {
    if (!(error instanceof HubError && error.remedy.again) || failures >= attempts) return false
    const { afterSeconds } = error.remedy
    if (afterSeconds !== undefined && afterSeconds > LONGEST_WAIT_SECONDS) return false
    const wait = Math.min(this.timing.backoff * 2 ** (failures - 1), LONGEST_BACKOFF)
    if (afterSeconds !== undefined && afterSeconds > 1) {
      this.say(`${this.host} asks to wait ${Math.ceil(afterSeconds)} seconds`)
    } else if (failures === 3) this.say(`${this.host} has not answered well three times; trying again`)
    await sleep(afterSeconds === undefined ? wait : afterSeconds * 1000)
    return true
  }

  async #describe(model: HubId, file: string): Promise<FileDescription | Absence> {
    const signal = AbortSignal.timeout(this.settings.metadataSeconds * 1000)
    const { response, onTheWay } = await this.#send('HEAD', this.#address(model, file), undefined, signal)
    await discard(response)
    const header = (name: string): string | null => response.headers.get(name) ?? onTheWay?.headers.get(name) ?? null
    const commit = header('X-Repo-Commit')
    if (commit !== null && !isCommit(commit)) throw nonsense(this.host, `names a commit that is none for ${model.id}`)

    const isAbsent = response.headers.get('X-Error-Code') === 'EntryNotFound'
    if (isAbsent || (response.status === 404 && commit !== null && !response.headers.has('X-Error-Code'))) {
      return { commit: commit ?? undefined, etag: undefined }
    }
    if (response.status >= 400) throw badAnswer(response, model, this.host)
    if (commit === null) {
      // Networks that want a login first answer every request with a page of their own.
      const message = `${this.host} does not answer like a Hugging Face hub (no X-Repo-Commit): check HF_ENDPOINT and the network.`
      throw new HubError('hub-malformed', message, { cache: true })
    }
    const etag = plainEtag(header('X-Linked-Etag') ?? response.headers.get('ETag'))
    if (etag === undefined)
      throw nonsense(this.host, `gives ${file} of ${model.id} no name that a file can have (ETag)`)
    return { commit, etag, size: this.#size(header('X-Linked-Size'), response, `${file} of ${model.id}`) }
  }

  #size(linked: string | null, { status, headers }: Response, what: string): number | undefined {
    const isWhole = status === 200 && !headers.has('Content-Encoding')
    const text = linked ?? (isWhole ? headers.get('Content-Length') : null)
    if (text === null) return undefined
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw nonsense(this.host, `gives ${what} a size that is none`)
  }

  /**
   * Sends a request and follows redirects: a HEAD while they stay on the hub (beyond it, nobody knows of commits; the
   * redirect itself describes the file), a GET wherever they lead. `onTheWay` is the redirect before the answer.
   */
  async #send(
    method: 'HEAD' | 'GET',
    address: string,
    headers: Readonly<Record<string, string>> | undefined,
    signal: AbortSignal,
  ): Promise<{ response: Response; url: URL; onTheWay: Response | undefined }> {
    let url = new URL(address)
    let onTheWay: Response | undefined
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        // Compressed, a part of a file would be a part of something else.
        headers: { 'Accept-Encoding': 'identity', 'User-Agent': 'bertkin', ...headers, ...this.#authorization(url) },
        signal,
      }).catch((error: unknown) => {
        throw noAnswer(url.host, error)
      })
      const target = redirectTarget(response, url)
      if (target === 'nowhere') break
      const isAnswer = target === undefined || (method === 'HEAD' && !this.#isHub(target))
      if (isAnswer) return { response, url, onTheWay }
      await discard(response)
      onTheWay = response
      url = target
    }
    throw nonsense(url.host, 'redirects in circles or to nowhere')
  }

  #address(model: HubId, file: string): string {
    return `${resolveAddress(this.settings.endpoint, model)}/${file.split('/').map(encodeURIComponent).join('/')}`
  }

  #authorization(url: URL): Record<string, string> {
    const { token } = this.settings
    return token !== undefined && this.#isHub(url) ? { Authorization: `Bearer ${token}` } : {}
  }

  /** Mirrors send what they lack on to the hub itself. */
  #isHub(url: URL): boolean {
    return url.origin === this.#origin || url.origin === 'https://huggingface.co' || url.origin === 'https://hf.co'
  }
}

function redirectTarget({ status, headers }: Response, from: URL): URL | 'nowhere' | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined
  const location = headers.get('Location')
  if (location === null || !URL.canParse(location, from.href)) return 'nowhere'
  const target = new URL(location, from)
  return /^https?:$/.test(target.protocol) ? target : 'nowhere'
}

/** Frees the connection; what is still to come is not wanted. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

/** `W/"abc"` → `abc`; undefined unless it can be the name of a file in the cache. */
function plainEtag(header: string | null): string | undefined {
  const etag = /^(?:W\/)?"?([^"]*)"?$/.exec(header ?? '')?.[1]
  if (etag === undefined || !ETAG.test(etag) || /^\.|\.(?:incomplete|lock)$/.test(etag)) return undefined
  return etag
}
