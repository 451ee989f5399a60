import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { LABELLED } from '../../playground/src/rooms/train/labelled.js'
import { type FillMaskCandidate, pipeline } from '../../src/pipeline/index.js'
import { expectSame } from './roberta.js'
import { PATIENCE, readBars, type Site } from './site.js'

const STORY = 'Tom has a dog.\nThe dog barks at the cat.\nThe cat sleeps on the mat.\n'
const TEXT = Array.from({ length: 40 }, (_, i) => `${STORY}Today is day ${i}.\n`).join('\n')

const python = process.env.BERTKIN_PYTHON

export function testTraining(open: () => Site): void {
  it('pretrains on a pasted text, is held and goes on, and leaves a checkpoint that Node opens', async () => {
    const site = open()
    const { page, context, mistakes } = await site.visit('train?recipe=roberta&steps=50&own=true')
    await page.getByLabel(/Your text/).fill(TEXT)
    await page.getByRole('button', { name: 'Start' }).click()
    await status(page, /Training, step/)
    await page.getByRole('button', { name: 'Pause' }).click()
    await status(page, /Paused/)
    await page.getByRole('button', { name: 'Go on' }).click()
    await status(page, /Done/)
    const curve = (await page.locator('.curve').getAttribute('aria-label')) ?? ''
    const [first, last] = [...curve.matchAll(/([\d.]+) at step/g)].map((match) => Number(match[1]))
    expect(last).toBeLessThan(first!)
    expect(await page.locator('.curve canvas').count()).toBe(1)
    expect(
      await page
        .getByRole('table', { name: /filled over time/ })
        .locator('thead th')
        .count(),
    ).toBeGreaterThan(2)

    const folder = join(site.folder, 'pretrained')
    await save(page, folder)
    using fill = await pipeline('fill-mask', folder)
    const mask = fill.tokenizer.specialTokens.mask!.token
    const answer = (await fill(`The dog ${mask} at the cat.`, { top_k: 8 })) as FillMaskCandidate[]
    if (python) await promisify(execFile)(python, ['scripts/agree_with_transformers.py', folder])

    // In the page, too, it is at once at hand.
    await page.getByRole('link', { name: 'let it fill gaps' }).click()
    await page.getByLabel('A sentence, for both experiments').fill('The dog barks at the cat.')
    const words = page.getByRole('group', { name: /Words of the text/ })
    for (const pressed of await words.locator('[aria-pressed="true"]').all()) await pressed.click()
    await words.getByRole('button', { name: 'barks' }).click()
    expectSame(await readBars(page, 'What may stand in place of barks'), answer)
    expect(mistakes).toEqual([])
    await context.close()
  })

  it('fine-tunes on labelled lines; the model is the one that Node opens', async () => {
    const site = open()
    const { page, context, mistakes } = await site.visit('train?kind=finetune&epochs=2')
    await page.getByRole('button', { name: 'Start' }).click()
    await status(page, /Done/)
    const folder = join(site.folder, 'finetuned')
    await save(page, folder)
    using classify = await pipeline('text-classification', folder)
    const { config } = classify.model
    const labels = new Set(
      LABELLED.trim()
        .split('\n')
        .slice(1)
        .map((line) => line.slice(line.lastIndexOf(',') + 1)),
    )
    expect(new Set(config.id2label)).toEqual(labels)
    expect(mistakes).toEqual([])
    await context.close()
  })

  it('says in one line what is wrong with a text', async () => {
    const { page, context } = await open().visit('train?kind=finetune')
    await page.getByLabel(/Examples/).fill('no header, no labels')
    await page.getByRole('button', { name: 'Start' }).click()
    await status(page, /It failed/)
    expect(await page.locator('.training-status').textContent()).toContain('examples.csv')
    await context.close()
  })
}

const status = (page: Page, text: RegExp): Promise<void> =>
  page.locator('.training-status', { hasText: text }).waitFor({ timeout: PATIENCE })

/** Presses the button and unpacks what is downloaded. */
async function save(page: Page, folder: string): Promise<void> {
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as an archive' }).click()
  const download = await downloading
  const archive = await readFile(await download.path())
  for (const [name, content] of storedFiles(archive)) {
    const path = join(folder, name.slice(name.indexOf('/') + 1)) // the archive has one folder
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}

/** The files of an archive that is not compressed, by its local headers. */
function* storedFiles(archive: Buffer): Generator<[string, Buffer]> {
  let at = 0
  while (archive.readUInt32LE(at) === 0x04034b50) {
    const size = archive.readUInt32LE(at + 18)
    const [nameLength, extraLength] = [archive.readUInt16LE(at + 26), archive.readUInt16LE(at + 28)]
    const start = at + 30 + nameLength + extraLength
    yield [archive.toString('utf8', at + 30, at + 30 + nameLength), archive.subarray(start, start + size)]
    at = start + size
  }
}
