// Exported models, run by ONNX Runtime alone, against the same checkpoints run by `Model`; and, where Python's
// transformers and onnxruntime are at hand (BERTKIN_PYTHON=path of an interpreter that has them), models of transformers'
// own making against what transformers computes.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, describe, expect, it } from 'vitest'
import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import { exportOnnx, type Head, loadModel, type OnnxExport, type OnnxExportOptions, type Sequence } from './index.js'
import {
  checkpointFiles,
  everyModel,
  memoryFolder,
  randomSequences,
  randomTensors,
  tinyConfig,
} from './testing/tinyModels.js'

const scratch = mkdtempSync(join(tmpdir(), 'bertkin-export-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Writes an export's files; returns the model's path. */
async function write({ files }: OnnxExport, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const [name, chunks] of Object.entries(files)) {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    writeFileSync(join(folder, name), Buffer.concat(parts))
  }
  return join(folder, Object.keys(files).find((name) => name.endsWith('.onnx'))!)
}

/** What the exported model makes of a padded batch. */
async function runExported(
  session: InferenceSession,
  sequences: readonly Sequence[],
  { choices, padding = 0 }: { choices?: number; padding?: number } = {},
): Promise<Record<string, { data: number[]; dims: readonly number[] }>> {
  const length = Math.max(...sequences.map(({ ids }) => ids.length))
  const dims = choices === undefined ? [sequences.length, length] : [sequences.length / choices, choices, length]
  const grid = (cell: (sequence: Sequence, column: number) => number): Tensor => {
    const cells = sequences.flatMap((sequence) => Array.from({ length }, (_, column) => BigInt(cell(sequence, column))))
    return new Tensor('int64', BigInt64Array.from(cells), dims)
  }
  const rows = (...values: number[]): Tensor => new Tensor('int32', Int32Array.from(values), [values.length])
  const all: Record<string, Tensor> = {
    input_ids: grid(({ ids }, column) => ids[column] ?? padding),
    attention_mask: grid(({ ids, attentionMask }, column) =>
      column < ids.length ? (attentionMask?.[column] ?? 1) : 0,
    ),
    token_type_ids: grid(({ typeIds }, column) => typeIds?.[column] ?? 0),
    leftRows: rows(0, length),
    rightRows: rows(3, length + 2),
    places: rows(1, 0),
  }
  const results = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, all[name]!])))
  return Object.fromEntries(
    Object.entries(results).map(([name, { data, dims }]) => [name, { data: Array.from(data as Float32Array), dims }]),
  )
}

const pairs = randomSequences([7, 3, 1, 5], { vocabSize: 24 }, new Random(11))

async function expectSame(
  folder: Parameters<typeof loadModel>[0],
  head: Head,
  path: string,
  { tolerance = 2e-5, only }: { tolerance?: number; only?: string } = {},
): Promise<void> {
  using model = await loadModel(folder, { head })
  // RoBERTa's exports ask for no segments.
  const sequences = model.config.modelType === 'roberta' ? pairs.map(({ ids }) => ({ ids })) : pairs
  const choices = head === 'multiple-choice' ? 2 : undefined
  const spanTargets = [
    { sequence: 0, left: 0, right: 3, place: 1 },
    { sequence: 1, left: 0, right: 2, place: 0 },
  ]
  const expected = await model.run(sequences, {
    keepPadding: true,
    ...(only && { outputs: [only] }),
    ...(head === 'span-boundary' && { spanTargets }),
  })
  const session = await InferenceSession.create(path, { logSeverityLevel: 3, intraOpNumThreads: 1 })
  try {
    const actual = await runExported(session, sequences, choices === undefined ? {} : { choices })
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, { data, dims }] of Object.entries(expected)) {
      expect(actual[name]!.dims, name).toEqual(choices === undefined ? dims : [2, 2])
      const largest = Math.max(...actual[name]!.data.map((value, i) => Math.abs(value - Number(data[i]))))
      expect(largest, name).toBeLessThan(tolerance)
    }
  } finally {
    await session.release()
  }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof BertkinError ? error.code : String(error)),
  )

describe.each(everyModel)('%s, %s', (modelType, head) => {
  it('gives the same as the checkpoint', async () => {
    const folder = memoryFolder(checkpointFiles(tinyConfig(modelType), head))
    const exported = await exportOnnx(folder, { head })
    const grid = head === 'multiple-choice' ? ['batch_size', 'num_choices'] : ['batch_size']
    const names = ['input_ids', 'attention_mask', ...(modelType === 'roberta' ? [] : ['token_type_ids'])]
    expect(
      exported.inputs
        .filter(({ dtype }) => dtype === 'int64')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort())
    expect(exported.inputs.find(({ name }) => name === 'input_ids')).toMatchObject({
      shape: [...grid, 'sequence_length'],
    })
    expect(exported.omitted).toEqual([])
    await expectSame(folder, head, await write(exported, join(scratch, `${modelType}-${head}`)))
  })
})

