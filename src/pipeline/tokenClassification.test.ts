// token-classification on a tiny model: what it answers, checked against the model's own logits, and what it refuses.

import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { Tokenizer } from '../tokenizer/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  VOCABULARY,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'
import {
  AGGREGATION_STRATEGIES,
  classifyTokens,
  type EntityGroup,
  type TokenClassificationAnswer,
  type TokenClassificationOptions,
  type TokenEntity,
} from './tokenClassification.js'

const tokenizer = tinyTokenizer()
const labels = ['O', 'B-PER', 'I-PER', 'LOC']
const warnings: string[] = []
const onWarning = (message: string): void => void warnings.push(message)
let model: Model
let classify: Pipeline<'token-classification'>

beforeAll(async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), {
    head: 'token-classification',
    config: { id2label: labels },
  })
  model = await loadModel(folder)
  classify = await pipeline('token-classification', { model, tokenizer }, { onWarning })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const text = 'The 🐈 dog WALKED, on a mat.'
const everything = { ignore_labels: [] }
/** 64 words, of which a window holds 14 tokens. */
const long = 'the cat sat on a walking dog, '.repeat(8).trim()

describe('answers', () => {
  test('every token has the likeliest label with the probability that the model gives it', async () => {
    const answer = await classify(text, everything)
    const encoding = tokenizer.encode(text)
    const { logits } = await model.run([encoding]) // [1, 12, 4]
    expect(answer).toHaveLength(encoding.length - 2)
    for (const { entity, score, index, word, start, end } of answer) {
      const row = Array.from(logits!.data as Float32Array).slice(index * 4, index * 4 + 4)
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0)
      expect(entity).toBe(labels[row.indexOf(Math.max(...row))])
      expect(score).toBeCloseTo(Math.exp(Math.max(...row)) / sum, 6)
      expect([start, end]).toEqual(encoding.offsets[index])
      expect(word).toBe(word === '🐈' ? text.slice(start, end) : encoding.tokens[index])
    }
    expect(answer.map(({ word }) => word)).toContain('🐈')
    expect(new Set(answer.map(({ entity }) => entity)).size).toBeGreaterThan(1)
  })

  test('entities cover the tokens of their kind, end to end', async () => {
    for (const aggregation_strategy of ['simple', 'first', 'average', 'max'] as const) {
      const groups = await classify(text, { aggregation_strategy, ...everything })
      expect(groups[0]!.start).toBe(0)
      expect(groups.at(-1)!.end).toBe(text.length)
      groups.slice(1).forEach(({ start }, i) => {
        expect(text.slice(groups[i]!.end, start).trim()).toBe('')
      })
      for (const { entity_group } of groups) expect(['O', 'PER', 'LOC']).toContain(entity_group)
    }
  })

  test('“O” is left out unless said otherwise, as any other label may be', async () => {
    const all = await classify(text, everything)
    expect(await classify(text)).toEqual(all.filter(({ entity }) => entity !== 'O'))
    const ignore_labels = ['O', 'I-PER', 'LOC']
    expect(await classify(text, { ignore_labels })).toEqual(all.filter(({ entity }) => entity === 'B-PER'))
    const options = { aggregation_strategy: 'simple', ...everything } as const
    const groups = await classify(text, options)
    const persons = groups.filter(({ entity_group }) => entity_group === 'PER')
    expect(await classify(text, { ...options, ignore_labels: ['O', 'LOC'] })).toEqual(persons)
  })

  test.each(['', ' \n', '\u200b'])('a text without tokens has no entities: %o', async (empty) => {
    for (const aggregation_strategy of AGGREGATION_STRATEGIES) {
      expect(await classify(empty, { aggregation_strategy, ...everything })).toEqual([])
    }
  })

  test('special tokens that the text spells out are labelled, lone surrogates are unknown text', async () => {
    expect((await classify('the [SEP] cat', everything)).map(({ word }) => word)).toEqual(['the', '[SEP]', 'cat'])
    expect((await classify('a \ud800 cat', everything)).map(({ word }) => word)).toContain('cat')
  })

  test('a batch gives what single calls give', async () => {
    const texts = ['', text, 'dog', long, 'big '.repeat(13), 'a walking cat!']
    for (const options of [everything, { ...everything, aggregation_strategy: 'average', stride: 5 } as const]) {
      for (const batchTokens of [1, 40, 4096]) {
        const batched = await pipeline('token-classification', { model, tokenizer }, { onWarning, batchTokens })
        const together = await batched(texts, options)
        for (const [i, one] of texts.entries()) {
          const alone = await classify(one, options)
          const withoutScores = (answer: TokenClassificationAnswer) => answer.map(({ score: _, ...rest }) => rest)
          expect(withoutScores(together[i]!)).toEqual(withoutScores(alone))
          alone.forEach(({ score }, t) => {
            expect(Math.abs(together[i]![t]!.score - score)).toBeLessThan(1e-5)
          })
        }
      }
    }
  })

  test('their types follow the aggregation strategy', async () => {
    expectTypeOf(await classify(text)).toEqualTypeOf<TokenEntity[]>()
    expectTypeOf(await classify(text, { ignore_labels: [] })).toEqualTypeOf<TokenEntity[]>()
    expectTypeOf(await classify([text], { aggregation_strategy: 'max' })).toEqualTypeOf<EntityGroup[][]>()
    const options: TokenClassificationOptions = {}
    expectTypeOf(await classify(text, options)).toEqualTypeOf<TokenEntity[] | EntityGroup[]>()
    // @ts-expect-error no such option
    await expect(classify(text, { aggregation: 'max', stride: 1 })).rejects.toMatchObject({ code: 'option-invalid' })
  })
})

