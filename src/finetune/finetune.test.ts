// Fine-tuning of tiny models, to the checkpoint that comes of it: they must learn their examples by heart, begin where
// the checkpoint ended, and be judged as the saved model is.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ModelType } from '../checkpoint/index.js'
import type { ChoiceExample, QuestionExample, TextExample, TokenExample } from '../data/index.js'
import { type Head, loadModel } from '../model/index.js'
import { pipeline } from '../pipeline/index.js'
import { removeTemporaryFolders } from '../pipeline/testing/tinyCheckpoint.js'
import { evaluateCheckpoint } from './index.js'
import { data, pick, random, run, sentence, start, texts, WORDS } from './testing/tinyFinetuning.js'

afterAll(removeTemporaryFolders)

describe('text classification', () => {
  it.each<[ModelType, Head]>([
    ['bert', 'masked-lm'],
    ['albert', 'masked-lm'],
    ['roberta', 'masked-lm'],
    ['electra', 'pretraining'],
  ])('%s learns 20 sentences by heart, and the saved model says them', async (modelType, head) => {
    const model = await start({ modelType, head })
    const { best, out, plan, evaluations } = await run('text-classification', {
      model,
      train: data(texts),
      patience: 15,
    })
    expect(best!.metrics.accuracy).toBe(1)
    expect(evaluations[0]!.metrics.accuracy).toBeLessThan(1)
    expect(plan.fresh.length).toBeGreaterThan(1)
    expect(plan.fresh.every((path) => /^classifier\.|\.pooler\./.test(path))).toBe(true)

    const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as Record<string, unknown>
    expect(config).toMatchObject({
      id2label: { 0: 'bad', 1: 'fair', 2: 'good' },
      label2id: { bad: 0, fair: 1, good: 2 },
      problem_type: 'single_label_classification',
    })
    expect(String(config.architectures)).toMatch(/^\w+ForSequenceClassification$/)
    using classify = await pipeline('text-classification', out, { threads: 1 })
    const answers = await classify(texts.map(({ text }) => text))
    expect(answers.map(({ label }) => label)).toEqual(texts.map(({ label }) => label))
    const again = await evaluateCheckpoint('text-classification', out, texts, { threads: 1 })
    expect(again.metrics).toEqual(best!.metrics)
  })

  it('of pairs, of several labels, and of numbers', async () => {
    const pairs = texts.map((example) => ({ ...example, textPair: pick(WORDS) }))
    expect((await run('text-classification', { train: data(pairs), patience: 15 })).best!.metrics.accuracy).toBe(1)

    const several = texts.map(({ text }, i) => ({
      text,
      label: ['x', 'y', 'z'].filter((_, bit) => (i >> bit) % 2 === 1),
    }))
    const many = await run('text-classification', {
      train: data(several),
      problemType: 'multi_label_classification',
      patience: 15,
    })
    expect(many.best).toMatchObject({ main: 'micro_f1', metrics: { accuracy: 1, micro_f1: 1 } })

    const numbers = texts.map(({ text }, i) => ({ text, label: Math.sin(i) }))
    const regression = await run('text-classification', { train: data(numbers), problemType: 'regression', epochs: 60 })
    expect(regression.best!.metrics.pearson).toBeGreaterThan(0.98)
    expect(regression.best!.metrics.spearman).toBeGreaterThan(0.95)
    const again = await evaluateCheckpoint('text-classification', regression.out, numbers, { threads: 1 })
    expect(again.metrics.pearson).toBeCloseTo(regression.best!.metrics.pearson!, 6)
  })

  it('gives the same weights for the same seed, and others for another', async () => {
    const model = await start()
    const weightsOf = async (seed: number) => {
      const { out } = await run('text-classification', { model, train: data(texts), epochs: 2, seed, dropout: 0.1 })
      return readFileSync(join(out, 'model.safetensors'))
    }
    const first = await weightsOf(1)
    expect(first.equals(await weightsOf(1))).toBe(true)
    expect(first.equals(await weightsOf(2))).toBe(false)
  })

  it('keeps the best model, not the last, and stops when nothing gets better', async () => {
    // Judged by its very opposite, it is at its best before it has learnt anything.
    const opposite = texts.map(({ text, label }) => ({ text, label: label === 'bad' ? 'good' : 'bad' }))
    const { best, evaluations, out } = await run('text-classification', {
      train: data(texts),
      dev: data(opposite),
      patience: 3,
    })
    expect(evaluations.length).toBe(best!.epoch + 3)
    const accuracies = evaluations.map(({ metrics }) => metrics.accuracy!)
    expect(best!.metrics.accuracy).toBe(Math.max(...accuracies))
    expect(accuracies.at(-1)).toBeLessThan(best!.metrics.accuracy!)
    const saved = await evaluateCheckpoint('text-classification', out, opposite, { threads: 1 })
    expect(saved.metrics).toEqual(best!.metrics)
  })
})