describe('an export', () => {
  const exportOf = (head: Head, options: OnnxExportOptions = {}, stored: Head = head) =>
    exportOnnx(memoryFolder(checkpointFiles(tinyConfig('bert'), stored)), { head, ...options })

  it('takes padding in front and in the middle, where the mask says so', async () => {
    const config = tinyConfig('roberta')
    const folder = memoryFolder(checkpointFiles(config, 'masked-lm'))
    const path = await write(await exportOnnx(folder), join(scratch, 'padding'))
    const odd: Sequence[] = [
      { ids: [0, 0, 5, 6, 7], attentionMask: [0, 0, 1, 1, 1] },
      { ids: [3, 0, 4, 0, 9], attentionMask: [1, 0, 1, 1, 1] },
    ]
    using model = await loadModel(folder)
    const { logits } = await model.run(odd, { keepPadding: true })
    const session = await InferenceSession.create(path)
    const actual = await runExported(session, odd)
    const largest = Math.max(...actual.logits!.data.map((value, i) => Math.abs(value - Number(logits!.data[i]))))
    expect(largest).toBeLessThan(2e-5)
  })

  it('in half precision has half the weights, and nearly the same outputs', async () => {
    const [full, half] = [await exportOf('masked-lm'), await exportOf('masked-lm', { dtype: 'float16' })]
    expect(Object.keys(half.files)).toEqual(['model_fp16.onnx'])
    expect(half.outputs).toEqual(full.outputs)
    const bytes = (chunks: Iterable<Uint8Array>): number => [...chunks].reduce((sum, { length }) => sum + length, 0)
    const weights = randomTensors(tinyConfig('bert'), 'masked-lm').reduce(
      (sum, { data }) => sum + (data as Float32Array).length,
      0,
    )
    const saved = bytes(full.files['model.onnx'] as Uint8Array[]) - bytes(half.files['model_fp16.onnx'] as Uint8Array[])
    expect(saved).toBeGreaterThan(2 * weights - 4096)
    const folder = memoryFolder(checkpointFiles(tinyConfig('bert'), 'masked-lm'))
    await expectSame(folder, 'masked-lm', await write(half, join(scratch, 'half')), { tolerance: 0.05 })
  })

  it('refuses half precision for weights that it cannot hold', async () => {
    const tensors = randomTensors(tinyConfig('bert'), 'base')
    ;(tensors[0]!.data as Float32Array)[3] = 70_000
    const folder = memoryFolder(checkpointFiles(tinyConfig('bert'), 'base', tensors))
    expect(await codeOf(exportOnnx(folder, { dtype: 'float16' }))).toBe('not-finite')
    expect(await codeOf(exportOnnx(folder))).toBe('no error')
  })

  it.each(['float32', 'float16'] as const)('can have its weights outside: %s', async (dtype) => {
    const folder = memoryFolder(checkpointFiles(tinyConfig('albert'), 'pretraining'))
    const exported = await exportOnnx(folder, { externalData: true, dtype })
    const [data, model] = Object.keys(exported.files)
    expect(data).toBe(`${model}_data`)
    const path = await write(exported, join(scratch, `outside-${dtype}`))
    await expectSame(folder, 'pretraining', path, { tolerance: dtype === 'float16' ? 0.05 : 2e-5 })
  })

  it('leaves out what the checkpoint was not trained for, and refuses if that is all', async () => {
    const exported = await exportOf('base', {}, 'masked-lm')
    expect(exported.omitted).toEqual(['pooler_output'])
    expect(exported.config.architectures).toEqual(['BertModel'])
    const folder = memoryFolder(checkpointFiles(tinyConfig('bert'), 'masked-lm'))
    await expectSame(folder, 'base', await write(exported, join(scratch, 'bare')), { only: 'last_hidden_state' })
    expect(await codeOf(exportOf('question-answering', {}, 'masked-lm'))).toBe('parameter-missing')
    expect(
      await codeOf(
        exportOnnx(memoryFolder(checkpointFiles(tinyConfig('electra'), 'base')), { head: 'next-sentence-prediction' }),
      ),
    ).toBe('head-mismatch')
  })

  it('keeps untied output weights', async () => {
    const config = tinyConfig('bert')
    const tensors = randomTensors(config, 'masked-lm')
    const own = {
      name: 'cls.predictions.decoder.weight',
      dtype: 'F32' as const,
      shape: [24, 8],
      data: new Float32Array(192).map((_, i) => Math.sin(i)),
    }
    const folder = memoryFolder(checkpointFiles(config, 'masked-lm', [...tensors, own]))
    await expectSame(folder, 'masked-lm', await write(await exportOnnx(folder), join(scratch, 'untied')))
  })
})

/** The interpreter to ask, if it is named and has what it takes. */
function pythonWithTransformers(): string | undefined {
  const python = process.env.BERTKIN_PYTHON
  if (!python) return undefined
  try {
    execFileSync(python, ['-c', 'import torch, transformers, onnx, onnxruntime'], { stdio: 'ignore' })
    return python
  } catch {
    return undefined
  }
}

const python = pythonWithTransformers()

it.skipIf(!python)(
  `transformers’ own models give the same exported${python ? '' : ' (skipped: BERTKIN_PYTHON has no transformers and onnxruntime)'}`,
  async () => {
    const script = resolve(fileURLToPath(import.meta.url), '../testing/exportedModels.py')
    const folder = join(scratch, 'transformers')
    execFileSync(python!, [script, 'make', folder], { stdio: 'pipe' })
    const names = readdirSync(folder)
    expect(names.length).toBeGreaterThan(20)
    for (const name of names) await write(await exportOnnx(join(folder, name)), join(folder, name, 'onnx'))
    const report = execFileSync(python!, [script, 'compare', folder], { encoding: 'utf8' })
    expect(report).toMatch(new RegExp(`^${names.length} agree, 0 differ$`, 'm'))
  },
  300_000,
)
