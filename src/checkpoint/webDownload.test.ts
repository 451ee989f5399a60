// The lengths are compared here, whatever the browser does: Node's fetch does not look at them.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { download } from './webDownload.js'

const SENT = 2000

describe('download', () => {
  let server: Server
  let url: string
  let said: number

  beforeEach(async () => {
    // In chunks, so that only the range says how long the file is.
    server = createServer((_, response) =>
      response.writeHead(206, { 'Content-Range': `bytes 0-${said - 1}/${said}` }).end(new Uint8Array(SENT)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  it('takes a file of the length that the server has said', async () => {
    said = SENT
    const file = await download(url)
    expect(file?.blob.size).toBe(SENT)
    expect(file?.version).toEqual({ bytes: SENT, isVerified: true })
  })

  it.each([
    ['ends early', 2 * SENT, `only ${SENT} came`],
    ['says too much', SENT / 2, 'more came'],
  ])('refuses one whose connection %s', async (_, length, reason) => {
    said = length
    await expect(download(url)).rejects.toMatchObject({
      code: 'file-truncated',
      message: expect.stringContaining(reason),
    })
  })
})
