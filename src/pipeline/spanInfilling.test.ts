// span-infilling on a tiny SpanBERT: both heads against the model's own logits, gaps at the edges, batches, refusals.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import type { InfillCandidate, SpanInfillingOptions } from './spanInfilling.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  VOCABULARY,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let fill: Pipeline<'span-infilling'>

beforeAll(async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { head: 'span-boundary' })
  model = await loadModel(folder, { head: 'span-boundary' })
  fill = await pipeline('span-infilling', { model, tokenizer }, { onWarning: () => {} })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const size = VOCABULARY.length

function probabilities(logits: ArrayLike<number>): number[] {
  const powers = Array.from(logits, (logit) => Math.exp(logit))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / sum)
}

const scores = (candidates: readonly InfillCandidate[] | null): number[] => {
  const byToken = new Map(candidates?.map(({ token, score }) => [token, score]))
  return Array.from({ length: size }, (_, token) => byToken.get(token)!)
}

const expectClose = (actual: readonly number[], expected: readonly number[]): void =>
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5)
  })

test('each token is predicted by both heads, and by their product', async () => {
  const text = 'the cat [MASK] [MASK] the mat'
  const { spans } = await fill(text, { top_k: size })
  expect(spans).toHaveLength(1)
  expect(text.slice(spans[0]!.start, spans[0]!.end)).toBe('[MASK] [MASK]')
  const encoding = tokenizer.encode(text) // [CLS] the cat [MASK] [MASK] the mat [SEP]
  const targets = [0, 1].map((place) => ({ sequence: 0, left: 2, right: 5, place }))
  const { logits, span_logits: spanLogits } = await model.run([encoding], { spanTargets: targets })
  for (const [i, token] of spans[0]!.tokens.entries()) {
    const own = Array.from(logits!.data.slice((3 + i) * size, (4 + i) * size), Number)
    const beside = Array.from(spanLogits!.data.slice(i * size, (i + 1) * size), Number)
    expectClose(scores(token.masked_lm), probabilities(own))
    expectClose(scores(token.span_boundary), probabilities(beside))
    expectClose(scores(token.both), probabilities(own.map((logit, j) => logit + beside[j]!)))
    for (const list of [token.both, token.masked_lm]) {
      expect(list.map(({ score }) => score)).toEqual([...list.map(({ score }) => score)].sort((a, b) => b - a))
    }
  }
  expect(scores(spans[0]!.tokens[0]!.span_boundary)).not.toEqual(scores(spans[0]!.tokens[1]!.span_boundary))
})

test('the likeliest tokens stand in the gaps', async () => {
  const { sequence, spans } = await fill('the [MASK] sat on [MASK] [MASK] .', { top_k: 1 })
  const tokens = spans.flatMap((span) => span.tokens.map(({ both }) => both[0]!.token))
  expect(spans.map(({ tokens }) => tokens.length)).toEqual([1, 2])
  const ids = [5, tokens[0]!, 8, 9, tokens[1]!, tokens[2]!, 13]
  expect(sequence).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
  expect(spans[1]!.infill).toBe(tokenizer.decode(tokens.slice(1)))
})

test('a gap at an edge of the text has no boundaries: the masked language model fills it alone', async () => {
  const { spans } = await fill('[MASK] cat [MASK] the [MASK]')
  expect(spans.map(({ tokens }) => tokens[0]!.span_boundary === null)).toEqual([true, false, true])
  for (const i of [0, 2]) expect(spans[i]!.tokens[0]!.both).toEqual(spans[i]!.tokens[0]!.masked_lm)
})

test('a batch gives what single calls give, in order', async () => {
  const texts = ['the [MASK] [MASK] mat', '[MASK]', 'a big [MASK] sat on the [MASK] .']
  const together = await fill(texts)
  for (const [i, text] of texts.entries()) {
    const alone = await fill(text)
    expect(together[i]!.sequence).toBe(alone.sequence)
    const all = (answer: typeof alone) => answer.spans.flatMap(({ tokens }) => tokens.flatMap(({ both }) => both))
    expectClose(
      all(together[i]!).map(({ score }) => score),
      all(alone).map(({ score }) => score),
    )
  }
})

test('a gap longer than the head was trained for is filled by the masked language model behind that', async () => {
  const short = await writeTinyCheckpoint(await temporaryFolder(), {
    head: 'span-boundary',
    config: { maxPairTargets: 2 },
  })
  using fillShort = await pipeline('span-infilling', short)
  const { spans } = await fillShort('the [MASK] [MASK] [MASK] mat')
  expect(spans[0]!.tokens.map(({ span_boundary }) => span_boundary === null)).toEqual([false, false, true])
})

test.each([
  ['no mask', 'the cat', {}, 'no-mask'],
  ['an empty text', '', {}, 'no-mask'],
  ['no candidates', 'a [MASK] a', { top_k: 0 }, 'option-invalid'],
  ['more candidates than tokens', 'a [MASK] a', { top_k: size + 1 }, 'option-invalid'],
  ['an unknown option', 'a [MASK] a', { targets: ['a'] }, 'option-invalid'],
  ['too much', 'a [MASK] '.repeat(8), {}, 'sequence-too-long'],
])('%s is refused', async (_, text, options, code) => {
  await expect(fill(text, options as SpanInfillingOptions)).rejects.toMatchObject({ code })
})

test('a checkpoint without the boundary head is refused, with what is needed', async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { head: 'masked-lm' })
  const message = expect.stringMatching(/boundary head/)
  await expect(pipeline('span-infilling', folder)).rejects.toMatchObject({ code: 'head-mismatch', message })
  const electra = await writeTinyCheckpoint(await temporaryFolder(), { modelType: 'electra', head: 'pretraining' })
  await expect(pipeline('span-infilling', electra)).rejects.toMatchObject({ code: 'head-mismatch', message })
})
