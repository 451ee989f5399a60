import { expect, it } from 'vitest'
import { albertConfig, bertConfig, millions } from '../../playground/src/rooms/albert/sizes.js'
import { paperCounts } from '../../src/model/index.js'
import { pipeline } from '../../src/pipeline/index.js'
import { readBars, type Site } from './site.js'

export function testAlbert(open: () => Site): void {
  it('counts what the library counts, for the sizes of the paper and for any other', async () => {
    const site = open()
    const { page } = await site.visit('albert')
    const bar = (name: string): Promise<string | null> =>
      page.getByRole('img', { name: new RegExp(`^${name}: .* parameters`) }).getAttribute('aria-label')
    const expectCounts = async (layers: number, width: number, sharing: 'all' | 'attention'): Promise<void> => {
      const shape = { layers, width, embedding: 128, sharing }
      const counts = [albertConfig(shape), bertConfig(shape)].map((config) => millions(paperCounts(config).model))
      expect(await bar('ALBERT')).toContain(`ALBERT: ${counts[0]}`)
      expect(await bar('BERT')).toContain(`BERT: ${counts[1]}`)
    }
    await expectCounts(12, 768, 'all')
    await page.getByRole('button', { name: 'ALBERT-large' }).click()
    await expectCounts(24, 1024, 'all')
    await page.getByLabel('attention only').check()
    await expectCounts(24, 1024, 'attention')
    await page.getByLabel('Layers', { exact: true }).press('ArrowLeft')
    await expectCounts(23, 1024, 'attention')
    await expect.poll(() => page.url()).toContain('layers=23')

    // Whoever is sent the address sees the same.
    await page.reload()
    await expectCounts(23, 1024, 'attention')
  })

  it('judges the order of two pieces as Node does, and of the swapped ones', async () => {
    const site = open()
    const { page, mistakes } = await site.visit('albert')
    const pair = { text: 'She sold the house.', text_pair: 'Then she opened a bakery.' }
    await page.getByLabel('First piece').fill(pair.text)
    await page.getByLabel('Second piece').fill(pair.text_pair)
    using judge = await pipeline('sentence-order', site.models.get('albert')!)
    const expectVerdict = async (text: string, text_pair: string): Promise<void> => {
      const { label, score } = await judge({ text, text_pair })
      const inOrder = 100 * (label === 'in_order' ? score : 1 - score)
      await page.locator('.order-answer[aria-busy="false"]').waitFor()
      await expect
        .poll(async () => (await readBars(page, 'The order of the two pieces'))[0]!.percent)
        .toBeCloseTo(inOrder, 0)
    }
    await expectVerdict(pair.text, pair.text_pair)
    await page.getByRole('button', { name: 'Swap them' }).click()
    expect(await page.getByLabel('First piece').inputValue()).toBe(pair.text_pair)
    await expectVerdict(pair.text_pair, pair.text)
    expect(mistakes).toEqual([])
  })
}
