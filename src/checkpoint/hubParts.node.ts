// A file that stays on the hub, of which parts are read.

import type { ByteSource } from './byteSource.js'
import type { HubId } from './hub.js'
import { bodyOf, drop, totalOf, Watchdog } from './hubBody.node.js'
import type { HubClient } from './hubClient.node.js'
import { HubError } from './hubError.node.js'

/** Each slice is a request. Nothing is checked but the size: what counts is to be downloaded. */
export class RemoteFile implements ByteSource {
  /** @param model at a commit, so that all parts are of one file */
  constructor(
    private readonly client: HubClient,
    private readonly model: HubId,
    private readonly file: string,
    readonly byteLength: number,
    private readonly silenceSeconds: number,
  ) {}

  async slice(start: number, end: number): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array(0)
    return this.client.retrying(() => this.#request(start, end))
  }

  async #request(start: number, end: number): Promise<Uint8Array> {
    const { client, model, file } = this
    const watchdog = new Watchdog(this.silenceSeconds)
    try {
      const response = await client.get(model, file, start, watchdog.signal, end)
      if (response.status !== 206) {
        const message = `${client.host} sends no parts of ${file} of ${model.id}: download it whole (open it without peek).`
        throw new HubError('hub-malformed', message)
      }
      totalOf(response, start, this.byteLength, client.host, `${file} of ${model.id}`)
      const bytes = new Uint8Array(end - start)
      let filled = 0
      for await (const chunk of bodyOf(response, watchdog, client.host)) {
        bytes.set(chunk.subarray(0, bytes.length - filled), filled)
        filled += Math.min(chunk.length, bytes.length - filled)
        if (filled === bytes.length) return bytes
      }
      throw drop(client.host, 'the connection was closed')
    } finally {
      watchdog.stop()
    }
  }
}
