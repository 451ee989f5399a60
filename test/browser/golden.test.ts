// The golden cases in a real browser: the numbers of PyTorch and transformers, which Node's are compared with as well, to
// the same tolerances. In WebAssembly, and on WebGPU by the processor, where the browser has that.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaseResult } from '../../src/conformance/case.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage, SOFTWARE_WEBGPU } from './support/chromium.js'
import { root } from './support/fromSource.js'
import { openSite, type Site } from './support/site.js'

const shared = join(root, '../shared')
const isThere = existsSync(join(shared, 'golden'))
const why = executable ? (isThere ? '' : ' (skipped: there is no ../shared/golden)') : ` (skipped: ${HOW_TO_GET_ONE})`

const namesOf = (kind: string): string[] =>
  readdirSync(join(shared, 'golden', kind)).filter((name) => statSync(join(shared, 'golden', kind, name)).isDirectory())

/** On the processor a case takes seconds to compile its shaders: one of each kin, unless all are asked for. */
const SOME_MODELS = [
  'albert-ForPreTraining',
  'bert-ForMaskedLM',
  'electra-ForPreTraining',
  'roberta-ForQuestionAnswering',
]
const allOnWebGpu = process.env.BERTKIN_TEST_DEVICES?.split(',').includes('webgpu') ?? false

/** Which cases of a kind are gone through on a device. */
function casesOf(kind: 'models' | 'pipelines' | 'train', device: 'wasm' | 'webgpu'): string[] {
  const all = namesOf(kind)
  if (device === 'wasm' || allOnWebGpu) return all
  return all.filter((name) => SOME_MODELS.includes(name) || name === 'bert-mlm' || name === 'spanbert-fill-mask')
}

/** All of them, and nothing is left out. */
function expectAllToPass(results: readonly CaseResult[], count: number): void {
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(results).toHaveLength(count)
  expect(count).toBeGreaterThan(0)
}

describe.skipIf(!executable || !isThere).each(['wasm', 'webgpu'] as const)(
  `golden numbers in Chromium${why}, on %s`,
  (device) => {
    let browser: Browser
    let site: Site
    let page: Page
    let adapter: string
    beforeAll(async () => {
      browser = await openBrowser(device === 'webgpu' ? SOFTWARE_WEBGPU : [])
      site = await openSite({ isolated: true, folders: { '/shared/': `${shared}/` } })
      page = (await openPage(browser, site.url)).page
      adapter = await page.evaluate(async (wanted) => {
        if (wanted === 'wasm') return wanted
        const gpu = (navigator as { gpu?: { requestAdapter(): Promise<{ info: object } | null> } }).gpu
        return (await gpu?.requestAdapter()) ? wanted : ''
      }, device)
    })
    afterAll(async () => {
      await browser?.close()
      await site?.close()
    })

    const withAdapter = (name: string, test: () => Promise<void>) =>
      it(name, allOnWebGpu ? { timeout: 3_600_000 } : {}, async ({ skip }) => {
        if (adapter === '') skip('this Chromium has no WebGPU adapter, not even by the processor')
        await test()
      })

    withAdapter('of every model', async () => {
      const results = await page.evaluate(
        async ({ names, device }) => {
          const runtime = await kin.Runtime.open({ device, threads: 1 })
          const results = []
          for (const name of names) {
            results.push(await kin.modelCase(await kin.openFolder(`/shared/golden/models/${name}`), name, runtime))
          }
          return results
        },
        { names: casesOf('models', device), device },
      )
      expectAllToPass(results, casesOf('models', device).length)
    })

    withAdapter('of every pipeline', async () => {
      const results = await page.evaluate(
        async ({ names, device }) => {
          const runtime = await kin.Runtime.open({ device, threads: 1 })
          const tokenizers = await kin.openFolder('/shared/tokenizers')
          const results = []
          for (const name of names) {
            const folder = await kin.openFolder(`/shared/golden/pipelines/${name}`)
            results.push(await kin.pipelineCase(folder, name, tokenizers, runtime))
          }
          return results
        },
        { names: casesOf('pipelines', device), device },
      )
      expectAllToPass(results, casesOf('pipelines', device).length)
    })

    withAdapter('of training: losses, gradients, steps', async () => {
      const results = await page.evaluate(
        async ({ names, device }) => {
          const runtime = await kin.Runtime.open({ device, threads: 1 })
          const results = []
          for (const name of names) {
            results.push(await kin.trainCase(await kin.openFolder(`/shared/golden/train/${name}`), name, runtime))
          }
          return results
        },
        { names: casesOf('train', device), device },
      )
      expectAllToPass(results, casesOf('train', device).length)
    })

    it.skipIf(device !== 'wasm')('of every tokenizer', async () => {
      const results = await page.evaluate(async (names) => {
        const results: CaseResult[] = []
        for (const name of names) {
          const home = await kin.openFolder(`/shared/tokenizers/${name}`)
          const cases = kin.tokenizerCase(await kin.openFolder(`/shared/golden/tokenizers/${name}`), name, home)
          for await (const result of cases) results.push(result)
        }
        return results
      }, namesOf('tokenizers'))
      expectAllToPass(results, 7) // albert, roberta and electra in two forms each, spanbert in one
    })
  },
)
