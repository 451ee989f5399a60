// Where fine-tuning begins: what is the checkpoint's, what is new, and what is left behind.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  narrow,
  openFolder,
  openWeights,
  readSafetensorsHeader,
  safetensorsBytes,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import { removeTemporaryFolders, temporaryFolder, writeTinyCheckpoint } from '../pipeline/testing/tinyCheckpoint.js'
import { readStartingPoint } from './index.js'
import { data, run, start, texts } from './testing/tinyFinetuning.js'

afterAll(removeTemporaryFolders)

describe('the starting point', () => {
  const labels = { id2label: ['a', 'b'], problemType: undefined } as const

  it('has the encoder of the checkpoint, exactly, and a head of its own', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const { out } = await run('text-classification', {
      model,
      train: data(texts),
      epochs: 1,
      learningRate: 0,
      weightDecay: 0,
    })
    const [before, after] = await Promise.all([model, out].map(async (path) => openWeights(await openFolder(path))))
    const kept = [...after!.names()].filter((name) => name.startsWith('electra.'))
    expect(kept.length).toBeGreaterThan(30)
    for (const name of kept) expect(await after!.readFloat32(name)).toEqual(await before!.readFloat32(name))
    const head = await after!.readFloat32('classifier.out_proj.weight')
    expect(new Set(head).size).toBe(head.length)
  })

  it('names what is new and what is not used', async () => {
    const folder = await openFolder(await start({ modelType: 'electra', head: 'pretraining' }))
    const { fresh, unused } = await readStartingPoint(folder, 'sequence-classification', labels)
    expect(fresh.toSorted()).toEqual([
      'classifier.dense.bias',
      'classifier.dense.weight',
      'classifier.out_proj.bias',
      'classifier.out_proj.weight',
    ])
    expect(unused.every((name) => name.startsWith('discriminator_predictions.'))).toBe(true)
    expect(unused).toHaveLength(4)
    const bert = await readStartingPoint(await openFolder(await start()), 'sequence-classification', labels)
    expect(bert.fresh).toContain('bert.pooler.dense.weight')
  })

  it('begins the top layers and the pooler anew where it is asked to', async () => {
    const folder = await openFolder(await start({ head: 'pretraining', config: { numHiddenLayers: 3 } }))
    const { fresh, unused } = await readStartingPoint(folder, 'sequence-classification', { ...labels, freshLayers: 2 })
    const encoder = fresh.filter((path) => path.startsWith('bert.'))
    const place = (path: string) => /^bert\.(encoder\.layer\.\d|pooler)\./.exec(path)?.[1]
    expect(new Set(encoder.map(place))).toEqual(new Set(['encoder.layer.1', 'encoder.layer.2', 'pooler']))
    expect(encoder).toHaveLength(2 * 16 + 2)
    expect(unused).toEqual(expect.arrayContaining(encoder))
    const train = data(texts)
    const options = { model: folder, train, epochs: 1, learningRate: 0, freshLayers: 2 }
    const { out } = await run('text-classification', options)
    const [before, after] = await Promise.all([openWeights(folder), openWeights(await openFolder(out))])
    const isKept = async (name: string) =>
      JSON.stringify(await before.readFloat32(name)) === JSON.stringify(await after.readFloat32(name))
    expect(await isKept('bert.encoder.layer.0.output.dense.weight')).toBe(true)
    expect(await isKept('bert.encoder.layer.1.output.dense.weight')).toBe(false)
  })

  it('keeps the embeddings where all layers begin anew', async () => {
    const folder = await openFolder(await start({ head: 'pretraining', config: { numHiddenLayers: 2 } }))
    const { fresh } = await readStartingPoint(folder, 'sequence-classification', { ...labels, freshLayers: 2 })
    expect(fresh.filter((path) => path.startsWith('bert.encoder.'))).toHaveLength(2 * 16)
    expect(fresh.filter((path) => path.startsWith('bert.embeddings.'))).toEqual([])
  })

  it.each([
    ['bert', 3],
    ['bert', 1.5],
    ['albert', 1],
  ] as const)('refuses fresh layers that %s does not have: %d', async (modelType, freshLayers) => {
    const model = await start({ modelType, head: 'pretraining', config: { numHiddenLayers: 2 } })
    const options = { model, train: data(texts), epochs: 1, freshLayers }
    await expect(run('text-classification', options)).rejects.toMatchObject({ code: 'option-invalid' })
  })

  it('keeps a head that is for the same labels, and begins anew for others', async () => {
    const model = await start({ head: 'sequence-classification', config: { id2label: ['a', 'b'] } })
    const freshFor = async (id2label: readonly string[]) =>
      (await readStartingPoint(await openFolder(model), 'sequence-classification', { ...labels, id2label })).fresh
    expect(await freshFor(['a', 'b'])).toEqual([])
    expect(await freshFor(['b', 'a'])).toEqual(['classifier.weight', 'classifier.bias'])
    expect(await freshFor(['a', 'b', 'c'])).toEqual(['classifier.weight', 'classifier.bias'])
  })

  it('is the discriminator of an ELECTRA run, whose tokenizer it saves', async () => {
    const folder = join(await temporaryFolder(), 'run')
    await start() // another folder beside it
    for (const [part, head] of [
      ['generator', 'masked-lm'],
      ['discriminator', 'pretraining'],
    ] as const) {
      await writeTinyCheckpoint(join(folder, part), { modelType: 'electra', head })
    }
    const { out } = await run('text-classification', { model: folder, train: data(texts), epochs: 1, learningRate: 0 })
    const read = async (path: string) =>
      (await openWeights(await openFolder(path))).readFloat32('electra.embeddings.word_embeddings.weight')
    expect(await read(out)).toEqual(await read(join(folder, 'discriminator')))
    expect(readFileSync(join(out, 'vocab.txt'), 'utf8')).toContain('##ing')
  })

  it('of half-precision weights is what they widen to', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const bytes = readFileSync(join(model, 'model.safetensors'))
    const whole = await readSafetensorsHeader({
      byteLength: bytes.length,
      slice: async (a, b) => new Uint8Array(bytes.subarray(a, b)),
    })
    const tensors = await Promise.all(
      [...whole.tensors].map(async ([name, { shape }]) => ({
        name,
        dtype: 'F16' as const,
        shape,
        data: narrow(await whole.readFloat32(name), 'F16') as Uint16Array,
      })),
    )
    await writeFolderAtomically(model, { 'model.safetensors': safetensorsBytes(tensors) })
    const { out } = await run('text-classification', { model, train: data(texts), epochs: 1, learningRate: 0 })
    const name = 'electra.encoder.layer.1.output.dense.weight'
    const [before, after] = await Promise.all(
      [model, out].map(async (path) => (await openWeights(await openFolder(path))).readFloat32(name)),
    )
    expect(after).toEqual(before)
  })

  it('from scratch has nothing of the checkpoint', async () => {
    const model = await start({ modelType: 'electra', head: 'pretraining' })
    const { out, plan } = await run('text-classification', {
      model,
      train: data(texts),
      epochs: 1,
      learningRate: 0,
      fromScratch: true,
    })
    expect(plan.fresh).toContain('electra.embeddings.word_embeddings.weight')
    const name = 'electra.encoder.layer.0.attention.self.query.weight'
    const [before, after] = await Promise.all(
      [model, out].map(async (path) => (await openWeights(await openFolder(path))).readFloat32(name)),
    )
    expect(after).not.toEqual(before)
  })
})
