// The playground as it is built for any host, with tiny checkpoints, on the server of `bertkin playground`.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { staticServer } from '../../src/cli/staticServer.js'
import { openBrowser } from '../browser/support/chromium.js'
import { writeCheckpoints } from './checkpoints.js'

export const root = resolve(fileURLToPath(import.meta.url), '../../..')

/** As `npm run playground:build` does: here, NODE_ENV says that this is a test, and there would be no service worker. */
async function build(outDir: string, models: string): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const config = join(root, 'playground', 'vite.config.ts')
  const env = { ...process.env, NODE_ENV: 'production', BERTKIN_MODELS: models }
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', config, '--outDir', outDir], {
    env,
    cwd: root,
  })
}

/** What rooms wait for: the machine may be busy. */
export const PATIENCE = 120_000

export const DESKTOP = { width: 1280, height: 900 }

export class Site {
  private constructor(
    readonly folder: string,
    /** Of each shipped model. */
    readonly models: ReadonlyMap<string, string>,
    readonly url: string,
    readonly browser: Browser,
    private readonly page: Page,
    private readonly close: () => void,
  ) {
    page.on('pageerror', (error) => this.#mistakes.push(String(error)))
  }

  #mistakes: string[] = []

  static async open(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'bertkin-playground-'))
    const models = await writeCheckpoints(join(folder, 'models'))
    const outDir = join(folder, 'site')
    await build(outDir, join(folder, 'models'))
    const server = staticServer([{ path: '', folder: outDir }])
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const { port } = server.address() as AddressInfo
    const close = (): void => {
      server.closeAllConnections()
      server.close()
    }
    const browser = await openBrowser()
    const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce' })
    context.setDefaultTimeout(PATIENCE)
    return new Site(folder, models, `http://127.0.0.1:${port}/`, browser, await context.newPage(), close)
  }

  /**
   * Goes to a room, in the one page of these tests: models that are open stay open. One thread is enough for tiny ones,
   * and does not wait for a second one on a busy machine.
   *
   * @param isFresh loads the page anew: nothing is open, nothing was trained
   */
  async visit(room: string, { isFresh = false }: { readonly isFresh?: boolean } = {}): Promise<Visit> {
    const { page } = this
    this.#mistakes = []
    await page.setViewportSize(DESKTOP)
    await page.emulateMedia({ colorScheme: 'light' })
    if (isFresh || !page.url().startsWith(this.url)) {
      await page.goto('about:blank')
      await page.goto(`${this.url}?threads=1#/${room}`)
    } else {
      await enter(page, '') // a room that is entered again is built again
      await enter(page, room)
    }
    await page.locator(`main[data-room="${nameOf(room)}"]`).waitFor()
    return { page, mistakes: this.#mistakes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close()
    this.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

const nameOf = (room: string): string => room.split('?')[0] || 'home'

async function enter(page: Page, room: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${room}`)
  await page.locator(`main[data-room="${nameOf(room)}"]`).waitFor()
}

export interface Visit {
  readonly page: Page
  /** What went wrong in the page's scripts. */
  readonly mistakes: readonly string[]
}

/** Names and numbers of a list of bars. */
export async function readBars(page: Page, label: string | RegExp): Promise<{ name: string; percent: number }[]> {
  const list = page.getByRole('list', { name: label })
  await list.waitFor()
  return list.locator('li').evaluateAll((items) =>
    items.map((item) => ({
      name: item.querySelector('.name')?.textContent ?? '',
      percent: Number.parseFloat((item.querySelector('.number')?.textContent ?? '').replace('<', '')),
    })),
  )
}
