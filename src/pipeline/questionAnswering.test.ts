// question-answering on a tiny model: what it answers, checked against the model's own logits, and what it refuses.
// Agreement with the reference is held by the golden cases.

import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { loadModel, type Model } from '../model/index.js'
import { type Pipeline, pipeline } from './pipeline.js'
import type { ExtractedAnswer, QuestionAnsweringInput, QuestionAnsweringOptions } from './questionAnswering.js'
import {
  removeTemporaryFolders,
  temporaryFolder,
  tinyTokenizer,
  VOCABULARY,
  writeTinyCheckpoint,
} from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
let model: Model
let ask: Pipeline<'question-answering'>

beforeAll(async () => {
  const folder = await writeTinyCheckpoint(await temporaryFolder(), { head: 'question-answering' })
  model = await loadModel(folder)
  ask = await pipeline('question-answering', { model, tokenizer }, { onWarning: () => {} })
})
afterAll(() => model.dispose())
afterAll(removeTemporaryFolders)

const question = 'the cat?'
const short = { question, context: 'The 🐈 dog WALKED, on.' }
const long = { question, context: `The big dog sat on a mat, ${'walking cats sat on big mats. '.repeat(12)}` }

const list = (answer: ExtractedAnswer | ExtractedAnswer[]): ExtractedAnswer[] => [answer].flat()

function softmax(logits: readonly number[]): number[] {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  return logits.map((logit) => Math.exp(logit) / sum)
}

/** Probabilities of starts and ends by token, over [CLS] and the context, the plain way. */
async function probabilities({ question, context }: QuestionAnsweringInput) {
  const encoding = tokenizer.encode(question, { pair: context })
  const outputs = await model.run([encoding])
  const columns = encoding.sequenceIds.flatMap((owner, i) => (owner === 1 || i === 0 ? [i] : []))
  const of = (name: string): Map<number, number> => {
    const logits = Array.from(outputs[name]!.data as Float32Array)
    const p = softmax(columns.map((column) => logits[column]!))
    return new Map(columns.map((column, i) => [column, p[i]!]))
  }
  return { encoding, start: of('start_logits'), end: of('end_logits') }
}

describe('answers', () => {
  test('are the likeliest spans of tokens, at their places in the text', async () => {
    const { encoding, start, end } = await probabilities(short)
    const answers = list(await ask(short, { align_to_words: false, top_k: 100 }))
    const spans = [...start.keys()].flatMap((i) => [...end.keys()].map((j) => [i, j] as const))
    const expected = spans
      .filter(([i, j]) => i > 0 && i <= j)
      .map(([i, j]) => ({ score: start.get(i)! * end.get(j)!, at: [encoding.offsets[i]![0], encoding.offsets[j]![1]] }))
      .sort((a, b) => b.score - a.score)
    expect(answers.map(({ start, end }) => [start, end])).toEqual(expected.map(({ at }) => at))
    answers.forEach(({ score, start, end, answer }, i) => {
      expect(score).toBeCloseTo(expected[i]!.score, 6)
      expect(answer).toBe(short.context.slice(start, end))
    })
  })

  test('begin and end at words unless told otherwise, and those that read alike are one', async () => {
    const { start, end } = await probabilities({ question, context: 'WALKED' })
    const whole = await ask({ question, context: 'WALKED' })
    const [walk, ed] = [5, 6] // [CLS] the cat ? [SEP] → the question's "?" is [UNK]
    expect(whole).toMatchObject({ answer: 'WALKED', start: 0, end: 6 })
    const sum = start.get(walk)! * (end.get(walk)! + end.get(ed)!) + start.get(ed)! * end.get(ed)!
    expect(whole.score).toBeCloseTo(sum, 6)
    const parts = list(await ask({ question, context: 'WALKED' }, { align_to_words: false, top_k: 5 }))
    expect(parts.map(({ answer }) => answer).sort()).toEqual(['ED', 'WALK', 'WALKED'])
    const answers = list(await ask({ question, context: 'dog, DOG, Dog' }, { top_k: 50 }))
    const texts = answers.map(({ answer }) => answer.toLowerCase())
    expect(new Set(texts).size).toBe(texts.length)
    expect(answers.find(({ answer }) => /^dog$/i.test(answer))).toBeDefined()
  })

  test('are no longer than allowed', async () => {
    const one = list(await ask(short, { max_answer_len: 1, top_k: 50, align_to_words: false }))
    expect(one.map(({ answer }) => answer).sort()).toEqual([',', '.', 'ED', 'The', 'WALK', 'dog', 'on', '🐈'])
    const all = list(await ask(short, { max_answer_len: 1e9, top_k: 1e9, align_to_words: false }))
    expect(all).toHaveLength((8 * 9) / 2)
  })

  test('a single one is bare, several are a list', async () => {
    expect(await ask(short)).toEqual((await ask([short]))[0])
    expect(await ask(short)).toMatchObject({ answer: expect.any(String), score: expect.any(Number) })
    expect(await ask(short, { top_k: 3 })).toHaveLength(3)
    // As in the reference, also where more were asked for than there are.
    expect(await ask({ question, context: 'WALKED' }, { top_k: 3 })).toMatchObject({ answer: 'WALKED' })
    expectTypeOf(await ask(short)).toEqualTypeOf<ExtractedAnswer>()
    expectTypeOf(await ask(short, { top_k: 3 })).toEqualTypeOf<ExtractedAnswer | ExtractedAnswer[]>()
    expectTypeOf(await ask([short], { max_answer_len: 3 })).toEqualTypeOf<ExtractedAnswer[]>()
  })

  test('an empty one competes where the context may hold none', async () => {
    const { start, end } = await probabilities(short)
    const answers = list(await ask(short, { handle_impossible_answer: true, top_k: 100 }))
    const empty = answers.find(({ answer }) => answer === '')!
    expect(empty).toMatchObject({ start: 0, end: 0 })
    expect(empty.score).toBeCloseTo(start.get(0)! * end.get(0)!, 6)
    expect(list(await ask(short, { top_k: 100 })).some(({ answer }) => answer === '')).toBe(false)
    // White space that is no word to the tokenizer leaves nothing else.
    expect(await ask({ question, context: '\u200b' }, { handle_impossible_answer: true })).toMatchObject({ answer: '' })
  })
})

