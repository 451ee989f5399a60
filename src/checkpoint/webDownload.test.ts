// The lengths are compared here, whatever the browser does: Node's fetch does not look at them.

import { describe, expect, it } from 'vitest'
import { HubServer } from './testing/hubServer.js'
import { download } from './webDownload.js'

const SENT = 2000

/** What comes of a file that the server has said to be so long. */
async function downloaded(said: number): ReturnType<typeof download> {
  await using server = await HubServer.start()
  // In chunks, so that only the range says how long the file is.
  server.manners.push((_, response) => {
    response.writeHead(206, { 'Content-Range': `bytes 0-${said - 1}/${said}` }).end(new Uint8Array(SENT))
    return true
  })
  return await download(`${server.endpoint}/model.safetensors`)
}

describe('download', () => {
  it('takes a file of the length that the server has said', async () => {
    const file = await downloaded(SENT)
    expect(file?.blob.size).toBe(SENT)
    expect(file?.version).toEqual({ bytes: SENT, isVerified: true })
  })

  it.each([
    ['ends early', 2 * SENT, `only ${SENT} came`],
    ['says too much', SENT / 2, 'more came'],
  ])('refuses one whose connection %s', async (_, length, reason) => {
    await expect(downloaded(length)).rejects.toMatchObject({
      code: 'file-truncated',
      message: expect.stringContaining(reason),
    })
  })
})
