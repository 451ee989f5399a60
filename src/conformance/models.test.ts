// The golden models and trainings, where they are (../shared beside the repository); that the runners can fail; and,
// where BERTKIN_PYTHON names a Python with torch and transformers, cases of other sizes made on the spot.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kins } from '../model/index.js'
import type { CaseResult } from './case.js'
import { modelCases, trainCases } from './cases.node.js'

const golden = fileURLToPath(new URL('../../../shared/golden/', import.meta.url))
const isThere = existsSync(golden)
const note = isThere ? '' : ' (skipped: there is no ../shared/golden)'

let temporary: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'bertkin-golden-'))
})
afterAll(() => rm(temporary, { recursive: true, force: true }))

async function collect(results: AsyncIterable<CaseResult>): Promise<CaseResult[]> {
  const all: CaseResult[] = []
  for await (const result of results) all.push(result)
  return all
}

const namesOf = (results: readonly CaseResult[], status: CaseResult['status']): string[] =>
  results.filter((result) => result.status === status).map(({ name }) => name)

function expectAllToPass(results: readonly CaseResult[]): void {
  for (const { name, status, error, detail } of results) {
    expect(status, `${name}: ${detail}`).toBe('passed')
    expect(error, name).toBeLessThan(1e-2)
  }
}

const TRAININGS = ['bert-mlm', 'bert-qa', 'electra-classification', 'electra-rtd', 'electra-tokens']

describe.skipIf(!isThere)(`golden numbers${note}`, () => {
  it.each(['cpu', 'wasm'] as const)('of models are met on %s', async (device) => {
    const results = await collect(modelCases(join(golden, 'models'), device))
    expectAllToPass(results)
    const kinsSeen = new Set(results.map(({ name }) => name.split('-')[0]))
    expect([...kinsSeen].sort()).toEqual(Object.keys(kins).sort())
    expect(results.length).toBeGreaterThanOrEqual(32)
  })

  it('of training are met', async () => {
    const results = await collect(trainCases(join(golden, 'train')))
    expect(results.filter(({ status }) => status === 'failed')).toEqual([])
    expect(namesOf(results, 'passed')).toEqual(expect.arrayContaining(TRAININGS))
  })
})

// ── the runners can fail ────────────────────────────────────────────────────────────────────────────────────────────

interface Change {
  readonly file: string
  readonly tensor: string
  /** Element; default: the first. */
  readonly index?: number
  readonly by: number
}

/** Adds to one number of a safetensors file. */
async function perturb(folder: string, { file, tensor, index = 0, by }: Change): Promise<void> {
  const path = join(folder, file)
  const bytes = await readFile(path)
  const headerLength = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString('utf8')) as Record<
    string,
    { data_offsets: [number, number] }
  >
  const place = 8 + headerLength + header[tensor]!.data_offsets[0] + 4 * index
  bytes.writeFloatLE(bytes.readFloatLE(place) + by, place)
  await writeFile(path, bytes)
}

/** A golden case in a folder of its own, to be spoilt. */
async function copyOfCase(kind: 'models' | 'train', name: string): Promise<{ root: string; folder: string }> {
  const root = await mkdtemp(join(temporary, 'copy-'))
  const folder = join(root, name)
  await cp(join(golden, kind, name), folder, { recursive: true })
  return { root, folder }
}

