// What may go wrong on the way to the hub, in words, and what may be done about each.

import type { ErrorCode } from '../errors.js'
import { CheckpointError } from './error.js'
import type { HubId } from './hub.js'

/** What may help. */
export interface Remedy {
  /** Asking again, after so many seconds if the server says how many. */
  readonly again?: boolean
  readonly afterSeconds?: number | undefined
  /** The network is down, or the hub's address leads nowhere: asking again soon helps hardly ever. */
  readonly down?: boolean
  /** Using what the cache holds. */
  readonly cache?: boolean
}

/** A failed request. For users it is a CheckpointError like any other. */
export class HubError extends CheckpointError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly remedy: Remedy = {},
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}

const TRY_AGAIN: readonly number[] = [408, 429, 500, 502, 503, 504]

/** A request that got no answer. */
export function noAnswer(host: string, error: unknown): HubError {
  const message = `${host} cannot be reached: ${reasonOfFetch(error)}. Check the network, or set HF_HUB_OFFLINE=1.`
  const down = DOWN.includes(codeOf(error) ?? '')
  return new HubError('hub-unreachable', message, { again: true, down, cache: true }, { cause: error })
}

const DOWN: readonly string[] = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']

function codeOf(error: unknown): string | undefined {
  const inner = innermost(error)
  return inner !== undefined && 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined
}

/** Why a request or its answer broke off. */
export function reasonOfFetch(error: unknown): string {
  const inner = innermost(error)
  if (inner === undefined) return String(error)
  return inner.name === 'TimeoutError' ? 'it does not answer' : inner.message || inner.name
}

// fetch says only that it failed; its causes say why.
function innermost(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const cause: unknown = error.cause
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  return inner instanceof Error ? inner : error
}

/** An answer other than success, as the hub means it. */
export function badAnswer(response: Response, model: HubId, host: string): HubError {
  const { status, headers } = response
  const code = headers.get('X-Error-Code')
  if (code === 'RevisionNotFound') {
    return new HubError('file-missing', `${model.id} has no revision ${model.revision} on ${host}.`)
  }
  if (code === 'GatedRepo') return gated(model, host)
  if (code === 'RepoNotFound' || (status === 404 && code === null)) return noModel(model, host)
  if (status === 401) {
    const message = `${host} refused the access to ${model.id} (401): ${tokenAdvice(host)}`
    return new HubError('hub-denied', message, { cache: true })
  }
  if (status === 403) {
    const message = `${host} does not allow the access to ${model.id} (403): ${tokenAdvice(host)}`
    return new HubError('hub-denied', message, { cache: true })
  }
  if (TRY_AGAIN.includes(status)) return trouble(response, host)
  const message = `${host} answered ${status} for ${model.id}: does HF_ENDPOINT name a Hugging Face hub?`
  return new HubError('hub-malformed', message, { cache: true })
}

/** An answer that promises to be another one later. */
export function trouble(response: Response, host: string): HubError {
  const { status } = response
  const afterSeconds = secondsToWait(response)
  const wait = afterSeconds === undefined ? 'Try again later' : `Try again in ${Math.ceil(afterSeconds)} seconds`
  const what = status === 429 ? 'gets too many requests from here' : 'is in trouble'
  const advice = status === 429 ? `${wait}; with an access token in HF_TOKEN the limits are wider.` : `${wait}.`
  const message = `${host} ${what} (it answered ${status}). ${advice}`
  return new HubError('hub-unreachable', message, { again: true, cache: true, afterSeconds })
}

function noModel({ id }: HubId, host: string): HubError {
  const advice = 'check its spelling; if it is private, put an access token for it into HF_TOKEN'
  return new HubError('file-missing', `${host} has no model ${id}: ${advice}.`, { cache: true })
}

function gated({ id }: HubId, host: string): HubError {
  const message = `${id} is gated: accept its conditions on https://${host}/${id}, then ${tokenAdvice(host)}`
  return new HubError('hub-denied', message, { cache: true })
}

const tokenAdvice = (host: string): string =>
  `set HF_TOKEN to an access token that may read it (https://${host}/settings/tokens).`

/** What a server says against the hub's protocol; its files are not to be trusted. */
export const nonsense = (host: string, what: string): HubError =>
  new HubError('hub-malformed', `${host} ${what}: nothing was saved. Does HF_ENDPOINT name a Hugging Face hub?`)

/** Seconds or a date in `Retry-After`; `t=…` in the hub's `RateLimit`. */
function secondsToWait({ headers }: Response): number | undefined {
  const after = headers.get('Retry-After')
  if (after !== null && /^\d{1,9}$/.test(after)) return Number(after)
  const date = after === null ? Number.NaN : Date.parse(after)
  if (!Number.isNaN(date)) return Math.max(0, (date - Date.now()) / 1000)
  const reset = /;\s*r=0\s*;\s*t=(\d{1,9})\b/.exec(headers.get('RateLimit') ?? '')?.[1]
  return reset === undefined ? undefined : Number(reset)
}
