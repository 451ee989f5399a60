// The playground as it is built for any host, with tiny checkpoints, on the server of `bertkin playground`.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { staticServer } from '../../src/cli/staticServer.js'
import { openBrowser } from '../browser/support/chromium.js'
import { writeCheckpoints } from './checkpoints.js'

const root = resolve(fileURLToPath(import.meta.url), '../../..')

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

export interface VisitOptions {
  readonly phone?: boolean
  readonly dark?: boolean
}

export class Site {
  private constructor(
    readonly folder: string,
    /** Of each shipped model. */
    readonly models: ReadonlyMap<string, string>,
    readonly url: string,
    readonly browser: Browser,
    private readonly close: () => void,
  ) {}

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
    return new Site(folder, models, `http://127.0.0.1:${port}/`, await openBrowser(), close)
  }

  /** A new visitor's page. One thread is enough for tiny models, and does not wait for a second one on a busy machine. */
  async visit(room: string, { phone = false, dark = false }: VisitOptions = {}): Promise<Visit> {
    const context = await this.browser.newContext({
      viewport: phone ? { width: 375, height: 740 } : { width: 1280, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(PATIENCE)
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(String(error)))
    await page.goto(`${this.url}?threads=1#/${room}`)
    await page.locator('main[data-room]').waitFor()
    return { page, context, mistakes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close()
    this.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
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
