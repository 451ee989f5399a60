// Something that is open in a worker, and is opened there again after the worker has died.

import { BertkinError } from '../errors.js'
import type { CallOptions, Connection } from './connection.js'
import type { Handle, Methods } from './protocol.js'

/** The methods that open something. */
type Opening = {
  [Name in keyof Methods]: Methods[Name]['result'] extends { handle: Handle } ? Name : never
}[keyof Methods]

export class Remote<Name extends Opening> {
  #opened: { readonly generation: number; readonly result: Promise<Methods[Name]['result']> } | undefined
  #disposed = false

  constructor(
    private readonly connection: Connection,
    private readonly method: Name,
    private readonly params: Methods[Name]['params'],
    private readonly options: CallOptions<Methods[Name]['event']>,
  ) {}

  /** What the worker says of it, opened there if it is not. */
  opened(): Promise<Methods[Name]['result']> {
    if (this.#disposed) throw new BertkinError('disposed', 'this has been disposed; load it again')
    const { generation } = this.connection
    if (this.#opened?.generation === generation) return this.#opened.result
    const { result } = this.connection.call(this.method, this.params, this.options)
    const opened = { generation, result }
    this.#opened = opened
    // What failed once (a connection that broke off, say) is tried again at the next call.
    result.catch(() => {
      if (this.#opened === opened) this.#opened = undefined
    })
    return result
  }

  /** Asks something of it. */
  async call<Asked extends keyof Methods>(
    method: Asked,
    paramsFor: (handle: Handle) => Methods[Asked]['params'],
  ): Promise<Methods[Asked]['result']> {
    const { handle } = (await this.opened()) as { readonly handle: Handle }
    return this.connection.call(method, paramsFor(handle), { signal: this.options.signal }).result
  }

  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    const opened = this.#opened
    if (opened === undefined) return
    const close = async (): Promise<void> => {
      const { handle } = (await opened.result) as { readonly handle: Handle }
      // What was open in a worker that has died is gone already.
      if (this.connection.isAlive(opened.generation)) await this.connection.call('close', { handle }).result
    }
    close().catch(() => undefined)
  }
}
