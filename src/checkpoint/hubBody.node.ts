// The body of an answer from the hub: whether it is the part that was asked for, and its pieces, with an eye on silence.

import { HubError, nonsense, reasonOfFetch } from './hubError.node.js'

/** A connection that broke off; what is missing may be asked for again. */
export const drop = (host: string, reason: string, cause?: unknown): HubError =>
  new HubError('hub-unreachable', `${host}: ${reason}.`, { again: true }, { cause })

/** For a server without the range that was asked for. */
export const startAgain = (host: string): HubError => drop(host, 'it does not have the range that was asked for')

/** How long the file is by what was promised and by what this answer says; they must agree. */
export function totalOf(
  { status, headers }: Response,
  start: number,
  promised: number | undefined,
  host: string,
  what: string,
): number | undefined {
  if (status === 206) {
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '') ?? []
    const fits = Number(first) === start && (total === '*' || Number(total) === promised)
    if (fits && Number(last) < (promised ?? Number.POSITIVE_INFINITY) && !headers.has('Content-Encoding')) {
      return promised
    }
    throw nonsense(host, `sends another part of ${what} than was asked for`)
  }
  // The length of a compressed answer is not the file's; fetch unpacks it, and the bytes are counted then.
  const length = headers.has('Content-Encoding') ? null : headers.get('Content-Length')
  if (length === null) return promised
  if (promised === undefined || Number(length) === promised) return Number(length)
  throw nonsense(host, `has ${length} bytes of ${what} where it promised ${promised}`)
}

/** The pieces of a body; a silence that is too long ends it. */
export async function* bodyOf(response: Response, watchdog: Watchdog, host: string): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw drop(host, reasonOfFetch(error), error)
      })
      if (done) return
      watchdog.touch()
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Ends a request when nothing has been heard for so long. */
export class Watchdog {
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout

  constructor(private readonly seconds: number) {
    this.#timer = this.#start()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  touch(): void {
    this.#timer.refresh()
  }

  /** Ends what is still under way. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#controller.abort()
  }

  #start(): NodeJS.Timeout {
    const reason = new Error(`nothing arrived for ${this.seconds} seconds`)
    return setTimeout(() => this.#controller.abort(reason), this.seconds * 1000)
  }
}
