// `bertkin finetune` and `bertkin evaluate`, end to end: files in, a checkpoint and numbers out; bad files refused.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, type Ended, jsonLines, scratch } from './testing/commandLine.js'

const at = (path: string): string => join(scratch, path)
const quick = ['--threads', '1', '--learning-rate', '0.01', '--layer-decay', '1', '--batch-size', '4'] as const

const lines = [
  { text: 'the cat sat', label: 'good' },
  { text: 'a big dog', label: 'bad' },
  { text: 'paris is the capital of france', label: 'good' },
  { text: 'walking on the mat !', label: 'bad' },
]
const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

beforeAll(async () => {
  const config = { initializerRange: 0.3, hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 }
  for (const [part, head] of [
    ['generator', 'masked-lm'],
    ['discriminator', 'pretraining'],
  ] as const) {
    await writeTinyCheckpoint(at(`electra/${part}`), { modelType: 'electra', head, config })
  }
  writeFileSync(at('train.jsonl'), jsonl(lines))
  writeFileSync(at('odd.csv'), 'text,label\nthe cat,good\na dog,odd\n')
  writeFileSync(at('empty.jsonl'), '')
  writeFileSync(at('words.conll'), 'the\tO\nwalked\tB-X\n\nparis\tB-X\nsat\tO\n')
})

const finetune = (task: string, ...args: string[]): Promise<Ended> =>
  bertkin(['finetune', task, '--model', 'electra', ...quick, ...args])

describe('text classification, from an ELECTRA run to a model that is evaluated', () => {
  let ended: Ended
  beforeAll(async () => {
    const files = ['--train', 'train.jsonl', '--dev', 'train.jsonl', '--out', 'polarity']
    ended = await finetune('text-classification', ...files, '--epochs', '25', '--patience', '12')
  })

  it('shows what it does, and prints what came of it', () => {
    expect(ended).toMatchObject({ code: 0 })
    for (const control of ['\r', '\x1b']) expect(ended.stderr).not.toContain(control)
    expect(ended.stderr).toContain('· 4 examples, 4 to judge by; labels: bad, good')
    expect(ended.stderr).toContain('· new parameters: classifier.dense.weight, classifier.dense.bias')
    expect(ended.stderr).toMatch(/^ {2}epoch 1: accuracy .* loss \d\.\d{3}/m)
    expect(ended.stderr).toMatch(/^best: epoch \d+, accuracy 100\.00 %, in polarity$/m)
    expect(ended.stdout).toMatch(/^accuracy +100\.00 %$/m)
    expect(ended.stdout).toMatch(/^good +100\.0 +100\.0 +100\.0 +2$/m)
  })

  it('leaves a checkpoint with its metrics', () => {
    const metrics = readFileSync(at('polarity/metrics.jsonl'), 'utf8').trimEnd().split('\n')
    const first = JSON.parse(metrics[0]!) as Record<string, number>
    expect(first).toMatchObject({ epoch: 1, step: 1, loss: expect.any(Number), accuracy: expect.any(Number) })
    const config = JSON.parse(readFileSync(at('polarity/config.json'), 'utf8')) as object
    expect(config).toMatchObject({
      architectures: ['ElectraForSequenceClassification'],
      id2label: { 0: 'bad', 1: 'good' },
      problem_type: 'single_label_classification',
    })
    for (const file of ['vocab.txt', 'tokenizer.json', 'model.safetensors'])
      expect(existsSync(at(`polarity/${file}`))).toBe(true)
  })

  it('is evaluated, and answers', async () => {
    const evaluated = await bertkin([
      'evaluate',
      'text-classification',
      '--model',
      'polarity',
      '--data',
      'train.jsonl',
      '--json',
    ])
    expect(jsonLines(evaluated)[0]).toMatchObject({ accuracy: 1, macro_f1: 1, matthews_correlation: 1, examples: 4 })
    const [answer] = jsonLines(await bertkin(['text-classification', 'polarity', 'a big dog', '--json'])) as {
      label: string
    }[][]
    expect(answer![0]).toMatchObject({ label: 'bad' })
  })

  it('measured by other labels is refused, with the line', async () => {
    const { code, stderr, stdout } = await bertkin([
      'evaluate',
      'text-classification',
      '--model',
      'polarity',
      '--data',
      'odd.csv',
    ])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^error: odd\.csv:3.*the model does not know the label "odd"; it has bad, good.*--label-names/,
    )
  })
})

it('token classification, without --dev', async () => {
  const ended = await finetune(
    'token-classification',
    '--train',
    'words.conll',
    '--out',
    'names',
    '--epochs',
    '1',
    '--json',
  )
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain('1 to judge by (held out)')
  expect(jsonLines(ended)[0]).toMatchObject({ f1: expect.any(Number), examples: 1 })
})

describe.concurrent('refused in one line, before training', () => {
  it.each<[string, string[], RegExp]>([
    ['labels that only dev has', ['--train', 'train.jsonl', '--dev', 'odd.csv'], /odd\.csv:3.*"odd".*does not occur/],
    ['no such file', ['--train', 'nowhere.jsonl'], /nowhere\.jsonl/],
    ['an empty file', ['--train', 'empty.jsonl'], /empty\.jsonl: there are no examples/],
    ['no such column', ['--train', 'train.jsonl', '--columns', 'label=stars'], /no column "stars"/],
    ['columns without names', ['--train', 'train.jsonl', '--columns', 'stars'], /part=name/],
    ['an option of another task', ['--train', 'train.jsonl', '--doc-stride', '4'], /for question-answering/],
    ['more tokens than the model takes', ['--train', 'train.jsonl', '--max-length', '99'], /from 8 to 16/],
    ['a metric that there is not', ['--train', 'train.jsonl', '--metric', 'beauty'], /no metric "beauty"/],
  ])('%s', async (name, args, message) => {
    const out = name.replaceAll(' ', '-')
    const { code, stdout, stderr } = await finetune('text-classification', ...args, '--out', out, '--epochs', '1')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const errors = stderr.split('\n').filter((line) => line.startsWith('error:'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(message)
    expect(stderr).not.toContain('not foreseen')
    expect(existsSync(at(`${out}/config.json`))).toBe(false)
  })

  it('a task that there is not', async () => {
    const { code, stderr } = await finetune('poetry', '--train', 'train.jsonl', '--out', 'x')
    expect(code).toBe(1)
    expect(stderr).toContain('text-classification, token-classification, question-answering, multiple-choice')
  })

  it('a model that is for something else', async () => {
    const { code, stderr } = await bertkin([
      'evaluate',
      'question-answering',
      '--model',
      'electra',
      '--data',
      'train.jsonl',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: /)
  })
})
