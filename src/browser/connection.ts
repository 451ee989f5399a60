// A worker and the calls that are under way in it. It is started when it is first needed, and again after it has died:
// every call that it took with it is told so.

import { CheckpointError } from '../checkpoint/index.js'
import { DatasetError } from '../data/index.js'
import { BertkinError } from '../errors.js'
import { fromPlainError } from '../plainError.js'
import { RuntimeError, type RuntimeOptions } from '../runtime/index.js'
import { TokenizerError } from '../tokenizer/index.js'
import type { MethodName, Methods, Signal, ToPage, ToWorker } from './protocol.js'

/** Of a `Worker`, what is needed. */
export interface WorkerLike {
  postMessage(message: ToWorker): void
  terminate(): void
  addEventListener(kind: 'message' | 'error' | 'messageerror', listener: (event: Event) => void): void
}

export interface CallOptions<Event> {
  readonly onEvent?: ((event: Event) => void) | undefined
  /** Ends the call when it is aborted, with the code `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/** A call that is under way. */
export interface Call<Result> {
  readonly result: Promise<Result>
  send(signal: Signal): void
}

interface Pending {
  resolve(result: unknown): void
  reject(error: unknown): void
  onEvent?: ((event: never) => void) | undefined
}

const CLASSES = [CheckpointError, RuntimeError, TokenizerError, DatasetError]

export class Connection {
  readonly #pending = new Map<number, Pending>()
  #worker: WorkerLike | undefined
  #generation = 0
  #calls = 0
  #disposed = false

  constructor(
    private readonly start: () => WorkerLike,
    private readonly runtime: RuntimeOptions,
  ) {}

  /** Of the worker that a call made now is of: what was open in an earlier one is gone. */
  get generation(): number {
    this.#connect()
    return this.#generation
  }

  /** Whether the worker of that number still lives. */
  isAlive(generation: number): boolean {
    return this.#worker !== undefined && this.#generation === generation
  }

  /** @throws {BertkinError} what the worker throws; `worker-failed` if it dies; `cancelled`; `disposed` */
  call<Name extends MethodName>(
    method: Name,
    params: Methods[Name]['params'],
    { onEvent, signal }: CallOptions<Methods[Name]['event']> = {},
  ): Call<Methods[Name]['result']> {
    const id = this.#calls++
    const send = (sent: Signal): void => {
      if (this.#pending.has(id)) this.#worker?.postMessage({ kind: 'signal', id, signal: sent })
    }
    const result = new Promise<Methods[Name]['result']>((resolve, reject) => {
      const cancel = (): void => {
        send('cancel')
        this.#pending.delete(id)
        reject(cancelled())
      }
      const settled = (): void => {
        this.#pending.delete(id)
        signal?.removeEventListener('abort', cancel)
      }
      if (signal?.aborted) throw cancelled()
      signal?.addEventListener('abort', cancel, { once: true })
      this.#pending.set(id, {
        onEvent,
        resolve(value) {
          settled()
          resolve(value as Methods[Name]['result'])
        },
        reject(error) {
          settled()
          reject(error)
        },
      })
      try {
        this.#connect().postMessage({ kind: 'call', id, method, params })
      } catch (error) {
        settled()
        throw error // what cannot be cloned, or a worker that cannot be started
      }
    })
    return { result, send }
  }

  /** Ends the worker, and what is under way in it. */
  dispose(): void {
    this.#disposed = true
    this.#end(disposed())
  }

  #connect(): WorkerLike {
    if (this.#disposed) throw disposed()
    if (this.#worker) return this.#worker
    const worker = this.start()
    this.#worker = worker
    this.#generation++
    const isOwn = (): boolean => this.#worker === worker
    worker.addEventListener('message', (event) => {
      if (isOwn()) this.#receive((event as MessageEvent<ToPage>).data)
    })
    worker.addEventListener('error', (event) => {
      event.preventDefault() // it is told to whoever waits
      if (isOwn()) this.#end(died(messageOf(event as ErrorEvent) || 'its script could not be loaded'))
    })
    worker.addEventListener('messageerror', () => {
      if (isOwn()) this.#end(died('it sent what cannot be read'))
    })
    worker.postMessage({ kind: 'settings', runtime: this.runtime })
    return worker
  }

  #receive(message: ToPage): void {
    const pending = this.#pending.get(message.id)
    if (message.kind === 'event') pending?.onEvent?.(message.event as never)
    else if (message.kind === 'result') pending?.resolve(message.result)
    else {
      const error = fromPlainError(message.error, CLASSES)
      if (message.isFatal) this.#end(died(error.message, error))
      else pending?.reject(error)
    }
  }

  #end(error: BertkinError): void {
    this.#worker?.terminate()
    this.#worker = undefined
    for (const pending of [...this.#pending.values()]) pending.reject(error)
  }
}

/** A script that is not there gives no message. */
const messageOf = ({ message }: ErrorEvent): string => (message ?? '').replace(/^Uncaught /, '')

const disposed = (): BertkinError => new BertkinError('disposed', 'this worker has been disposed; make another')

const cancelled = (): BertkinError => new BertkinError('cancelled', 'this is no longer wanted')

const died = (reason: string, cause?: Error): BertkinError =>
  new BertkinError(
    'worker-failed',
    `the worker died: ${reason}. It is started again when it is asked for something`,
    cause && { cause },
  )