describe('windows', () => {
  test('reach every part of a long context', async () => {
    const answers = list(await ask(long, { top_k: 2000, align_to_words: false, max_answer_len: 1 }))
    const words = new Set(long.context.toLowerCase().match(/\w+|[.,]/g))
    const found = answers.map(({ answer }) => answer.toLowerCase())
    for (const word of ['dog', 'a', 'sat', 'on', 'big', ',', '.']) expect(words.has(word) && found).toContain(word)
    for (const { start, end, answer } of answers) expect(long.context.slice(start, end)).toBe(answer)
  })

  test('count the same answers of several windows together', async () => {
    const last = { question, context: `${long.context} paris` }
    const [everywhere] = list(await ask(last, { top_k: 2000 })).filter(({ answer }) => answer === 'sat')
    expect(everywhere!.score).toBeGreaterThan(0)
    expect(everywhere!.start).toBe(long.context.indexOf('sat'))
  })

  test.each([{}, { doc_stride: 0 }, { max_seq_len: 12, doc_stride: 3 }, { max_seq_len: 9 }])(
    'a batch gives what single calls give: %o',
    async (options: QuestionAnsweringOptions) => {
      const inputs = [
        long,
        short,
        { question: 'is?', context: 'paris' },
        { question: 'big dog', context: long.context },
      ]
      const together = await ask(inputs, { ...options, top_k: 5 })
      for (const [i, input] of inputs.entries()) {
        const alone = list(await ask(input, { ...options, top_k: 5 }))
        const batched = list(together[i]!)
        expect(batched.map(({ answer }) => answer)).toEqual(alone.map(({ answer }) => answer))
        batched.forEach(({ score }, k) => {
          expect(Math.abs(score - alone[k]!.score)).toBeLessThan(1e-5)
        })
      }
    },
  )

  test('shrink their overlap where a long question leaves little room', async () => {
    const wordy = { question: 'the cat sat on a big mat', context: long.context } // 10 of 16 tokens; 8 would be repeated
    expect(await ask(wordy)).toMatchObject({ answer: expect.any(String) })
    await expect(ask(wordy, { doc_stride: 6 })).rejects.toThrow(
      'have room for 6 of the context, and doc_stride must be',
    )
    await expect(ask(wordy, { doc_stride: 6 })).rejects.toMatchObject({ code: 'option-invalid' })
    expect(await ask(wordy, { doc_stride: 5 })).toMatchObject({ answer: expect.any(String) })
    expect(await ask({ ...wordy, context: 'paris' }, { doc_stride: 16 })).toMatchObject({ answer: 'paris' })
  })

  test('a context of 100 KB', async () => {
    const context = `${'the cat sat on a mat. '.repeat(4500)}paris`
    const answer = await ask({ question: 'is?', context }, { max_seq_len: 16, doc_stride: 0 })
    expect(context.slice(answer.start, answer.end)).toBe(answer.answer)
  })
})

