// A worker in a real browser: answers as in Node, errors that stay what they are, cancelling, and what happens when it dies.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderOfFiles, openFolder } from '../../src/checkpoint/index.js'
import { loadModel } from '../../src/model/index.js'
import { attentionsOf, loadTokenizer, pipeline, type TaskName } from '../../src/pipeline/index.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  writeTinyCheckpoint,
} from '../../src/pipeline/testing/tinyCheckpoint.js'
import { executable, HOW_TO_GET_ONE, openBrowser, openPage } from './support/chromium.js'
import { openSite, type Site } from './support/site.js'

/** Each task, with a model that has the head for it, and something to ask. */
const asked = {
  'fill-mask': [{ head: 'masked-lm' }, 'the [MASK] sat on the mat', { top_k: 3 }],
  'replaced-token-detection': [{ modelType: 'electra', head: 'pretraining' }, 'the cat sat on the mat'],
  'token-classification': [{ head: 'token-classification' }, 'paris is big'],
  'feature-extraction': [{ head: 'base' }, 'the dog walked', { pooling: 'mean' }],
  'sentence-similarity': [{ head: 'base' }, { source_sentence: 'the cat', sentences: ['a dog', 'paris'] }],
  'question-answering': [{ head: 'question-answering' }, { question: 'is the cat big', context: 'the cat is big .' }],
  'text-classification': [{ head: 'sequence-classification' }, 'the cat is big'],
  'sentence-order': [
    { modelType: 'albert', head: 'pretraining' },
    { text: 'the cat', text_pair: 'a dog' },
  ],
  'span-infilling': [{ head: 'span-boundary' }, 'the [MASK] [MASK] on the mat'],
} as const satisfies Record<TaskName, readonly unknown[]>

const TASKS = Object.keys(asked) as TaskName[]

/** Any task, as these tests ask it. */
type Ask = (input: unknown, options?: unknown) => Promise<unknown>

/** Numbers within 1e-4, all else the same. */
function expectAlike(actual: unknown, expected: unknown, path = 'answer'): void {
  if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected), path).toBeLessThan(1e-4)
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(actual as object), path).toEqual(Object.keys(expected))
    for (const [key, value] of Object.entries(expected)) {
      expectAlike((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
    }
  } else expect(actual, path).toEqual(expected)
}

