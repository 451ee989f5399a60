// Whole runs on tiny models: repeatable to the last bit, learning, evaluated, saved and loaded again.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { CheckpointError } from '../checkpoint/index.js'
import { loadModel, type Sequence } from '../model/index.js'
import type { Objective } from '../objective/index.js'
import { Random } from '../random.js'
import { Runtime, selectFeeds } from '../runtime/index.js'
import { saveModels, Trainer, type TrainerOptions } from './index.js'
import { repeat, SENTENCES, tinyElectra, tinyMaskedLm } from './testing/tinyTraining.js'

let runtime: Runtime
let directory: string
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 2 })
  directory = await mkdtemp(join(tmpdir(), 'bertkin-train-'))
})
afterAll(async () => {
  runtime.dispose()
  await rm(directory, { recursive: true, force: true })
})

const objectives = [
  ['masked LM', tinyMaskedLm],
  ['replaced token detection', tinyElectra],
] as const

/** Trains to the end; returns what every step told, and the weights. */
async function train(objective: Objective<Sequence>, options: TrainerOptions) {
  using trainer = await Trainer.create(objective, runtime, options)
  const reports = []
  for await (const report of trainer.train(repeat(SENTENCES))) reports.push(report)
  return { reports, values: trainer.parameters.values.slice() }
}

const withoutTime = <T extends { seconds: number }>(reports: readonly T[]) =>
  reports.map(({ seconds: _, ...rest }) => rest)

describe.each(objectives)('two runs of %s', (_, objectiveOf) => {
  it('with one seed are the same bit for bit, with dropout and two threads; with another they differ', async () => {
    const run = (seed: number, microBatchSize = 4) => train(objectiveOf(), { steps: 6, seed, microBatchSize })
    const [once, again, other] = [await run(1), await run(1), await run(2)]
    expect(once.reports).toHaveLength(6)
    expect(withoutTime(again.reports)).toEqual(withoutTime(once.reports))
    expect(Buffer.from(again.values.buffer).equals(Buffer.from(once.values.buffer))).toBe(true)
    expect(withoutTime(other.reports)).not.toEqual(withoutTime(once.reports))
    expect(other.values).not.toEqual(once.values)
  })
})

describe.each(objectives)('training by %s', (_, objectiveOf) => {
  it('learns a few sentences in 60 steps', async () => {
    const { reports } = await train(objectiveOf(), { steps: 60, learningRate: 0.02, seed: 3 })
    const mean = (from: number, part: string) =>
      reports.slice(from, from + 10).reduce((sum, { parts }) => sum + parts[part]! / 10, 0)
    expect(reports.every(({ applied }) => applied)).toBe(true)
    for (const part of Object.keys(reports[0]!.parts)) expect(mean(50, part), part).toBeLessThan(0.9 * mean(0, part))
    for (const { loss, gradientNorm, seconds, tokenCount } of reports) {
      expect(Number.isFinite(loss) && gradientNorm > 0 && seconds > 0).toBe(true)
      expect(tokenCount).toBe(SENTENCES.reduce((sum, { ids }) => sum + ids.length, 0))
    }
  })

  it('is evaluated without a change, the same every time, dropout or not', async () => {
    using trainer = await Trainer.create(objectiveOf({ hiddenDropoutProb: 0.5 }), runtime, { steps: 3 })
    const batches = [SENTENCES.slice(0, 4), SENTENCES.slice(4)]
    const before = trainer.parameters.values.slice()
    const first = await trainer.evaluate(batches)
    expect(trainer.parameters.values).toEqual(before)
    expect(await trainer.evaluate(batches)).toEqual(first)
    expect(await trainer.evaluate(batches, 2)).not.toEqual(first)
    for await (const _report of trainer.train(repeat(SENTENCES)));
    const after = await trainer.evaluate(batches)
    expect(after.loss).not.toBe(first.loss)
    for (const value of Object.values(after)) expect(value).not.toBeNaN()
    const weights: Record<string, number> = { mlm: 1, rtd: 50 }
    const parts = Object.keys(weights).filter((part) => `${part}_loss` in after)
    const total = parts.reduce((sum, part) => sum + weights[part]! * after[`${part}_loss`]!, 0)
    expect(after.loss).toBeCloseTo(total, 8)
    await expect(trainer.evaluate([])).rejects.toMatchObject({ code: 'option-invalid' })
  })

  it('evaluates to means over predictions, however they lie in batches', async () => {
    const objective = objectiveOf()
    using trainer = await Trainer.create(objective, runtime, { steps: 3 })
    const split = [SENTENCES.slice(0, 1), SENTENCES.slice(1)]
    const apart = [await trainer.evaluate([split[0]!]), undefined]
    const counts = split.map((batch, i) => objective.prepare(batch, new Random(1, i)).counts.mlm!)
    const both = await trainer.evaluate(split)
    const second = both.mlm_loss! * (counts[0]! + counts[1]!) - apart[0]!.mlm_loss! * counts[0]!
    // A loss near that of guessing among 24 tokens, which is what a new model has.
    expect(second / counts[1]!).toBeGreaterThan(2)
    expect(second / counts[1]!).toBeLessThan(4.5)
  })
})

