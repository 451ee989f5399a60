// One step: accumulation, means over predictions, and steps that are not finite.

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { mul, reduceSum, scalar } from '../graph/index.js'
import { batchTokens, ParameterScope, type Sequence } from '../model/index.js'
import { maskForGenerator, maskTokens, type Objective, type PreparedBatch } from '../objective/index.js'
import { predictionFeeds } from '../objective/maskedLm.js'
import { Random } from '../random.js'
import { Runtime } from '../runtime/index.js'
import { AdamW, TrainingStep } from './index.js'
import { SENTENCES, tinyElectra, tinyMaskedLm, VOCABULARY } from './testing/tinyTraining.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 2 })
})
afterAll(() => runtime.dispose())

const withoutDropout = { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0, initializerRange: 0.5 }

/** The same masked sentences as one batch or as several, so that only the split differs. */
function prepareAs(split: readonly number[], isElectra: boolean): PreparedBatch[] {
  const random = new Random(3)
  // Shares from 0.1 to 1: micro-batches with very different numbers of predictions.
  const masked = SENTENCES.map(({ ids }, i) => {
    const maskProbability = [0.1, 1, 0.1, 1, 0.1, 0.5][i]!
    return isElectra
      ? maskForGenerator(ids, 19, VOCABULARY, random, { maskProbability })
      : maskTokens(ids, VOCABULARY, random, { maskProbability })
  })
  const uniforms = masked.map(({ positions }) => Array.from(positions, () => random.uniform() * 0.999))
  let start = 0
  return split.map((size) => {
    const part = masked.slice(start, start + size)
    const own = uniforms.slice(start, start + size).flat()
    const originals = SENTENCES.slice(start, start + size)
    start += size
    const batch = batchTokens(part.map(({ ids }) => ({ ids })))
    const feeds = {
      ...batch.feeds,
      ...predictionFeeds(part, batch.feeds.firstRows!.data as Int32Array),
      originalIds: batchTokens(originals).feeds.inputIds!,
      sampleUniforms: { data: Float32Array.from(own), dims: [own.length] },
    }
    const counts = { mlm: own.length, ...(isElectra && { rtd: batch.tokenCount }) }
    return { feeds, counts, tokenCount: batch.tokenCount }
  })
}

describe.each([
  ['masked LM', tinyMaskedLm(withoutDropout), false],
  ['replaced token detection', tinyElectra(withoutDropout), true],
] as const)('micro-batches of %s', (_, objective, isElectra) => {
  it('add up to the gradients and the loss of one batch', async () => {
    const step = await TrainingStep.create(objective, runtime, { seed: 1 })
    try {
      const whole = await step.accumulate(prepareAs([6], isElectra), 0)
      const expected = step.gradients.slice()
      const scale = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
      for (const split of [
        [1, 5],
        [3, 1, 2],
        [1, 1, 1, 1, 1, 1],
      ]) {
        const batches = prepareAs(split, isElectra)
        expect(new Set(batches.map(({ counts }) => counts.mlm)).size).toBeGreaterThan(1)
        const result = await step.accumulate(batches, 0)
        expect(result.tokenCount).toBe(whole.tokenCount)
        expect(result.loss / whole.loss).toBeCloseTo(1, 5)
        for (const [part, value] of Object.entries(whole.parts)) expect(result.parts[part]! / value).toBeCloseTo(1, 5)
        expect(result.gradientNorm / whole.gradientNorm).toBeCloseTo(1, 5)
        const largest = step.gradients.reduce((max, x, i) => Math.max(max, Math.abs(x - expected[i]!)), 0)
        expect(largest / scale).toBeLessThan(1e-5)
      }
    } finally {
      step.dispose()
    }
  })

  it('have losses that are means over all predictions', async () => {
    const step = await TrainingStep.create(objective, runtime, { seed: 1 })
    try {
      const batches = prepareAs([1, 5], isElectra)
      const sums: Record<string, number> = {}
      const counts: Record<string, number> = {}
      for (const batch of batches) {
        const { parts } = await step.accumulate([batch], 0)
        for (const [part, mean] of Object.entries(parts)) {
          sums[part] = (sums[part] ?? 0) + mean * batch.counts[part]!
          counts[part] = (counts[part] ?? 0) + batch.counts[part]!
        }
      }
      const { parts, loss } = await step.accumulate(batches, 0)
      for (const [part, mean] of Object.entries(parts)) expect(mean).toBeCloseTo(sums[part]! / counts[part]!, 4)
      expect(loss).toBeCloseTo(isElectra ? parts.mlm! + 50 * parts.rtd! : parts.mlm!, 4)
    } finally {
      step.dispose()
    }
  })
})

