// A real browser: Chromium, where the machine has it.

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome'],
  ...['/snap/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
]

/** Where the browser is, if there is one. */
export const executable = [process.env.CHROMIUM_PATH, ...PLACES].find((path) => path && existsSync(path))

/** For the name of what is skipped where there is none. */
export const HOW_TO_GET_ONE =
  'needs a browser: apt-get install chromium, or CHROMIUM_PATH=/path/to/chrome in the environment'

/** WebGPU on the processor, by the software Vulkan driver that comes with the browser. */
export const SOFTWARE_WEBGPU = [
  ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'],
  ...['--use-vulkan=swiftshader', '--ignore-gpu-blocklist'],
]

export const openBrowser = (args: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: executable!, args: [...args] })

/** A page whose mistakes are the test's. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url)
  await page.waitForFunction(() => 'kin' in globalThis)
  return { page, errors }
}
