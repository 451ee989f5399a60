// The worker's side: does what the page asks, one answer for each call, and tells how it goes on.

import { BertkinError } from '../errors.js'
import { toPlainError } from '../plainError.js'
import { Runtime, type RuntimeOptions } from '../runtime/index.js'
import { inferenceMethods } from './inference.js'
import type { MethodName, Methods, Signal, ToPage, ToWorker } from './protocol.js'
import { trainingMethods } from './training.js'

/** Of a worker's own scope, what is needed. */
export interface ServicePort {
  postMessage(message: ToPage): void
  addEventListener(kind: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
}

/** What a call knows of its surroundings. */
export interface CallContext<Event> {
  readonly service: Service
  send(event: Event): void
  /** Aborted when the page does not want the answer any more. */
  readonly signal: AbortSignal
  /** Told of what else the page wants of the call. */
  onSignal(listener: (signal: Signal) => void): void
}

export type Handlers = {
  readonly [Name in MethodName]: (
    params: Methods[Name]['params'],
    context: CallContext<Methods[Name]['event']>,
  ) => Promise<Methods[Name]['result']>
}

/** What a worker has open. */
export class Service {
  readonly #open = new Map<number, { dispose?(): void }>()
  #handles = 0
  #runtime: Promise<Runtime> | undefined
  settings: RuntimeOptions = {}

  /** The worker's device, opened when it is first needed. */
  runtime(): Promise<Runtime> {
    if (this.#runtime) return this.#runtime
    const opening = Runtime.open(this.settings)
    this.#runtime = opening
    // Asked again, it may be there: another device, say, or files that could not be loaded.
    opening.catch(() => {
      this.#runtime = undefined
    })
    return opening
  }

  add(thing: { dispose?(): void }): number {
    this.#open.set(this.#handles, thing)
    return this.#handles++
  }

  get<Thing extends object>(handle: number): Thing {
    const thing = this.#open.get(handle)
    if (thing) return thing as Thing
    throw new BertkinError('disposed', 'this has been disposed; load it again')
  }

  close(handle: number): void {
    this.#open.get(handle)?.dispose?.()
    this.#open.delete(handle)
  }
}

/**
 * Answers what comes in at a port.
 *
 * @param others instead of the methods that there are
 */
export function serve(port: ServicePort, others: Partial<Handlers> = {}): void {
  const service = new Service()
  const handlers: Handlers = { ...inferenceMethods, ...trainingMethods, ...others }
  const running = new Map<number, { abort(): void; tell(signal: Signal): void }>()

  const answer = async (id: number, method: MethodName, params: unknown): Promise<void> => {
    const aborting = new AbortController()
    const listeners: ((signal: Signal) => void)[] = []
    running.set(id, {
      abort: () => aborting.abort(),
      tell: (signal) => {
        for (const listener of listeners) listener(signal)
      },
    })
    const context: CallContext<unknown> = {
      service,
      send: (event) => port.postMessage({ kind: 'event', id, event }),
      signal: aborting.signal,
      onSignal: (listener) => listeners.push(listener),
    }
    try {
      const handler = handlers[method] as (params: unknown, context: CallContext<unknown>) => Promise<unknown>
      port.postMessage({ kind: 'result', id, result: await handler(params, context) })
    } catch (error) {
      port.postMessage({ kind: 'error', id, error: toPlainError(error), isFatal: isFatal(error) })
    } finally {
      running.delete(id)
    }
  }

  port.addEventListener('message', ({ data }) => {
    if (data.kind === 'settings') service.settings = data.runtime
    else if (data.kind === 'call') void answer(data.id, data.method, data.params)
    else if (data.signal === 'cancel') running.get(data.id)?.abort()
    else running.get(data.id)?.tell(data.signal)
  })
}

/** WebAssembly that has trapped or was aborted (its memory was used up, say) does not run again, nor does a lost GPU. */
const DEAD = /^Aborted\(|\bdevice (is |was )?lost\b/i

function isFatal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error instanceof WebAssembly.RuntimeError || DEAD.test(error.message) || isFatal(error.cause)
}
