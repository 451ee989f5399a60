// Without a network, with a worker that dies, with a model that is large.

import { stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { staticServer } from '../../src/cli/staticServer.js'
import { longestTask } from '../browser/support/longestTask.js'
import { writeLargeCheckpoint } from './checkpoints.js'
import { PATIENCE, readBars, type Site } from './site.js'

const BARS = 'What may stand in place of ferry'
const ROOM = `roberta?text=${encodeURIComponent('The ferry was late.')}&gaps=1`

export function testResilience(open: () => Site): void {
  it('opens without a network after the first visit, models and all', async () => {
    const site = open()
    const server = staticServer([{ path: '', folder: join(site.folder, 'site') }])
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const context = await site.browser.newContext()
    context.setDefaultTimeout(PATIENCE)
    const page = await context.newPage()
    await page.goto(`${url}?threads=1#/${ROOM}`)
    const before = await readBars(page, BARS)
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed

    await page.reload()
    expect(await readBars(page, BARS)).toEqual(before)
    await page.getByRole('link', { name: 'Tokens', exact: true }).click()
    await page.locator('main[data-room="tokens"] .characters').waitFor()
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    await page.locator('main[data-room="train"] .settings').waitFor()
    await context.close()
  })

  it('says so when the worker dies, and starts it again', async () => {
    const { page } = await open().visit(ROOM, { isFresh: true })
    const before = await readBars(page, BARS)
    const [worker] = page.workers()
    await worker!.evaluate(() => {
      // As when memory is used up in the middle of something: an error that nobody catches, and no answer.
      Object.assign(globalThis, { postMessage: () => undefined })
      addEventListener('message', () => {
        throw new Error('out of memory')
      })
    })
    const words = page.getByRole('group', { name: /Words of the text/ })
    await words.getByRole('button', { name: 'late' }).click()
    const alert = page.getByRole('alert').filter({ hasText: 'out of memory' })
    await alert.waitFor()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await readBars(page, 'What may stand in place of late')
    await words.getByRole('button', { name: 'late' }).click()
    await expect.poll(() => readBars(page, BARS)).toEqual(before)
  })

  it('loads a dropped checkpoint of 100 MB without freezing', async () => {
    const site = open()
    const folder = join(site.folder, 'large')
    await writeLargeCheckpoint(folder)
    expect((await stat(join(folder, 'model.safetensors'))).size).toBeGreaterThan(100e6)
    const { page } = await site.visit(ROOM)
    const before = await readBars(page, BARS)
    const longest = await longestTask(site.browser, page, async () => {
      await page.getByText('Another model').click()
      await page.getByLabel('or a folder of this computer').setInputFiles(folder)
      await expect.poll(() => page.getByLabel('Model', { exact: true }).inputValue()).toBe('folder:large')
      await expect.poll(() => readBars(page, BARS)).not.toEqual(before)
    })
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(100)
  })
}
