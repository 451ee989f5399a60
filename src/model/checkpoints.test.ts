// What a checkpoint may hold, lack or hold otherwise, and wherever its files lie: the model is the same, or it is refused.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  float32ToHalf,
  halfToFloat32,
  openFolder,
  openWeights,
  readSafetensorsHeader,
  type TensorToWrite,
  type Weights,
  weightsOf,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import type { FunctionOptions, Runtime } from '../runtime/index.js'
import { loadModel, Model, resolveModel } from './index.js'
import { difference } from './testing/difference.js'
import { checkpointFiles, memoryFolder, randomTensors, tinyConfig } from './testing/tinyModels.js'
import { bert, directory, load, runtime, sequences } from './testing/tinyRuntime.js'

describe('checkpoints', () => {
  const decoder = 'cls.predictions.decoder.weight'
  const embeddings = 'bert.embeddings.word_embeddings.weight'
  const base = randomTensors(bert, 'masked-lm')
  const copyOf = (name: string, tensors: readonly TensorToWrite[] = base) =>
    (tensors.find((tensor) => tensor.name === name)!.data as Float32Array).slice()
  const withDecoder = (data: Float32Array): TensorToWrite[] => [
    ...base,
    { name: decoder, dtype: 'F32', shape: [24, 8], data },
  ]

  it('may hold a copy of the tied projection', async () => {
    using plain = await load()
    using copied = await load('masked-lm', bert, withDecoder(copyOf(embeddings)))
    expect(copied.report).toEqual({ missing: [], unexpected: [], untied: [] })
    expect(difference(await copied.run(sequences), await plain.run(sequences))).toBe(0)
  })

  it('may hold a projection of its own, which is then used', async () => {
    const other = copyOf(embeddings).map((x) => -x)
    using plain = await load('masked-lm', bert, withNoBias(base))
    using untied = await load('masked-lm', bert, withNoBias(withDecoder(other)))
    expect(untied.report).toEqual({ missing: [], unexpected: [], untied: [decoder] })
    // Logits without a bias change their sign with the projection.
    const [a, b] = [(await plain.run(sequences)).logits!, (await untied.run(sequences)).logits!]
    a.data.forEach((x, i) => {
      expect(Number(b.data[i])).toBeCloseTo(-Number(x), 4)
    })
    expect(a.data.some((x) => Math.abs(Number(x)) > 0.1)).toBe(true)
  })

  it('whose configuration unties the projection must hold it', async () => {
    const config = tinyConfig('bert', { tieWordEmbeddings: false })
    const own = withDecoder(copyOf(embeddings).map((x) => -x))
    using untied = await load('masked-lm', config, own)
    using same = await load('masked-lm', bert, own)
    expect(untied.report).toEqual({ missing: [], unexpected: [], untied: [] })
    expect(difference(await untied.run(sequences), await same.run(sequences))).toBe(0)
    using lacking = await load('masked-lm', config, base)
    expect(lacking.report.missing).toEqual([decoder])
  })

  it('of the bare encoder have no prefix, and serve models with one', async () => {
    const head = base.filter(({ name }) => name.startsWith('cls.'))
    const bare = base
      .filter(({ name }) => name.startsWith('bert.'))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(5) }))
    using plain = await load()
    using model = await load('masked-lm', bert, [...bare, ...head])
    expect(model.report).toEqual({ missing: [], unexpected: [], untied: [] })
    expect(difference(await model.run(sequences), await plain.run(sequences))).toBe(0)
  })

  it('that lack a pooler can be trusted in what is not pooled', async () => {
    using model = await load('base', bert, base)
    const pooler = ['bert.pooler.dense.weight', 'bert.pooler.dense.bias']
    expect(model.report.missing).toEqual(pooler)
    expect(model.missingFor(['last_hidden_state', 'hidden_states'])).toEqual([])
    expect(model.missingFor(['last_hidden_state', 'pooler_output'])).toEqual(pooler)
    expect(() => model.missingFor(['logits'])).toThrow('it has last_hidden_state, pooler_output')
  })

  it('that lack a head are reported, and the head starts anew, alike every time', async () => {
    const run = async () => {
      using model = await load('token-classification', bert, base)
      expect(model.report.missing).toEqual(['classifier.weight', 'classifier.bias'])
      expect(model.report.unexpected).toContain('cls.predictions.bias')
      return model.run(sequences)
    }
    const [once, again] = [await run(), await run()]
    expect(difference(once, again)).toBe(0)
    expect(once.logits!.data.some((x) => Number(x) !== 0)).toBe(true)
  })

  it('of half precision give what their widened numbers give, on disk too', async () => {
    const halves = base.map((tensor) => ({ ...tensor, dtype: 'F16' as const }))
    const widened = base.map((tensor) => ({
      ...tensor,
      data: (tensor.data as Float32Array).map((x) => halfToFloat32(float32ToHalf(x))),
    }))
    const folder = join(directory, 'half')
    await writeFolderAtomically(folder, checkpointFiles(bert, 'masked-lm', halves))
    using expected = await load('masked-lm', bert, widened)
    using half = await loadModel(folder, { runtime })
    expect(difference(await half.run(sequences), await expected.run(sequences))).toBeLessThan(1e-5)
  })

  it('of another size than config.json says are refused with both shapes', async () => {
    const config = tinyConfig('bert', { vocabSize: 30 })
    await expect(load('masked-lm', config, base)).rejects.toMatchObject({
      code: 'parameter-mismatch',
      message: expect.stringMatching(/24.*30/s),
    })
  })

  it('without config.json are refused', async () => {
    await expect(loadModel(memoryFolder({}))).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('may lie in files of several folders', async () => {
    // What is in the first folder is mapped; the rest is read. The second's name begins with the first's.
    const parts = [base.filter((_, i) => i % 2 === 0), base.filter((_, i) => i % 2 === 1)]
    const files = []
    for (const [i, tensors] of parts.entries()) {
      const folder = join(directory, 'shards', i === 0 ? 'a' : 'a/b\\c')
      await mkdir(join(directory, 'shards'), { recursive: true })
      if (i === 0) await writeFolderAtomically(folder, checkpointFiles(bert, 'masked-lm', tensors))
      else {
        await mkdir(folder, { recursive: true })
        await writeFolderAtomically(join(folder, 'd'), checkpointFiles(bert, 'masked-lm', tensors))
      }
      const opened = await openFolder(i === 0 ? folder : join(folder, 'd'))
      const source = await opened.open('model.safetensors')
      files.push({ file: await readSafetensorsHeader(source!), path: opened.path?.('model.safetensors') })
    }
    const { definition, resolved } = await resolveModel(bert, 'masked-lm', weightsOf('shards', files))
    using model = new Model(definition, weightsOf('shards', files), resolved, runtime, undefined)
    using expected = await load()
    expect(difference(await model.run(sequences), await expected.run(sequences))).toBeLessThan(1e-5)
  })

  it.each([
    ['C:\\models\\a\\model.safetensors', 'C:\\models\\a\\', 'model.safetensors'],
    ['C:\\model.safetensors', 'C:\\', 'model.safetensors'],
    ['/models/a/b\\c', '/models/a/', 'b\\c'],
    ['/model.safetensors', '/', 'model.safetensors'],
  ])('at %s are mapped from %s', async (path, folder, fileName) => {
    const weights = await openWeights(memoryFolder(checkpointFiles(bert, 'masked-lm')))
    const located: Weights = {
      ...weights,
      location: (name) => {
        const { byteOffset, byteLength, dtype } = weights.info(name)
        return { path, byteOffset, byteLength, dtype }
      },
    }
    const asked: FunctionOptions[] = []
    const recording = {
      device: 'cpu',
      compile: (_: unknown, options: FunctionOptions) => Promise.reject(asked.push(options)),
    }
    const { definition, resolved } = await resolveModel(bert, 'masked-lm', located)
    using model = new Model(definition, located, resolved, recording as unknown as Runtime, undefined)
    await expect(model.run(sequences)).rejects.toBe(1)
    expect(asked[0]!.externalDataFolder).toBe(folder)
    const { data } = asked[0]!.stored!('cls.predictions.bias')!
    expect(data).toMatchObject({ location: fileName, length: 24 * 4 })
  })
})

const withNoBias = (tensors: readonly TensorToWrite[]): TensorToWrite[] =>
  tensors.map((tensor) => (tensor.name === 'cls.predictions.bias' ? { ...tensor, data: new Float32Array(24) } : tensor))
