// The objectives with a second part, run and trained on tiny models: what they feed, count and measure, and that they
// learn. That losses and gradients are PyTorch's, the golden cases show.

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { Sequence } from '../model/index.js'
import { tinyConfig } from '../model/testing/tinyModels.js'
import { Random } from '../random.js'
import { Runtime } from '../runtime/index.js'
import { Trainer, TrainingStep } from '../train/index.js'
import { AccuracyMeter } from './accuracyMeter.js'
import {
  type Masking,
  maskedLm,
  nextSentencePrediction,
  ngramMasking,
  type Objective,
  replacedTokenDetection,
  type SentencePair,
  sentenceOrderPrediction,
  spanBoundary,
  spanMasking,
  wholeWordMasking,
} from './index.js'
import { withoutPadding } from './maskedLm.js'
import { maskedAt } from './masking.js'
import { boundaryTargets } from './spanBoundary.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 1 })
})
afterAll(() => runtime.dispose())

const specialTokenIds = new Set([0, 1, 2, 3, 4])
const VOCABULARY = { vocabSize: 24, maskTokenId: 4, specialTokenIds, startsWord: new Uint8Array(24).fill(1) }
const calm = { initializerRange: 0.2, hiddenSize: 16 }
const bert = tinyConfig('bert', calm)
const albert = tinyConfig('albert', calm)

/** Segments of rising and of falling ids: their order can be seen. */
const PAIRS: readonly SentencePair[] = [5, 8, 11].flatMap((start) => {
  const [up, down] = [
    [start, start + 1, start + 2],
    [start + 12, start + 11, start + 10],
  ]
  const typeIds = [0, 0, 0, 0, 0, 1, 1, 1, 1]
  return [
    { ids: [2, ...up, 3, ...down, 3], typeIds, label: 0 as const },
    { ids: [2, ...down, 3, ...up, 3], typeIds, label: 1 as const },
  ]
})

async function* repeat<T>(batch: readonly T[]): AsyncGenerator<readonly T[]> {
  for (;;) yield batch
}

async function train<T extends Sequence>(objective: Objective<T>, examples: readonly T[], steps: number) {
  using trainer = await Trainer.create(objective, runtime, { steps, learningRate: 0.02, seed: 3 })
  const before = await trainer.evaluate([examples])
  for await (const { applied } of trainer.train(repeat(examples))) expect(applied).toBe(true)
  return { before, after: await trainer.evaluate([examples]) }
}

describe.each([
  ['sentence order of ALBERT', sentenceOrderPrediction, albert, 'sop'],
  ['sentence order of BERT', sentenceOrderPrediction, bert, 'sop'],
  ['next sentence of BERT', nextSentencePrediction, bert, 'nsp'],
  ['next sentence of ALBERT', nextSentencePrediction, albert, 'nsp'],
] as const)('%s', (_, objectiveOf, config, part) => {
  it('is learnt beside masked words', async () => {
    const { before, after } = await train(objectiveOf(config, ngramMasking(VOCABULARY)), PAIRS, 150)
    expect(after[`${part}_loss`]).toBeLessThan(0.3)
    expect(before[`${part}_loss`]).toBeGreaterThan(0.5)
    expect(after).toMatchObject({ [`${part}_accuracy`]: 1, [`${part}_majority`]: 0.5 })
    expect(after.mlm_loss).toBeLessThan(before.mlm_loss!)
    expect(after.loss).toBeCloseTo(after.mlm_loss! + after[`${part}_loss`]!, 6)
  })

  it('counts a pair once', () => {
    const { counts, feeds } = objectiveOf(config, VOCABULARY).prepare(PAIRS, new Random(1))
    expect(counts).toEqual({ mlm: feeds.labels!.data.length, [part]: 6 })
    expect([...feeds.pairLabels!.data]).toEqual([0, 1, 0, 1, 0, 1])
  })

  it('refuses examples without a label, and kin without the head', () => {
    const prepare = () => objectiveOf(config, VOCABULARY).prepare([{ ids: [2, 9, 3] }], new Random(1))
    expect(prepare).toThrow(/label is undefined, not 0 or 1: pack the text with packSentencePairs/)
    for (const kin of ['roberta', 'electra'] as const) {
      const make = () => objectiveOf(tinyConfig(kin), VOCABULARY)
      expect(make).toThrow(expect.objectContaining({ code: 'head-mismatch' }))
    }
  })
})

describe('targets of span boundaries', () => {
  const targets = (ids: number[], positions: number[], most = 15) =>
    boundaryTargets(
      maskedAt(ids, positions, () => 4),
      VOCABULARY,
      most,
    ).map(({ left, right, place, label }) => [left, right, place, label])

  it('are the tokens of spans between two that are no special ones, with places from 0', () => {
    expect(targets([2, 10, 11, 12, 13, 14, 15, 3], [2, 3, 5])).toEqual([
      [1, 4, 0, 11],
      [1, 4, 1, 12],
      [4, 6, 0, 14],
    ])
  })

  it('are none where a span lies beside a special token', () => {
    expect(targets([2, 10, 11, 12, 13, 3], [1, 4])).toEqual([])
    expect(targets([2, 10, 11, 3, 12, 13, 14, 3], [2, 5])).toEqual([[4, 6, 0, 13]])
    expect(targets([10, 11, 12], [0, 2])).toEqual([]) // without any special tokens
  })

  it('are so many of a span at most, the first ones; the spans behind it keep their labels', () => {
    const ids = [2, ...Array.from({ length: 19 }, (_, i) => 5 + i), 3]
    expect(targets(ids, [2, 3, 4, 5, 7, 8], 3)).toEqual([
      [1, 6, 0, 6],
      [1, 6, 1, 7],
      [1, 6, 2, 8],
      [6, 9, 0, 11],
      [6, 9, 1, 12],
    ])
  })
})