describe('long texts', () => {
  test('are cut, and that is said', async () => {
    warnings.length = 0
    const answer = await classify(long, everything)
    expect(answer).toHaveLength(14)
    expect(warnings).toEqual([expect.stringContaining('longer than 16 tokens')])
  })

  test('are refused when they must not be cut, or if the tokenizer states no length', async () => {
    const code = 'sequence-too-long'
    await expect(classify(long, { truncation: false })).rejects.toMatchObject({ code })
    const boundless = Tokenizer.fromFiles({ 'vocab.txt': VOCABULARY.join('\n') })
    const ask = await pipeline('token-classification', { model, tokenizer: boundless }, { onWarning })
    await expect(ask(long)).rejects.toMatchObject({ code })
    expect(await ask(long, { truncation: true, ...everything })).toHaveLength(14)
  })

  test.each([0, 1, 7, 13])('are read whole with a stride of %d, each token once', async (stride) => {
    warnings.length = 0
    const options = { aggregation_strategy: 'simple', stride, ...everything } as const
    const groups = await classify(long, options)
    expect(warnings).toEqual([])
    expect(groups.at(-1)!.end).toBe(long.length)
    groups.slice(1).forEach(({ start }, i) => {
      expect(start).toBeGreaterThanOrEqual(groups[i]!.end)
    })
  })

  test('the windows’ entities are those of the windows by themselves', async () => {
    const twice = 'the cat sat on a walking dog, the cat sat on a mat . a dog'
    const options = { aggregation_strategy: 'first', ...everything } as const
    const whole = await classify(twice, { ...options, stride: 0 })
    const tokens = tokenizer.encode(twice).offsets.slice(1, -1)
    const cut = tokens[14]![0]
    const parts = await classify([twice.slice(0, cut), twice.slice(cut)], options)
    const moved = parts[1]!.map((group) => ({ ...group, start: group.start + cut, end: group.end + cut }))
    const rounded = (groups: readonly EntityGroup[]) =>
      groups.map(({ score, ...rest }) => ({ ...rest, score: score.toFixed(5) }))
    expect(rounded(whole)).toEqual(rounded([...parts[0]!, ...moved]))
  })
})