test('the learning rate follows the schedule, from the first step to the last', async () => {
  const { reports } = await train(tinyMaskedLm(), { steps: 4, warmup: 2, learningRate: 0.1 })
  expect(reports.map(({ step, learningRate }) => [step, learningRate])).toEqual([
    [1, 0.05],
    [2, 0.1],
    [3, 0.05],
    [4, 0],
  ])
})

test('training ends when the batches do', async () => {
  using trainer = await Trainer.create(tinyMaskedLm(), runtime, { steps: 100 })
  async function* two() {
    yield SENTENCES
    yield SENTENCES
  }
  let count = 0
  for await (const { step } of trainer.train(two())) expect(step).toBe(++count)
  expect(count).toBe(2)
})

test('an empty batch is refused, not trained on twice', async () => {
  using trainer = await Trainer.create(tinyMaskedLm(), runtime, { steps: 100 })
  const refused = expect.objectContaining({ code: 'option-invalid' })
  await expect(trainer.train(repeat<Sequence>([])).next()).rejects.toEqual(refused)
})

test.each([
  { steps: 0 },
  { steps: 1.5 },
  { steps: Number.NaN },
  { steps: 10, warmup: 11 },
  { steps: 10, warmup: -1 },
  { steps: 10, learningRate: -1 },
  { steps: 10, learningRate: Number.NaN },
  { steps: 10, maximalNorm: 0 },
  { steps: 10, maximalNorm: Number.NaN },
  { steps: 10, microBatchSize: 0 },
  { steps: 10, microBatchSize: 2.5 },
])('options %j are refused', async (options) => {
  const refused = expect.objectContaining({ code: 'option-invalid' })
  await expect(Trainer.create(tinyMaskedLm(), runtime, options)).rejects.toEqual(refused)
})

