// sentence-order on a tiny ALBERT: probabilities against the model's own logits, batches, and refusals.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let judge: Pipeline<'sentence-order'>

beforeAll(async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { modelType: 'albert', head: 'pretraining' })
  model = await loadModel(folder)
  judge = await pipeline('sentence-order', { model, tokenizer }, { onWarning: () => {} })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const pairs = [
  { text: 'the cat sat', text_pair: 'on the mat.' },
  { text: 'a big dog', text_pair: 'walked' },
  { text: 'walked', text_pair: 'a big dog' },
]

test('the label is the likelier one, with its probability', async () => {
  for (const { text, text_pair } of pairs) {
    const { sop_logits: logits } = await model.run([tokenizer.encode(text, { pair: text_pair })]) // [1, 2]
    const [inOrder, swapped] = Array.from(logits!.data, Number) as [number, number]
    const probability = 1 / (1 + Math.exp(inOrder - swapped))
    const { label, score } = await judge({ text, text_pair })
    expect(label).toBe(probability > 0.5 ? 'swapped' : 'in_order')
    expect(score).toBeCloseTo(Math.max(probability, 1 - probability), 6)
  }
})

test('a batch gives what single calls give, in order', async () => {
  const together = await judge(pairs)
  for (const [i, pair] of pairs.entries()) {
    const alone = await judge(pair)
    expect(together[i]!.label).toBe(alone.label)
    expect(together[i]!.score).toBeCloseTo(alone.score, 5)
  }
})

test.each([
  ['an empty text', { text: '', text_pair: 'a' }, 'text-empty'],
  ['a text of blanks', { text: 'a', text_pair: ' \n' }, 'text-empty'],
  ['one without tokens', { text: 'a', text_pair: '\u0000' }, 'text-empty'],
  ['no second text', { text: 'a' }, 'option-invalid'],
  ['a string', 'a. b.', 'option-invalid'],
  ['null', null, 'option-invalid'],
  ['too much', { text: 'a '.repeat(9), text_pair: 'a '.repeat(9) }, 'sequence-too-long'],
])('%s is refused', async (_, input, code) => {
  await expect(judge(input as (typeof pairs)[number])).rejects.toMatchObject({ code })
})

test('too much is cut where that is allowed', async () => {
  const long = { text: 'a '.repeat(9), text_pair: 'a '.repeat(9) }
  expect(await judge(long, { truncation: true })).toEqual({ label: expect.any(String), score: expect.any(Number) })
})

test('a masked language model does not know the order', async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { modelType: 'albert', head: 'masked-lm' })
  const refused = pipeline('sentence-order', folder)
  await expect(refused).rejects.toMatchObject({
    code: 'head-mismatch',
    message: expect.stringMatching(/AlbertForPreTraining/),
  })
  const bert = await writeTinyCheckpoint(await temporaryFolder(), { modelType: 'bert', head: 'pretraining' })
  await expect(pipeline('sentence-order', bert)).rejects.toMatchObject({ code: 'head-mismatch' })
})
