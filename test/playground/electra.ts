import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { pipeline } from '../../src/pipeline/index.js'
import type { Site } from './site.js'

const TEXT = 'The old captain wrote a long letter.'

/** The words as they are judged. */
const judged = async (page: Page): Promise<{ word: string; percent: number }[]> => {
  await page.locator('.judged[aria-busy="false"] .suspect').first().waitFor()
  return page.locator('.suspect').evaluateAll((buttons) =>
    buttons.map((button) => ({
      word: button.querySelector('.text')?.textContent ?? '',
      percent: Number.parseFloat((button.querySelector('small')?.textContent ?? '').replace('<', '')),
    })),
  )
}

export function testElectra(open: () => Site): void {
  it('suspects words as Node does: the original’s, and one that somebody writes', async () => {
    const site = open()
    const { page, mistakes } = await site.visit(
      `electra?text=${encodeURIComponent(TEXT)}&original=${encodeURIComponent(TEXT)}`,
    )
    using detect = await pipeline('replaced-token-detection', site.models.get('electra')!)
    const expectVerdict = async (text: string): Promise<void> => {
      const { words } = await detect(text)
      await expect.poll(async () => (await judged(page)).map(({ word }) => word)).toEqual(words.map(({ word }) => word))
      const shown = await judged(page)
      shown.forEach(({ percent }, i) => {
        expect(percent).toBeCloseTo(100 * words[i]!.score, 0)
      })
    }
    await expectVerdict(TEXT)
    await page.getByRole('button', { name: /^captain/ }).press('Enter')
    await page.keyboard.type('river')
    await page.keyboard.press('Enter')
    await expectVerdict(TEXT.replace('captain', 'river'))
    expect(await page.getByRole('button', { name: /^river/ }).textContent()).toContain('was captain')
    await page.getByRole('button', { name: 'Put the original back' }).click()
    await expectVerdict(TEXT)
    expect(mistakes).toEqual([])
  })

  it('lets the generator swap words, and only so many', async () => {
    const site = open()
    const { page, mistakes } = await site.visit(
      `electra?text=${encodeURIComponent(TEXT)}&original=${encodeURIComponent(TEXT)}&swaps=3`,
    )
    await judged(page)
    await page.getByRole('button', { name: 'Let the generator swap words' }).click()
    await expect.poll(() => page.url()).toContain('seed=2')
    const words = (await judged(page)).map(({ word }) => word)
    const before = TEXT.match(/\w+|\./g)!
    expect(words).toHaveLength(before.length)
    const changed = words.filter((word, i) => word !== before[i])
    expect(changed.length).toBeGreaterThan(0) // with random weights, 3 draws hardly repeat the original
    expect(changed.length).toBeLessThanOrEqual(3)
    expect(await page.locator('.suspect .was:not(:empty)').count()).toBe(changed.length)
    expect(mistakes).toEqual([])
  })
}