describe.skipIf(!isThere)(`a spoilt case fails${note}`, () => {
  const expected = (tensor: string, by: number): Change => ({ file: 'expected.safetensors', tensor, by })

  it.each<[string, string, Change]>([
    ['an expected logit', 'bert-ForMaskedLM', { file: 'io.safetensors', tensor: 'out.logits', index: 7, by: 0.05 }],
    ['an expected state', 'electra-Model', { file: 'io.safetensors', tensor: 'out.hidden_states.1', by: 0.01 }],
    [
      'an expected number that is none',
      'bert-Model',
      { file: 'io.safetensors', tensor: 'out.pooler_output', by: Number.NaN },
    ],
    ['a weight', 'bert-Model', { file: 'model.safetensors', tensor: 'encoder.layer.1.output.dense.weight', by: 1 }],
    [
      'a bias',
      'electra-ForPreTraining',
      { file: 'model.safetensors', tensor: 'discriminator_predictions.dense.bias', by: 1 },
    ],
  ])('models: %s (%s)', async (_, name, change) => {
    const { root, folder } = await copyOfCase('models', name)
    expect(namesOf(await collect(modelCases(root)), 'passed')).toEqual([name])
    await perturb(folder, change)
    expect(namesOf(await collect(modelCases(root)), 'failed')).toEqual([name])
  })

  it.each<[string, Change]>([
    ['a loss', expected('loss.1', 0.01)],
    ['a gradient', expected('grad.bert.encoder.layer.0.attention.self.value.bias', 0.01)],
    ['a loss during AdamW', expected('adamw.losses', 0.01)],
    ['a weight after AdamW', expected('adamw.param.cls.predictions.transform.LayerNorm.bias', 0.001)],
    ['an initial weight', { file: 'model.safetensors', tensor: 'bert.encoder.layer.0.output.dense.bias', by: 0.1 }],
  ])('train: %s', async (_, change) => {
    const { root, folder } = await copyOfCase('train', 'bert-mlm')
    await perturb(folder, change)
    const [result] = await collect(trainCases(root))
    expect(result).toMatchObject({ name: 'bert-mlm', status: 'failed' })
    expect(result!.detail).toMatch(/differs/)
  })

  it('train: another optimizer', async () => {
    const { root, folder } = await copyOfCase('train', 'bert-mlm')
    const golden = JSON.parse(await readFile(join(folder, 'case.json'), 'utf8'))
    await writeFile(
      join(folder, 'case.json'),
      JSON.stringify({ ...golden, optimizer: { ...golden.optimizer, lr: 0.004 } }),
    )
    expect(namesOf(await collect(trainCases(root)), 'failed')).toEqual(['bert-mlm'])
  })

  it('train: a gradient that nothing computes', async () => {
    const { root, folder } = await copyOfCase('train', 'bert-mlm')
    const path = join(folder, 'expected.safetensors')
    const bytes = await readFile(path)
    const name = 'grad.bert.embeddings.LayerNorm.bias'
    bytes.write(name.replace('bias', 'gain'), bytes.indexOf(`"${name}"`) + 1)
    await writeFile(path, bytes)
    const [result] = await collect(trainCases(root))
    expect(result).toMatchObject({ status: 'failed', detail: expect.stringMatching(/LayerNorm\.(gain|bias)/) })
  })
})

it.skipIf(!isThere)(`cases of an unknown kind are skipped, broken ones fail, files are no cases${note}`, async () => {
  const models = await copyOfCase('models', 'bert-Model')
  const config = JSON.parse(await readFile(join(models.folder, 'config.json'), 'utf8'))
  const fields = { ...config, model_type: 'mamba', architectures: ['MambaModel'] }
  await writeFile(join(models.folder, 'config.json'), JSON.stringify(fields))
  await mkdir(join(models.root, 'empty'))
  await writeFile(join(models.root, 'README.md'), 'no case')
  expect((await collect(modelCases(models.root))).map(({ name, status }) => [name, status])).toEqual([
    ['bert-Model', 'skipped'],
    ['empty', 'failed'],
  ])

  const train = await copyOfCase('train', 'bert-mlm')
  const golden = JSON.parse(await readFile(join(train.folder, 'case.json'), 'utf8'))
  await writeFile(join(train.folder, 'case.json'), JSON.stringify({ ...golden, kind: 'bert-summaries' }))
  await mkdir(join(train.root, 'empty'))
  await writeFile(join(train.root, 'README.md'), 'no case')
  expect((await collect(trainCases(train.root))).map(({ name, status }) => [name, status])).toEqual([
    ['bert-mlm', 'skipped'],
    ['empty', 'failed'],
  ])
})

// ── other sizes ─────────────────────────────────────────────────────────────────────────────────────────────────────

const python = process.env.BERTKIN_PYTHON
const reason = python ? '' : ' (skipped: BERTKIN_PYTHON names no Python with torch and transformers)'

it.skipIf(!python)(`fresh cases of other sizes and weights are met${reason}`, async () => {
  const root = join(temporary, 'fresh')
  const script = fileURLToPath(new URL('./testing/freshCases.py', import.meta.url))
  await promisify(execFile)(python!, [script, root, '11'])
  const models = await collect(modelCases(join(root, 'models')))
  expectAllToPass(models)
  expect(models).toHaveLength(28)
  const train = await collect(trainCases(join(root, 'train')))
  expect(train).toEqual([expect.objectContaining({ name: 'bert-mlm', status: 'passed' })])
})
