// The worker's side without a worker: calls in, answers out.

import { expect, it } from 'vitest'
import type { ToPage, ToWorker } from './protocol.js'
import { type ServicePort, serve } from './service.js'

/** A port that keeps what is sent to the page. */
function portOf(): { port: ServicePort; send(message: ToWorker): void; answered(count: number): Promise<ToPage[]> } {
  const listeners: ((event: MessageEvent<ToWorker>) => void)[] = []
  const sent: ToPage[] = []
  let wake = (): void => {}
  return {
    port: {
      postMessage(message) {
        sent.push(structuredClone(message))
        wake()
      },
      addEventListener: (_, listener) => listeners.push(listener),
    },
    send: (data) => {
      for (const listener of listeners) listener({ data: structuredClone(data) } as MessageEvent<ToWorker>)
    },
    async answered(count) {
      while (sent.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return sent
    },
  }
}

it('answers calls with the settings that it was given', async () => {
  const { port, send, answered } = portOf()
  serve(port)
  send({ kind: 'settings', runtime: { device: 'cpu', threads: 1 } })
  send({ kind: 'call', id: 7, method: 'device', params: undefined })
  expect(await answered(1)).toEqual([
    { kind: 'result', id: 7, result: { device: 'cpu', threads: 1, why: 'cpu was asked for' } },
  ])
})

it('says which errors are its end: those of WebAssembly that has trapped, and of a GPU that is gone', async () => {
  const { port, send, answered } = portOf()
  const failures = [
    new Error('the engine refused', { cause: new WebAssembly.RuntimeError('memory access out of bounds') }),
    new Error('Aborted(). Build with -sASSERTIONS for more info.'),
    new Error('the engine refused', { cause: new Error('WebGPU device lost (2): unknown') }),
    new Error('no such file'),
  ]
  serve(port, {
    device: async () => {
      throw failures.shift()
    },
  })
  for (const id of [0, 1, 2, 3]) {
    send({ kind: 'call', id, method: 'device', params: undefined })
    await answered(id + 1)
  }
  expect((await answered(4)).map((message) => message.kind === 'error' && message.isFatal)).toEqual([
    true,
    true,
    true,
    false,
  ])
})

it('tells what is closed from what is open', async () => {
  const { port, send, answered } = portOf()
  serve(port)
  send({ kind: 'call', id: 0, method: 'encode', params: { handle: 3, text: 'a', options: {} } })
  expect(await answered(1)).toMatchObject([{ kind: 'error', id: 0, error: { code: 'disposed' }, isFatal: false }])
})