describe('refusals and warnings', () => {
  const cases: readonly [what: string, options: unknown, code: string][] = [
    ['an unknown strategy', { aggregation_strategy: 'mean' }, 'option-invalid'],
    ['a strategy in capitals', { aggregation_strategy: 'SIMPLE' }, 'option-invalid'],
    ['labels that are no list', { ignore_labels: 'O' }, 'option-invalid'],
    ['labels that are no strings', { ignore_labels: [0] }, 'option-invalid'],
    ['a stride without a strategy', { stride: 2 }, 'option-invalid'],
    ['a stride as long as a window', { stride: 14, aggregation_strategy: 'simple' }, 'option-invalid'],
    ['a negative stride', { stride: -1, aggregation_strategy: 'simple' }, 'option-invalid'],
    ['half a token of stride', { stride: 0.5, aggregation_strategy: 'simple' }, 'option-invalid'],
    ['an option of another task', { top_k: 3 }, 'option-invalid'],
  ]
  test.each(cases)('%s is refused', async (_, options, code) => {
    await expect(classify('the cat', options as TokenClassificationOptions)).rejects.toMatchObject({ code })
  })

  test.each([[undefined], [null], [5], [{}]])('what is no text is refused: %o', async (input) => {
    for (const options of [{}, { stride: 1, aggregation_strategy: 'simple' } as const]) {
      await expect(classify(input as unknown as string, options)).rejects.toMatchObject({ code: 'option-invalid' })
    }
  })

  test('a label that there is not is said, once', async () => {
    const ask = await pipeline('token-classification', { model, tokenizer }, { onWarning })
    warnings.length = 0
    await ask('the cat', { ignore_labels: ['ORG'] })
    await ask('the cat', { ignore_labels: ['ORG'] })
    expect(warnings).toEqual(['ignore_labels has "ORG", which is not one of O, B-PER, I-PER, LOC'])
    await ask('the cat', { ignore_labels: ['I-PER'], aggregation_strategy: 'simple' })
    expect(warnings[1]).toContain('is not one of O, PER, LOC')
  })

  test('that words are guessed at is said, once', async () => {
    const json = JSON.parse(tokenizer.toFiles()['tokenizer.json']!)
    json.model.continuing_subword_prefix = ''
    const unmarked = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify(json) })
    const ask = await pipeline('token-classification', { model, tokenizer: unmarked }, { onWarning })
    warnings.length = 0
    await ask('the cat', { aggregation_strategy: 'simple' })
    expect(warnings).toEqual([])
    await ask(['the cat', 'a dog'], { aggregation_strategy: 'first' })
    await ask('the cat', { aggregation_strategy: 'first' })
    expect(warnings).toEqual([expect.stringContaining('unless a space stands before it')])
  })

  test('a tokenizer of another model is refused', async () => {
    const foreign = tinyTokenizer([...VOCABULARY, 'stranger'])
    const ask = await pipeline('token-classification', { model, tokenizer: foreign }, { onWarning })
    const options = { stride: 1, aggregation_strategy: 'simple' } as const
    await expect(ask('a stranger')).rejects.toMatchObject({ code: 'token-out-of-range' })
    await expect(ask(`${long} stranger`, options)).rejects.toMatchObject({ code: 'token-out-of-range' })
  })

  test('damaged weights are refused', async () => {
    const edit = (path: string, values: Float32Array): void => {
      if (path === 'classifier.bias') values[1] = Number.NaN
    }
    const folder = await writeTinyCheckpoint(await temporaryFolder(), { head: 'token-classification', edit })
    using ask = await pipeline('token-classification', folder)
    await expect(ask('the cat')).rejects.toMatchObject({ code: 'not-finite' })
  })

  test('a model without a trained classifier is refused', async () => {
    const folder = await writeTinyCheckpoint(await temporaryFolder())
    const made = pipeline('token-classification', folder)
    await expect(made).rejects.toMatchObject({ code: 'head-mismatch', message: expect.stringContaining('fill-mask') })
  })
})

test('an async iterable is answered in its order', async () => {
  async function* stream() {
    yield* ['the cat', text]
  }
  const options = { aggregation_strategy: 'simple', ...everything } as const
  const streamed: EntityGroup[][] = []
  for await (const groups of classifyTokens({ model, tokenizer }, stream(), options)) streamed.push(groups)
  expect(streamed).toEqual(await classify(['the cat', text], options))
})