describe('refusals', () => {
  const refused: readonly [what: string, input: unknown, options: object, code: string, message: string][] = [
    ['an empty question', { question: '', context: 'a' }, {}, 'text-empty', 'the question is empty'],
    ['a blank context', { question: 'a', context: ' \n' }, {}, 'text-empty', 'the context is empty'],
    ['a context without words', { question: 'a', context: '\u200b' }, {}, 'text-empty', 'has no words in it'],
    ['no context', { question: 'a' }, {}, 'option-invalid', 'the context is missing'],
    ['null for a question', { question: null, context: 'a' }, {}, 'option-invalid', 'must be a string, not null'],
    ['a list of questions', { question: ['a'], context: 'a' }, {}, 'option-invalid', 'must be a string, not object'],
    ['a text', 'who?', {}, 'option-invalid', 'takes { question, context }, not string'],
    ['null', null, {}, 'option-invalid', 'takes { question, context }'],
    ['top_k 0', short, { top_k: 0 }, 'option-invalid', 'top_k must be a whole number of at least 1, not 0'],
    ['top_k 1.5', short, { top_k: 1.5 }, 'option-invalid', 'top_k'],
    ['top_k NaN', short, { top_k: Number.NaN }, 'option-invalid', 'top_k'],
    ['max_answer_len 0', short, { max_answer_len: 0 }, 'option-invalid', 'max_answer_len'],
    ['max_seq_len -1', short, { max_seq_len: -1 }, 'option-invalid', 'max_seq_len'],
    ['max_seq_len as text', short, { max_seq_len: '12' }, 'option-invalid', 'max_seq_len'],
    ['a negative doc_stride', short, { doc_stride: -1 }, 'option-invalid', 'doc_stride'],
    ['a doc_stride of more than a window', short, { doc_stride: 17 }, 'option-invalid', '17 is more than 16'],
    ['"yes"', short, { align_to_words: 'yes' }, 'option-invalid', 'align_to_words must be true or false, not yes'],
    ['a misspelt option', short, { topk: 3 }, 'option-invalid', 'has no option "topk"'],
    ['a long question', { question: 'a '.repeat(13), context: 'a' }, {}, 'sequence-too-long', 'leaves no room'],
    ['1 MB of question', { question: 'a '.repeat(5e5), context: 'a' }, {}, 'sequence-too-long', 'leaves no room'],
    ['a window too long', long, { max_seq_len: 17, doc_stride: 1 }, 'sequence-too-long', 'lower max_seq_len'],
  ]
  test.each(refused)('%s', async (_, input, options, code, message) => {
    const answer = ask(input as QuestionAnsweringInput, options)
    await expect(answer).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('the questions before a bad one are answered', async () => {
    async function* questions() {
      yield short
      yield { question: '', context: 'a' }
    }
    const answers = ask(questions())
    expect((await answers.next()).value).toMatchObject({ answer: expect.any(String) })
    await expect(answers.next()).rejects.toMatchObject({ code: 'text-empty' })
  })

  test('[CLS] in a question is no place for an answer, in a context it is text', async () => {
    const spelt = { question: '[CLS] dog [CLS]', context: 'a [CLS] cat' }
    const answers = list(await ask(spelt, { top_k: 100, align_to_words: false }))
    expect(answers.map(({ answer }) => answer)).toContain('[CLS]')
    for (const { start, end, answer } of answers) expect(answer).toBe(spelt.context.slice(start, end))
    expect(answers).toHaveLength(6)
  })

  test('lone surrogates are unknown text', async () => {
    expect(await ask({ question: '\ud800?', context: 'a \udc00 cat' })).toMatchObject({ start: expect.any(Number) })
  })

  test('models that answer no questions, and damaged ones', async () => {
    const filler = await writeTinyCheckpoint(await temporaryFolder())
    await expect(pipeline('question-answering', filler)).rejects.toMatchObject({
      code: 'head-mismatch',
      message: expect.stringContaining('question-answering needs BertForQuestionAnswering'),
    })
    const electra = { modelType: 'electra', head: 'pretraining' } as const
    const discriminator = await writeTinyCheckpoint(await temporaryFolder(), electra)
    const made = pipeline('question-answering', discriminator)
    await expect(made).rejects.toThrow('is for replaced-token-detection')
    await expect(made).rejects.toThrow('needs ElectraForQuestionAnswering')
    const damaged = await writeTinyCheckpoint(await temporaryFolder(), {
      head: 'question-answering',
      edit: (path, values) => path.endsWith('LayerNorm.weight') && values.fill(Number.NaN),
    })
    using broken = await pipeline('question-answering', damaged)
    await expect(broken(short)).rejects.toMatchObject({ code: 'not-finite' })
    const larger = tinyTokenizer([...VOCABULARY, 'berlin'])
    const mixed = await pipeline('question-answering', { model, tokenizer: larger })
    await expect(mixed({ question, context: 'berlin' })).rejects.toMatchObject({ code: 'token-out-of-range' })
  })
})
