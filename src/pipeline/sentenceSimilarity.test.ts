// sentence-similarity on a tiny model: scores checked against feature-extraction's vectors, and what is refused.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { Tokenizer } from '../tokenizer/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import type { SentenceSimilarityInput, SentenceSimilarityOptions } from './sentenceSimilarity.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let compare: Pipeline<'sentence-similarity'>

beforeAll(async () => {
  model = await loadModel(await writeTinyCheckpoint(await temporaryFolder()), { head: 'base' })
  compare = await pipeline('sentence-similarity', { model, tokenizer })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const input: SentenceSimilarityInput = {
  source_sentence: 'the cat sat.',
  sentences: ['a dog sat.', 'the cat sat.', 'paris is big, a walking mat!', ''],
}

describe('scores', () => {
  test.each(['mean', 'cls'] as const)('are cosines of pooled vectors: %s', async (pooling) => {
    const extract = await pipeline('feature-extraction', { model, tokenizer })
    const [source, ...others] = await extract([input.source_sentence, ...input.sentences], { pooling })
    const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
    const expected = others.map((other) => dot(source!, other) / Math.sqrt(dot(source!, source!) * dot(other, other)))
    const scores = await compare(input, { pooling })
    expect(scores).toHaveLength(4)
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 5)
    })
    expect(scores[1]).toBeCloseTo(1, 6)
    expect(Math.max(...scores)).toBeLessThanOrEqual(1)
    if (pooling === 'mean') expect(await compare(input)).toEqual(scores)
  })

  test('a batch gives what single calls give, inputs of many sizes in order', async () => {
    const one = { source_sentence: 'dog', sentences: ['big '.repeat(12), 'on', 'a cat'] }
    const inputs = [input, one, { source_sentence: 'a', sentences: ['mat'] }]
    for (const batchTokens of [1, 30, 4096]) {
      const batched = await pipeline('sentence-similarity', { model, tokenizer }, { batchTokens })
      const together = await batched(inputs)
      expect(together.map(({ length }) => length)).toEqual([4, 3, 1])
      for (const [i, each] of inputs.entries()) {
        const alone = await compare(each)
        alone.forEach((score, s) => {
          expect(Math.abs(together[i]![s]! - score)).toBeLessThan(1e-5)
        })
      }
    }
  })

  test('a stream of inputs is answered in its order', async () => {
    async function* stream() {
      yield* [input, { source_sentence: 'a', sentences: ['a'] }]
    }
    const lengths: number[] = []
    for await (const scores of compare(stream())) lengths.push(scores.length)
    expect(lengths).toEqual([4, 1])
  })
})

describe('refusals', () => {
  const long = 'cat '.repeat(15)
  const cases: readonly [what: string, input: unknown, options: unknown, code: string][] = [
    ['an empty list', { source_sentence: 'a', sentences: [] }, {}, 'option-invalid'],
    ['one sentence that is no list', { source_sentence: 'a', sentences: 'abc' }, {}, 'option-invalid'],
    ['a sentence that is no text', { source_sentence: 'a', sentences: ['b', 5] }, {}, 'option-invalid'],
    ['a missing source', { sentences: ['a'] }, {}, 'option-invalid'],
    ['missing sentences', { source_sentence: 'a' }, {}, 'option-invalid'],
    ['a text alone', 'a', {}, 'option-invalid'],
    ['nothing', null, {}, 'option-invalid'],
    ['a long source', { source_sentence: long, sentences: ['a'] }, {}, 'sequence-too-long'],
    ['a long sentence', { source_sentence: 'a', sentences: ['a', long] }, {}, 'sequence-too-long'],
    ['no pooling', input, { pooling: 'none' }, 'option-invalid'],
    ['an option of another task', input, { normalize: true }, 'option-invalid'],
  ]
  test.each(cases)('%s is refused', async (_, asked, options, code) => {
    const made = compare(asked as SentenceSimilarityInput, options as SentenceSimilarityOptions)
    await expect(made).rejects.toMatchObject({ code })
  })

  test('long sentences are cut when told to', async () => {
    const ask = await pipeline('sentence-similarity', { model, tokenizer }, { onWarning: () => {} })
    const scores = await ask({ source_sentence: long, sentences: ['cat '.repeat(14)] }, { truncation: true })
    expect(scores[0]).toBeCloseTo(1, 6)
  })

  test('a sentence without any token', async () => {
    const json = JSON.parse(tokenizer.toFiles()['tokenizer.json']!)
    const bare = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify({ ...json, post_processor: null }) })
    const ask = await pipeline('sentence-similarity', { model, tokenizer: bare })
    await expect(ask({ source_sentence: 'a', sentences: [''] })).rejects.toMatchObject({ code: 'text-empty' })
  })
})
