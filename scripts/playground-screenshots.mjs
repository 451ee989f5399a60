// Takes a picture of every room of the playground for docs/playground/; with --all whole pages, also in dark and on a
// phone, to be looked at.
//
//     npm run build && npm run playground:build
//     node scripts/playground-screenshots.mjs [--out docs/playground] [--all] [--room spanbert]
//
// Needs Chromium: apt-get install chromium, or CHROMIUM_PATH=/path/to/chrome in the environment.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { playgroundPlaces } from '../dist/cli/playgroundCommand.js'
import { staticServer } from '../dist/cli/staticServer.js'

const PATIENCE = 300_000
const LARGEST = 150_000
const TALLEST = 1750

/** Each room: what it shows when it is complete, and what a person does before the picture is taken. */
const rooms = [
  { room: '', name: 'start', complete: '.family' },
  {
    ...{ room: 'tokens', complete: '.lane:nth-of-type(3) .token' },
    act: (page) => page.locator('.lane .token:not(.special)').nth(2).hover(),
  },
  { room: 'roberta', complete: '.answers .bars' },
  { room: 'albert', complete: '.order-answer .bars' },
  { room: 'electra', complete: '.suspect' },
  {
    ...{ room: 'spanbert', complete: '.rebuilt .bars' },
    async act(page) {
      for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Draw a hundred lengths' }).click()
      await page.locator('.answered .bars, .answered + .model-picker').first().waitFor()
      await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, { timeout: PATIENCE })
    },
  },
  {
    ...{ room: 'attention?layer=0&head=3', name: 'attention', complete: '.thumbnail' },
    act: (page) => page.getByRole('button', { name: /, token 10$/ }).click(),
  },
  {
    ...{ room: 'train?recipe=roberta&steps=1000', name: 'train', complete: '.settings select' },
    async act(page) {
      await page.getByRole('button', { name: 'Start' }).click()
      await page.locator('.training-status', { hasText: 'Done' }).waitFor({ timeout: 10 * PATIENCE })
    },
  },
]

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/playground' },
    all: { type: 'boolean', default: false },
    room: { type: 'string' },
  },
})

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = [process.env.CHROMIUM_PATH, ...places].find((path) => path && existsSync(path))
if (!executablePath) {
  console.error('error: there is no browser: apt-get install chromium, or set CHROMIUM_PATH')
  process.exit(1)
}

const server = staticServer(playgroundPlaces())
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
const browser = await chromium.launch({ executablePath })
mkdirSync(values.out, { recursive: true })

const looks = [
  { suffix: '', width: 1100, colorScheme: 'light' },
  ...(values.all
    ? [
        { suffix: '-dark', width: 1100, colorScheme: 'dark' },
        { suffix: '-phone', width: 375, colorScheme: 'light' },
        { suffix: '-phone-dark', width: 375, colorScheme: 'dark' },
      ]
    : []),
]

for (const { room, name = room, complete, act } of rooms) {
  if (values.room !== undefined && values.room !== name) continue
  const page = await browser.newPage({ viewport: { width: 1100, height: 800 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(PATIENCE)
  await page.goto(`http://127.0.0.1:${server.address().port}/?threads=1#/${room}`)
  await page.addStyleTag({ content: 'html { scrollbar-gutter: auto }' }) // pictures have no scroll bars
  await page.locator(complete).first().waitFor()
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
  await act?.(page)
  for (const { suffix, width, colorScheme } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    await page.waitForTimeout(300) // colours fade
    const path = join(values.out, `${name}${suffix}.${values.all ? 'png' : 'webp'}`)
    if (values.all) await page.screenshot({ path, fullPage: true })
    else writeFileSync(path, await webp(page))
    const { size } = statSync(path)
    console.log(path, `${Math.round(size / 1000)} KB`, size > LARGEST ? 'too large for the repository' : '')
  }
  await page.close()
}
await browser.close()
server.closeAllConnections()
server.close()

/** The beginning of a page, as small as it can be: Playwright itself has PNG and JPEG alone. */
async function webp(page) {
  const { width, height } = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement
    return { width: scrollWidth, height: scrollHeight }
  })
  const session = await page.context().newCDPSession(page)
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST), scale: 1 }
  const shot = { format: 'webp', quality: 85, captureBeyondViewport: true, clip }
  const { data } = await session.send('Page.captureScreenshot', shot)
  return Buffer.from(data, 'base64')
}
