// A page does not freeze: while a worker loads a checkpoint of 100 MB and answers, no task of the page's own takes 100 ms.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  removeTemporaryFolders,
  temporaryFolder,
  writeTinyCheckpoint,
} from '../../src/pipeline/testing/tinyCheckpoint.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage } from './support/chromium.js'
import { longestTask } from './support/longestTask.js'
import { openSite, type Site } from './support/site.js'

describe.skipIf(!executable)(`a page${executable ? '' : ` (skipped: ${HOW_TO_GET_ONE})`}`, () => {
  let browser: Browser
  let site: Site
  let page: Page
  beforeAll(async () => {
    const models = await temporaryFolder()
    const size = {
      vocabSize: 30_522,
      hiddenSize: 768,
      numHiddenLayers: 1,
      intermediateSize: 3072,
      numAttentionHeads: 12,
    }
    await writeTinyCheckpoint(`${models}/large`, { config: size, edit: (_, values) => values.fill(0.01) })
    browser = await openBrowser()
    site = await openSite({ isolated: true, folders: { '/models/': `${models}/` } })
    page = (await openPage(browser, site.url)).page
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await removeTemporaryFolders()
  })

  it('that computes itself is seen to freeze', async () => {
    const longest = await longestTask(browser, page, () =>
      page.evaluate(() => {
        let sum = 0
        for (let i = 0; i < 1e9; i++) sum += i % 7
        if (sum < 0) throw new Error('of all')
      }),
    )
    expect(longest).toBeGreaterThan(100)
  })

  it('that has a worker does not, while 100 MB are loaded and asked', async () => {
    let bytes = 0
    const longest = await longestTask(browser, page, async () => {
      bytes = await page.evaluate(async () => {
        const worker = new kin.BrowserWorker({ device: 'wasm' })
        let bytes = 0
        const onProgress = (progress: { bytes: number }): void => {
          bytes = Math.max(bytes, progress.bytes)
        }
        const fill = await worker.pipeline('fill-mask', './models/large', { onProgress })
        await fill('the [MASK] sat')
        worker.dispose()
        return bytes
      })
    })
    expect(bytes).toBeGreaterThan(100e6)
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(100)
  })
})
