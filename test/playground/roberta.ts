import { expect, it } from 'vitest'
import { maskEpochs } from '../../playground/src/rooms/roberta/epochs.js'
import { type FillMaskCandidate, loadTokenizer, pipeline } from '../../src/pipeline/index.js'
import { readBars, type Site } from './site.js'

const TEXT = 'The ferry was late, so we waited.'

export function testRoberta(open: () => Site): void {
  it('masks epoch by epoch: the same copies again and again, or anew', async () => {
    const site = open()
    const settings = { epochs: 7, copies: 2, seed: 1 }
    const { page } = await site.visit(`roberta?text=${encodeURIComponent(TEXT)}&epochs=6&copies=2`)
    await page.getByRole('button', { name: 'Next epoch' }).click()
    const cells = (caption: RegExp): Promise<boolean[][]> =>
      page
        .getByRole('table', { name: caption })
        .locator('tbody tr')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.querySelector('.fate') !== null)),
        )
    const [fixed, fresh] = [await cells(/Static/), await cells(/Dynamic/)]
    const tokenizer = await loadTokenizer(site.models.get('roberta')!)
    const expected = maskEpochs(tokenizer, TEXT, settings)
    const inRows = (epochs: readonly ReadonlyMap<number, unknown>[]): boolean[][] =>
      expected.tokens.slice(1, -1).map((_, row) => epochs.map((fates) => fates.has(row + 1)))
    expect(fixed).toEqual(inRows(expected.fixed))
    expect(fresh).toEqual(inRows(expected.fresh))
    // Static: every second epoch is the same. Dynamic: not.
    for (const row of fixed) expect(row.slice(2)).toEqual(row.slice(0, -2))
    expect(fresh.every((row) => row.slice(2).every((is, i) => is === row[i]))).toBe(false)
    await expect.poll(() => page.url()).toContain('epochs=7')
  })

  it('fills the words that are pressed, as Node does', async () => {
    const site = open()
    const { page, mistakes } = await site.visit(`roberta?text=${encodeURIComponent(TEXT)}&gaps=`)
    const words = page.getByRole('group', { name: /Words of the text/ })
    await words.getByRole('button', { name: 'ferry' }).click()
    const bars = await readBars(page, 'What may stand in place of ferry')
    using fill = await pipeline('fill-mask', site.models.get('roberta')!)
    const answer = (await fill('The <mask> was late, so we waited.', { top_k: 8 })) as FillMaskCandidate[]
    expectSame(bars, answer)

    // A second gap, by the keyboard; what is shared is both.
    await words.getByRole('button', { name: 'late' }).press('Enter')
    const second = await readBars(page, 'What may stand in place of late')
    const both = (await fill('The <mask> was <mask>, so we waited.', { top_k: 8 })) as FillMaskCandidate[][]
    expectSame(second, both[1]!)
    await expect.poll(() => page.url()).toContain('gaps=1%2C3')
    expect(mistakes).toEqual([])
  })
}

export function expectSame(
  bars: readonly { name: string; percent: number }[],
  answer: readonly { token_str: string; score: number }[],
): void {
  expect(bars.map(({ name }) => name)).toEqual(answer.map(({ token_str }) => token_str.trim() || token_str))
  bars.forEach(({ percent }, i) => {
    expect(percent).toBeCloseTo(100 * answer[i]!.score, 0)
  })
}
