// What a training step costs, in counts that no machine changes: nodes of the graph, multiplications, and parameters
// copied. Whoever makes one of them larger should know, and say why.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EncoderConfig } from '../checkpoint/index.js'
import { tinyConfig } from '../model/testing/tinyModels.js'
import {
  maskedLm,
  type Objective,
  replacedTokenDetection,
  sentenceOrderPrediction,
  spanBoundary,
} from '../objective/index.js'
import { Random } from '../random.js'
import { type CompiledFunction, type Feeds, Runtime, type TensorData } from '../runtime/index.js'
import { AdamW, TrainingStep } from './index.js'
import { VOCABULARY } from './testing/tinyTraining.js'

const shape = { hiddenSize: 16, embeddingSize: 16, intermediateSize: 64, maxPositionEmbeddings: 64 }
const [HIDDEN, INNER] = [shape.hiddenSize, shape.intermediateSize]

const configOf = (modelType: EncoderConfig['modelType'], numHiddenLayers: number): EncoderConfig =>
  tinyConfig(modelType, { ...shape, numHiddenLayers })

/** Predicts the second to the fourth token of each sequence. */
const masking = (ids: ArrayLike<number>) => {
  const positions = Int32Array.of(1, 2, 3)
  const masked = Int32Array.from(ids, (id, i) => (i >= 1 && i <= 3 ? 4 : id))
  return { ids: masked, positions, labels: positions.map((i) => ids[i]!) }
}

/** Objectives by kin, of so many layers. */
const objectives: Readonly<Record<string, (layers: number) => Objective<never>>> = {
  bert: (layers) => maskedLm(configOf('bert', layers), masking),
  roberta: (layers) => maskedLm(configOf('roberta', layers), masking),
  albert: (layers) => sentenceOrderPrediction(configOf('albert', layers), masking),
  electra: (layers) => {
    const config = configOf('electra', layers)
    return replacedTokenDetection({ generator: config, discriminator: config }, VOCABULARY, { masking })
  },
  spanbert: (layers) => spanBoundary(configOf('bert', layers), VOCABULARY, masking),
}

const sequences = (batch: number, length: number) =>
  Array.from({ length: batch }, (_, b) => ({
    ids: Array.from({ length }, (_, i) => 5 + ((b + i) % 19)),
    typeIds: new Array<number>(length).fill(0),
    label: 0,
  }))

describe('a training step', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await Runtime.open({ threads: 1 })
  })
  afterAll(() => runtime.dispose())

  const nodesOf = async (kin: string, layers: number): Promise<number> => {
    const step = await TrainingStep.create(objectives[kin]!(layers), runtime)
    step.dispose()
    return step.nodeCount
  }

  // With dropout; ELECTRA has two models.
  it.each([
    ['bert', 467, 227],
    ['roberta', 470, 227],
    ['albert', 542, 204],
    ['electra', 897, 454],
    ['spanbert', 607, 227],
  ])('of %s has no more than %i nodes, and %i more for each layer', async (kin, ofOne, ofEachMore) => {
    const [one, two, four] = [await nodesOf(kin, 1), await nodesOf(kin, 2), await nodesOf(kin, 4)]
    expect(four - two).toBe(2 * (two - one)) // as many for every layer
    expect(two - one).toBeLessThanOrEqual(ofEachMore)
    expect(one).toBeLessThanOrEqual(ofOne)
  })

  const operationsOf = async (layers: number, batch: number, length: number): Promise<number> => {
    const objective = objectives.bert!(layers)
    const step = await TrainingStep.create(objective, runtime)
    const before = runtime.flops
    await step.accumulate([objective.prepare(sequences(batch, length) as never, new Random(1))], 1)
    step.dispose()
    return runtime.flops - before
  }

  it('multiplies three times as much as a forward pass, and projects masked rows alone', async () => {
    const [layers, batch, length] = [2, 3, 8]
    const [tokens, predictions] = [batch * length, 3 * batch]
    const dense = tokens * layers * (4 * HIDDEN ** 2 + 2 * HIDDEN * INNER)
    const attention = layers * batch * 2 * length ** 2 * HIDDEN
    const head = predictions * (HIDDEN ** 2 + HIDDEN * VOCABULARY.vocabSize)
    expect(await operationsOf(layers, batch, length)).toBe(2 * 3 * (dense + attention + head))
  })

  it('grows with its batch as the batch does, and with its length as attention does', async () => {
    const one = await operationsOf(1, 1, 8)
    expect(await operationsOf(1, 5, 8)).toBe(5 * one)
    const [eight, sixteen, thirtyTwo] = [one, await operationsOf(1, 1, 16), await operationsOf(1, 1, 32)]
    // Of a + b·n + c·n²: c is that of the two products of attention, backwards and forwards.
    const second = (thirtyTwo - sixteen) / 16 - (sixteen - eight) / 8
    expect(second / (32 - 8)).toBeCloseTo(2 * 3 * 2 * HIDDEN, 6)
  })

  it('copies no parameter and no gradient: the engine reads and writes the step’s own buffers', async () => {
    const calls: { feeds: Feeds; into: Readonly<Record<string, TensorData>> }[] = []
    const watching = {
      compile: async (...args: Parameters<Runtime['compile']>) => {
        const compiled = await runtime.compile(...args)
        return {
          inputs: compiled.inputs,
          run(feeds: Feeds, into: Readonly<Record<string, TensorData>>) {
            calls.push({ feeds, into })
            return compiled.run(feeds, into)
          },
          dispose: () => compiled.dispose(),
        } as CompiledFunction
      },
    }
    const objective = objectives.roberta!(1)
    const step = await TrainingStep.create(objective, watching as unknown as Runtime)
    const batch = objective.prepare(sequences(2, 6) as never, new Random(1))
    await step.run([batch], new AdamW(step.store.slots), { learningRate: 1e-3, maximalNorm: 1, dropoutSeed: 1 })
    const [{ feeds, into }] = calls as [(typeof calls)[0]]
    for (const { path, start, end } of step.store.slots) {
      expect(feeds[path]?.data.buffer).toBe(step.store.values.buffer)
      expect([feeds[path]!.data.byteOffset, feeds[path]!.data.length]).toEqual([4 * start, end - start])
      expect(into[`gradient.${path}`]?.data.buffer).toBe(step.gradients.buffer)
    }
    expect(step.gradients.some((value) => value !== 0)).toBe(true)
    step.dispose()
  })
})
