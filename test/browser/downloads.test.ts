// What a browser downloads and keeps: pieces with progress, whole files only, and a page that works without a network.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writeFileAtomically } from '../../src/checkpoint/index.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  writeTinyCheckpoint,
} from '../../src/pipeline/testing/tinyCheckpoint.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage } from './support/chromium.js'
import { openSite, type Site } from './support/site.js'

/** How the server treats a file of weights. */
type Manners = 'well' | 'breaks off' | 'ends early' | 'says too much' | 'says nothing'

describe.skipIf(!executable)(`downloads in Chromium${executable ? '' : ` (skipped: ${HOW_TO_GET_ONE})`}`, () => {
  let browser: Browser
  let site: Site
  let page: Page
  let models: string
  let manners: Manners = 'well'

  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (manners === 'well' || !request.url?.endsWith('/model.safetensors') || request.method !== 'GET') return false
    const half = new Uint8Array(2000)
    if (manners === 'breaks off') {
      response.writeHead(200, { 'Content-Length': 4000 }).write(half, () => response.destroy())
    } else if (manners === 'ends early') {
      response.writeHead(206, { 'Content-Range': 'bytes 0-3999/4000' }).end(half)
    } else if (manners === 'says too much') {
      response.writeHead(206, { 'Content-Range': 'bytes 0-999/1000' }).end(half)
    } else response.writeHead(200).end(half) // in chunks, of unknown length
    return true
  }

  beforeAll(async () => {
    models = await temporaryFolder()
    await writeTinyCheckpoint(`${models}/tiny`)
    browser = await openBrowser()
    site = await openSite({ folders: { '/models/': `${models}/` }, answer })
  })
  beforeEach(async () => {
    site.log.length = 0
    manners = 'well'
    await page?.context().close()
    page = (await openPage(browser, site.url)).page // with nothing kept
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await removeTemporaryFolders()
  })

  /** What the page reads of a file: its bytes, or the error's code; and what it was warned of. */
  const read = (file: string, options: object = {}) =>
    page.evaluate(
      async ({ file, options }) => {
        const warnings: string[] = []
        const folder = await kin.openCheckpoint('./models/tiny', {
          ...options,
          onWarning: (text) => warnings.push(text),
        })
        try {
          const source = await folder.open(file)
          return { bytes: source?.byteLength, warnings }
        } catch (error) {
          return { code: (error as InstanceType<typeof kin.BertkinError>).code, warnings }
        }
      },
      { file, options },
    )

  const kept = () =>
    page.evaluate(async () => (await (await caches.open('bertkin-checkpoints')).keys()).map(({ url }) => url))

  /** Requests for a file since the last time. */
  const asked = (file: string): string[] => site.log.splice(0).filter((line) => line.endsWith(`/tiny/${file}`))

  it('come with progress, once; afterwards the server is only asked whether they are still right', async () => {
    const progress = await page.evaluate(async () => {
      const seen: { file: string; bytes: number; total: number | undefined; isRate: boolean }[] = []
      const folder = await kin.openCheckpoint('./models/tiny', {
        onProgress: ({ file, bytes, total, bytesPerSecond }) =>
          seen.push({ file, bytes, total, isRate: typeof bytesPerSecond === 'number' }),
      })
      await folder.open('model.safetensors')
      return seen
    })
    const { bytes } = progress.at(-1)!
    expect(progress[0]).toEqual({ file: 'model.safetensors', bytes: 0, total: bytes, isRate: true })
    expect(progress.at(-1)).toMatchObject({ bytes: expect.any(Number), total: bytes })
    expect(asked('model.safetensors')).toEqual(['GET /models/tiny/model.safetensors'])
    expect(await read('model.safetensors')).toEqual({ bytes, warnings: [] })
    expect(asked('model.safetensors')).toEqual([]) // this page has it from a moment ago
    await page.reload()
    await page.waitForFunction(() => 'kin' in globalThis)
    expect(await read('model.safetensors')).toEqual({ bytes, warnings: [] })
    expect(asked('model.safetensors')).toEqual(['HEAD /models/tiny/model.safetensors'])
  })

  it('are made again when the server has another version', async () => {
    const { bytes } = await read('notes.txt')
    expect(bytes).toBeUndefined()
    await writeFileAtomically(`${models}/tiny/notes.txt`, [new TextEncoder().encode('first')])
    await page.reload()
    await page.waitForFunction(() => 'kin' in globalThis)
    expect(await read('notes.txt')).toEqual({ bytes: 5, warnings: [] })
    await writeFileAtomically(`${models}/tiny/notes.txt`, [new TextEncoder().encode('second')])
    await page.reload()
    await page.waitForFunction(() => 'kin' in globalThis)
    expect(await read('notes.txt')).toEqual({ bytes: 6, warnings: [] })
  })

  // Versions of a browser differ in which length they compare themselves, and say then that the connection failed; what
  // bertkin says where they do not is tested beside webDownload.ts.
  it.each([
    ['breaks off', 'file-read'],
    ['ends early', /file-(truncated|read)/],
    ['says too much', /file-(truncated|read)/],
  ] as const)('are never taken for whole if the connection %s', async (how, code) => {
    manners = how
    expect((await read('model.safetensors')).code).toMatch(code)
    expect(await kept()).toEqual([])
    manners = 'well'
    expect((await read('model.safetensors')).bytes).toBeGreaterThan(2000)
    expect(await kept()).toHaveLength(1)
  })

  it('are used but not kept if nobody says how long they are', async () => {
    manners = 'says nothing'
    const { bytes, warnings } = await read('model.safetensors')
    expect(bytes).toBe(2000)
    expect(warnings).toEqual([
      expect.stringContaining('not kept for the next time: the server does not say how long it is'),
    ])
    expect(await kept()).toEqual([])
  })

  it('are not trusted if what is kept has another length than it had', async () => {
    const { bytes } = await read('model.safetensors')
    await page.evaluate(async () => {
      const cache = await caches.open('bertkin-checkpoints')
      const [request] = await cache.keys()
      const { headers } = (await cache.match(request!))!
      await cache.put(request!, new Response(new Uint8Array(100), { headers }))
    })
    expect(await read('model.safetensors', { offline: true })).toMatchObject({ code: 'file-missing' })
    expect(await read('model.safetensors')).toEqual({ bytes, warnings: [] })
  })

  it('are used without being kept where there is no room, and that is said', async () => {
    const session = await page.context().newCDPSession(page)
    const origin = new URL(site.url).origin
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 })
    const { bytes, warnings } = await read('model.safetensors')
    expect(bytes).toBeGreaterThan(2000)
    expect(warnings).toEqual([
      './models/tiny/model.safetensors is not kept for the next time: the browser has no more room for this page.',
    ])
    expect(await kept()).toEqual([])
  })

  it('are not kept if that is not wanted, and are forgotten when that is', async () => {
    expect((await read('config.json', { cache: false })).bytes).toBeGreaterThan(0)
    expect(await kept()).toEqual([])
    await read('config.json')
    expect(await kept()).toHaveLength(1)
    expect(await page.evaluate(() => kin.forgetDownloads())).toBe(true)
    expect(await kept()).toEqual([])
  })

  it('leave a model that answers without a network', async () => {
    const answer = () =>
      page.evaluate(async () => {
        const worker = new kin.BrowserWorker()
        const fill = await worker.pipeline('fill-mask', './models/tiny', { onWarning: () => {} })
        const found = await fill('the [MASK] sat')
        worker.dispose()
        return JSON.stringify(found)
      })
    // The page's own files are its own affair: a service worker's, say. Here they are left in the browser's memory.
    const before = await answer()
    const refused: string[] = []
    await page.context().route('**/models/**', (route) => {
      refused.push(route.request().url())
      return route.abort('internetdisconnected')
    })
    expect(await answer()).toBe(before)
    expect(refused.length).toBeGreaterThan(0)
    expect(await read('model.safetensors', { offline: true })).toMatchObject({ bytes: expect.any(Number) })
    expect(await read('vocab.txt', { offline: true })).toMatchObject({ code: 'file-missing' }) // never asked for
  })

  it('of two pages at once are one', async () => {
    const [one, two] = await page.evaluate(async () => {
      const folders = await Promise.all([kin.openCheckpoint('./models/tiny'), kin.openCheckpoint('./models/tiny')])
      const sources = await Promise.all(folders.map((folder) => folder.open('model.safetensors')))
      return sources.map((source) => source?.byteLength)
    })
    expect(one).toBe(two)
    expect(asked('model.safetensors').filter((line) => line.startsWith('GET'))).toHaveLength(1)
  })
})
