// The same model from every form of weights there is: mapped from PyTorch's files wherever they put the numbers, and,
// where BERTKIN_PYTHON names a Python with torch and transformers, from files that they wrote, against their answers.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  legacyBytes,
  type StorageToWrite,
  stateDict,
  torchEntries,
  type ViewToWrite,
  zipBytes,
} from '../checkpoint/testing/torchFiles.js'
import { Random } from '../random.js'
import { Runtime } from '../runtime/index.js'
import { loadModel } from './index.js'
import { checkpointFiles, memoryFolder, randomSequences, randomTensors, tinyConfig } from './testing/tinyModels.js'

let directory: string
let runtime: Runtime
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bertkin-formats-'))
  runtime = await Runtime.open()
})
afterAll(() => {
  runtime.dispose()
  rmSync(directory, { recursive: true })
})

const config = tinyConfig('bert')
const files = checkpointFiles(config, 'masked-lm')
const sequences = randomSequences([5, 9], config, new Random(3))

/** The same weights as one of PyTorch's files: every second one a transposed view of its storage. */
function torchParts(): { views: Record<string, ViewToWrite>; storages: Record<string, StorageToWrite> } {
  const views: Record<string, ViewToWrite> = {}
  const storages: Record<string, StorageToWrite> = {}
  randomTensors(config, 'masked-lm').forEach(({ name, shape, data }, i) => {
    const values = data as Float32Array
    const [rows = 1, columns = 1] = shape
    const isTurned = i % 2 === 1 && shape.length === 2
    const turned = () => values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
    storages[String(i)] = { dtype: 'F32', data: isTurned ? turned() : values }
    views[name] = { storage: String(i), shape, ...(isTurned && { strides: [1, rows] }) }
  })
  return { views, storages }
}

async function logitsOf(folder: Parameters<typeof loadModel>[0]): Promise<ArrayLike<number | bigint>> {
  using model = await loadModel(folder, { runtime })
  expect(model.report).toEqual({ missing: [], unexpected: [], untied: [] })
  return (await model.run(sequences)).logits!.data
}

it.each([
  ['zip', () => zipBytes(torchEntries(partsFor('zip')))],
  ['zip without alignment', () => zipBytes(torchEntries(partsFor('zip'), { folder: 'x' }), { alignment: 1 })],
  ...[0, 1, 2, 3].map(
    (shift) => [`legacy, moved by ${shift}`, () => legacyBytes(partsFor('legacy'), { shift })] as const,
  ),
] as const)('PyTorch’s files give the same answers: %s', async (name, bytes) => {
  const folder = join(directory, name.replaceAll(/\W/g, '-'))
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.json'), files['config.json']!)
  writeFileSync(join(folder, 'pytorch_model.bin'), bytes())
  const expected = await logitsOf(memoryFolder(files))
  expect(await logitsOf(folder)).toEqual(expected)
  expect(await logitsOf(memoryFolder({ ...without(files), 'pytorch_model.bin': bytes() }))).toEqual(expected)
})

function partsFor(layout: 'zip' | 'legacy') {
  const { views, storages } = torchParts()
  return { storages, value: stateDict(views, storages, layout) }
}

const without = ({ 'model.safetensors': _, ...rest }: Record<string, string | Uint8Array>) => rest

interface Expected {
  readonly ids: number[]
  readonly logits: number[][]
  readonly missing: string[]
  readonly unexpected: string[]
}

const python = process.env.BERTKIN_PYTHON
const reason = python ? '' : ' (skipped: BERTKIN_PYTHON names no Python with torch and transformers)'

it.skipIf(!python)(`what torch and transformers wrote is read as they read it${reason}`, async () => {
  const script = fileURLToPath(new URL('./testing/oldCheckpoints.py', import.meta.url))
  const root = join(directory, 'written')
  await promisify(execFile)(python!, [script, root, '4'])
  const forms = readdirSync(root)
  expect(forms).toHaveLength(20)
  for (const form of forms) {
    const folder = join(root, form)
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected
    using model = await loadModel(folder, { runtime, head: 'masked-lm' })
    // Ours are one parameter where theirs is tied; of several names for one, theirs does not report the unused.
    const missing = expected.missing.filter((name) => !name.includes('cls.predictions.decoder'))
    expect([...model.report.missing].sort(), form).toEqual(missing)
    if (form !== 'zip-both-names') expect([...model.report.unexpected].sort(), form).toEqual(expected.unexpected)
    if (missing.length > 0) continue
    const { logits } = await model.run([{ ids: expected.ids }])
    const largest = Math.max(...expected.logits.flat().map((x, i) => Math.abs(x - Number(logits!.data[i]))))
    expect(largest, form).toBeLessThan(1e-4)
  }
})
