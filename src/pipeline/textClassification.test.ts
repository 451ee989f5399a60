// text-classification on tiny models: scores against the model's own logits, labels, nesting, pairs and refusals.

import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import {
  removeTemporaryFolders,
  type TinyOptions,
  temporaryFolder,
  tinyTokenizer,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'
import type { Classification, TextClassificationInput, TextClassificationOptions } from './textClassification.js'

const tokenizer = tinyTokenizer()
const warnings: string[] = []
let model: Model
let classify: Pipeline<'text-classification'>

const tiny = async (config: TinyOptions['config']): Promise<string> =>
  writeTinyCheckpoint(await temporaryFolder(), { head: 'sequence-classification', ...(config && { config }) })

beforeAll(async () => {
  model = await loadModel(await tiny({ id2label: ['bad', 'fair', 'good'] }))
  classify = await pipeline('text-classification', { model, tokenizer }, { onWarning: (said) => warnings.push(said) })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const text = 'the big cat sat.'

async function logitsOf(one: string, pair?: string): Promise<number[]> {
  const { logits } = await model.run([tokenizer.encode(one, pair === undefined ? {} : { pair })])
  return Array.from(logits!.data as Float32Array)
}

/** Labels with these scores, best first. */
const ranked = (scores: readonly number[]): Classification[] =>
  scores
    .map((score, i) => ({
      label: ['bad', 'fair', 'good'][i]!,
      score: expect.closeTo(score, 6) as number,
      plain: score,
    }))
    .sort((a, b) => b.plain - a.plain)
    .map(({ label, score }) => ({ label, score }))

const softmax = (logits: readonly number[]): number[] => {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  return logits.map((logit) => Math.exp(logit) / sum)
}
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))

describe('scores', () => {
  test('are the softmax of the labels, best first', async () => {
    const expected = ranked(softmax(await logitsOf(text)))
    expect(await classify(text, { top_k: null })).toEqual(expected)
    expect(await classify(text, { top_k: 2 })).toEqual(expected.slice(0, 2))
    expect(await classify(text, { top_k: 50 })).toEqual(expected)
    expect(await classify(text)).toEqual(expected.slice(0, 1))
    expect(new Set(expected.map(({ label }) => label)).size).toBe(3)
  })

  test('are what function_to_apply makes them', async () => {
    const logits = await logitsOf(text)
    const all = { top_k: null } as const
    expect(await classify(text, { ...all, function_to_apply: 'sigmoid' })).toEqual(ranked(logits.map(sigmoid)))
    expect(await classify(text, { ...all, function_to_apply: 'none' })).toEqual(ranked(logits))
    expect(await classify(text, { ...all, function_to_apply: 'softmax' })).toEqual(ranked(softmax(logits)))
  })

  test.each([
    ['several labels at once', { problemType: 'multi_label_classification', numLabels: 3 }, sigmoid],
    ['one label', { numLabels: 1 }, sigmoid],
    ['a regression', { problemType: 'regression', numLabels: 1 }, (logit: number) => logit],
    ['a regression with two targets', { problemType: 'regression', numLabels: 2 }, (logit: number) => logit],
  ] as const)('by default follow the model: %s', async (_, config, scoreOf) => {
    const folder = await tiny(config)
    using other = await pipeline('sentiment-analysis', folder, { tokenizer })
    const { logits } = await other.model.run([tokenizer.encode(text)])
    const scores = Array.from(logits!.data as Float32Array, scoreOf).sort((a, b) => b - a)
    const answer = await other(text, { top_k: null })
    expect(answer.map(({ score }) => score)).toEqual(scores.map((score) => expect.closeTo(score, 6)))
    expect(answer[0]!.label).toMatch(/^LABEL_\d$/)
    expect(other.task).toBe('text-classification')
  })
})

describe('nesting', () => {
  test('a text gets a list; texts get the best label of each, or lists with top_k', async () => {
    const [best] = await classify(text)
    const many = await classify([text, 'dog'])
    expect(many[0]).toMatchObject({ label: best!.label })
    expect(many[0]!.score).toBeCloseTo(best!.score, 5)
    const lists = await classify([text, 'dog'], { top_k: 2 })
    expect(lists.map((labels) => labels.length)).toEqual([2, 2])
    expect((await classify([text], { top_k: 1 }))[0]).toHaveLength(1)
    expect((await classify([text], { top_k: null }))[0]).toHaveLength(3)
    expect(await classify([])).toEqual([])
    expectTypeOf(best).toEqualTypeOf<Classification | undefined>()
    expectTypeOf(many).toEqualTypeOf<Classification[]>()
    expectTypeOf(lists).toEqualTypeOf<Classification[][]>()
  })

  test('streams are like arrays', async () => {
    async function* texts() {
      yield* [text, 'dog']
    }
    const streamed: Classification[] = []
    for await (const label of classify(texts())) streamed.push(label)
    expect(streamed).toEqual(await classify([text, 'dog']))
    for await (const labels of classify(texts(), { top_k: 2 })) expect(labels).toHaveLength(2)
  })
})

describe('pairs', () => {
  test('are two segments', async () => {
    const expected = ranked(softmax(await logitsOf('the cat', 'sat on')))
    expect(await classify({ text: 'the cat', text_pair: 'sat on' }, { top_k: null })).toEqual(expected)
    expect(await classify('the cat sat on', { top_k: null })).not.toEqual(expected)
  })

  test('an empty or missing second text is none', async () => {
    const alone = await classify(text, { top_k: null })
    expect(await classify({ text }, { top_k: null })).toEqual(alone)
    expect(await classify({ text, text_pair: '' }, { top_k: null })).toEqual(alone)
  })

  test('are cut where they are longest, and what was cut is said', async () => {
    warnings.length = 0
    const [many, few] = ['cat '.repeat(20), 'the dog']
    const cut = { text: 'cat '.repeat(11), text_pair: few }
    expect(await classify({ text: many, text_pair: few }, { truncation: true })).toEqual(await classify(cut))
    expect(warnings[0]).toContain('25 tokens together, more than 16: the last 9 of the first were cut off')
    await classify({ text: few, text_pair: many }, { truncation: true })
    expect(warnings[1]).toContain('the last 9 of the second were cut off')
    await classify({ text: many, text_pair: many }, { truncation: true })
    expect(warnings[2]).toMatch(/the last 1[34] of the first and the last 1[34] of the second were cut off/)
    await classify({ text: 'cat '.repeat(11), text_pair: few }, { truncation: true })
    expect(warnings).toHaveLength(3)
  })
})

test('a batch gives what single calls give', async () => {
  const inputs: TextClassificationInput[] = [
    '',
    text,
    'dog',
    { text: 'a', text_pair: 'big '.repeat(9) },
    'is '.repeat(14),
  ]
  const together = await classify(inputs, { top_k: null })
  for (const [i, input] of inputs.entries()) {
    const alone = await classify(input, { top_k: null })
    expect(together[i]!.map(({ label }) => label)).toEqual(alone.map(({ label }) => label))
    alone.forEach(({ score }, k) => {
      expect(Math.abs(together[i]![k]!.score - score)).toBeLessThan(1e-5)
    })
  }
})

describe('refusals', () => {
  const long = 'cat '.repeat(15)
  const refused: readonly [what: string, input: unknown, options: object, code: string, message: string][] = [
    ['a text that is too long', long, {}, 'sequence-too-long', 'pass truncation: true'],
    ['a pair that is too long', { text: long, text_pair: 'a' }, {}, 'sequence-too-long', '19 tokens together'],
    ['1 MB of text', 'cat '.repeat(2.5e5), {}, 'sequence-too-long', 'the model takes 16'],
    ['a number', 5, {}, 'option-invalid', 'must be a string, not number'],
    ['null', null, {}, 'option-invalid', 'must be a string, not null'],
    ['an object without text', {}, {}, 'option-invalid', 'must be a string, not undefined'],
    ['a number for a pair', { text: 'a', text_pair: 5 }, {}, 'option-invalid', 'must be a string, not number'],
    ['a misspelt pair', { text: 'a', textPair: 'b' }, {}, 'option-invalid', 'knows no "textPair"'],
    ['top_k 0', text, { top_k: 0 }, 'option-invalid', 'or null for all, not 0'],
    ['top_k 1.5', text, { top_k: 1.5 }, 'option-invalid', 'top_k'],
    ['a function that is none', text, { function_to_apply: 'tanh' }, 'option-invalid', 'sigmoid, softmax, none'],
    ['toString', text, { function_to_apply: 'toString' }, 'option-invalid', 'sigmoid, softmax, none'],
    ['a misspelt option', text, { topK: 3 }, 'option-invalid', 'has no option "topK"'],
  ]
  test.each(refused)('%s', async (_, input, options, code, message) => {
    const answer = classify(input as TextClassificationInput, options as TextClassificationOptions)
    await expect(answer).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('a model without labels, and a damaged one', async () => {
    const filler = await writeTinyCheckpoint(await temporaryFolder())
    const made = pipeline('text-classification', filler)
    await expect(made).rejects.toMatchObject({ code: 'head-mismatch' })
    await expect(made).rejects.toThrow('text-classification needs BertForSequenceClassification')
    const damaged = await writeTinyCheckpoint(await temporaryFolder(), {
      head: 'sequence-classification',
      edit: (path, values) => path.endsWith('LayerNorm.weight') && values.fill(Number.NaN),
    })
    using broken = await pipeline('text-classification', damaged)
    for (const function_to_apply of ['softmax', 'sigmoid', 'none'] as const) {
      await expect(broken(text, { function_to_apply })).rejects.toMatchObject({ code: 'not-finite' })
    }
  })
})
