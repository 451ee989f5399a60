// Fine-tuning of tiny models, to the checkpoint that comes of it: they must learn their examples by heart, begin where
// the checkpoint ended, and be judged as the saved model is.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type ModelType,
  openFolder,
  openWeights,
  readSafetensorsHeader,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import type { ChoiceExample, QuestionExample, TextExample, TokenExample } from '../data/index.js'
import { type Head, loadModel } from '../model/index.js'
import { pipeline } from '../pipeline/index.js'
import {
  removeTemporaryFolders,
  type TinyOptions,
  temporaryFolder,
  writeTinyCheckpoint,
} from '../pipeline/testing/tinyCheckpoint.js'
import { Random } from '../random.js'
import {
  evaluateCheckpoint,
  type FinetuningOptions,
  type FinetuningReporter,
  type FinetuningTaskName,
  finetune,
  readStartingPoint,
} from './index.js'

afterAll(removeTemporaryFolders)

const start = async (options: TinyOptions = {}): Promise<string> =>
  writeTinyCheckpoint(join(await temporaryFolder(), 'start'), {
    ...options,
    config: {
      initializerRange: 0.3,
      hiddenSize: 16,
      intermediateSize: 32,
      hiddenDropoutProb: 0,
      attentionProbsDropoutProb: 0,
      summaryLastDropout: 0,
      ...options.config,
    },
  })

/** A dataset as readers give it. */
const data = <Example>(examples: readonly Example[]) => ({ examples, columns: {} })

/** Enough for the slowest; patience ends the others sooner. */
const settings = {
  threads: 1,
  heldOutShare: 0,
  epochs: 40,
  batchSize: 5,
  learningRate: 0.01,
  layerDecay: 1,
  warmup: 0.1,
}

async function run<Name extends FinetuningTaskName>(
  name: Name,
  options: Pick<FinetuningOptions<Name>, 'train'> & Partial<FinetuningOptions<Name>>,
  reporter: FinetuningReporter = {},
) {
  const out = join(await temporaryFolder(), 'out')
  const model = options.model ?? (await start())
  const all: FinetuningOptions<Name> = { ...settings, dev: options.train, out, ...options, model }
  return { out, ...(await finetune(name, all, reporter)) }
}

const random = new Random(3)
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!
const WORDS = ['the', 'cat', 'dog', 'sat', 'on', 'mat', 'a', 'big', 'is', 'paris', 'of', 'france', 'capital']
const sentence = (length: number): string[] => Array.from({ length }, () => pick(WORDS))

/** 20 sentences whose labels follow from nothing: they can only be learnt by heart. */
const texts: readonly TextExample[] = Array.from({ length: 20 }, (_, i) => ({
  text: sentence(4 + (i % 7)).join(' '),
  label: ['bad', 'fair', 'good'][i % 3]!,
}))

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