describe('saved models', () => {
  it.each(objectives)(
    'of %s load with nothing missing and give the trainer’s own numbers',
    async (name, objectiveOf) => {
      const objective = objectiveOf()
      using trainer = await Trainer.create(objective, runtime, { steps: 3, learningRate: 0.05 })
      for await (const _report of trainer.train(repeat(SENTENCES)));
      const folder = join(directory, name)
      await saveModels(objective.models, trainer.parameters, folder, { 'vocab.txt': 'a\nb\n' })
      const loaded = objective.models.map((model) => loadModel(join(folder, model.folder), { runtime }))
      for (const [i, opening] of loaded.entries()) {
        using model = await opening
        expect(model.head).toBe(objective.models[i]!.head)
        expect(model.report).toEqual({ missing: [], unexpected: [], untied: [] })
        expect(await readFile(join(folder, objective.models[i]!.folder, 'vocab.txt'), 'utf8')).toBe('a\nb\n')
      }

      // The trainer's own graph, without dropout, and what the saved models say of the same tokens.
      const batch = objective.prepare(SENTENCES, new Random(4))
      const graph = objective.define({})
      using compiled = await runtime.compile({ ...graph.outputs })
      const views = trainer.parameters.views(trainer.parameters.values)
      const own = await compiled.run(selectFeeds(compiled, { ...batch.feeds, ...views }))
      const rows = Array.from(batch.feeds.predictedRows!.data, Number)
      const ids = Array.from(batch.feeds.inputIds!.data, Number)
      let start = 0
      const masked = SENTENCES.map(({ ids: { length } }) => {
        start += length
        return { ids: ids.slice(start - length, start) }
      })
      using reader = await loaded[0]!.then(() => loadModel(join(folder, objective.models[0]!.folder), { runtime }))
      const at = masked.flatMap((sequence, b) => sequence.ids.map((_id, s) => [b, s] as const))
      const { logits } = await reader.run(masked, { at: rows.map((row) => at[row]!) })
      const labels = Array.from(batch.feeds.labels!.data, Number)
      const loss = labels.reduce((sum, label, i) => {
        const row = Array.from(logits!.data.slice(i * 24, (i + 1) * 24) as Float32Array)
        return sum + Math.log(row.reduce((total, x) => total + Math.exp(x), 0)) - row[label]!
      }, 0)
      expect(Math.abs(Number(own.mlm!.data[0]) - loss) / loss).toBeLessThan(1e-5)
    },
  )

  it('of replaced token detection share the embeddings, and judge as the trainer’s graph does', async () => {
    const objective = tinyElectra()
    using trainer = await Trainer.create(objective, runtime, { steps: 3, learningRate: 0.05 })
    for await (const _report of trainer.train(repeat(SENTENCES)));
    const folder = join(directory, 'pair')
    await saveModels(objective.models, trainer.parameters, folder)
    using generator = await loadModel(join(folder, 'generator'), { runtime })
    using discriminator = await loadModel(join(folder, 'discriminator'), { runtime })
    const embeddingsOf = async (model: typeof generator) =>
      (await model.run(SENTENCES, { outputs: ['hidden_states'] }))['hidden_states.0']!
    // What both models' layers read is projected to their own widths; the table itself is compared in the files.
    expect((await embeddingsOf(generator)).dims).not.toEqual((await embeddingsOf(discriminator)).dims)
    const path = 'generator.electra.embeddings.word_embeddings.weight'
    const table = trainer.parameters.get(path)!
    for (const model of ['generator', 'discriminator']) {
      const file = await readFile(join(folder, model, 'model.safetensors'))
      const headerLength = Number(file.readBigUInt64LE(0))
      const header = JSON.parse(file.subarray(8, 8 + headerLength).toString()) as Record<
        string,
        { data_offsets: [number, number] }
      >
      const [start, end] = header['electra.embeddings.word_embeddings.weight']!.data_offsets
      const bytes = file.subarray(8 + headerLength + start, 8 + headerLength + end)
      expect(bytes.equals(Buffer.from(table.data.buffer, table.data.byteOffset, table.data.byteLength))).toBe(true)
    }

    // A generator that is all but certain of one word makes the discriminator's input known.
    trainer.parameters.get('generator.generator_lm_head.bias')!.data[9] = 1000
    const batch = objective.prepare(SENTENCES, new Random(4))
    using compiled = await runtime.compile({ ...objective.define({}).outputs })
    const views = trainer.parameters.views(trainer.parameters.values)
    const { verdict, replaced } = await compiled.run(selectFeeds(compiled, { ...batch.feeds, ...views }))
    const corrupted = Array.from(batch.feeds.originalIds!.data, Number)
    for (const row of batch.feeds.predictedRows!.data) corrupted[Number(row)] = 9
    let start = 0
    const sequences = SENTENCES.map(({ ids: { length } }) => {
      start += length
      return { ids: corrupted.slice(start - length, start) }
    })
    const at = sequences.flatMap((sequence, b) => sequence.ids.map((_id, s) => [b, s] as const))
    const { logits } = await discriminator.run(sequences, { at })
    verdict!.data.forEach((x, i) => {
      expect(Math.abs(Number(x) - Number(logits!.data[i]))).toBeLessThan(1e-5)
    })
    expect(Array.from(replaced!.data, Number)).toContain(1)
  })

  it('that cannot be written give one CheckpointError, and the previous ones stay whole', async () => {
    const objective = tinyElectra()
    using trainer = await Trainer.create(objective, runtime, { steps: 3 })
    const folder = join(directory, 'kept')
    await saveModels(objective.models, trainer.parameters, folder)
    const snapshot = async () =>
      Promise.all(
        ['generator', 'discriminator'].flatMap((model) =>
          ['config.json', 'model.safetensors'].map((file) => readFile(join(folder, model, file))),
        ),
      )
    const before = await snapshot()
    trainer.parameters.values.fill(1)
    // A file name that no disk takes stands for one that is full: the write fails halfway through the folder.
    const failing = saveModels(objective.models, trainer.parameters, folder, { ['x'.repeat(300)]: '' })
    await expect(failing).rejects.toBeInstanceOf(CheckpointError)
    await expect(failing).rejects.toMatchObject({ code: 'file-write' })
    expect(await snapshot()).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['discriminator', 'generator'])

    const file = join(directory, 'a file')
    await writeFile(file, 'not a folder')
    await expect(saveModels(objective.models, trainer.parameters, file)).rejects.toMatchObject({ code: 'file-write' })
    expect(await readFile(file, 'utf8')).toBe('not a folder')
    // A folder of something else is not replaced.
    const foreign = join(directory, 'foreign', 'generator')
    await mkdir(foreign, { recursive: true })
    await writeFile(join(foreign, 'thesis.tex'), 'years of work')
    const overwrite = saveModels(objective.models, trainer.parameters, join(directory, 'foreign'))
    await expect(overwrite).rejects.toMatchObject({ code: 'file-write' })
    expect(await readFile(join(foreign, 'thesis.tex'), 'utf8')).toBe('years of work')
  })
})
