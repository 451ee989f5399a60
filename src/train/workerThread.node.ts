// A stream made in another thread. Node's engine for ONNX blocks the thread that calls it; what can be made ready in the
// meantime (reading, tokenizing, packing, masking) is made by a worker, a few items ahead, and handed over in order.

import { parentPort, Worker, workerData } from 'node:worker_threads'
import { CheckpointError } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { type ErrorClass, fromPlainError, type PlainError, toPlainError } from '../plainError.js'
import { RuntimeError } from '../runtime/index.js'

export interface WorkerOptions {
  /** Items that may wait to be taken. Default 4. */
  readonly ahead?: number
  /** Classes of errors, besides BertkinError, CheckpointError and RuntimeError, that stay what they are. */
  readonly errors?: readonly ErrorClass[]
}

type Message<Item> =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: PlainError }
  | { readonly kind: 'gone'; readonly reason: string }

interface Start {
  readonly job: unknown
  readonly ahead: number
}

/**
 * The items that a module makes of `job` in a thread of its own; the module calls {@link serveItems}. They are those
 * that it would make in this thread, in the same order: items are cloned. The thread ends with the stream, also when
 * that is not read to its end, and keeps no process alive.
 *
 * @param module a compiled module, `new URL('./myWorker.js', import.meta.url)`
 * @param job what the module's function is called with; structured-cloneable
 * @throws what the module's function throws, as the same class if that is known; {@link BertkinError} `worker-failed` if
 *   the thread ends unasked
 *
 * @example
 * const job = { texts: ['my-texts/'], seed: 42 }
 * const microBatches = inWorker<MicroBatch>(new URL('./batchWorker.js', 'file:///srv/mine/'), job)
 * for await (const { step, of } of microBatches) console.log(step, of)
 */
export async function* inWorker<Item>(
  module: URL,
  job: unknown,
  { ahead = 4, errors = [] }: WorkerOptions = {},
): AsyncGenerator<Item> {
  if (!(Number.isInteger(ahead) && ahead > 0)) {
    throw new BertkinError('option-invalid', `ahead must be a positive whole number, not ${ahead}`)
  }
  const start: Start = { job, ahead }
  const worker = new Worker(module, { workerData: start })
  const arrived: Message<Item>[] = []
  let wake = (): void => {}
  const arrive = (message: Message<Item>): void => {
    arrived.push(message)
    wake()
  }
  worker.on('message', arrive)
  worker.on('error', (error) =>
    arrive({ kind: 'gone', reason: error instanceof Error ? error.message : String(error) }),
  )
  worker.on('exit', (code) => arrive({ kind: 'gone', reason: `it ended with code ${code}` }))
  worker.unref()
  try {
    for (;;) {
      if (arrived.length === 0) {
        worker.ref() // somebody waits: the process must not end now
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        worker.unref()
      }
      const message = arrived.shift()!
      if (message.kind === 'end') return
      if (message.kind === 'error') throw fromPlainError(message.error, [CheckpointError, RuntimeError, ...errors])
      if (message.kind === 'gone') {
        throw new BertkinError('worker-failed', `the thread that prepares batches failed: ${message.reason}`)
      }
      worker.postMessage('taken')
      yield message.item
    }
  } finally {
    worker.ref()
    await worker.terminate()
  }
}

/**
 * To be called by a worker's module: makes the items of the job that {@link inWorker} was given.
 *
 * @throws {BertkinError} `worker-failed` outside a worker
 *
 * @example
 * interface Job { readonly seed: number }
 * serveItems(async function* ({ seed }: Job) { for (let i = 0; ; i++) yield seed + i })
 */
export function serveItems<Job, Item>(produce: (job: Job) => AsyncIterable<Item>): void {
  if (!parentPort) throw new BertkinError('worker-failed', 'serveItems works in a worker thread only')
  const port = parentPort
  const { job, ahead } = workerData as Start
  let room = ahead
  let wake = (): void => {}
  port.on('message', () => {
    room++
    wake()
  })
  const serve = async (): Promise<void> => {
    const send = (message: Message<Item>): void => port.postMessage(message)
    try {
      for await (const item of produce(job as Job)) {
        while (room === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        room--
        send({ kind: 'item', item })
      }
      send({ kind: 'end' })
    } catch (error) {
      send({ kind: 'error', error: toPlainError(error) })
    }
    port.close()
  }
  void serve()
}