describe('span boundaries', () => {
  /** In each sentence any word tells all others. */
  const SENTENCES: Sequence[] = [5, 10, 15].map((start) => ({
    ids: [2, ...Array.from({ length: 5 }, (_, i) => start + i), 3],
  }))
  const objective = () => spanBoundary(bert, VOCABULARY, spanMasking(VOCABULARY, { maskProbability: 0.2 }))

  it('are learnt beside masked words', async () => {
    const many = Array.from({ length: 8 }, () => SENTENCES).flat()
    const { before, after } = await train(objective(), many, 80)
    expect(after.sbo_loss).toBeLessThan(0.6 * before.sbo_loss!)
    expect(after.sbo_accuracy).toBeGreaterThan(before.sbo_accuracy!)
    expect(after.mlm_loss).toBeLessThan(0.6 * before.mlm_loss!)
    expect(after.loss).toBeCloseTo(after.mlm_loss! + after.sbo_loss!, 6)
  })

  it('rows of boundaries and labels are those of the original text', () => {
    const { feeds, counts } = objective().prepare([...SENTENCES, ...SENTENCES], new Random(4))
    const column = (name: string) => Array.from(feeds[name]!.data, Number)
    expect(counts.sbo).toBe(column('spanLabels').length)
    expect(counts.sbo).toBeGreaterThan(0)
    column('spanLabels').forEach((label, i) => {
      const left = column('leftRows')[i]!
      expect(column('inputIds')[left]! + 1 + column('places')[i]!).toBe(label)
      expect(specialTokenIds.has(column('inputIds')[left]!)).toBe(false)
      expect(specialTokenIds.has(column('inputIds')[column('rightRows')[i]!]!)).toBe(false)
    })
  })

  it('a batch without any is trained and measured like others: their loss is nothing', async () => {
    const first: Masking = (ids) => maskedAt(ids, [1], () => 4)
    const alone = spanBoundary(bert, VOCABULARY, first)
    const batch = alone.prepare(SENTENCES, new Random(1))
    expect(batch.counts).toEqual({ mlm: 3, sbo: 0 })
    const step = await TrainingStep.create(alone, runtime, { seed: 1 })
    const { loss, parts, gradientNorm } = await step.accumulate([batch], 0)
    expect(parts.sbo).toBe(0)
    expect(loss).toBe(parts.mlm)
    expect(gradientNorm).toBeGreaterThan(0)
    const head = step.store.slots.filter(({ path }) => path.startsWith('cls.pair_target_predictions.'))
    expect(head.length).toBeGreaterThan(4)
    for (const { start, end } of head) expect(step.gradients.subarray(start, end).every((g) => g === 0)).toBe(true)
    step.dispose()
    const { before, after } = await train(alone, SENTENCES, 3)
    for (const evaluation of [before, after]) {
      expect(Object.values(evaluation).every(Number.isFinite)).toBe(true)
      expect(evaluation.sbo_loss).toBe(0)
      expect(evaluation).not.toHaveProperty('sbo_accuracy')
    }
  })

  it('are BERT’s alone', () => {
    const make = () => spanBoundary(albert, VOCABULARY, spanMasking(VOCABULARY))
    expect(make).toThrow(expect.objectContaining({ code: 'head-mismatch' }))
  })
})

test('every objective takes any way of masking, with the example’s copy', () => {
  const seen: (number | undefined)[] = []
  const masking: Masking = (ids, random, copy) => {
    seen.push(copy)
    return wholeWordMasking(VOCABULARY)(ids, random)
  }
  const electra = tinyConfig('electra')
  const examples: SentencePair[] = [
    { ids: [2, 9, 10, 11, 3], label: 0, copy: 4 },
    { ids: [2, 9, 10, 0, 0], label: 1, attentionMask: [1, 1, 1, 0, 0], copy: 5 },
    { ids: [2, 9, 3], label: 1 },
  ]
  for (const objective of [
    maskedLm(bert, masking),
    sentenceOrderPrediction(albert, masking),
    spanBoundary(bert, VOCABULARY, masking),
    replacedTokenDetection({ generator: electra, discriminator: electra }, VOCABULARY, { masking }),
  ]) {
    expect(objective.prepare(examples, new Random(1)).counts.mlm).toBe(3)
    expect(seen.splice(0)).toEqual([4, 5, undefined])
  }
})

test('padding is left out, and what else an example has is kept', () => {
  const example: SentencePair = {
    ids: [2, 9, 3, 0],
    typeIds: [0, 0, 1, 0],
    attentionMask: [1, 1, 1, 0],
    label: 1,
    copy: 2,
  }
  expect(withoutPadding(example)).toEqual({ ids: [2, 9, 3], typeIds: [0, 0, 1], label: 1, copy: 2 })
})

test('the meter of classes, worked out on paper', () => {
  const meter = new AccuracyMeter('sop', 'guess', 'truth')
  const ints = (...values: number[]) => ({ data: Int32Array.from(values), dims: [values.length] })
  const batch = (...truth: number[]) => ({ feeds: { truth: ints(...truth) }, counts: {}, tokenCount: 0 })
  expect(meter.result()).toEqual({})
  meter.add({ guess: ints(0) }, batch(-100))
  expect(meter.result()).toEqual({})
  meter.add({ guess: ints(0, 1, 1) }, batch(0, 0, 1))
  meter.add({ guess: ints(0, 1) }, batch(0, -100))
  expect(meter.result()).toEqual({ sop_accuracy: 0.75, sop_majority: 0.75 })
})
