// fill-mask on a tiny model: what it answers, checked against the model's own logits, and what it refuses.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import type { FillMaskAnswer, FillMaskCandidate, FillMaskOptions } from './fillMask.js'
import { type Pipeline, pipeline } from './pipeline.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  VOCABULARY,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
const warnings: string[] = []
let folder: string
let model: Model
let fill: Pipeline<'fill-mask'>

beforeAll(async () => {
  folder = await writeTinyCheckpoint(await temporaryFolder())
  model = await loadModel(folder)
  fill = await pipeline('fill-mask', { model, tokenizer }, { onWarning: (message) => warnings.push(message) })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

/** A list of candidates for each mask, also where there is one mask. */
const lists = (answer: FillMaskAnswer): FillMaskCandidate[][] =>
  Array.isArray(answer[0]) ? (answer as FillMaskCandidate[][]) : [answer as FillMaskCandidate[]]

/** The softmax of one token's logits, the plain way. */
async function probabilities(text: string, column: number): Promise<number[]> {
  const { logits } = await model.run([tokenizer.encode(text)])
  const width = VOCABULARY.length
  const row = Array.from(logits!.data as Float32Array).slice(column * width, (column + 1) * width)
  const sum = row.reduce((total, logit) => total + Math.exp(logit), 0)
  return row.map((logit) => Math.exp(logit) / sum)
}

describe('answers', () => {
  test('one mask: the likeliest tokens, with their probabilities and the text filled in', async () => {
    const expected = await probabilities('the [MASK] sat.', 2)
    const answer = (await fill('the [MASK] sat.')).flat()
    expect(answer).toHaveLength(5)
    expect(answer.map(({ token }) => expected[token])).toEqual([...expected].sort((a, b) => b - a).slice(0, 5))
    for (const { score, token, token_str, sequence } of answer) {
      expect(score).toBeCloseTo(expected[token]!, 6)
      expect(token_str).toBe(VOCABULARY[token])
      const ids = [2, 5, token, 8, 13, 3].filter((id) => id !== 0)
      expect(sequence).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
    }
  })

  test('top_k as large as the vocabulary gives every token, and probabilities that sum to one', async () => {
    const answer = (await fill('the [MASK] sat.', { top_k: VOCABULARY.length })).flat()
    expect(new Set(answer.map(({ token }) => token)).size).toBe(VOCABULARY.length)
    expect(answer.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 9)
  })

  test('several masks: a list for each, the others and the special tokens left standing', async () => {
    const answer = await fill('[MASK] cat [MASK]', { top_k: 1 })
    const [[first], [second]] = lists(answer) as [[FillMaskCandidate], [FillMaskCandidate]]
    expect(first.sequence).toBe(tokenizer.decode([2, first.token, 6, 4, 3].filter((id) => id !== 0)))
    expect(second.sequence).toBe(tokenizer.decode([2, 4, 6, second.token, 3].filter((id) => id !== 0)))
  })

  test('targets are ranked with the scores they have among all tokens', async () => {
    const expected = await probabilities('the [MASK] sat.', 2)
    const answer = (await fill('the [MASK] sat.', { targets: ['cat', 'dog', 'cat'] })).flat()
    expect(answer.map(({ token_str }) => token_str).sort()).toEqual(['cat', 'dog'])
    for (const { score, token } of answer) expect(score).toBeCloseTo(expected[token]!, 6)
    expect(answer[0]!.score).toBeGreaterThan(answer[1]!.score)
    expect(await fill('the [MASK] sat.', { targets: 'cat', top_k: 1e9 })).toHaveLength(1)
  })

  test('a target that is no token stands for its first one, an empty one for nothing; both are said', async () => {
    warnings.length = 0
    const answer = (await fill('the [MASK] sat.', { targets: ['Walking', '', 'DOG', ' '] })).flat()
    expect(answer.map(({ token_str }) => token_str).sort()).toEqual(['dog', 'walk'])
    expect(warnings).toHaveLength(4)
    expect(warnings[0]).toContain('"Walking" is not a token; "walk" stands for it')
  })

  test('without onWarning, warnings go to the console', async () => {
    const original = console.warn
    const said: unknown[] = []
    console.warn = (message: unknown) => said.push(message)
    try {
      const plain = await pipeline('fill-mask', { model, tokenizer })
      await plain('the [MASK]', { targets: 'Cat' })
    } finally {
      console.warn = original
    }
    expect(said).toHaveLength(1)
  })

  test('truncation cuts the end, keeps the closing token, and says so', async () => {
    warnings.length = 0
    const answer = (await fill(`[MASK] ${'cat '.repeat(40)}`, { truncation: true, top_k: 1 })).flat()
    expect(answer[0]!.sequence.split(' ').filter((word) => word === 'cat').length).toBeGreaterThanOrEqual(13)
    expect(warnings).toEqual([expect.stringContaining('longer than 16 tokens')])
    warnings.length = 0
    await fill('[MASK]', { truncation: true })
    await fill(`[MASK]${' cat'.repeat(13)}`, { truncation: true })
    expect(warnings).toEqual([])
  })

  test('a batch gives what single calls give', async () => {
    const texts = ['a [MASK].', `[MASK] ${'big '.repeat(12)}`, '[MASK]', 'the [MASK] sat on the [MASK].', 'is [MASK]!']
    const together = await fill(texts, { top_k: VOCABULARY.length })
    for (const [i, text] of texts.entries()) {
      const alone = lists(await fill(text, { top_k: VOCABULARY.length }))
      const batched = lists(together[i]!)
      expect(batched).toHaveLength(text.split('[MASK]').length - 1)
      for (const [mask, candidates] of batched.entries()) {
        const scores = new Map(alone[mask]!.map(({ token, score }) => [token, score]))
        expect(candidates).toHaveLength(VOCABULARY.length)
        for (const { token, score } of candidates) expect(Math.abs(scores.get(token)! - score)).toBeLessThan(1e-5)
      }
    }
  })

  test('a BERT model for pretraining can fill masks too', async () => {
    const both = await writeTinyCheckpoint(await temporaryFolder(), { head: 'pretraining' })
    using loaded = await pipeline('fill-mask', both)
    using whole = await loadModel(both)
    const parts = await pipeline('fill-mask', { model: whole, tokenizer })
    expect(loaded.model.head).toBe('masked-lm')
    expect(whole.head).toBe('pretraining')
    const [a, b] = [await loaded('a [MASK].'), await parts('a [MASK].')].map((answer) => answer.flat())
    expect(a!.map(({ token }) => token)).toEqual(b!.map(({ token }) => token))
  })
})

describe('refusals', () => {
  const text = 'the [MASK] sat.'
  const refused: readonly [what: string, text: string, options: FillMaskOptions, code: string][] = [
    ['an empty text', '', {}, 'no-mask'],
    ['a text without a mask', 'the cat sat.', {}, 'no-mask'],
    ['only special tokens', '[CLS] [SEP] [PAD]', {}, 'no-mask'],
    ['half a mask', '[MASK', {}, 'no-mask'],
    ['lone surrogates', '\ud800 \udc00', {}, 'no-mask'],
    ['top_k 0', text, { top_k: 0 }, 'option-invalid'],
    ['top_k below 0', text, { top_k: -1 }, 'option-invalid'],
    ['top_k 1.5', text, { top_k: 1.5 }, 'option-invalid'],
    ['top_k 1e9', text, { top_k: 1e9 }, 'option-invalid'],
    ['top_k NaN', text, { top_k: Number.NaN }, 'option-invalid'],
    ['top_k 0 with targets', text, { targets: 'cat', top_k: 0 }, 'option-invalid'],
    ['no targets', text, { targets: [] }, 'option-invalid'],
    ['only empty targets', text, { targets: ['', ' '] }, 'option-invalid'],
    ['a misspelt option', text, JSON.parse('{ "topK": 3 }'), 'option-invalid'],
    ['a text that is too long', `[MASK] ${'cat '.repeat(15)}`, {}, 'sequence-too-long'],
    ['a mask that truncation cuts off', `${'cat '.repeat(15)} [MASK]`, { truncation: true }, 'no-mask'],
  ]
  test.each(refused)('%s', async (_, input, options, code) => {
    await expect(fill(input, options)).rejects.toMatchObject({ code, message: expect.stringMatching(/.{20}/) })
  })

  test('messages say what to do', async () => {
    await expect(fill('the cat')).rejects.toThrow('there is no [MASK] in "the cat": put [MASK] where')
    await expect(fill(`[MASK] ${'cat '.repeat(15)}`)).rejects.toThrow('pass truncation: true')
    const cut = fill(`${'cat '.repeat(15)} [MASK]`, { truncation: true })
    await expect(cut).rejects.toThrow('was cut off')
  })

  test('lone surrogates beside a mask are unknown text, not an error', async () => {
    expect(await fill('\ud83d [MASK] \ude00\ud800')).toHaveLength(5)
  })

  test('10 MB of text', async () => {
    const huge = `[MASK] ${'cat '.repeat(2_500_000)}`
    await expect(fill(huge)).rejects.toMatchObject({ code: 'sequence-too-long' })
    await expect(fill('x'.repeat(10_000_000))).rejects.toMatchObject({ code: 'no-mask' })
  })

  test('a tokenizer with more ids than the model', async () => {
    const larger = tinyTokenizer([...VOCABULARY, 'berlin'])
    const mixed = await pipeline('fill-mask', { model, tokenizer: larger })
    await expect(mixed('[MASK] berlin')).rejects.toThrow('"berlin" the id 25, but the model knows 25 ids')
    await expect(mixed('[MASK] berlin')).rejects.toMatchObject({ code: 'token-out-of-range' })
    await expect(mixed('[MASK]', { targets: 'berlin' })).rejects.toMatchObject({ code: 'token-out-of-range' })
    expect(await mixed('[MASK] paris')).toHaveLength(5)
  })

  test('a tokenizer without a mask token', async () => {
    const maskless = tinyTokenizer(VOCABULARY.map((token) => (token === '[MASK]' ? 'x' : token)))
    const blind = await pipeline('fill-mask', { model, tokenizer: maskless })
    await expect(blind('the [MASK]')).rejects.toMatchObject({ code: 'no-mask' })
  })

  test('damaged weights', async () => {
    const damaged = await writeTinyCheckpoint(await temporaryFolder(), {
      edit: (path, values) => path.endsWith('LayerNorm.weight') && values.fill(Number.NaN),
    })
    using broken = await pipeline('fill-mask', damaged)
    await expect(broken('[MASK]')).rejects.toMatchObject({ code: 'not-finite' })
  })
})
