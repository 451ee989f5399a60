// What a place to load a checkpoint from may be: a folder, a URL, or the id of a model on the Hugging Face hub. Names
// only; hub*.node.ts download.

import { CheckpointError } from './error.js'
import { isInnerName } from './files.js'

export const PUBLIC_ENDPOINT = 'https://huggingface.co'

/** How a download goes on. */
export interface DownloadProgress {
  /** The model's id on the hub; in browsers, what was asked for. */
  readonly model: string
  /** The file's name in the model's repository. */
  readonly file: string
  /** Bytes that are here, those of an earlier, interrupted download included. */
  readonly bytes: number
  /** Bytes in all; undefined while the server has not said. At the end it is `bytes`. */
  readonly total: number | undefined
  /** In browsers: how fast it went in the last seconds. */
  readonly bytesPerSecond?: number
}

/** How a checkpoint on the Hugging Face hub is reached; in browsers, one under any URL. Of no meaning for folders. */
export interface LocationOptions {
  /** Branch, tag or commit. Default: what stands behind `@` in the id, else `main`. */
  readonly revision?: string
  /** In Node: an access token, for private and gated models. Default: `HF_TOKEN`, or what `hf auth login` saved. */
  readonly token?: string
  /**
   * Use only what the cache holds. Default: in Node whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is set; in browsers
   * false, and what is kept is used where there is no network.
   */
  readonly offline?: boolean
  /** In Node: where downloads are kept. Default: the cache that all Hugging Face libraries share (`HF_HUB_CACHE`). */
  readonly cacheDir?: string
  /** In browsers: keep files for the next time, and for when there is no network. Default: true. */
  readonly cache?: boolean
  /** In browsers: ends the loading when it is aborted, with the code `cancelled`. */
  readonly signal?: AbortSignal | undefined
  /**
   * Leave weights that are not in the cache where they are, and read parts of them there. For looking at a model, not for
   * running it. Default: false.
   */
  readonly peek?: boolean
  /** The hub’s address. Default: `HF_ENDPOINT` (in Node), else `https://huggingface.co`. */
  readonly endpoint?: string
  /** Told of each piece of a file as it arrives, and of its beginning. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Told, in a sentence, about what takes time or is done differently than asked. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void
}

/** A model on the hub. */
export interface HubId {
  /** `name` or `organization/name`. */
  readonly id: string
  /** Branch, tag or commit. */
  readonly revision: string
}

const PART = /^\w(?:[\w.-]{0,94}\w)?$/
const REVISION = /^[\w.+/=#%!,-]{1,255}$/

/** Whether a place is the address of something on a server. */
export const isWebAddress = (location: string): boolean => /^https?:\/\//i.test(location)

/**
 * Reads `name`, `organization/name` and `…@revision`; `undefined` for everything that looks like a path, and for names
 * that the hub does not give.
 *
 * @throws CheckpointError `option-invalid` if the id is one, but the revision cannot be
 */
export function parseHubId(location: string, revision?: string): HubId | undefined {
  const at = location.indexOf('@')
  const id = at < 0 ? location : location.slice(0, at)
  const parts = id.split('/')
  if (parts.length > 2 || !parts.every((part) => PART.test(part))) return undefined
  if (/--|\.\.|\.git$/.test(id)) return undefined
  const chosen = revision ?? (at < 0 ? 'main' : location.slice(at + 1))
  if (!isRevision(chosen)) {
    throw new CheckpointError('option-invalid', `"${chosen}" is not a revision: give a branch, a tag or a commit.`)
  }
  return { id, revision: chosen }
}

/** Reads the address of a model’s page, as it stands in a browser; `undefined` for other addresses. */
export function parseHubAddress(location: string, endpoint: string, revision?: string): HubId | undefined {
  for (const hub of [endpoint, PUBLIC_ENDPOINT, 'https://hf.co']) {
    if (!location.startsWith(`${hub}/`)) continue
    const path = location.slice(hub.length + 1).replace(/[?#].*$/, '')
    const [, id = '', inAddress] = /^([^/]+(?:\/[^/]+)?)(?:\/tree\/([^/]+))?\/?$/.exec(path) ?? []
    // Of the addresses with one part or two, the hub’s own pages are no models.
    if (/^(?:datasets|spaces|models|docs|papers|collections)(?:\/|$)/.test(id)) return undefined
    return parseHubId(id, revision ?? (inAddress && decodeUri(inAddress)))
  }
  return undefined
}

function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// Git’s rules for names, as far as they matter to paths and addresses.
const isRevision = (revision: string): boolean =>
  REVISION.test(revision) && isInnerName(revision) && !/\.\.|^-|\.lock$/.test(revision)

/** Where the hub answers for the files of a model: `ENDPOINT/ID/resolve/REVISION`. */
export const resolveAddress = (endpoint: string, { id, revision }: HubId): string =>
  `${endpoint}/${id}/resolve/${encodeURIComponent(revision)}`
