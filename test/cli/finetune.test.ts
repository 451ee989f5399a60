// `bertkin finetune` and `bertkin evaluate`, end to end: files in, a checkpoint and numbers out; bad files refused.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, type Ended, jsonLines, scratch, start } from './testing/commandLine.js'

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

  it('leaves its card and its report', () => {
    const card = readFileSync(at('polarity/README.md'), 'utf8')
    expect(card).toMatch(/^base_model: "electra"$/m)
    expect(card).toContain('# polarity\n\n`ElectraForSequenceClassification` with')
    expect(card).toContain('bertkin finetune text-classification --model electra')
    expect(card).toMatch(/^\| `accuracy` \| 1 \| \d+ \|$/m)
    expect(card).toContain("await pipeline('text-classification', './polarity')")
    expect(readFileSync(at('polarity/report.html'), 'utf8')).toContain('<title>')
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
  expect(jsonLines(ended)[0]).toMatchObject({ f1: expect.any(Number), main: 'f1', examples: 1 })
})

describe.concurrent('refused in one line, before training', () => {
  it.each<[string, string[], RegExp]>([
    ['labels that only dev has', ['--train', 'train.jsonl', '--dev', 'odd.csv'], /odd\.csv:3.*"odd".*does not occur/],
    ['no such file', ['--train', 'nowhere.jsonl'], /nowhere\.jsonl/],
    ['an empty file', ['--train', 'empty.jsonl'], /empty\.jsonl: there are no examples/],
    ['no such column', ['--train', 'train.jsonl', '--columns', 'label=stars'], /no column "stars"/],
    ['columns without names', ['--train', 'train.jsonl', '--columns', 'stars'], /part=name/],
    ['an option of another task', ['--train', 'train.jsonl', '--doc-stride', '4'], /for question-answering/],
    ['another one', ['--train', 'train.jsonl', '--null-threshold', '0.5'], /for question-answering/],
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

  it('the folder of the model itself, however it is called', async () => {
    const before = readFileSync(at('electra/discriminator/config.json'))
    const out = at('electra/discriminator') // the model is named from here
    const { code, stderr } = await finetune('text-classification', '--train', 'train.jsonl', '--out', out)
    expect(code).toBe(1)
    expect(stderr).toContain('is the model to begin with: choose another folder for the result')
    expect(readFileSync(at('electra/discriminator/config.json'))).toEqual(before)
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

describe('a run that stops', () => {
  // 40 steps, saved after each of them.
  const settings = [
    ...['finetune', 'text-classification', '--model', 'electra', ...quick, '--train', 'train.jsonl', '--dev'],
    ...['train.jsonl', '--epochs', '40', '--dropout', '0.2', '--seed', '5', '--save-minutes', '0', '--out'],
  ]
  const resume = (out: string, ...more: string[]): Promise<Ended> => bertkin(['finetune', '--resume', out, ...more])
  const left = (out: string, file: string): string => readFileSync(at(`${out}/${file}`)).toString('base64')
  /** Without what depends on the time. */
  const metrics = (out: string): string =>
    readFileSync(at(`${out}/metrics.jsonl`), 'utf8').replaceAll(/"tokens_per_second":[^,}]+/g, '')

  beforeAll(async () => {
    expect(await bertkin([...settings, 'whole'])).toMatchObject({ code: 0 })
    for (const out of ['killed', 'asked']) {
      const running = start([...settings, out])
      await running.shows('epoch 2:')
      running.kill(out === 'killed' ? 'SIGKILL' : 'SIGINT')
      const { code, stderr } = await running.ended
      if (out === 'killed') continue
      expect(code).toBe(130)
      expect(stderr).toContain('interrupted and saved; go on with: bertkin finetune --resume asked')
    }
  })

  it.each([
    ['another rate', ['--learning-rate', '0.5'], '--learning-rate 0.5: the run was made with 0.01'],
    ['another folder', ['--out', 'elsewhere'], 'a run goes on in its own folder'],
    ['other examples', ['--dev', 'other.jsonl'], 'are not those that the run was made with'],
  ])('is not resumed with %s', async (_, args, message) => {
    writeFileSync(at('other.jsonl'), jsonl(lines.slice(1)))
    const ended = await resume('asked', ...args)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toContain(message)
  })

  it('is not resumed for another task', async () => {
    const ended = await bertkin(['finetune', 'question-answering', '--resume', 'asked'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('the run in asked is for text-classification, not for question-answering')
  })

  it.each(['killed', 'asked'])('(%s) goes on to the same model, metrics and choice of the best', async (out) => {
    const ended = await resume(out, '--json')
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stderr).toMatch(/^· going on after step \d+$/m)
    expect(jsonLines(ended)).toHaveLength(1)
    expect(left(out, 'model.safetensors')).toBe(left('whole', 'model.safetensors'))
    expect(metrics(out)).toBe(metrics('whole'))
    // A run that has ended is a model, and nothing else.
    expect(existsSync(at(`${out}/checkpoints`))).toBe(false)
    expect((await resume(out)).stderr).toContain('has no checkpoint to resume from')
  })
})

it('where there is no answer, --null-threshold decides how sure that must be', async () => {
  await writeTinyCheckpoint(at('asked-model'), { head: 'question-answering' })
  const qas = [{ id: '1', question: 'the cat', answers: [], is_impossible: true }]
  const passage = { context: 'paris dog sat on mat', qas }
  writeFileSync(at('none.json'), JSON.stringify({ version: 'v2.0', data: [{ title: '', paragraphs: [passage] }] }))
  const exactMatch = async (threshold: string) => {
    const files = ['--model', 'asked-model', '--data', 'none.json', '--null-threshold', threshold]
    const ended = await bertkin(['evaluate', 'question-answering', ...files, '--json'])
    expect(ended.stderr).toBe('')
    return (jsonLines(ended)[0] as { exact_match: number }).exact_match
  }
  expect([await exactMatch('-1'), await exactMatch('1')]).toEqual([100, 0])
})
