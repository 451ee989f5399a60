// Runs that end before their time: interrupted, killed, without room on the disk, without a reader. What was saved before
// stays whole and can be loaded.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, scratch, smallRun, start, text20 } from './testing/commandLine.js'

const at = (path: string): string => join(scratch, path)
const endless = (out: string, ...more: string[]): string[] => [
  ...['pretrain', 'text.txt', '--out', out, ...smallRun, '--steps', '1000000', '--evaluate-every', '1000000', ...more],
]

beforeAll(async () => {
  writeFileSync(at('text.txt'), text20)
  await writeTinyCheckpoint(at('run/generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(at('run/discriminator'), { modelType: 'electra', head: 'pretraining' })
})

/** Both models of a run load and answer. */
async function expectWhole(run: string): Promise<void> {
  const mask = await bertkin(['fill-mask', run, 'a [MASK]', '--json'])
  expect(mask).toMatchObject({ code: 0, stderr: '' })
  const verdict = await bertkin(['replaced-token-detection', run, 'a key', '--json'])
  expect(verdict).toMatchObject({ code: 0, stderr: '' })
}

describe('Ctrl-C', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a run after its step, saved, and says how to go on', async (signal, code) => {
    const run = start(endless(signal))
    await run.shows(' 1/1000000')
    run.kill(signal)
    const asked = performance.now()
    const ended = await run.ended
    expect(performance.now() - asked).toBeLessThan(20_000)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain('\nstopping after this step, to save; once more to stop at once\n')
    const saved = [...ended.stderr.matchAll(/^· saved \w+ at step (\d+)$/gm)].at(-1)?.[1]
    const goOn = `go on with: bertkin pretrain --resume ${signal}`
    expect(ended.stderr.endsWith(`\ninterrupted: the last checkpoint is of step ${saved}; ${goOn}\n`)).toBe(true)
    const left = [...readdirSync(at(signal)), ...readdirSync(at(`${signal}/checkpoints`))]
    expect(left.filter((name) => name.startsWith('.'))).toEqual([]) // nothing half done
    await expectWhole(signal)
  })

  it('the second time ends a run at once, and what is saved stays whole', async () => {
    // Steps of a minute: without the second signal it would go on.
    const slow = ['--batch-size', '20000', '--micro-batch-size', '2', '--save-minutes', '0']
    const run = start(endless('twice', ...slow))
    await run.shows('micro-batch')
    run.kill('SIGINT')
    await run.shows('once more')
    run.kill('SIGINT')
    const { code, stderr } = await run.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/\ninterrupted: this run has saved no checkpoint yet\n$/)
  })

  it('before training ends it at once', async () => {
    cpSync(at('run'), at('unsaved'), { recursive: true })
    writeFileSync(at('long.txt'), Buffer.concat(Array.from({ length: 400 }, () => text20)))
    const [, , ...rest] = endless('unsaved')
    const run = start(['pretrain', 'long.txt', ...rest])
    await run.shows('reading the texts')
    run.kill('SIGINT')
    const { code, stderr } = await run.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/\ninterrupted: this run has saved no checkpoint yet\n$/)
    await expectWhole('unsaved')
  })
})

describe('a kill', () => {
  it('at any moment leaves checkpoints that load', async () => {
    for (const wait of [0, 13, 57]) {
      const run = start(endless('killed', '--save-minutes', '0'))
      await run.shows('· saved')
      await sleep(wait)
      run.kill('SIGKILL')
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' })
      await expectWhole('killed')
    }
  })
})

describe.skipIf(process.platform === 'win32')('a full disk', () => {
  // A limit on the size of files stands in for it: the system refuses the write in the same place.
  it.each(['electra', 'bert'])('leaves the earlier checkpoint of %s', async (recipe) => {
    const folder = recipe === 'electra' ? 'full/generator' : 'full-bert'
    const out = folder.split('/')[0]!
    const refused = `${out}/checkpoints/step-00000002`
    cpSync(at('run'), at(out), { recursive: true })
    if (recipe === 'bert') cpSync(at('run/generator'), at(out), { recursive: true })
    const before = readFileSync(at(`${folder}/model.safetensors`))
    const args = ['pretrain', 'text.txt', '--out', out, '--recipe', recipe, ...smallRun, '--steps', '2']
    const { code, stderr } = await bertkin(args, { before: 'ulimit -f 200' })
    expect(stderr).toMatch(
      new RegExp(
        `\\nerror: Cannot write ${refused}: the file would be larger than the system allows \\(EFBIG\\)\\.\\n$`,
      ),
    )
    expect(code).toBe(1)
    expect(readFileSync(at(`${folder}/model.safetensors`)).equals(before)).toBe(true)
    expect(readdirSync(join(at(folder), '..')).filter((name) => name.includes('bertkin-'))).toEqual([])
  })

  it('stops a run that has saved before, and it goes on when there is room again', async () => {
    const args = ['pretrain', 'text.txt', '--out', 'filled', ...smallRun, '--steps', '4', '--save-every', '2']
    const whole = await bertkin(args.map((arg) => (arg === 'filled' ? 'roomy' : arg)))
    expect(whole.code).toBe(0)
    const cut = await bertkin([...args, '--minutes', '0'])
    expect(cut.code).toBe(0)
    const { code, stderr } = await bertkin(['pretrain', '--resume', 'filled', '--minutes', '9'], {
      before: 'ulimit -f 200',
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /\nerror: Cannot write filled\/checkpoints\/step-00000002: [^\n]*\(EFBIG\)\. The last checkpoint is of step 1; go on with: bertkin pretrain --resume filled\n$/,
    )
    expect(readdirSync(at('filled/checkpoints'))).toEqual(['step-00000001'])
    expect((await bertkin(['pretrain', '--resume', 'filled', '--minutes', '9'])).code).toBe(0)
    const file = 'checkpoints/step-00000004/optimizer.safetensors'
    expect(readFileSync(at(`filled/${file}`)).equals(readFileSync(at(`roomy/${file}`)))).toBe(true)
  })

  it.each([
    ['what the run is', 1, 'run.json'],
    ['the metrics', 6, 'metrics.jsonl'],
  ])('is told of when it is %s that does not fit', async (_, limit, file) => {
    const out = `no-${file}`
    const { code, stderr } = await bertkin(endless(out), { before: `ulimit -f ${limit}` })
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`\\nerror: Cannot write ${out}/${file}: [^\\n]*EFBIG[^\\n]*\\n$`))
  })
})

describe('a reader that goes away', () => {
  it.each([
    ['tokenize', ['tokenize', 'run', '--json', '--file', 'text.txt']],
    ['--help', ['--help']],
  ])('ends %s without a word', async (_, args) => {
    const { stdout, stderr } = await bertkin(args, { after: '| head -n 1' })
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).toBe('')
  })

  it('of the progress does not end a run', async () => {
    const args = ['pretrain', 'text.txt', '--out', 'unwatched', ...smallRun, '--steps', '3']
    await bertkin(args, { after: '2>&1 | head -n 1' })
    await expectWhole('unwatched')
  })
})