it('token classification learns words by heart, also of sentences that are read in stretches', async () => {
  const tags = ['O', 'B-PER', 'I-PER', 'B-LOC']
  const examples: TokenExample[] = Array.from({ length: 20 }, (_, i) => {
    const words = sentence(i < 3 ? 30 : 5)
    return { words, labels: words.map((word) => tags[WORDS.indexOf(word) % 4]!) }
  })
  const warnings: string[] = []
  const onWarning = (message: string) => warnings.push(message)
  const { best, out, plan } = await run('token-classification', { train: data(examples), patience: 15, onWarning })
  expect(plan.features).toBeGreaterThan(20)
  expect(warnings[0]).toContain('3 of 20 sentences had more than 16 tokens')
  expect(best!.metrics).toMatchObject({ f1: 1, accuracy: 1 })
  expect(best!.labels!.map(({ label }) => label)).toEqual(['LOC', 'PER'])
  const again = await evaluateCheckpoint('token-classification', out, examples, { threads: 1, onWarning })
  expect(again.metrics).toEqual(best!.metrics)
  using names = await pipeline('token-classification', out, { threads: 1 })
  const [example] = examples.slice(5)
  const found = await names(example!.words.join(' '), { aggregation_strategy: 'none', ignore_labels: [] })
  expect(found.map(({ entity }) => entity)).toEqual(example!.labels)
})

describe('question answering', () => {
  const questions: QuestionExample[] = Array.from({ length: 12 }, (_, i) => {
    const words = sentence(i < 4 ? 24 : 8)
    const place = random.below(words.length)
    words[place] = 'walked'
    const context = words.join(' ')
    return {
      id: `q${i}`,
      question: 'walked is',
      context,
      answers: [{ text: 'walked', start: context.indexOf('walked') }],
    }
  })

  it('finds what it learnt, in passages of several windows too', async () => {
    const { best, out } = await run('question-answering', { train: data(questions), docStride: 4, patience: 10 })
    expect(best).toMatchObject({ main: 'f1', metrics: { exact_match: 100, f1: 100 } })
    using ask = await pipeline('question-answering', out, { threads: 1 })
    const [{ question, context }] = questions as [QuestionExample]
    const options = { max_seq_len: 16, doc_stride: 4 }
    expect(await ask({ question, context }, options)).toMatchObject({
      answer: 'walked',
      start: context.indexOf('walked'),
    })
  })

  it('learns where there is no answer', async () => {
    const without = questions.map((example, i) =>
      i % 2 === 0 ? example : { ...example, context: example.context.replace('walked', 'cat'), answers: [] },
    )
    const { best, out } = await run('question-answering', { train: data(without), docStride: 4, patience: 10 })
    expect(best!.metrics).toMatchObject({ exact_match: 100, f1: 100, has_answer_f1: 100, no_answer_accuracy: 100 })
    const options = { threads: 1, maxLength: 16, docStride: 4 }
    const always = await evaluateCheckpoint('question-answering', out, without, { ...options, noAnswerThreshold: 1 })
    expect(always.metrics).toMatchObject({ has_answer_f1: 100, no_answer_accuracy: 0, f1: 50 })
    const never = await evaluateCheckpoint('question-answering', out, without, { ...options, noAnswerThreshold: -1 })
    expect(never.metrics).toMatchObject({ has_answer_f1: 0, no_answer_accuracy: 100, f1: 50 })
  })
})

it('multiple choice learns by heart, of questions with unlike numbers of choices', async () => {
  const examples: ChoiceExample[] = Array.from({ length: 20 }, (_, i) => {
    const choices = Array.from({ length: 2 + (i % 3) }, () => sentence(3).join(' '))
    return { question: sentence(3).join(' '), choices, label: random.below(choices.length) }
  })
  for (const modelType of ['bert', 'electra'] as const) {
    const model = await start({ modelType, head: modelType === 'bert' ? 'masked-lm' : 'pretraining' })
    const { best, out } = await run('multiple-choice', { model, train: data(examples), patience: 15 })
    expect(best!.metrics.accuracy).toBe(1)
    expect((await evaluateCheckpoint('multiple-choice', out, examples, { threads: 1 })).metrics.accuracy).toBe(1)
  }
})

it('measures any checkpoint, also one that numbers its labels', async () => {
  const model = await start({ head: 'sequence-classification', config: { numLabels: 3 } })
  const evaluation = (examples: readonly TextExample[], options = {}) =>
    evaluateCheckpoint('text-classification', model, examples, { threads: 1, ...options })
  await expect(evaluation(texts)).rejects.toMatchObject({
    code: 'label-unknown',
    message: expect.stringContaining('LABEL_0') as string,
  })
  const named = await evaluation(texts, { labelNames: ['bad', 'fair', 'good'] })
  const numbered = await evaluation(
    texts.map(({ text, label }) => ({ text, label: String(['bad', 'fair', 'good'].indexOf(label as string)) })),
  )
  expect(numbered.metrics).toEqual(named.metrics)
  using loaded = await loadModel(model, { threads: 1 })
  expect(loaded.config.numLabels).toBe(3)
})
