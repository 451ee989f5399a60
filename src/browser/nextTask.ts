// WebAssembly answers at once, so that awaiting it lets nothing else in: whoever computes for long pauses for what has
// come in meanwhile.

import { BertkinError } from '../errors.js'

/** Lets in what waits: messages of the page, above all. Timers would wait for milliseconds. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** @throws {BertkinError} `cancelled` if nobody wants the answer any more; what was made for it is disposed of */
export function checkWanted(signal: AbortSignal, made?: { dispose(): void }): void {
  if (!signal.aborted) return
  made?.dispose()
  throw new BertkinError('cancelled', 'this is no longer wanted')
}
