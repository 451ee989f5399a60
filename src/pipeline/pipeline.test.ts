// Making pipelines: tasks, models and folders that fit or do not, the three ways of calling, and disposal.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { BertkinError } from '../errors.js'
import { loadModel } from '../model/index.js'
import type { FillMaskAnswer } from './fillMask.js'
import { pipeline } from './pipeline.js'
import type { ReplacedTokenDetectionAnswer } from './replacedTokenDetection.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

afterAll(removeTemporaryFolders)

let bert: string
let run: string // of an ELECTRA pretraining

beforeAll(async () => {
  bert = await writeTinyCheckpoint(await temporaryFolder())
  run = await temporaryFolder()
  await writeTinyCheckpoint(join(run, 'generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(join(run, 'discriminator'), { modelType: 'electra', head: 'pretraining' })
})

async function* stream(...texts: string[]): AsyncGenerator<string> {
  yield* texts
}

describe('calling', () => {
  test('a text, an array and a stream get the same answers', async () => {
    using fill = await pipeline('fill-mask', bert)
    const texts = ['a [MASK]', 'the [MASK] sat.', '[MASK]']
    const one = await fill(texts[0]!)
    const all = await fill(texts)
    const streamed: FillMaskAnswer[] = []
    for await (const answer of fill(stream(...texts))) streamed.push(answer)
    expect(all).toHaveLength(3)
    expect(streamed).toEqual(all)
    expect(all[0]!.flat().map(({ token }) => token)).toEqual(one.flat().map(({ token }) => token))
    expect(await fill([])).toEqual([])
  })

  test('types follow the task', async () => {
    using fill = await pipeline('fill-mask', bert)
    using detect = await pipeline('replaced-token-detection', run)
    expectTypeOf(await fill('[MASK]')).toEqualTypeOf<FillMaskAnswer>()
    expectTypeOf(await fill(['[MASK]'])).toEqualTypeOf<FillMaskAnswer[]>()
    expectTypeOf(await detect('a')).toEqualTypeOf<ReplacedTokenDetectionAnswer>()
    expectTypeOf(detect(stream())).toEqualTypeOf<AsyncGenerator<ReplacedTokenDetectionAnswer, void, undefined>>()
    // @ts-expect-error an option of the other task
    await expect(detect('a', { top_k: 1 })).rejects.toMatchObject({ code: 'option-invalid' })
  })

  test('a stream that is left early is closed', async () => {
    using fill = await pipeline('fill-mask', bert, { batchWindow: 1 })
    let isClosed = false
    async function* endless() {
      try {
        for (;;) yield 'a [MASK]'
      } finally {
        isClosed = true
      }
    }
    for await (const answer of fill(endless())) {
      expect(answer).toHaveLength(5)
      break
    }
    expect(isClosed).toBe(true)
  })

  test.each([[undefined], [null], [5], [{}], [[1]], [[null]], [new Set(['a [MASK]'])]])(
    'what is no text is refused: %o',
    async (input) => {
      using fill = await pipeline('fill-mask', bert)
      await expect(fill(input as unknown as string)).rejects.toMatchObject({ code: 'option-invalid' })
    },
  )

  test('concurrent calls do not mix', async () => {
    using fill = await pipeline('fill-mask', bert)
    const texts = ['a [MASK]', 'the big [MASK] sat.', 'paris is [MASK]']
    const together = await Promise.all(texts.map((text) => fill(text)))
    for (const [i, text] of texts.entries()) expect(together[i]).toEqual(await fill(text))
  })
})

describe('models', () => {
  test('a pretraining run’s folder gives each task its model', async () => {
    using fill = await pipeline('fill-mask', run)
    using detect = await pipeline('replaced-token-detection', `${run}/`)
    expect(fill.model.head).toBe('masked-lm')
    expect(detect.model.head).toBe('pretraining')
    expect(await fill('the [MASK]')).toHaveLength(5)
    expect((await detect('the cat')).words).toHaveLength(2)
  })

  test.each([
    ['fill-mask on a discriminator', 'fill-mask', () => join(run, 'discriminator'), 'replaced-token-detection'],
    ['detection on a generator', 'replaced-token-detection', () => join(run, 'generator'), 'fill-mask'],
    ['detection on BERT', 'replaced-token-detection', () => bert, 'ElectraForPreTraining'],
  ] as const)('%s is refused, and what would fit is named', async (_, task, folder, hint) => {
    const made = pipeline(task, folder())
    await expect(made).rejects.toMatchObject({ code: 'head-mismatch', message: expect.stringContaining(hint) })
  })

  test('a loaded model with the wrong head is refused too', async () => {
    using model = await loadModel(bert, { head: 'base' })
    const made = pipeline('fill-mask', { model, tokenizer: tinyTokenizer() })
    await expect(made).rejects.toThrow(/it was loaded as BertModel\. .*fill-mask needs BertForMaskedLM/)
    using untrained = await loadModel(join(run, 'discriminator'), { head: 'masked-lm' })
    const other = pipeline('fill-mask', { model: untrained, tokenizer: tinyTokenizer() })
    await expect(other).rejects.toMatchObject({ code: 'head-mismatch' })
  })

  test('a checkpoint of the right class that lacks parameters is called incomplete', async () => {
    const folder = await writeTinyCheckpoint(await temporaryFolder(), { without: /predictions.transform.dense/ })
    const made = pipeline('fill-mask', folder)
    await expect(made).rejects.toMatchObject({ code: 'parameter-missing', message: expect.stringContaining('1 more') })
  })

  test('an unknown task is refused, and the known ones are named', async () => {
    for (const name of ['fill-masks', '', 'toString', '__proto__']) {
      const made = pipeline(name as 'fill-mask', bert)
      await expect(made).rejects.toMatchObject({
        code: 'task-unknown',
        message: expect.stringContaining('fill-mask, replaced-token-detection'),
      })
    }
  })

  test('transformers’ other names for tasks are known', async () => {
    const made = pipeline('ner', bert)
    await expect(made).rejects.toMatchObject({
      code: 'head-mismatch',
      message: expect.stringMatching(/^token-classification cannot use/),
    })
  })

  test('folders that hold no model are refused', async () => {
    const empty = await temporaryFolder()
    await expect(pipeline('fill-mask', empty)).rejects.toMatchObject({ code: 'file-missing' })
    await expect(pipeline('fill-mask', join(empty, 'nothing'))).rejects.toMatchObject({ code: 'file-missing' })
    const bare = await writeTinyCheckpoint(await temporaryFolder(), { files: {} })
    await expect(pipeline('fill-mask', bare)).rejects.toThrow('has no tokenizer')
    using fill = await pipeline('fill-mask', bare, { tokenizer: tinyTokenizer() })
    expect(await fill('[MASK]')).toHaveLength(5)
    const weightless = await writeTinyCheckpoint(await temporaryFolder())
    await rm(join(weightless, 'model.safetensors'))
    await expect(pipeline('fill-mask', weightless)).rejects.toMatchObject({ code: 'file-missing' })
  })
})

describe('disposal', () => {
  test('a disposed pipeline says so', async () => {
    const fill = await pipeline('fill-mask', bert)
    await fill('[MASK]')
    fill.dispose()
    fill.dispose()
    await expect(fill('[MASK]')).rejects.toMatchObject({ code: 'disposed' })
    await expect(fill(stream('[MASK]')).next()).rejects.toBeInstanceOf(BertkinError)
  })

  test('answers under way arrive, a stream ends with an error', async () => {
    const ask = async () => {
      using fill = await pipeline('fill-mask', bert)
      return fill('[MASK]') // not awaited: the pipeline is disposed of before it has answered
    }
    expect(await ask()).toHaveLength(5)
    const fill = await pipeline('fill-mask', bert, { batchWindow: 1 })
    const answers = fill(stream('[MASK]', 'a [MASK]'))
    const first = answers.next()
    fill.dispose()
    expect((await first).value).toHaveLength(5)
    await expect(answers.next()).rejects.toMatchObject({ code: 'disposed' })
  })

  test('a model that the caller loaded stays open', async () => {
    using model = await loadModel(bert)
    const fill = await pipeline('fill-mask', { model, tokenizer: tinyTokenizer() })
    fill.dispose()
    expect((await model.run([{ ids: [2, 3] }])).logits!.dims).toEqual([1, 2, 25])
  })
})
