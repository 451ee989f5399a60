// `bertkin export`: the folders that it writes, and those that it does not write to.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadModel } from '../../src/index.js'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, jsonLines, scratch } from './testing/commandLine.js'

beforeAll(async () => {
  await writeTinyCheckpoint(join(scratch, 'model'), { config: { extra: { my_field: 7 } } })
  await writeTinyCheckpoint(join(scratch, 'run/generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(join(scratch, 'run/discriminator'), { modelType: 'electra', head: 'pretraining' })
})

const json = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(scratch, path), 'utf8')) as Record<string, unknown>

describe('export --onnx', () => {
  it('writes what transformers.js reads', async () => {
    const { code, stdout, stderr } = await bertkin(['export', '--onnx', 'model', '--out', 'exported'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('input_ids  int64 [batch_size, sequence_length]')
    expect(stdout).toContain('logits  float32 [batch_size, sequence_length, 25]')
    const names = [
      'config.json',
      'onnx',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]
    expect(readdirSync(join(scratch, 'exported')).sort()).toEqual(names)
    expect(json('exported/config.json')).toMatchObject({ architectures: ['BertForMaskedLM'], my_field: 7 })
    expect(json('exported/config.json')).not.toHaveProperty('transformers.js_config')

    const session = await InferenceSession.create(join(scratch, 'exported/onnx/model.onnx'))
    const ids = [2, 5, 6, 3]
    const feed = (values: number[]): Tensor => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, 4])
    const { logits } = await session.run({
      input_ids: feed(ids),
      attention_mask: feed([1, 1, 1, 1]),
      token_type_ids: feed([0, 0, 0, 0]),
    })
    using model = await loadModel(join(scratch, 'model'))
    const expected = await model.run([{ ids }])
    expect(logits!.dims).toEqual([1, 4, 25])
    const differences = Array.from(logits!.data as Float32Array, (x, i) =>
      Math.abs(x - Number(expected.logits!.data[i])),
    )
    expect(Math.max(...differences)).toBeLessThan(1e-4)
  })

  it('writes over an earlier export, and beside it in half precision', async () => {
    const args = ['export', '--onnx', 'model', '--out', 'twice']
    await bertkin(args)
    expect(await bertkin([...args, '--dtype', 'float16'])).toMatchObject({ code: 0 })
    expect(await bertkin(args)).toMatchObject({ code: 0 })
    expect(readdirSync(join(scratch, 'twice/onnx')).sort()).toEqual(['model.onnx', 'model_fp16.onnx'])
  })

  it('says where the weights are, if they are outside', async () => {
    const [report] = jsonLines(
      await bertkin(['export', '--onnx', 'model', '--out', 'outside', '--external-data', '--json']),
    )
    expect(report).toMatchObject({ architecture: 'BertForMaskedLM', files: expect.any(Array) })
    expect(readdirSync(join(scratch, 'outside/onnx')).sort()).toEqual(['model.onnx', 'model.onnx_data'])
    expect(json('outside/config.json')['transformers.js_config']).toEqual({
      use_external_data_format: { 'model.onnx': 1 },
    })
    const session = await InferenceSession.create(join(scratch, 'outside/onnx/model.onnx'))
    expect(session.outputNames).toEqual(['logits'])
  })

  it('puts the model beside its checkpoint, which stays as it is', async () => {
    await writeTinyCheckpoint(join(scratch, 'own'))
    const before = readFileSync(join(scratch, 'own/config.json'))
    expect(await bertkin(['export', '--onnx', 'own', '--out', 'own', '--head', 'base'])).toMatchObject({ code: 0 })
    expect(existsSync(join(scratch, 'own/onnx/model.onnx'))).toBe(true)
    expect(readFileSync(join(scratch, 'own/config.json')).equals(before)).toBe(true)
    expect(existsSync(join(scratch, 'own/model.safetensors'))).toBe(true)
  })

  it('takes a run’s discriminator, or its generator for masks', async () => {
    await bertkin(['export', '--onnx', 'run', '--out', 'judge'])
    expect(json('judge/config.json')).toMatchObject({ architectures: ['ElectraForPreTraining'] })
    await bertkin(['export', '--onnx', 'run', '--out', 'filler', '--head', 'masked-lm'])
    expect(json('filler/config.json')).toMatchObject({ architectures: ['ElectraForMaskedLM'] })
  })

  it('says what it leaves out', async () => {
    const { code, stderr } = await bertkin(['export', '--onnx', 'model', '--out', 'bare', '--head', 'base'])
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: model lacks what pooler_output is computed from: left out\n',
    })
  })

  it.each([
    ['no format', ['model', '--out', 'x'], '--onnx'],
    ['no model', ['nowhere', '--onnx', '--out', 'x'], 'nowhere'],
    [
      'a head that was not trained',
      ['model', '--onnx', '--out', 'x', '--head', 'question-answering'],
      'lacks qa_outputs',
    ],
    [
      'a head that the kin has not',
      ['run/generator', '--onnx', '--out', 'x', '--head', 'next-sentence-prediction'],
      'has no head',
    ],
    ['somebody’s files', ['model', '--onnx', '--out', 'files'], 'holds files but no checkpoint'],
    ['another model’s folder', ['model', '--onnx', '--out', 'run/generator'], 'it holds another model'],
    ['a file', ['model', '--onnx', '--out', 'files/note.txt'], 'there is a file of that name'],
  ])('%s: one line, and nothing is written', async (_, args, message) => {
    mkdirSync(join(scratch, 'files'), { recursive: true })
    writeFileSync(join(scratch, 'files/note.txt'), 'mine')
    const { code, stdout, stderr } = await bertkin(['export', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect(existsSync(join(scratch, 'x'))).toBe(false)
    expect(readdirSync(join(scratch, 'files'))).toEqual(['note.txt'])
  })
})