describe.skipIf(!executable)(`a worker in Chromium${executable ? '' : ` (skipped: ${HOW_TO_GET_ONE})`}`, () => {
  let browser: Browser
  let site: Site
  let page: Page
  let models: string
  let errors: string[]
  beforeAll(async () => {
    models = await temporaryFolder()
    for (const task of TASKS) await writeTinyCheckpoint(`${models}/${task}`, asked[task][0])
    browser = await openBrowser()
    site = await openSite({ isolated: true, folders: { '/models/': `${models}/` }, answer: mortalWorker })
    ;({ page, errors } = await openPage(browser, site.url))
    await page.evaluate(() => {
      globalThis.worker = new kin.BrowserWorker()
    })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await removeTemporaryFolders()
    expect(errors ?? []).toEqual([])
  })

  it('has threads where the page is isolated, and says why', async () => {
    const choice = await page.evaluate(() => worker.device())
    expect(choice).toMatchObject({ device: 'wasm', threads: expect.any(Number) })
    expect(choice.threads).toBeGreaterThan(1)
    expect(choice.why).toMatch(/no WebGPU adapter; the page is cross-origin isolated/)
  })

  it('has one thread elsewhere; what is asked for and is not there is refused', async () => {
    const plain = await openSite({ folders: { '/models/': `${models}/` } })
    try {
      const other = (await openPage(browser, plain.url)).page
      const { choice, refused, forced, answer } = await other.evaluate(async () => {
        const alone = new kin.BrowserWorker()
        const codeOf = (options: object) =>
          new kin.BrowserWorker(options).device().then(
            () => 'accepted',
            (error: InstanceType<typeof kin.BertkinError>) => [error.name, error.code, error.message],
          )
        const fill = await alone.pipeline('fill-mask', './models/fill-mask')
        return {
          choice: fill.device,
          answer: (await fill('the [MASK]')).length,
          refused: [await codeOf({ threads: 4 }), await codeOf({ device: 'webgpu' })],
          forced: await new kin.BrowserWorker({ device: 'wasm', threads: 1 }).device(),
        }
      })
      expect(choice).toMatchObject({ device: 'wasm', threads: 1 })
      expect(choice.why).toContain('not cross-origin isolated')
      expect(answer).toBe(5)
      expect(refused).toEqual([
        ['RuntimeError', 'device-unavailable', expect.stringContaining('Cross-Origin-Embedder-Policy')],
        ['RuntimeError', 'device-unavailable', expect.stringContaining('no WebGPU adapter')],
      ])
      expect(forced.why).toContain('wasm was asked for; 1 thread was asked for')
    } finally {
      await plain.close()
    }
  })

  it('has one thread in a bundle of one file, with which no others can be started', async () => {
    const single = await openSite({ isolated: true, oneFile: true, folders: { '/models/': `${models}/` } })
    try {
      const other = (await openPage(browser, single.url)).page
      const { device, count } = await other.evaluate(async () => {
        const fill = await new kin.BrowserWorker().pipeline('fill-mask', './models/fill-mask')
        return { device: fill.device, count: (await fill('the [MASK]')).length }
      })
      expect(device).toMatchObject({ threads: 1, why: expect.stringContaining('the bundle is one file') })
      expect(count).toBe(5)
    } finally {
      await single.close()
    }
  })

  it.each(TASKS)('answers %s as Node does, one input and many', async (task) => {
    const [, input, options] = asked[task] as readonly [unknown, unknown, unknown?]
    using here = await pipeline(task, `${models}/${task}`, { onWarning: () => {} })
    const ask = here as unknown as Ask
    const expected = [await ask(input, options), await ask([input, input], options)]
    const actual = await page.evaluate(
      async ({ task, input, options }) => {
        const there = await worker.pipeline(task, `./models/${task}`, { onWarning: () => {} })
        const ask = there as unknown as Ask
        const answers = [await ask(input, options), await ask([input, input], options)]
        there.dispose()
        return { task: there.task, answers: JSON.parse(JSON.stringify(answers)) as unknown }
      },
      { task, input, options },
    )
    expect(actual.task).toBe(task)
    expectAlike(actual.answers, JSON.parse(JSON.stringify(expected)))
  })

  it('answers a stream, in its order', async () => {
    const answers = await page.evaluate(async () => {
      const classify = await worker.pipeline('text-classification', './models/text-classification')
      async function* texts() {
        yield 'the cat'
        yield 'a big dog'
      }
      const streamed: unknown[] = []
      for await (const answer of classify(texts())) streamed.push(answer)
      return { streamed, single: [await classify(['the cat']), await classify(['a big dog'])].flat() }
    })
    expect(answers.streamed).toEqual(answers.single)
  })

  it('shows where each head looks', async () => {
    using model = await loadModel(`${models}/fill-mask`, { head: 'base' })
    const tokenizer = await loadTokenizer(`${models}/fill-mask`)
    const here = await attentionsOf({ model, tokenizer }, 'the cat sat', { pair: 'a dog' })
    const there = await page.evaluate(async () => {
      const look = await worker.attentions('./models/fill-mask')
      const { weights, ids, typeIds, ...rest } = await look('the cat sat', { pair: 'a dog' })
      return {
        ...rest,
        weights: [...weights],
        ids: [...ids],
        typeIds: [...typeIds],
        modelType: look.config.modelType,
      }
    })
    expect(there).toMatchObject({
      tokens: here.tokens,
      layers: 2,
      heads: 2,
      modelType: 'bert',
      offsets: here.offsets,
    })
    expectAlike(there.weights, [...here.weights])
    const n = here.tokens.length
    expect(there.weights.slice(0, n).reduce((sum, share) => sum + share)).toBeCloseTo(1, 4)
  })

  it('has tokens', async () => {
    const { ids, tokens, text, overflowing, vocabSize } = await page.evaluate(async () => {
      const tokenizer = await worker.tokenizer('./models/fill-mask')
      const encoding = await tokenizer.encode('the cat walked', { truncation: { maxLength: 5 } })
      const text = await tokenizer.decode(encoding.ids, { skipSpecialTokens: true })
      const { overflowing } = encoding
      return { ids: [...encoding.ids], tokens: encoding.tokens, text, overflowing, vocabSize: tokenizer.vocabSize }
    })
    const here = (await loadTokenizer(`${models}/fill-mask`)).encode('the cat walked', {
      truncation: { maxLength: 5 },
    })
    expect({ ids, tokens }).toEqual({ ids: [...here.ids], tokens: here.tokens })
    expect({ text, vocabSize }).toEqual({ text: 'the cat walk', vocabSize: 25 })
    expect(overflowing.map(({ tokens }) => tokens)).toEqual(here.overflowing.map(({ tokens }) => tokens))
  })

  it('takes files that somebody gave, and refuses hostile ones', async () => {
    const { token, refused } = await page.evaluate(async () => {
      const fetched = async (name: string) => (await fetch(`./models/fill-mask/${name}`)).blob()
      const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']
      const list = await Promise.all(names.map(async (name) => new File([await fetched(name)], name)))
      const source = kin.filesOfList(list)
      const fill = await worker.pipeline('fill-mask', source)
      const cut = { ...source.files, 'model.safetensors': source.files['model.safetensors']!.slice(0, 900) }
      const codeOf = (files: Record<string, Blob>) =>
        worker.pipeline('fill-mask', { name: 'dropped', files }).then(
          () => 'accepted',
          (error: InstanceType<typeof kin.BertkinError>) => `${error.name} ${error.code}`,
        )
      return {
        token: (await fill('the [MASK]')).flat()[0]!.token_str,
        refused: [
          await codeOf(cut),
          await codeOf({}),
          await codeOf({ ...source.files, 'config.json': new Blob(['[']) }),
          await codeOf({ ...source.files, '../config.json': new Blob([]), 'config.json': new Blob(['{}']) }),
        ],
      }
    })
    const files = { name: 'here', files: {} as Record<string, Blob> }
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
      const source = (await (await openFolder(`${models}/fill-mask`)).open(name))!
      files.files[name] = new Blob([(await source.slice(0, source.byteLength)) as Uint8Array<ArrayBuffer>])
    }
    using fill = await pipeline('fill-mask', folderOfFiles(files))
    expect(token).toBe((await fill('the [MASK]')).flat()[0]!.token_str)
    expect(refused).toEqual([
      'CheckpointError file-truncated',
      'CheckpointError file-missing',
      'CheckpointError file-malformed',
      'CheckpointError config-unsupported',
    ])
  })

  it('saves files to a directory, and opens them there', async () => {
    const { names, answer } = await page.evaluate(async () => {
      const fetched = async (name: string) => (await fetch(`./models/fill-mask/${name}`)).blob()
      const inner = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']
      const files = await Promise.all(inner.map(async (name) => [`generator/${name}`, await fetched(name)] as const))
      const directory = await navigator.storage.getDirectory()
      await kin.saveToDirectory(directory, { name: 'run', files: Object.fromEntries(files) })
      const source = await kin.filesOfDirectory(directory)
      const fill = await worker.pipeline('fill-mask', source)
      return { names: Object.keys(source.files), answer: (await fill('the [MASK]')).length }
    })
    expect(names.map((name) => name.replace('generator/', '')).sort()).toEqual([
      ...['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
    ])
    expect(answer).toBe(5)
  })

  it('passes errors on as what they are', async () => {
    const failures = await page.evaluate(async () => {
      const fill = await worker.pipeline('fill-mask', './models/fill-mask')
      const failed = (work: Promise<unknown>) =>
        work.then(
          () => undefined,
          (error: Error & { code?: string }) => ({
            name: error.name,
            code: error.code,
            isOwn: error instanceof kin.BertkinError,
            isCheckpoints: error instanceof kin.CheckpointError,
          }),
        )
      return [
        await failed(fill('no mask here')),
        await failed(worker.pipeline('fill-mask', './models/nowhere')),
        await failed(worker.pipeline('sentence-order', './models/fill-mask')),
        await failed(fill('the [MASK]', { top_k: (() => 1) as unknown as number })), // cannot be cloned
      ]
    })
    expect(failures).toEqual([
      { name: 'BertkinError', code: 'no-mask', isOwn: true, isCheckpoints: false },
      { name: 'CheckpointError', code: 'file-missing', isOwn: true, isCheckpoints: true },
      { name: 'BertkinError', code: 'head-mismatch', isOwn: true, isCheckpoints: false },
      { name: 'DataCloneError', code: 25, isOwn: false, isCheckpoints: false },
    ])
  })

  it('stops loading, and answering, when it is no longer wanted', async () => {
    const codes = await page.evaluate(async () => {
      const code = (error: InstanceType<typeof kin.BertkinError>) => error.code
      const loading = new AbortController()
      const load = worker.pipeline('fill-mask', './models/fill-mask', { signal: loading.signal }).catch(code)
      loading.abort()
      const asking = new AbortController()
      const fill = await worker.pipeline('fill-mask', './models/fill-mask', { signal: asking.signal })
      const many = fill(Array.from({ length: 5000 }, () => 'the [MASK]')).catch(code)
      asking.abort()
      const codes = [await load, await many, await fill('the [MASK]').catch(code)]
      // The worker is there for others at once.
      const other = await worker.pipeline('fill-mask', './models/fill-mask')
      return [...codes, (await other('the [MASK]')).length]
    })
    expect(codes).toEqual(['cancelled', 'cancelled', 'cancelled', 5])
  })

  it('is told of a death, and answers again: what was open is loaded again', async () => {
    const { failures, again, other } = await page.evaluate(async () => {
      const started: Worker[] = []
      const mortal = new kin.BrowserWorker({
        worker() {
          started.push(new Worker('/mortal.js', { type: 'module' }))
          return started.at(-1)!
        },
      })
      const fill = await mortal.pipeline('fill-mask', './models/fill-mask')
      const before = await fill('the [MASK]')
      const failed = (work: Promise<unknown>) =>
        work.then(
          () => 'answered',
          (error: InstanceType<typeof kin.BertkinError>) => `${error.name} ${error.code}: ${error.message}`,
        )
      // An error that nothing in the worker catches, while two calls are under way.
      started[0]!.postMessage('die')
      const many = Array.from({ length: 5000 }, () => 'the [MASK]')
      const waiting = [failed(fill(many)), failed(fill(many))]
      const failures = await Promise.all(waiting)
      const after = await fill('the [MASK]')
      started[1]!.dispatchEvent(new MessageEvent('messageerror'))
      const third = await fill('the [MASK]')
      mortal.dispose()
      return {
        failures,
        again: JSON.stringify(before) === JSON.stringify(after) && JSON.stringify(after) === JSON.stringify(third),
        other: [started.length, await failed(fill('the [MASK]'))],
      }
    })
    expect(failures).toEqual(
      Array(2).fill(expect.stringMatching(/^BertkinError worker-failed: the worker died: Error: out of memory/)),
    )
    expect(again).toBe(true)
    expect(other).toEqual([3, expect.stringContaining('disposed')])
  })

  it('says so if its script is not there', async () => {
    const failure = await page.evaluate(() =>
      new kin.BrowserWorker({ worker: () => new Worker('/no-such-script.js', { type: 'module' }) })
        .device()
        .catch((error: InstanceType<typeof kin.BertkinError>) => [error.code, error.message]),
    )
    expect(failure).toEqual(['worker-failed', expect.stringContaining('script could not be loaded')])
  })
})

/** bertkin's worker, that dies when it is told to. */
const MORTAL = `
  import '/worker.js'
  addEventListener('message', ({ data }) => {
    if (data === 'die') setTimeout(() => { throw new Error('out of memory') })
  })`

function mortalWorker(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.url !== '/mortal.js') return false
  response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(MORTAL)
  return true
}

declare global {
  var worker: InstanceType<typeof kin.BrowserWorker>
}
