import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { LABELLED } from '../../playground/src/rooms/train/labelled.js'
import { type FillMaskCandidate, pipeline } from '../../src/pipeline/index.js'
import { expectSame } from './roberta.js'
import { PATIENCE, readBars, root, type Site } from './site.js'

const STORY = 'Tom has a dog.\nThe dog barks at the cat.\nThe cat sleeps on the mat.\n'
const TEXT = Array.from({ length: 40 }, (_, i) => `${STORY}Today is day ${i}.\n`).join('\n')

const python = process.env.BERTKIN_PYTHON

export function testTraining(open: () => Site): void {
  it('pretrains on a pasted text, is held and goes on, and leaves a checkpoint that Node opens', async () => {
    const site = open()
    const { page, mistakes } = await site.visit('train?recipe=roberta&steps=50&own=true', { isFresh: true })
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

    // In the page, too, it is at once at hand.
    await page.getByRole('link', { name: 'let it fill gaps' }).click()
    await page.getByLabel('A sentence, for both experiments').fill('The dog barks at the cat.')
    const words = page.getByRole('group', { name: /Words of the text/ })
    for (const pressed of await words.locator('[aria-pressed="true"]').all()) await pressed.click()
    await words.getByRole('button', { name: 'barks' }).click()
    expectSame(await readBars(page, 'What may stand in place of barks'), answer)
    expect(mistakes).toEqual([])
  })

  it.skipIf(!python)(
    `pretrains what Python opens, to the same outputs${python ? '' : ' (skipped: BERTKIN_PYTHON names no Python with torch and transformers)'}`,
    async () => {
      const script = join(root, 'scripts/agree_with_transformers.py')
      const { stdout } = await promisify(execFile)(python!, [script, join(open().folder, 'pretrained')])
      expect(stdout).not.toBe('')
    },
  )

  it('fine-tunes on labelled lines; the model is the one that Node opens', async () => {
    const site = open()
    const { page, mistakes } = await site.visit('train?kind=finetune&epochs=2', { isFresh: true })
    await page.getByRole('button', { name: 'Start' }).click()
    await status(page, /Done/)
    const folder = join(site.folder, 'finetuned')
    const inFolder = await saveIntoFolder(page)
    await save(page, folder)
    for (const [name, digest] of Object.entries(inFolder)) {
      expect(digestOf(await readFile(join(folder, name))), name).toBe(digest)
    }
    expect(Object.keys(inFolder).sort()).toEqual((await readdir(folder)).sort())
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
  })

  it('says in one line what is wrong with a text', async () => {
    const { page } = await open().visit('train?kind=finetune', { isFresh: true })
    await page.getByLabel(/Examples/).fill('no header, no labels')
    await page.getByRole('button', { name: 'Start' }).click()
    await status(page, /It failed/)
    expect(await page.locator('.training-status').textContent()).toContain('examples.csv')
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

/**
 * Saves into a folder: one cannot be had, then nobody picks one, then one is picked, of the browser's own files. Gives the
 * digest of each file in it.
 */
async function saveIntoFolder(page: Page): Promise<Record<string, string>> {
  const picking = async (pick: 'nothing' | 'a forbidden one' | 'one'): Promise<void> => {
    await page.evaluate((choice) => {
      const showDirectoryPicker = async (): Promise<FileSystemDirectoryHandle> => {
        if (choice === 'nothing') throw new DOMException('nobody chose', 'AbortError')
        if (choice === 'a forbidden one') throw new DOMException('it is forbidden', 'NotAllowedError')
        return navigator.storage.getDirectory()
      }
      Object.assign(window, { showDirectoryPicker })
    }, pick)
    await page.getByRole('button', { name: 'Save into a folder' }).click()
  }
  const said = page.locator('.outcome [role="status"]')
  await picking('a forbidden one')
  await expect.poll(() => said.textContent()).toBe('It could not be saved: it is forbidden')
  await picking('nothing')
  await expect.poll(() => said.textContent()).toBe('')
  await picking('one')
  await expect.poll(() => said.textContent()).toBe('Saved.')
  return page.evaluate(async () => {
    const digests: Record<string, string> = {}
    const directory = (await navigator.storage.getDirectory()) as unknown as AsyncIterable<
      [string, FileSystemFileHandle]
    >
    for await (const [name, handle] of directory) {
      const content = await (await handle.getFile()).arrayBuffer()
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
      digests[name] = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
    }
    return digests
  })
}

const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

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
