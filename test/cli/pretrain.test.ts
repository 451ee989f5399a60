// `bertkin pretrain`, end to end: from 20 KB of text to checkpoints that load.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bertkin, type Ended, jsonLines, scratch, smallRun, text20 } from './testing/commandLine.js'

const read = (path: string): Buffer => readFileSync(join(scratch, path))
const metrics = (run: string): Record<string, number>[] =>
  read(`${run}/metrics.jsonl`)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)

const CHECKPOINT = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt']

describe('electra', () => {
  const run = (out: string): Promise<Ended> =>
    bertkin(['pretrain', 'text.txt', '--out', out, ...smallRun, '--steps', '12', '--evaluate-every', '6'])
  let first: Ended
  let second: Ended
  beforeAll(async () => {
    writeFileSync(join(scratch, 'text.txt'), text20)
    first = await run('one')
    second = await run('two')
  })

  it('ends well, with plain lines of progress and nothing on standard output', () => {
    expect(first).toMatchObject({ code: 0, stdout: '' })
    for (const control of ['\r', '\x1b']) expect(first.stderr).not.toContain(control)
    expect(first.stderr).toMatch(/^· learning a vocabulary of 300 word pieces from 3,\d{3} words$/m)
    expect(first.stderr).toMatch(
      /^\S+ 1\/12 {2}mlm \d\.\d{3} {2}rtd \d\.\d{3} {2}[\d,]+ tokens\/s \(\d+ % of peak\) {2}\d+s left$/m,
    )
    expect(first.stderr).toMatch(/^\S+ 12\/12 .* 0s left$/m)
    expect(first.stderr).toMatch(/^ {2}step 6, held-out: masked loss .* unigram entropy.*, detection loss .*AUC/m)
    expect(first.stderr).toMatch(/^· saved one at step 12\n$/m)
  })

  it('leaves two checkpoints and its metrics', () => {
    expect(readdirSync(join(scratch, 'one')).sort()).toEqual([
      'checkpoints',
      'discriminator',
      expect.stringMatching(/^events\.out\.tfevents\.\d+\./),
      ...['generator', 'metrics.jsonl', 'report.html', 'run.json', 'samples.jsonl'],
    ])
    for (const model of ['generator', 'discriminator']) {
      expect(readdirSync(join(scratch, 'one', model))).toEqual(expect.arrayContaining(CHECKPOINT))
    }
    const lines = metrics('one')
    expect(lines.map(({ step }) => step)).toEqual([6, 10, 12, 12])
    const finite = lines.flatMap((line) => Object.values(line)).every(Number.isFinite)
    expect(finite).toBe(true)
    expect(lines[0]).toMatchObject({ mlm_loss: expect.any(Number), rtd_auc: expect.any(Number) })
    expect(lines[1]).toMatchObject({ train_mlm_loss: expect.any(Number), learning_rate: expect.any(Number) })
  })

  it('leaves a report, which can be made again, and model cards', async () => {
    const page = read('one/report.html').toString()
    for (const text of ['bertkin pretrain text.txt --out one', 'ElectraForMaskedLM', 'Loss: masked tokens', '<mark>']) {
      expect(page).toContain(text)
    }
    const { code, stdout } = await bertkin(['report', 'one'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${join('one', 'report.html')}\n` })
    expect(read('one/report.html').toString()).toBe(page)
    for (const model of ['generator', 'discriminator']) {
      expect(read(`one/${model}/README.md`).toString()).toMatch(
        /^---\nlibrary_name: transformers\n[\s\S]*pretrain text\.txt/,
      )
    }
  })

  it('fills the same masks at every evaluation', () => {
    const lines = read('one/samples.jsonl').toString().trimEnd().split('\n')
    const steps = lines.map((line) => JSON.parse(line) as { step: number; samples: Record<string, unknown>[] })
    expect(steps.map(({ step }) => step)).toEqual([6, 12])
    const [first, last] = steps.map(({ samples }) => samples)
    expect(first!.length).toBeGreaterThan(2)
    expect(last!.map(({ before, after, meant }) => [before, after, meant])).toEqual(
      first!.map(({ before, after, meant }) => [before, after, meant]),
    )
    expect(last).not.toEqual(first)
  })

  it('gives the same weights for the same seed', () => {
    expect(second.code).toBe(0)
    for (const model of ['generator', 'discriminator']) {
      const path = `${model}/model.safetensors`
      expect(read(`one/${path}`).equals(read(`two/${path}`))).toBe(true)
    }
  })

  it('can be used at once', async () => {
    const mask = await bertkin(['fill-mask', 'one', 'the [MASK] is red.', '--json'])
    expect(jsonLines(mask)[0]).toHaveLength(5)
    const verdict = await bertkin(['replaced-token-detection', 'one', 'the key is red.', '--json'])
    expect((jsonLines(verdict)[0] as { words: unknown[] }).words).toHaveLength(5)
    const [report] = jsonLines(await bertkin(['inspect', 'one/discriminator', '--json']))
    expect(report).toMatchObject({
      architecture: 'ElectraForPreTraining',
      config: { vocab_size: 300, max_position_embeddings: 16 },
      weights: { missing: [], unexpected: [] },
    })
  })

  it('lends its tokenizer to another run, whose metrics do not mix with the earlier ones', async () => {
    const earlier = read('two/metrics.jsonl')
    const args = ['text.txt', '--out', 'two', '--tokenizer', 'one', ...smallRun, '--steps', '2', '--seed', '9']
    const ended = await bertkin(['pretrain', ...args])
    expect(ended.code).toBe(0)
    expect(ended.stderr).not.toContain('learning a vocabulary')
    expect(read('two/metrics.earlier.jsonl').equals(earlier)).toBe(true)
    expect(metrics('two').at(-1)).toMatchObject({ step: 2 })
    expect(readdirSync(join(scratch, 'two', 'earlier'))).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)])
    expect(readdirSync(join(scratch, 'two')).filter((name) => name.startsWith('events'))).toHaveLength(1)
    const path = 'generator/model.safetensors'
    expect(read(`one/${path}`).equals(read(`two/${path}`))).toBe(false)
  })
})

describe('a model card', () => {
  it('that somebody has written stays', async () => {
    const args = ['pretrain', 'text.txt', '--recipe', 'bert', '--out', 'own', ...smallRun, '--steps', '1']
    await bertkin([...args, '--language', 'de'])
    expect(read('own/README.md').toString()).toContain('language: "de"')
    await bertkin(args)
    expect(read('own/README.md').toString()).not.toContain('language')
    writeFileSync(join(scratch, 'own/README.md'), 'My own words.')
    expect(await bertkin(args)).toMatchObject({ code: 0 })
    expect(read('own/README.md').toString()).toBe('My own words.')
  })
})

describe('bert', () => {
  it('leaves one checkpoint in the run’s folder, over and over', async () => {
    const args = ['pretrain', 'text.txt', '--recipe', 'bert', '--out', 'bert', ...smallRun, '--save-minutes', '0']
    expect(await bertkin([...args, '--steps', '3'])).toMatchObject({ code: 0 })
    expect(readdirSync(join(scratch, 'bert')).sort()).toEqual(expect.arrayContaining([...CHECKPOINT, 'metrics.jsonl']))
    expect(metrics('bert').at(-1)).toMatchObject({ step: 3 })
    expect(await bertkin([...args, '--steps', '2'])).toMatchObject({ code: 0 })
    expect(metrics('bert').at(-1)).toMatchObject({ step: 2 })
    const answer = await bertkin(['fill-mask', 'bert', 'the [MASK] is red.', '--json'])
    expect(jsonLines(answer)[0]).toHaveLength(5)
  })
})

describe.concurrent('what a run makes of odd settings', () => {
  it.each([
    ['a line', 'one two three four\n', []],
    ['a word', 'word', []],
    ['two documents of a word', 'one\n\ntwo\n', []],
    ['more vocabulary than there are word pieces', text20, ['--vocab-size', '50000']],
    ['the smallest vocabulary', text20, ['--vocab-size', '100']],
    ['the shortest sequences', text20, ['--max-length', '8']],
    ['micro-batches of one', text20, ['--micro-batch-size', '1']],
    ['batches larger than the text', 'one two\n\nthree four\n', ['--batch-size', '100']],
    ['no time', text20, ['--minutes', '0']],
    ['as much warm-up as steps', text20, ['--warmup', '2']],
    ['an evaluation on one sequence', text20, ['--evaluation-sequences', '1', '--dropout', '0.1']],
  ])('%s: it works, and its losses are numbers', async (name, text, options) => {
    const run = name.replaceAll(' ', '-')
    writeFileSync(join(scratch, `${run}.txt`), text)
    const args = ['pretrain', `${run}.txt`, '--out', run, ...smallRun, '--steps', '2', ...options]
    const { code, stderr } = await bertkin(args)
    expect(stderr).not.toMatch(/error|NaN/)
    expect(code).toBe(0)
    const values = metrics(run).flatMap((line) => Object.values(line))
    expect(values.every(Number.isFinite)).toBe(true)
  })
})
