// feature-extraction on tiny models: vectors checked against the model's own, what may be missing, and what is refused.

import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { Tokenizer } from '../tokenizer/index.js'
import type { FeatureExtractionOptions } from './featureExtraction.js'
import { type Pipeline, pipeline } from './pipeline.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  VOCABULARY,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let extract: Pipeline<'feature-extraction'>

beforeAll(async () => {
  model = await loadModel(await writeTinyCheckpoint(await temporaryFolder()), { head: 'base' })
  extract = await pipeline('feature-extraction', { model, tokenizer })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const text = 'The cats walked, on.'
const texts = ['', text, 'dog', 'big '.repeat(13), 'a walking cat!']

/** Rows of the model's own last hidden state, [tokens, 8]. */
async function states(of: string): Promise<number[][]> {
  const encoding = tokenizer.encode(of)
  const { last_hidden_state } = await model.run([encoding], { outputs: ['last_hidden_state'] })
  const data = Array.from(last_hidden_state!.data as Float32Array)
  return Array.from({ length: encoding.length }, (_, i) => data.slice(i * 8, i * 8 + 8))
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5)
  })
}

const norm = (vector: readonly number[]): number => Math.hypot(...vector)

describe('answers', () => {
  test('without pooling are the last hidden states, special tokens included', async () => {
    const vectors = await extract(text)
    expect(vectors).toEqual(await states(text))
    expect(Array.isArray(vectors[0])).toBe(true) // plain arrays, for JSON
    expect(await extract('')).toHaveLength(2)
  })

  test('pooled are the first vector, or the mean of all', async () => {
    const rows = await states(text)
    expectClose(await extract(text, { pooling: 'cls' }), rows[0]!)
    const mean = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
    expectClose(await extract(text, { pooling: 'mean' }), mean)
  })

  test('normalized have length 1 and point where they pointed', async () => {
    for (const pooling of ['cls', 'mean'] as const) {
      const [plain, unit] = [await extract(text, { pooling }), await extract(text, { pooling, normalize: true })]
      expect(norm(unit)).toBeCloseTo(1, 6)
      expectClose(
        unit.map((value) => value * norm(plain)),
        plain,
      )
    }
    for (const vector of await extract(text, { normalize: true })) expect(norm(vector)).toBeCloseTo(1, 6)
  })

  test('a vector of zeros stays one', async () => {
    const edit = (path: string, values: Float32Array): void => {
      if (path.includes('layer.1.output.LayerNorm')) values.fill(0)
    }
    using zero = await pipeline('feature-extraction', await writeTinyCheckpoint(await temporaryFolder(), { edit }))
    expect(await zero(text, { pooling: 'mean', normalize: true })).toEqual(Array(8).fill(0))
  })

  test.each(['none', 'cls', 'mean'] as const)('a batch gives what single calls give: %s', async (pooling) => {
    for (const batchTokens of [1, 20, 4096]) {
      const batched = await pipeline('feature-extraction', { model, tokenizer }, { batchTokens })
      const together = await batched(texts, { pooling, normalize: true })
      for (const [i, one] of texts.entries()) {
        expectClose(together[i]!.flat(), (await extract(one, { pooling, normalize: true })).flat())
      }
    }
  })

  test('their types follow the pooling', async () => {
    expectTypeOf(await extract(text)).toEqualTypeOf<number[][]>()
    expectTypeOf(await extract(text, { normalize: true })).toEqualTypeOf<number[][]>()
    expectTypeOf(await extract([text], { pooling: 'mean' })).toEqualTypeOf<number[][]>()
    expectTypeOf(await extract(text, { pooling: 'cls' })).toEqualTypeOf<number[]>()
    const options: FeatureExtractionOptions = {}
    expectTypeOf(await extract(text, options)).toEqualTypeOf<number[][] | number[]>()
    // @ts-expect-error no such option
    await expect(extract(text, { pooling: 'mean', normalise: true })).rejects.toMatchObject({ code: 'option-invalid' })
  })
})

