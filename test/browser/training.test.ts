// Training in a page: the numbers of Node, pausing and ending, and checkpoints that Node opens.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileSetOf, folderOfFiles } from '../../src/checkpoint/index.js'
import { pipeline } from '../../src/pipeline/index.js'
import { pretrainTexts, type TextPretrainingSettings } from '../../src/recipe/index.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage } from './support/chromium.js'
import { openSite, type Site } from './support/site.js'

const sentence = (i: number): string =>
  `${['Tom', 'Anna', 'Zoe'][i % 3]} has a ${['dog', 'cat', 'lantern', 'sled'][i % 4]} by the ${['river', 'barn'][i % 2]}.`
const text = Array.from({ length: 60 }, (_, i) => `${sentence(i)} It is night.\n${sentence(i + 1)}`).join('\n\n')

const settings: TextPretrainingSettings = {
  ...{ recipe: 'electra', size: 'micro', vocabSize: 120, maxLength: 24, steps: 6, batchSize: 4 },
  ...{ evaluateEvery: 3, heldOutEvery: 10, evaluationSequences: 4 },
}

const reviews = [
  'text,label',
  ...Array.from({ length: 24 }, (_, i) => `${sentence(i)},${i % 2 ? 'good' : 'bad'}`),
].join('\n')

/** Files of the page as those of this process. */
async function filesFrom(page: Page): Promise<Record<string, Blob>> {
  const files = await page.evaluate(async () => {
    const base64 = async (blob: Blob) => {
      const bytes = new Uint8Array(await blob.arrayBuffer())
      let text = ''
      for (const byte of bytes) text += String.fromCharCode(byte)
      return btoa(text)
    }
    return Promise.all(Object.entries(trained.files).map(async ([name, blob]) => [name, await base64(blob)] as const))
  })
  return Object.fromEntries(files.map(([name, bytes]) => [name, new Blob([Buffer.from(bytes, 'base64')])]))
}

