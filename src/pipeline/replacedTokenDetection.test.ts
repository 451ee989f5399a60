// replaced-token-detection on a tiny model: scores against the model's own logits, offsets, words and refusals.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import type { ReplacedTokenDetectionOptions } from './replacedTokenDetection.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let detect: Pipeline<'replaced-token-detection'>

beforeAll(async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { modelType: 'electra', head: 'pretraining' })
  model = await loadModel(folder)
  detect = await pipeline('replaced-token-detection', { model, tokenizer }, { onWarning: () => {} })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const text = 'The 🐈 dog WALKED, on.'

test('every token has the probability that the model gives it, and its place in the text', async () => {
  const { tokens } = await detect(text)
  expect(tokens.map(({ token }) => token)).toEqual(['the', '[UNK]', 'dog', 'walk', '##ed', ',', 'on', '.'])
  expect(tokens.map(({ word }) => word)).toEqual(['The', '🐈', 'dog', 'WALK', 'ED', ',', 'on', '.'])
  const { logits } = await model.run([tokenizer.encode(text)]) // [1, 10]
  tokens.forEach(({ score, replaced, word, start, end }, i) => {
    expect(score).toBeCloseTo(1 / (1 + Math.exp(-Number(logits!.data[i + 1]))), 6)
    expect(replaced).toBe(score > 0.5)
    expect(text.slice(start, end)).toBe(word)
  })
  expect(new Set(tokens.map(({ score }) => score)).size).toBe(tokens.length)
})

test('a word has the highest score of its tokens', async () => {
  const { tokens, words } = await detect(text, { threshold: 0 })
  expect(words.map(({ word }) => word)).toEqual(['The', '🐈', 'dog', 'WALKED', ',', 'on', '.'])
  expect(words[3]!.score).toBe(Math.max(tokens[3]!.score, tokens[4]!.score))
  expect(words[3]).toMatchObject({ start: 11, end: 17, replaced: true })
  expect(words[0]).toEqual({ word: 'The', score: tokens[0]!.score, replaced: true, start: 0, end: 3 })
})

test('the threshold decides what counts as replaced', async () => {
  const { words } = await detect(text)
  const middle = words.map(({ score }) => score).sort((a, b) => a - b)[3]!
  const strict = await detect(text, { threshold: middle })
  expect(strict.words.filter(({ replaced }) => replaced)).toHaveLength(3)
  expect((await detect(text, { threshold: 1 })).tokens.some(({ replaced }) => replaced)).toBe(false)
})

test('special tokens are left out, also those that the text spells out', async () => {
  expect(await detect('')).toEqual({ tokens: [], words: [] })
  expect(await detect(' \n')).toEqual({ tokens: [], words: [] })
  expect(await detect('[CLS][SEP] [PAD]')).toEqual({ tokens: [], words: [] })
  const { words } = await detect('the [SEP] cat')
  expect(words.map(({ word }) => word)).toEqual(['the', 'cat'])
})

test('a batch gives what single calls give, empty texts among them', async () => {
  const texts = ['', 'the cat sat on the mat.', 'dog', '[SEP]', `${'big '.repeat(13)}`, 'a walking cat!']
  const together = await detect(texts)
  for (const [i, one] of texts.entries()) {
    const alone = await detect(one)
    expect(together[i]!.tokens.map(({ token }) => token)).toEqual(alone.tokens.map(({ token }) => token))
    alone.tokens.forEach(({ score }, t) => {
      expect(Math.abs(together[i]!.tokens[t]!.score - score)).toBeLessThan(1e-5)
    })
  }
})

const refused: readonly [what: string, text: string, options: ReplacedTokenDetectionOptions, code: string][] = [
  ['a text that is too long', 'cat '.repeat(15), {}, 'sequence-too-long'],
  ['a threshold above 1', 'cat', { threshold: 1.1 }, 'option-invalid'],
  ['a threshold below 0', 'cat', { threshold: -0.1 }, 'option-invalid'],
  ['a threshold that is no number', 'cat', { threshold: Number.NaN }, 'option-invalid'],
  ['an option of another task', 'cat', JSON.parse('{ "top_k": 3 }'), 'option-invalid'],
]
test.each(refused)('%s is refused', async (_, input, options, code) => {
  await expect(detect(input, options)).rejects.toMatchObject({ code })
})

test('truncated texts are judged as far as they were read', async () => {
  expect((await detect('cat '.repeat(40), { truncation: true })).tokens).toHaveLength(14)
})

test('lone surrogates are unknown text', async () => {
  const { words } = await detect('a \ud800 cat')
  expect(words.map(({ word }) => word)).toContain('cat')
})
