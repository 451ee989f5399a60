// For those who see little, use no mouse, have a phone, or dislike things that jump.

import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { DESKTOP, PATIENCE, type Site } from './site.js'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What each room shows when it is complete. */
const ROOMS: readonly (readonly [room: string, complete: string])[] = [
  ['', '.family'],
  ['tokens', '.lane:nth-of-type(3) .token'],
  ['roberta', '.answers .bars'],
  ['albert', '.order-answer .bars'],
  ['electra', '.suspect'],
  ['spanbert', '.answered .bars'],
  ['attention', '.thumbnail'],
  ['train', '.settings select'],
]
const PHONE = { width: 360, height: 740 }

/** Where a room is looked at, and with which of axe's rules: all of them once, then those that colours and width change. */
const LOOKS = [
  { viewport: DESKTOP, colorScheme: 'light', rules: undefined },
  { viewport: DESKTOP, colorScheme: 'dark', rules: ['color-contrast'] },
  { viewport: PHONE, colorScheme: 'light', rules: ['color-contrast', 'scrollable-region-focusable'] },
] as const

export function testAccess(open: () => Site): void {
  it.each(ROOMS)(
    'the room “%s” suits everybody, in light and dark, on a desk and on a phone',
    async (room, complete) => {
      const { page } = await open().visit(room, { isFresh: true })
      await page.evaluate(countShifts)
      await page.locator(complete).first().waitFor({ timeout: PATIENCE })
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
      // Google's bound for "good" is 0.1.
      expect(await page.evaluate(() => (window as { shifts?: number }).shifts)).toBeLessThan(0.1)

      await page.addScriptTag({ path: axe })
      for (const { viewport, colorScheme, rules } of LOOKS) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        // A chart takes its new width a moment later.
        const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
        await expect.poll(width).toBeLessThanOrEqual(viewport.width)
        expect(await problems(page, rules), `${colorScheme}, ${viewport.width} wide`).toEqual([])
      }
    },
  )

  it('is walked through with the keyboard: the skip link, the rooms, the colours', async () => {
    const { url, browser } = open()
    const context = await browser.newContext() // what is remembered here is forgotten after this test
    const page = await context.newPage()
    await page.goto(url)
    await page.locator('main[data-room="home"]').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the room')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page')
    await page.getByRole('navigation').getByRole('link', { name: 'Tokens', exact: true }).press('Enter')
    await page.locator('main[data-room="tokens"]').waitFor()
    expect(await page.title()).toBe('Tokens · bertkin playground')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page')
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.getByRole('button', { name: 'Switch to dark colours' }).press('Enter')
    expect(await paper()).not.toBe(light)
    await page.reload()
    await page.locator('main[data-room="tokens"]').waitFor()
    expect(await paper()).not.toBe(light) // it is remembered
    await context.close()
  })
}

type Axe = { run(options: { runOnly?: readonly string[] }): Promise<AxeResults> }

/** What axe finds that is serious; by these rules alone, if any are named. */
async function problems(page: Page, rules?: readonly string[]): Promise<string[]> {
  const results = await page.evaluate(
    (runOnly) => (window as unknown as { axe: Axe }).axe.run(runOnly ? { runOnly } : {}),
    rules,
  )
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Adds up how much the page moves by itself. */
function countShifts(): void {
  const counting = window as { shifts?: number }
  counting.shifts = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) counting.shifts! += entry.value
    }
  }).observe({ type: 'layout-shift', buffered: true })
}