describe('the starting point', () => {
  const labels = { id2label: ['a', 'b'], problemType: undefined } as const

  it('has the encoder of the checkpoint, exactly, and a head of its own', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const { out } = await run('text-classification', {
      model,
      train: data(texts),
      epochs: 1,
      learningRate: 0,
      weightDecay: 0,
    })
    const [before, after] = await Promise.all([model, out].map(async (path) => openWeights(await openFolder(path))))
    const kept = [...after!.names()].filter((name) => name.startsWith('electra.'))
    expect(kept.length).toBeGreaterThan(30)
    for (const name of kept) expect(await after!.readFloat32(name)).toEqual(await before!.readFloat32(name))
    const head = await after!.readFloat32('classifier.out_proj.weight')
    expect(new Set(head).size).toBe(head.length)
  })

  it('names what is new and what is not used', async () => {
    const folder = await openFolder(await start({ modelType: 'electra', head: 'pretraining' }))
    const { fresh, unused } = await readStartingPoint(folder, 'sequence-classification', labels)
    expect(fresh.toSorted()).toEqual([
      'classifier.dense.bias',
      'classifier.dense.weight',
      'classifier.out_proj.bias',
      'classifier.out_proj.weight',
    ])
    expect(unused.every((name) => name.startsWith('discriminator_predictions.'))).toBe(true)
    expect(unused).toHaveLength(4)
    const bert = await readStartingPoint(await openFolder(await start()), 'sequence-classification', labels)
    expect(bert.fresh).toContain('bert.pooler.dense.weight')
  })

  it('begins the top layers and the pooler anew where it is asked to', async () => {
    const folder = await openFolder(await start({ head: 'pretraining', config: { numHiddenLayers: 3 } }))
    const { fresh, unused } = await readStartingPoint(folder, 'sequence-classification', { ...labels, freshLayers: 2 })
    const encoder = fresh.filter((path) => path.startsWith('bert.'))
    const place = (path: string) => /^bert\.(encoder\.layer\.\d|pooler)\./.exec(path)?.[1]
    expect(new Set(encoder.map(place))).toEqual(new Set(['encoder.layer.1', 'encoder.layer.2', 'pooler']))
    expect(encoder).toHaveLength(2 * 16 + 2)
    expect(unused).toEqual(expect.arrayContaining(encoder))
    const train = data(texts)
    const options = { model: folder, train, epochs: 1, learningRate: 0, freshLayers: 2 }
    const { out } = await run('text-classification', options)
    const [before, after] = await Promise.all([openWeights(folder), openWeights(await openFolder(out))])
    const isKept = async (name: string) =>
      JSON.stringify(await before.readFloat32(name)) === JSON.stringify(await after.readFloat32(name))
    expect(await isKept('bert.encoder.layer.0.output.dense.weight')).toBe(true)
    expect(await isKept('bert.encoder.layer.1.output.dense.weight')).toBe(false)
  })

  it.each([
    ['bert', 2],
    ['bert', 1.5],
    ['albert', 1],
  ] as const)('refuses fresh layers that %s does not have: %d', async (modelType, freshLayers) => {
    const model = await start({ modelType, head: 'pretraining', config: { numHiddenLayers: 2 } })
    const options = { model, train: data(texts), epochs: 1, freshLayers }
    await expect(run('text-classification', options)).rejects.toMatchObject({ code: 'option-invalid' })
  })

  it('keeps a head that is for the same labels, and begins anew for others', async () => {
    const model = await start({ head: 'sequence-classification', config: { id2label: ['a', 'b'] } })
    const freshFor = async (id2label: readonly string[]) =>
      (await readStartingPoint(await openFolder(model), 'sequence-classification', { ...labels, id2label })).fresh
    expect(await freshFor(['a', 'b'])).toEqual([])
    expect(await freshFor(['b', 'a'])).toEqual(['classifier.weight', 'classifier.bias'])
    expect(await freshFor(['a', 'b', 'c'])).toEqual(['classifier.weight', 'classifier.bias'])
  })

  it('is the discriminator of an ELECTRA run, whose tokenizer it saves', async () => {
    const folder = join(await temporaryFolder(), 'run')
    await start() // another folder beside it
    for (const [part, head] of [
      ['generator', 'masked-lm'],
      ['discriminator', 'pretraining'],
    ] as const) {
      await writeTinyCheckpoint(join(folder, part), { modelType: 'electra', head })
    }
    const { out } = await run('text-classification', { model: folder, train: data(texts), epochs: 1, learningRate: 0 })
    const read = async (path: string) =>
      (await openWeights(await openFolder(path))).readFloat32('electra.embeddings.word_embeddings.weight')
    expect(await read(out)).toEqual(await read(join(folder, 'discriminator')))
    expect(readFileSync(join(out, 'vocab.txt'), 'utf8')).toContain('##ing')
  })

  it('of half-precision weights is what they widen to', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const bytes = readFileSync(join(model, 'model.safetensors'))
    const whole = await readSafetensorsHeader({
      byteLength: bytes.length,
      slice: async (a, b) => new Uint8Array(bytes.subarray(a, b)),
    })
    const { narrow, safetensorsBytes } = await import('../checkpoint/index.js')
    const tensors = await Promise.all(
      [...whole.tensors].map(async ([name, { shape }]) => ({
        name,
        dtype: 'F16' as const,
        shape,
        data: narrow(await whole.readFloat32(name), 'F16') as Uint16Array,
      })),
    )
    await writeFolderAtomically(model, { 'model.safetensors': safetensorsBytes(tensors) })
    const { out } = await run('text-classification', { model, train: data(texts), epochs: 1, learningRate: 0 })
    const name = 'electra.encoder.layer.1.output.dense.weight'
    const [before, after] = await Promise.all(
      [model, out].map(async (path) => (await openWeights(await openFolder(path))).readFloat32(name)),
    )
    expect(after).toEqual(before)
  })

  it('from scratch has nothing of the checkpoint', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const { out, plan } = await run('text-classification', {
      model,
      train: data(texts),
      epochs: 1,
      learningRate: 0,
      fromScratch: true,
    })
    expect(plan.fresh).toContain('electra.embeddings.word_embeddings.weight')
    const name = 'electra.encoder.layer.0.attention.self.query.weight'
    const [before, after] = await Promise.all(
      [model, out].map(async (path) => (await openWeights(await openFolder(path))).readFloat32(name)),
    )
    expect(after).not.toEqual(before)
  })
})

