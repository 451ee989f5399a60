import { expect, it } from 'vitest'
import { loadTokenizer } from '../../src/pipeline/index.js'
import type { Site } from './site.js'

export function testTokens(open: () => Site): void {
  it('cuts a text as Node does, three ways, and links pieces, characters and bytes', async () => {
    const site = open()
    const { page, mistakes } = await site.visit('tokens')
    const text = 'Good 😋 café!'
    await page.getByLabel('A text', { exact: true }).fill(text)
    for (const [title, model] of [
      ['ELECTRA and BERT', 'electra'],
      ['ALBERT', 'albert'],
      ['RoBERTa', 'roberta'],
    ] as const) {
      const lane = page.getByRole('region', { name: title, exact: true })
      await lane.getByRole('button').first().waitFor()
      const shown = await lane
        .locator('.token')
        .evaluateAll((buttons) =>
          buttons.map((button) => [...button.children].slice(0, 2).map((part) => part.textContent)),
        )
      const { tokens, ids } = (await loadTokenizer(site.models.get(model)!)).encode(text)
      expect(shown).toEqual(tokens.map((token, i) => [token, String(ids[i])]))
    }

    // A character, and everything that stands for it.
    await page.getByRole('group', { name: 'Characters of the text' }).getByRole('button', { name: '😋' }).hover()
    expect(await page.locator('.characters .on').allTextContents()).toEqual(['😋'])
    expect(await page.locator('.detail').textContent()).toContain('f0 9f 98 8b (4)')
    const bytes = page.getByRole('region', { name: 'RoBERTa', exact: true }).locator('.token.on')
    expect(await bytes.count()).toBeGreaterThan(0)

    // With the keyboard alone: one stop for a row, arrows within it.
    const first = page.getByRole('region', { name: 'RoBERTa', exact: true }).getByRole('button').first()
    await first.focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.token.chosen').count()).toBe(1)
    expect(await page.evaluate(() => document.activeElement?.classList.contains('chosen'))).toBe(true)
    await expect.poll(() => page.url()).toContain('text=Good')
    expect(mistakes).toEqual([])
  })

  it('says what is wrong with another tokenizer, and takes it away again', async () => {
    const site = open()
    const { page, mistakes } = await site.visit('tokens')
    const nowhere = `${site.url}nowhere/`
    await page.getByLabel(/Another tokenizer/).fill(nowhere)
    await page.getByRole('button', { name: 'Compare' }).click()
    const lane = page.getByRole('region', { name: nowhere, exact: true })
    await lane.getByRole('button', { name: 'Remove it' }).click()
    await lane.waitFor({ state: 'detached' })
    expect(mistakes).toEqual([])
  })
}