describe('a step that is not finite', () => {
  const rates = { learningRate: 0.1, maximalNorm: 1, dropoutSeed: 5 }
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('because of a weight of %d changes nothing', async (value) => {
    const step = await TrainingStep.create(tinyMaskedLm(), runtime, { seed: 1 })
    try {
      const optimizer = new AdamW(step.store.slots)
      const [batch] = prepareAs([6], false)
      expect((await step.run([batch!], optimizer, rates)).applied).toBe(true)
      const slot = step.store.slots.find(({ path }) => path === 'cls.predictions.transform.dense.weight')!
      const kept = step.store.values[slot.start]!
      step.store.values[slot.start] = value
      const [values, first, second] = [
        step.store.values,
        optimizer.state.buffers.firstMean,
        optimizer.state.buffers.secondMean,
      ].map((x) => x.slice())
      const result = await step.run([batch!], optimizer, rates)
      expect(result.applied).toBe(false)
      expect(result.loss).toBeNaN()
      expect(optimizer.state.stepCount).toBe(1)
      expect(step.store.values).toEqual(values)
      expect([optimizer.state.buffers.firstMean, optimizer.state.buffers.secondMean]).toEqual([first, second])
      // …and the next one goes on, nothing of it left in the buffers.
      step.store.values[slot.start] = kept
      expect((await step.run([batch!], optimizer, rates)).applied).toBe(true)
      expect(optimizer.state.stepCount).toBe(2)
    } finally {
      step.dispose()
    }
  })
})

test('dropout is another with another seed, and the same with the same', async () => {
  const step = await TrainingStep.create(tinyMaskedLm({ hiddenDropoutProb: 0.5 }), runtime, { seed: 1 })
  try {
    const batches = prepareAs([6], false)
    const losses = []
    for (const seed of [1, 2, 1, 2 ** 32 - 1]) losses.push((await step.accumulate(batches, seed)).loss)
    expect(losses[0]).toBe(losses[2])
    expect(new Set(losses).size).toBe(3)
    // Micro-batches have seeds of their own, beyond the largest of 32 bits too.
    expect(Number.isFinite((await step.accumulate(prepareAs([3, 3], false), 2 ** 32 - 1)).loss)).toBe(true)
  } finally {
    step.dispose()
  }
})

test('counts are asked for before a step and gradients handed over after it', async () => {
  const objective: Objective<Sequence> = tinyMaskedLm(withoutDropout)
  // A second worker with the same batch: counts and gradients double, and the step is the one of a worker alone.
  const collective = {
    async sumCounts(counts: Record<string, number>) {
      for (const part of Object.keys(counts)) counts[part]! *= 2
    },
    async sumGradients(gradients: Float32Array) {
      for (let i = 0; i < gradients.length; i++) gradients[i]! *= 2
    },
  }
  const alone = await TrainingStep.create(objective, runtime, { seed: 1 })
  const paired = await TrainingStep.create(objective, runtime, { seed: 1, collective })
  try {
    const batches = prepareAs([6], false)
    const [a, b] = [await alone.accumulate(batches, 0), await paired.accumulate(batches, 0)]
    expect(b.gradientNorm / a.gradientNorm).toBeCloseTo(1, 5)
  } finally {
    alone.dispose()
    paired.dispose()
  }
})

test('a step of no batch at all is refused', async () => {
  const step = await TrainingStep.create(tinyMaskedLm(), runtime)
  try {
    await expect(step.accumulate([], 0)).rejects.toMatchObject({ code: 'option-invalid' })
  } finally {
    step.dispose()
  }
})

/** w · factor · factor: a loss whose gradient can be made too large for its own good. */
const productObjective = (factor: number): Objective<never> => ({
  name: 'product',
  define() {
    const scope = new ParameterScope()
    const w = scope.get('w', [1], 'zeros')
    const sum = reduceSum(mul(mul(w, scalar(factor)), scalar(factor)))
    return { parts: { product: { sum, weight: 1 } }, parameters: scope.declarations(), outputs: {} }
  },
  prepare: () => ({ feeds: {}, counts: { product: 1 }, tokenCount: 1 }),
  meter: () => ({ add() {}, result: () => ({}) }),
  models: [],
})

test('a finite loss with a gradient that is not changes nothing', async () => {
  const objective = productObjective(3e38)
  const step = await TrainingStep.create(objective, runtime)
  try {
    const optimizer = new AdamW(step.store.slots)
    const batch = objective.prepare([], new Random(1))
    const rates = { learningRate: 1, maximalNorm: undefined, dropoutSeed: 0 }
    const result = await step.run([batch], optimizer, rates)
    expect(result).toMatchObject({ loss: 0, gradientNorm: Number.POSITIVE_INFINITY, applied: false })
    expect([step.store.values[0], optimizer.state.buffers.firstMean[0], optimizer.state.stepCount]).toEqual([0, 0, 0])
  } finally {
    step.dispose()
  }
})

test('a part without predictions has a loss of 0, not of a division by nothing', async () => {
  const objective = productObjective(2)
  const step = await TrainingStep.create(objective, runtime)
  try {
    const batch = { ...objective.prepare([], new Random(1)), counts: { product: 0 } }
    expect(await step.accumulate([batch], 0)).toMatchObject({ loss: 0, gradientNorm: 4 })
  } finally {
    step.dispose()
  }
})