describe('models', () => {
  test('of any class will do, also without a pooler', async () => {
    for (const [modelType, head] of [
      ['bert', 'masked-lm'],
      ['bert', 'token-classification'],
      ['electra', 'pretraining'],
      ['electra', 'base'],
    ] as const) {
      const folder = await writeTinyCheckpoint(await temporaryFolder(), { modelType, head })
      using ask = await pipeline('feature-extraction', folder)
      expect(await ask(text, { pooling: 'mean' })).toHaveLength(8)
    }
    const poolerless = await writeTinyCheckpoint(await temporaryFolder(), { head: 'base', without: /pooler/ })
    using ask = await pipeline('feature-extraction', poolerless)
    expect(ask.model.report.missing).toEqual(['bert.pooler.dense.weight', 'bert.pooler.dense.bias'])
    expect(await ask(text)).toHaveLength(tokenizer.encode(text).length)
  })

  test.each([/layer\.1\.attention\.self\.key\.bias/, /position_embeddings/, /./])(
    'that lack parameters of the encoder are refused: %s',
    async (without) => {
      const folder = await writeTinyCheckpoint(await temporaryFolder(), { head: 'base', without })
      for (const task of ['feature-extraction', 'sentence-similarity'] as const) {
        await expect(pipeline(task, folder)).rejects.toMatchObject({ code: 'parameter-missing' })
      }
    },
  )

  test('loaded with another head are refused, and the class is named', async () => {
    using other = await loadModel(await writeTinyCheckpoint(await temporaryFolder()))
    const made = pipeline('feature-extraction', { model: other, tokenizer })
    await expect(made).rejects.toThrow('feature-extraction needs BertModel')
  })
})

describe('refusals', () => {
  const cases: readonly [what: string, text: unknown, options: unknown, code: string][] = [
    ['a text that is too long', 'cat '.repeat(15), {}, 'sequence-too-long'],
    ['an unknown pooling', 'cat', { pooling: 'max' }, 'option-invalid'],
    ['a normalization that is no boolean', 'cat', { normalize: 'l2' }, 'option-invalid'],
    ['an option of another task', 'cat', { top_k: 3 }, 'option-invalid'],
    ['what is no text', 5, {}, 'option-invalid'],
  ]
  test.each(cases)('%s is refused', async (_, input, options, code) => {
    await expect(extract(input as string, options as FeatureExtractionOptions)).rejects.toMatchObject({ code })
  })

  test('long texts are cut when told to', async () => {
    const ask = await pipeline('feature-extraction', { model, tokenizer }, { onWarning: () => {} })
    expect(await ask('cat '.repeat(40), { truncation: true })).toHaveLength(16)
  })

  test('without any token there is nothing to pool', async () => {
    const json = JSON.parse(tokenizer.toFiles()['tokenizer.json']!)
    const bare = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify({ ...json, post_processor: null }) })
    const ask = await pipeline('feature-extraction', { model, tokenizer: bare })
    expect((await ask(['', 'the cat', ''])).map(({ length }) => length)).toEqual([0, 2, 0])
    for (const pooling of ['cls', 'mean'] as const) {
      await expect(ask(['the cat', ''], { pooling })).rejects.toMatchObject({ code: 'text-empty' })
    }
  })

  test('damaged weights and foreign tokenizers are refused', async () => {
    const edit = (path: string, values: Float32Array): void => {
      if (path.endsWith('LayerNorm.bias')) values[0] = Number.NaN
    }
    using damaged = await pipeline('feature-extraction', await writeTinyCheckpoint(await temporaryFolder(), { edit }))
    for (const pooling of ['none', 'cls', 'mean'] as const) {
      await expect(damaged('the cat', { pooling })).rejects.toMatchObject({ code: 'not-finite' })
    }
    const foreign = await pipeline('feature-extraction', {
      model,
      tokenizer: tinyTokenizer([...VOCABULARY, 'stranger']),
    })
    await expect(foreign('a stranger')).rejects.toMatchObject({ code: 'token-out-of-range' })
  })
})
