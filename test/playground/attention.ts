import { expect, it } from 'vitest'
import { mostLookedAt } from '../../playground/src/rooms/attention/heads.js'
import { visible } from '../../playground/src/rooms/attention/lines.js'
import { loadModel } from '../../src/model/index.js'
import { attentionsOf, loadTokenizer } from '../../src/pipeline/index.js'
import type { Site } from './site.js'

const TEXT = 'The dog was tired, so it slept.'

export function testAttention(open: () => Site): void {
  it('shows where each head of each layer looks, as Node has it', async () => {
    const site = open()
    const { page, mistakes } = await site.visit(`attention?text=${encodeURIComponent(TEXT)}`)
    for (const name of ['roberta', 'albert']) {
      const folder = site.models.get(name)!
      const tokenizer = await loadTokenizer(folder)
      using model = await loadModel(folder, { head: 'base' })
      const looks = await attentionsOf({ tokenizer, model }, TEXT)
      await page.getByLabel('Model', { exact: true }).selectOption(name)
      await expect.poll(() => page.locator('.looker').allTextContents()).toEqual(looks.tokens.map(visible))
      expect(await page.locator('.thumbnail').count()).toBe(looks.layers * looks.heads)

      await page.getByRole('button', { name: /^Layer 2, head 3/ }).click()
      await page.getByRole('button', { name: /token 3$/ }).click()
      const [first] = mostLookedAt(looks, 1, 2, 2, 1)
      const summary = await page.locator('.summary').textContent()
      expect(summary).toContain(`looks at “${visible(looks.tokens[first!.index]!)}”`)
      const shares = await page
        .locator('.to li')
        .evaluateAll((items) => items.map((item) => Number.parseFloat(item.style.getPropertyValue('--share'))))
      const n = looks.tokens.length
      const row = looks.weights.subarray(((1 * looks.heads + 2) * n + 2) * n).subarray(0, n)
      shares.forEach((share, i) => {
        expect(share).toBeCloseTo(row[i]!, 4)
      })
      await page.getByRole('button', { name: /token 3$/ }).click() // all lines again
    }
    await expect.poll(() => page.url()).toContain('layer=1&head=2')
    expect(mistakes).toEqual([])
  })
}
