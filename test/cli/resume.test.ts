// Runs that are killed, stopped or damaged, and go on: what they leave at the end is what a run leaves that was never
// stopped. And what cannot go on says why before it trains.

import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/random.js'
import type { RunFacts } from '../../src/report/index.js'
import { bertkin, type Ended, scratch, smallRun, start, text20 } from './testing/commandLine.js'

const at = (path: string): string => join(scratch, path)
const settings = [
  ...[...smallRun, '--steps', '36', '--save-every', '5', '--evaluate-every', '12', '--dropout', '0.1', '--seed', '7'],
  ...['--micro-batch-size', '2', '--optimizer', 'lamb', '--schedule', 'polynomial', '--warmup', '3', '--clip', '0.5'],
]
const run = (out: string, ...more: string[]): string[] => ['pretrain', 'text.txt', '--out', out, ...settings, ...more]
const resume = (out: string, ...more: string[]): Promise<Ended> => bertkin(['pretrain', '--resume', out, ...more])

interface MetricsLine {
  readonly step: number
  readonly [name: string]: number
}
/** Without what depends on the time. */
const metrics = (out: string): MetricsLine[] =>
  readFileSync(at(`${out}/metrics.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricsLine)
    .map(({ tokens_per_second: _, peak_share: __, seconds: ___, ...rest }) => rest as MetricsLine)

/** Models, checkpoints with their optimizers, and metrics are the same. */
function expectSame(out: string, expected: string): void {
  const checkpoints = readdirSync(at(`${expected}/checkpoints`))
  expect(readdirSync(at(`${out}/checkpoints`))).toEqual(checkpoints)
  const files = [
    ...['generator/model.safetensors', 'discriminator/model.safetensors'],
    ...checkpoints.flatMap((name) => [
      `checkpoints/${name}/parameters.safetensors`,
      `checkpoints/${name}/optimizer.safetensors`,
    ]),
  ]
  for (const file of files) {
    expect(readFileSync(at(`${out}/${file}`)).equals(readFileSync(at(`${expected}/${file}`))), file).toBe(true)
  }
  expect(metrics(out)).toEqual(metrics(expected))
}

beforeAll(async () => {
  writeFileSync(at('text.txt'), text20)
  expect(await bertkin(run('whole'))).toMatchObject({ code: 0 })
})

describe('a run', () => {
  it('killed at random moments ends like one that was not', async () => {
    const random = new Random(Number(process.env.BERTKIN_SEED ?? 11))
    for (let kills = 0, isSaved = false; kills < 3; kills++) {
      const running = start(isSaved ? ['pretrain', '--resume', 'killed'] : run('killed'))
      await running.shows(kills === 0 ? '· saved' : 'building the model')
      await sleep(1000 * random.uniform())
      running.kill('SIGKILL')
      const { stderr } = await running.ended
      isSaved ||= stderr.includes('· saved')
    }
    expect(await resume('killed')).toMatchObject({ code: 0 })
    expectSame('killed', 'whole')
  })

  it('interrupted ends like one that was not, without a worker too', async () => {
    const running = start(run('stopped', '--no-worker'))
    await running.shows(' 1/36')
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 130 })
    const ended = await resume('stopped')
    expect(ended.stderr).toMatch(/^· going on after step \d+$/m)
    expectSame('stopped', 'whole')
  })

  it('goes on from anywhere, with its texts elsewhere, and from the checkpoint before a damaged one', async () => {
    const running = start(run('moved'))
    await running.shows('· saved moved at step 10')
    running.kill('SIGKILL')
    await running.ended
    const last = readdirSync(at('moved/checkpoints')).sort().at(-1)!
    truncateSync(at(`moved/checkpoints/${last}/optimizer.safetensors`), 1000)
    cpSync(at('text.txt'), at('elsewhere/words.txt'))
    const ended = await resume('moved', 'elsewhere')
    expect(ended.stderr).toContain('· passed over a damaged checkpoint: ')
    expect(ended.code).toBe(0)
    expectSame('moved', 'whole')
    const facts = (out: string) => JSON.parse(readFileSync(at(`${out}/run.json`), 'utf8')) as RunFacts
    expect(facts('moved').data).toEqual(facts('whole').data)
    expect(facts('moved').command.slice(0, 3)).toEqual(['bertkin', 'pretrain', 'text.txt'])
    const length = (out: string) =>
      /, for (\d+ steps.*)\.$/m.exec(readFileSync(at(`${out}/generator/README.md`), 'utf8'))?.[1]
    expect(length('moved')).toMatch(/\b36\b/)
    expect(length('moved')).toBe(length('whole'))
    const samples = (out: string): string => readFileSync(at(`${out}/samples.jsonl`), 'utf8')
    expect(samples('moved').split('\n').at(-2)).toBe(samples('whole').split('\n').at(-2))
  })

  it('that has ended has nothing left to do, and its models are written again', async () => {
    cpSync(at('whole'), at('ended'), { recursive: true })
    rmSync(at('ended/generator'), { recursive: true })
    const ended = await resume('ended')
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expectSame('ended', 'whole')
  })

  it('started again in the same folder keeps the earlier checkpoints under another name', async () => {
    cpSync(at('whole'), at('again'), { recursive: true })
    expect((await bertkin(run('again', '--steps', '3', '--warmup', '1'))).code).toBe(0)
    expect(readdirSync(at('again')).sort()).toEqual(
      expect.arrayContaining(['checkpoints', 'checkpoints.earlier', 'metrics.earlier.jsonl', 'metrics.jsonl']),
    )
    expect(readdirSync(at('again/checkpoints'))).toEqual(['step-00000003'])
  })

  it('of bert, whose folder is itself replaced, too', async () => {
    const bert = (out: string): string[] => ['pretrain', 'text.txt', '--recipe', 'bert', '--out', out, ...settings]
    expect((await bertkin(bert('bert-whole'))).code).toBe(0)
    const running = start(bert('bert-killed'))
    await running.shows('· saved')
    await sleep(200)
    running.kill('SIGKILL')
    await running.ended
    expect((await resume('bert-killed')).code).toBe(0)
    const weights = (out: string): Buffer => readFileSync(at(`${out}/model.safetensors`))
    expect(weights('bert-killed').equals(weights('bert-whole'))).toBe(true)
    expect(metrics('bert-killed')).toEqual(metrics('bert-whole'))
  })
})

describe('the end', () => {
  it('comes when nothing gets better, with the models of the best evaluation', async () => {
    // A learning rate so high that it only gets worse.
    const worse = ['--learning-rate', '0.3', '--optimizer', 'adamw', '--schedule', 'constant', '--warmup', '0']
    const ended = await bertkin(run('stalled', ...worse, '--evaluate-every', '1', '--patience', '3', '--keep', '1'))
    expect(ended.code).toBe(0)
    expect(ended.stderr).toMatch(/\nended: 3 evaluations in a row brought nothing better\n$/)
    const losses = metrics('stalled').flatMap((line) => ('mlm_loss' in line ? [Number(line.mlm_loss)] : []))
    const best = losses.indexOf(Math.min(...losses)) + 1
    expect(losses).toHaveLength(best + 3)
    expect(ended.stderr).toContain(`· saved stalled at step ${best}, the best on held-out text\n`)
    expect(readdirSync(at('stalled/checkpoints')).sort()).toEqual(
      [best, best + 3].map((step) => `step-${String(step).padStart(8, '0')}`),
    )
    const lossLine = `| \`mlm_loss\` | ${Number(losses[best - 1]!.toPrecision(5))} | ${best} |`
    for (const model of ['generator', 'discriminator']) {
      const card = readFileSync(at(`stalled/${model}/README.md`), 'utf8')
      expect(card).toContain(
        `, for ${best} ${best === 1 ? 'step' : 'steps'}: the best on held-out text of a run of ${best + 3}.\n`,
      )
      expect(card).toContain(lossLine)
    }
    // More patience: it goes on from the last step, not from the best.
    const more = await resume('stalled', '--patience', '4')
    expect(more.stderr).toContain(`· going on after step ${best + 3}\n`)
  })

  it('by minutes is put off by more minutes', async () => {
    const short = await bertkin(run('short', '--minutes', '0'))
    expect(short.code).toBe(0)
    expect(metrics('short').map(({ step }) => step)).toEqual([1, 1])
    expect((await resume('short', '--minutes', '60')).code).toBe(0)
    const weights = (out: string): Buffer => readFileSync(at(`${out}/generator/model.safetensors`))
    expect(weights('short').equals(weights('whole'))).toBe(true)
  })
})