describe.skipIf(!executable)(`training in Chromium${executable ? '' : ` (skipped: ${HOW_TO_GET_ONE})`}`, () => {
  let browser: Browser
  let site: Site
  let page: Page
  beforeAll(async () => {
    browser = await openBrowser()
    site = await openSite({ isolated: true })
    page = (await openPage(browser, site.url)).page
    await page.evaluate(() => {
      globalThis.worker = new kin.BrowserWorker({ device: 'wasm' })
    })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  it('goes as in Node, step by step, and leaves a checkpoint that Node opens', async () => {
    const here: number[] = []
    const nodes = await pretrainTexts({ ...settings, texts: [text] }, { step: ({ loss }) => here.push(loss) })
    const there = await page.evaluate(
      async ({ text, settings }) => {
        const losses: number[] = []
        const told: string[] = []
        const run = worker.pretrain(text, {
          ...settings,
          name: 'my run',
          onPhase: (phase) => told.push(phase),
          onPlan: ({ steps, documents, models }) => told.push(`${steps} ${documents} ${models.length}`),
          onStep: ({ loss }, { tokensPerSecond }) => losses.push(tokensPerSecond > 0 ? loss : Number.NaN),
          onEvaluation: (step, _, samples) => told.push(`evaluation ${step} ${samples.length > 0}`),
        })
        const { files, ...outcome } = await run.result
        globalThis.trained = files
        const suspicion = await (await worker.pipeline('replaced-token-detection', files))(
          'Tom has a river by the dog.',
        )
        return { losses, told, outcome, names: Object.keys(files.files), words: suspicion.words.length }
      },
      { text, settings },
    )
    expect(there.losses).toHaveLength(6)
    for (const [i, loss] of there.losses.entries()) expect(Math.abs(loss - here[i]!)).toBeLessThan(1e-3)
    expect(there.told).toEqual([
      'learning a vocabulary of 120 word pieces',
      ...['building the model', '6 60 2', 'evaluation 3 true', 'evaluation 6 true'],
    ])
    expect(there.outcome).toMatchObject({ end: 'steps' })
    expect(there.names.sort()).toEqual(Object.keys(nodes.files).sort())
    expect(there.words).toBeGreaterThan(6)

    const question = 'Tom has a [MASK].'
    using own = await pipeline('fill-mask', folderOfFiles(await fileSetOf('here', nodes.files)))
    using pages = await pipeline('fill-mask', folderOfFiles({ name: 'there', files: await filesFrom(page) }))
    const [mine, its] = [(await own(question)).flat(), (await pages(question)).flat()]
    expect(its.map(({ token_str }) => token_str)).toEqual(mine.map(({ token_str }) => token_str))
  })

  it('is held, goes on, and ends when it is asked to', async () => {
    const seen = await page.evaluate(
      async ({ text, settings }) => {
        const steps: number[] = []
        let reached = (): void => {}
        const until = (step: number) =>
          new Promise<void>((resolve) => {
            reached = () => {
              if (steps.length >= step) resolve()
            }
          })
        const run = worker.pretrain(text, {
          ...{ ...settings, steps: 100_000, evaluateEvery: 100_000 },
          onStep: ({ step }) => {
            steps.push(step)
            reached()
          },
        })
        await until(3)
        run.pause()
        // The worker is free meanwhile, and hears the pause before this.
        await worker.device()
        await worker.device()
        const held = steps.length
        for (let i = 0; i < 20; i++) await worker.device()
        const still = steps.length
        const going = until(still + 3)
        run.resume()
        await going
        run.stop()
        const { end, step } = await run.result
        const after = steps.length
        await worker.device()
        return { heldStill: still - held, end, isLast: step === steps.at(-1), more: steps.length - after }
      },
      { text, settings },
    )
    expect(seen).toEqual({ heldStill: 0, end: 'asked', isLast: true, more: 0 })
  })

  it('is cancelled', async () => {
    const code = await page.evaluate(
      async ({ text, settings }) => {
        const aborting = new AbortController()
        const { result } = worker.pretrain(text, {
          ...{ ...settings, steps: 100_000 },
          signal: aborting.signal,
          onStep: () => aborting.abort(),
        })
        return result.catch((error: InstanceType<typeof kin.BertkinError>) => error.code)
      },
      { text, settings },
    )
    expect(code).toBe('cancelled')
  })

  it('fine-tunes what was pretrained, for a task', async () => {
    const { told, best, label, names, refused } = await page.evaluate(async (reviews) => {
      const told: string[] = []
      const train = { name: 'reviews.csv', text: reviews }
      const run = worker.finetune('text-classification', trained, {
        ...{ train, epochs: 2, batchSize: 8, maxLength: 24, heldOutShare: 0.25 },
        onPlan: ({ steps, config }) => told.push(`${steps} steps, ${config.id2label.join()}`),
        onStep: ({ step, steps }, epoch) => told.push(`${epoch}: ${step}/${steps}`),
        onEvaluation: ({ epoch, main }) => told.push(`${main} of ${epoch}`),
      })
      const { files, best } = await run.result
      globalThis.trained = files
      const classify = await worker.pipeline('text-classification', files)
      const refused = await worker
        .finetune('text-classification', trained, { train: { name: 'x.csv', text: 'text\nlonely\n' } })
        .result.catch((error: InstanceType<typeof kin.BertkinError>) => `${error.name} ${error.code}`)
      const label = (await classify('Tom has a dog.'))[0]?.label
      return { told, best: best?.metrics.accuracy, label, names: Object.keys(files.files), refused }
    }, reviews)
    expect(told).toEqual([
      '6 steps, bad,good',
      ...['1: 1/6', '1: 2/6', '1: 3/6', 'accuracy of 1', '2: 4/6', '2: 5/6', '2: 6/6', 'accuracy of 2'],
    ])
    expect(best).toBeGreaterThanOrEqual(0)
    expect(['good', 'bad']).toContain(label)
    expect(names).toContain('model.safetensors')
    expect(refused).toBe('DatasetError column-missing')
    using classify = await pipeline(
      'text-classification',
      folderOfFiles({ name: 'there', files: await filesFrom(page) }),
    )
    expect((await classify('Tom has a dog.'))[0]?.label).toBe(label)
  })
})

declare global {
  /** The files of the last training. */
  var trained: import('../../src/browser/index.js').FileSet
}