describe('refuses, before anything is written,', () => {
  const refused = async (options: Partial<FinetuningOptions<'text-classification'>>, code: string, message: RegExp) => {
    const out = join(await temporaryFolder(), 'out')
    const model = options.model ?? (await start())
    const promise = finetune('text-classification', {
      ...settings,
      train: data(texts),
      dev: data(texts),
      out,
      ...options,
      model,
    })
    await expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(() => readFileSync(join(out, 'config.json'))).toThrow('ENOENT')
  }

  it('labels that only occur in dev', () =>
    refused(
      { dev: data([{ text: 'a', label: 'odd' }]) },
      'label-unknown',
      /"odd".*does not occur in the training data/,
    ))

  it('a tokenizer of another model', async () =>
    refused({ model: await start({ vocabSize: 20 }) }, 'token-out-of-range', /25 tokens, but the model knows 20/))

  it('second texts, where tokenizer and model do not agree on them', async () => {
    const model = await start({ modelType: 'roberta', config: { typeVocabSize: 1 } })
    const pairs = data([
      { text: 'the cat', textPair: 'a dog', label: 'odd' },
      { text: 'a dog', textPair: 'the cat', label: 'even' },
    ])
    await refused({ model, train: pairs, dev: pairs }, 'token-out-of-range', /token type 1, but the model knows 1 only/)
  })

  it('an encoder that is not complete', async () =>
    refused(
      { model: await start({ without: /layer\.1\.output/ }) },
      'parameter-missing',
      /lacks bert\.encoder\.layer\.1\.output\S+ and 3 more/,
    ))

  it('a folder without weights, unless it is asked for', async () => {
    const { readFile } = await import('node:fs/promises')
    const full = await start()
    const bare = join(await temporaryFolder(), 'bare')
    const names = ['config.json', 'vocab.txt', 'tokenizer_config.json']
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(join(full, name), 'utf8')] as const),
    )
    await writeFolderAtomically(bare, Object.fromEntries(files))
    await refused({ model: bare }, 'file-missing', /--from-scratch/)
    const { plan } = await run('text-classification', { model: bare, train: data(texts), epochs: 1, fromScratch: true })
    expect(plan.fresh).toContain('bert.embeddings.word_embeddings.weight')
  })

  it('impossible settings', async () => {
    await refused({ maxLength: 17 }, 'option-invalid', /from 8 to 16/)
    await refused({ epochs: 0 }, 'option-invalid', /epochs/)
    await refused({ warmup: 2 }, 'option-invalid', /share of all steps/)
    await refused({ train: data([]) }, 'data-empty', /no training examples/)
    await refused({ dev: data([]) }, 'data-empty', /no examples to judge/)
    await refused({ metric: 'beauty' }, 'option-invalid', /no metric "beauty"; there are accuracy/)
    const model = await start()
    await refused({ model, out: model }, 'option-invalid', /choose another folder/).catch((error: Error) => {
      expect(error.message).toContain('ENOENT') // the model itself is there, and untouched
    })
  })

  it('a model of another task, for evaluation', async () => {
    const model = await start({ head: 'question-answering' })
    for (const task of ['text-classification', 'multiple-choice'] as const) {
      const examples = task === 'multiple-choice' ? [{ question: 'a', choices: ['a', 'b'], label: 0 }] : texts
      await expect(evaluateCheckpoint(task, model, examples as never)).rejects.toMatchObject({ code: 'head-mismatch' })
    }
  })
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