describe('report', () => {
  it('refuses a folder that is no run’s', async () => {
    mkdirSync(join(scratch, 'empty'))
    const { code, stderr } = await bertkin(['report', 'empty'])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: empty has no metrics.jsonl and no run.json: is it the folder of a run?\n',
    })
    expect(readdirSync(join(scratch, 'empty'))).toEqual([])
  })

  it('makes do with metrics alone', async () => {
    mkdirSync(join(scratch, 'old'))
    writeFileSync(join(scratch, 'old/metrics.jsonl'), '{"step":10,"train_loss":5}\n{"step":20,"train_loss":4}\n{"st')
    expect(await bertkin(['report', 'old'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(scratch, 'old/report.html'), 'utf8')).toContain('<svg')
  })
})

describe('export --safetensors', () => {
  it('writes a checkpoint of half the bytes, which is loaded like any other', async () => {
    const args = ['export', '--safetensors', 'model', '--dtype', 'float16', '--out', 'half', '--json']
    const ended = await bertkin(args)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const bytes = (path: string): number => readFileSync(join(scratch, path)).length
    const [{ files }] = jsonLines(ended) as [{ files: unknown }]
    expect(files).toContainEqual({ path: 'model.safetensors', bytes: bytes('half/model.safetensors') })
    expect(bytes('half/model.safetensors')).toBeLessThan(bytes('model/model.safetensors'))
    expect(json('half/config.json')).toMatchObject({ dtype: 'float32', my_field: 7 })
    expect(existsSync(join(scratch, 'half/tokenizer.json'))).toBe(true)
    using model = await loadModel(join(scratch, 'model'))
    using half = await loadModel(join(scratch, 'half'))
    const [whole, rounded] = await Promise.all([model.run([{ ids: [2, 5, 3] }]), half.run([{ ids: [2, 5, 3] }])])
    const data = (output: typeof whole): number[] => Array.from(output.logits!.data as Float32Array)
    const differences = data(whole).map((x, i) => Math.abs(x - data(rounded)[i]!))
    expect(Math.max(...differences)).toBeGreaterThan(0)
    expect(Math.max(...differences)).toBeLessThan(1e-2)
  })

  it.each([
    ['no format', ['model', '--out', 'x'], 'name one format'],
    ['two formats', ['model', '--onnx', '--safetensors', '--out', 'x'], 'name one format'],
    ['a head', ['model', '--safetensors', '--head', 'base', '--out', 'x'], '--head and --external-data are for --onnx'],
    ['its own folder', ['model', '--safetensors', '--out', 'model'], 'choose a new folder'],
    ['another model’s folder', ['model', '--safetensors', '--out', 'run/generator'], 'it holds another model'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await bertkin(['export', ...args])
    expect(code).toBe(1)
    expect(stderr).toContain(message)
  })
})
