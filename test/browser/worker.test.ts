// A worker in a real browser: answers as in Node, on the device that is chosen, and what happens when it dies.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pipeline } from '../../src/pipeline/index.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  writeTinyCheckpoint,
} from '../../src/pipeline/testing/tinyCheckpoint.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage } from './support/chromium.js'
import { openSite, type Site } from './support/site.js'

describe.skipIf(!executable)(`a worker in Chromium (${executable ?? HOW_TO_GET_ONE})`, () => {
  let browser: Browser
  let site: Site
  let page: Page
  let models: string
  beforeAll(async () => {
    models = await temporaryFolder()
    await writeTinyCheckpoint(`${models}/fill`)
    browser = await openBrowser()
    site = await openSite({ isolated: true, folders: { '/models/': `${models}/` } })
    page = (await openPage(browser, site.url)).page
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await removeTemporaryFolders()
  })

  it('answers as Node does', async () => {
    using fill = await pipeline('fill-mask', `${models}/fill`)
    const here = (await fill('the [MASK] sat')).flat()
    const { answer, device } = await page.evaluate(async () => {
      const worker = new kin.BrowserWorker()
      const fill = await worker.pipeline('fill-mask', './models/fill')
      return { answer: (await fill('the [MASK] sat')).flat(), device: fill.device }
    })
    expect(device).toMatchObject({ device: 'wasm' })
    expect(answer.map(({ token }) => token)).toEqual(here.map(({ token }) => token))
    for (const [i, { score }] of answer.entries()) expect(Math.abs(score - here[i]!.score)).toBeLessThan(1e-4)
  })
})
