// A worker's stream: what it gives, how its errors arrive, and that it always ends.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckpointError } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { TokenizerError } from '../tokenizer/index.js'
import { inWorker, type MicroBatch, prepareSteps } from './index.node.js'
import { repeat, SENTENCES, tinyElectra } from './testing/tinyTraining.js'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-worker-'))
const module = (name: string): URL => pathToFileURL(join(scratch, `${name}.js`))

const WORKERS = {
  count: `
    import { serveItems } from './src/train/index.node.js'
    serveItems(async function* ({ to, made }) {
      for (let i = 0; i < to; i++) {
        if (made) Atomics.add(new Int32Array(made), 0, 1)
        yield { i, data: Float32Array.of(i, NaN, -0), big: BigInt64Array.of(2n ** 60n) }
      }
    })`,
  fail: `
    import { serveItems } from './src/train/index.node.js'
    import { BertkinError } from './src/errors.js'
    import { CheckpointError } from './src/checkpoint/index.js'
    import { TokenizerError } from './src/tokenizer/index.js'
    serveItems(async function* ({ kind }) {
      yield 1
      if (kind === 'bertkin') throw new BertkinError('text-not-utf8', 'b.txt is not UTF-8')
      if (kind === 'checkpoint') throw new CheckpointError('file-read', 'cannot', { cause: new Error('why') })
      if (kind === 'tokenizer') throw new TokenizerError('tokenizer-malformed', 'no')
      if (kind === 'defect') null.property
      if (kind === 'exit') process.exit(3)
      if (kind === 'later') setTimeout(() => { throw new Error('out of order') }, 0)
      if (kind === 'function') yield () => {}
      await new Promise((done) => setTimeout(done, 60_000))
    })`,
  prepare: `
    import { prepareSteps, serveItems } from './src/train/index.node.js'
    import { repeat, SENTENCES, tinyElectra } from './src/train/testing/tinyTraining.js'
    serveItems(({ options }) => prepareSteps(tinyElectra(), repeat(SENTENCES), options))`,
  // A program that stops reading, or is never told that nobody reads any more.
  abandon: `
    import { inWorker } from './src/train/index.node.js'
    const stream = inWorker(new URL('./count.js', import.meta.url), { to: 1e9 })
    console.log((await stream.next()).value.i)
    if (process.argv[2] === 'return') await stream.return()`,
}

beforeAll(async () => {
  for (const [name, contents] of Object.entries(WORKERS)) {
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile: join(scratch, `${name}.js`),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      packages: 'external',
      alias: {
        '#runtime/backend': join(root, 'src/runtime/backend.node.ts'),
        '#checkpoint/files': join(root, 'src/checkpoint/files.node.ts'),
      },
    })
  }
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}')
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function take<T>(stream: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
  const taken: T[] = []
  for await (const item of stream) if (taken.push(item) >= count) break
  return taken
}

describe('a worker’s stream', () => {
  it('has all items, in order, to the bit', async () => {
    const items = await take(inWorker<{ i: number }>(module('count'), { to: 50 }))
    expect(items).toEqual(
      Array.from({ length: 50 }, (_, i) => ({
        i,
        data: Float32Array.of(i, NaN, -0),
        big: BigInt64Array.of(2n ** 60n),
      })),
    )
  })

  it('is that of this thread: micro-batches of an objective', async () => {
    const options = { seed: 7, microBatchSize: 4, firstStep: 3 }
    const here = await take(prepareSteps(tinyElectra(), repeat(SENTENCES), options), 20)
    expect(await take(inWorker<MicroBatch>(module('prepare'), { options }), 20)).toEqual(here)
  })

  it('is made only so far ahead', async () => {
    const made = new SharedArrayBuffer(4)
    const stream = inWorker(module('count'), { to: 1000, made }, { ahead: 3 })
    await stream.next()
    await new Promise((done) => setTimeout(done, 300))
    // One was taken, three may wait, and one is ready to be sent.
    expect(new Int32Array(made)[0]).toBeLessThanOrEqual(5)
    await stream.return(undefined)
  })

  it.each([0, 1.5, Number.NaN])('refuses to be %d ahead', async (ahead) => {
    const refused = expect.objectContaining({ code: 'option-invalid' })
    await expect(inWorker(module('count'), {}, { ahead }).next()).rejects.toEqual(refused)
  })
})

describe('an error in a worker', () => {
  const failing = (kind: string): Promise<unknown[]> =>
    take(inWorker(module('fail'), { kind }, { errors: [TokenizerError] }))

  it.each([
    ['bertkin', BertkinError, { name: 'BertkinError', code: 'text-not-utf8', message: 'b.txt is not UTF-8' }],
    ['checkpoint', CheckpointError, { name: 'CheckpointError', code: 'file-read', cause: { message: 'why' } }],
    ['tokenizer', TokenizerError, { name: 'TokenizerError', code: 'tokenizer-malformed', message: 'no' }],
  ])('is the same here: %s', async (kind, Class, fields) => {
    const error = await failing(kind).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Class)
    expect(error).toMatchObject(fields)
    expect((error as Error).stack).toContain('fail.js')
  })

  it.each([
    ['defect', /property/],
    ['function', /could not be cloned/],
  ])('that is a defect is no BertkinError: %s', async (kind, message) => {
    const error = await failing(kind).catch((caught: unknown) => caught)
    expect(error).not.toBeInstanceOf(BertkinError)
    expect((error as Error).message).toMatch(message)
  })

  it.each([
    ['exit', 'it ended with code 3'],
    ['later', 'out of order'],
  ])('that ends it is told: %s', async (kind, message) => {
    await expect(failing(kind)).rejects.toMatchObject({
      code: 'worker-failed',
      message: `the thread that prepares batches failed: ${message}`,
    })
  })

  it('is told also if there is no such module', async () => {
    await expect(take(inWorker(module('nowhere'), {}))).rejects.toMatchObject({ code: 'worker-failed' })
  })
})

describe('a program that stops reading', () => {
  it.each(['return', 'leave'])('ends: %s', async (how) => {
    const child = spawn(process.execPath, [join(scratch, 'abandon.js'), how], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    const code = await new Promise((done) => child.on('close', done))
    expect([code, output]).toEqual([0, '0\n'])
  })
})