describe.concurrent('a resume is refused before training, in one line', () => {
  beforeAll(async () => {
    expect(await bertkin(run('short-run', '--minutes', '0'))).toMatchObject({ code: 0 })
    expect(await bertkin(run('other', '--minutes', '0', '--vocab-size', '200'))).toMatchObject({ code: 0 })
    writeFileSync(at('other.txt'), Buffer.concat([text20, Buffer.from('One more.\n')]))
    const changed = Buffer.from(text20)
    changed[5] = 0x41
    writeFileSync(at('changed.txt'), changed)
  })

  it.each([
    ['another learning rate', ['--learning-rate', '0.1'], '--learning-rate 0.1: the run was made with 0.002'],
    ['another recipe', ['--recipe', 'bert'], '--recipe "bert": the run was made with "electra"'],
    ['an option that it did not have', ['--power', '2'], '--power 2: the run was made without it'],
    ['more steps, which the schedule depends on', ['--steps', '99'], '--steps 99: the run was made with 36'],
    ['another optimizer', ['--optimizer', 'adamw'], '--optimizer "adamw": the run was made with "lamb"'],
    ['another tokenizer', ['--tokenizer', 'other'], 'the tokenizer of other is not the one that the run was made with'],
    ['longer texts', ['other.txt'], 'they are 1 file of 20,010 bytes, and were 1 file of 20,000 bytes'],
    ['other texts', ['changed.txt'], 'they are as long as they were, but with other contents'],
    ['texts that are gone', ['gone.txt'], 'gone.txt does not exist'],
    ['another folder', ['--out', 'x'], 'a run goes on in its own folder'],
  ])('%s', async (_, more, message) => {
    const { code, stderr } = await resume('short-run', '--minutes', '60', ...more)
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: /)
    expect(stderr).not.toContain('building the model')
    expect(code).toBe(1)
  })

  it.each([
    ['nothing', 'nowhere', 'nowhere has no checkpoint to resume from'],
    ['a folder without checkpoints', '.build', '.build has no checkpoint to resume from'],
  ])('from %s', async (_, folder, message) => {
    const { code, stderr } = await resume(folder)
    expect([code, stderr.split('\n')[0]]).toEqual([1, expect.stringContaining(message)])
  })

  it('while it is still being trained', async () => {
    const running = start(run('busy', '--steps', '1000000'))
    await running.shows('· saved')
    for (const args of [['pretrain', '--resume', 'busy'], run('busy')]) {
      const { code, stderr } = await bertkin(args)
      expect([code, stderr]).toEqual([1, expect.stringMatching(/error: busy is being trained by process \d+: wait/)])
    }
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(readdirSync(at('busy/checkpoints')).filter((name) => !name.startsWith('step-'))).toEqual([])
  })

  it('but the same options, texts and tokenizer may be named', async () => {
    cpSync(at('short-run'), at('named'), { recursive: true })
    const { code } = await resume('named', 'text.txt', ...settings, '--tokenizer', 'short-run', '--minutes', '60')
    expect(code).toBe(0)
  })

  it.each([
    [
      'patience without anything to evaluate',
      ['line.txt', '--out', 'x', '--patience', '2'],
      '--patience needs held-out',
    ],
    ['an end for a schedule without one', ['text.txt', '--out', 'x', '--end-learning-rate', '0.1'], 'takes no end'],
    ['betas that are none', ['text.txt', '--out', 'x', '--adam-betas', '0.9'], 'two numbers'],
  ])('and so is a run with %s', async (_, more, message) => {
    writeFileSync(at('line.txt'), 'one two three four\n')
    const { code, stderr } = await bertkin(['pretrain', ...smallRun, '--steps', '2', ...more])
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})
