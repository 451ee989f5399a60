import { expect, it } from 'vitest'
import { withMasks } from '../../playground/src/rooms/spanbert/boundary.js'
import { wordsOf } from '../../playground/src/widgets/words.js'
import { spanLengths } from '../../src/objective/index.js'
import { loadTokenizer, pipeline } from '../../src/pipeline/index.js'
import { expectSame } from './roberta.js'
import { readBars, type Site } from './site.js'

const TEXT = 'The fishermen came back to the small harbour and sold all.'

export function testSpanbert(open: () => Site): void {
  it('draws spans whose lengths are distributed as they should be', async () => {
    const { page } = await open().visit('spanbert?p=0.5')
    const draw = page.getByRole('button', { name: 'Draw a hundred lengths' })
    for (let i = 0; i < 10; i++) await draw.click()
    const labels = await page
      .getByRole('img', { name: /drawn/ })
      .evaluateAll((bins) => bins.map((bin) => bin.getAttribute('aria-label') ?? ''))
    const drawn = labels.map((label) => Number(/drawn (\d+)/.exec(label)?.[1]))
    expect(drawn.reduce((sum, n) => sum + n, 0)).toBe(1000)
    // Six standard deviations: one run in a hundred million fails by chance.
    spanLengths(0.5, 10).forEach((share, i) => {
      expect(Math.abs(drawn[i]! - 1000 * share)).toBeLessThan(6 * Math.sqrt(1000 * share * (1 - share)) + 1)
    })
    const gap = page.getByRole('group', { name: /where the gap is to begin/ }).locator('[aria-pressed="true"]')
    await page.getByRole('button', { name: 'Draw a span' }).click()
    const last = /(\d+) drawn/.exec((await page.getByText(/drawn, .* on average/).textContent()) ?? '')
    expect(last?.[1]).toBe('1001')
    expect(await gap.count()).toBeGreaterThan(0)
  })

  it('rebuilds a gap from its edges as Node does, token by token', async () => {
    const site = open()
    const { page, mistakes } = await site.visit(`spanbert?text=${encodeURIComponent(TEXT)}&from=2&length=2&place=0`)
    const folder = site.models.get('spanbert')!
    const masked = withMasks(TEXT, wordsOf(TEXT), { from: 2, to: 4 }, await loadTokenizer(folder))
    using rebuild = await pipeline('span-infilling', folder)
    const { spans } = await rebuild(masked.text, { top_k: 5 })
    const { tokens } = spans[0]!
    for (let place = 0; place < tokens.length; place++) {
      const button = page.getByRole('button', { name: `place ${place + 1}` })
      await button.click()
      expect(await button.textContent()).toContain(masked.originals[place]!)
      expectSame(await readBars(page, 'From the boundary alone'), tokens[place]!.span_boundary!)
      expectSame(await readBars(page, 'From its own place, as BERT'), tokens[place]!.masked_lm)
      expectSame(await readBars(page, 'Both together'), tokens[place]!.both)
    }
    // The edges are the words beside the gap.
    expect(await page.locator('.neighbour b').allTextContents()).toEqual(['fishermen', 'to'])
    expect(mistakes).toEqual([])
  })

  it('answers a question as Node does, and shows each answer in the passage', async () => {
    const site = open()
    const input = { question: 'Who built the house?', context: 'The house on the cape was built by an engineer.' }
    const query = new URLSearchParams({ question: input.question, passage: input.context })
    const { page, mistakes } = await site.visit(`spanbert?${query}`)
    using read = await pipeline('question-answering', site.models.get('spanbert-questions')!)
    const found = [await read(input, { top_k: 5 })].flat()
    const bars = await readBars(page, 'Answers, the likeliest first')
    expectSame(
      bars,
      found.map(({ answer, score }) => ({ token_str: answer, score })),
    )
    const mark = page.locator('.passage mark')
    expect(await mark.textContent()).toBe(found[0]!.answer)
    await page
      .getByRole('list', { name: /Answers/ })
      .getByRole('button')
      .nth(1)
      .press('Enter')
    expect(await mark.textContent()).toBe(found[1]!.answer)
    expect(mistakes).toEqual([])
  })
}
