// ELECTRA's objective, run: what the graph samples, labels and loses is worked out again from the generator's logits.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EncoderConfig } from '../checkpoint/index.js'
import { grad, type Tensor } from '../graph/index.js'
import { defineModel, initialValues, type ParameterDeclaration, type Sequence } from '../model/index.js'
import { tinyConfig } from '../model/testing/tinyModels.js'
import { Random } from '../random.js'
import { type Feeds, Runtime, type TensorData } from '../runtime/index.js'
import {
  countInput,
  defineReplacedTokenDetection,
  maskedLm,
  type ObjectiveGraph,
  type PreparedBatch,
  type ReplacedTokenDetectionOptions,
  replacedTokenDetection,
  totalLoss,
} from './index.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 1 })
})
afterAll(() => runtime.dispose())

const VOCABULARY = { vocabSize: 24, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
const discriminator = tinyConfig('electra')
const generator = tinyConfig('electra', { hiddenSize: 4, intermediateSize: 8, numHiddenLayers: 1 })
const configs = { generator, discriminator }

/** Sequences of four different words, so that a generator that likes these often hits the original. */
const examples: Sequence[] = [12, 7, 10, 3].map((length, i) => {
  const random = new Random(30 + i)
  return { ids: [2, ...Array.from({ length: length - 2 }, () => 5 + random.below(4)), 3] }
})

/** Weights by path: random, and a generator that likes ids 5 to 8. */
const weightsOf = (parameters: readonly ParameterDeclaration[]): Record<string, TensorData> =>
  Object.fromEntries(
    parameters.map((declaration) => {
      const { path, shape } = declaration
      const data = initialValues({ ...declaration, initializer: { normal: 0.5 } }, 3)
      if (path === 'generator.generator_lm_head.bias') data.subarray(5, 9).fill(4)
      return [path, { data, dims: shape }]
    }),
  )

const run = async (outputs: Record<string, Tensor>, available: Feeds): Promise<Record<string, TensorData>> => {
  using compiled = await runtime.compile(outputs)
  return compiled.run(Object.fromEntries(compiled.inputs.map(({ name }) => [name, available[name]!])))
}

/** Everything that a graph gives: its outputs, the loss, and the gradient of every parameter. */
async function evaluate(graph: ObjectiveGraph, batch: PreparedBatch, more: Feeds = {}) {
  const loss = totalLoss(graph.parts)
  const parameters = graph.parameters.map(({ tensor }) => tensor)
  const gradients = grad(loss, parameters).map((x, i) => [`gradient ${graph.parameters[i]!.path}`, x] as const)
  const counts = Object.entries(batch.counts).map(
    ([part, count]) => [countInput(part), { data: Float32Array.of(count), dims: [1] }] as const,
  )
  const feeds = { ...batch.feeds, ...weightsOf(graph.parameters), ...Object.fromEntries(counts), ...more }
  return run({ ...graph.outputs, loss, ...Object.fromEntries(gradients) }, feeds)
}

/** The generator's logits at the predicted rows, by a masked-LM model that knows nothing of the objective. */
async function generatorLogits(batch: PreparedBatch, weights: Readonly<Record<string, TensorData>>) {
  const { outputs, scope } = defineModel(generator, 'masked-lm')
  const own = scope.declarations().map(({ path }) => [path, weights[`generator.${path}`]!] as const)
  const { logits } = await run({ ...outputs }, { ...batch.feeds, ...Object.fromEntries(own) })
  const all = numbers(logits!)
  return numbers(batch.feeds.predictedRows!).map((row) => all.slice(row * 24, (row + 1) * 24))
}

const numbers = ({ data }: TensorData): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

const softmax = (row: readonly number[]): number[] => {
  const largest = Math.max(...row)
  const exps = row.map((x) => Math.exp(x - largest))
  const total = exps.reduce((sum, x) => sum + x, 0)
  return exps.map((x) => x / total)
}

/** The discriminator's input as the authors' code makes it: samples, averaged and rounded down where places meet. */
function corruptPlainly(
  batch: PreparedBatch,
  logits: readonly (readonly number[])[],
  { temperature = 1, disallowCorrect = false }: ReplacedTokenDetectionOptions,
): number[] {
  const [rows, labels, uniforms] = ['predictedRows', 'labels', 'sampleUniforms'].map((name) =>
    numbers(batch.feeds[name]!),
  )
  const samples = logits.map((row, i) => {
    const allowed = row.map((x, id) => (disallowCorrect && id === labels![i] ? x - 1000 : x) / temperature)
    const probabilities = softmax(allowed)
    let [id, sum] = [0, probabilities[0]!]
    while (uniforms![i]! >= sum) sum += probabilities[++id]!
    return id
  })
  return numbers(batch.feeds.originalIds!).map((id, row) => {
    const here = samples.filter((_, i) => rows![i] === row)
    return here.length === 0 ? id : Math.floor(here.reduce((sum, x) => sum + x, 0) / here.length)
  })
}

const variants: readonly [string, ReplacedTokenDetectionOptions][] = [
  ['defaults', { maskProbability: 0.4 }],
  ['places drawn with replacement', { maskProbability: 0.9, withReplacement: true }],
  ['a low temperature', { maskProbability: 0.4, temperature: 0.3 }],
  ['the correct token not allowed', { maskProbability: 0.4, disallowCorrect: true }],
  ['embeddings apart', { maskProbability: 0.4, tieEmbeddings: false }],
  ['the generator’s tokens only', { maskProbability: 0.4, predictedTokensOnly: true }],
  ['other weights', { maskProbability: 0.4, generatorWeight: 2, discriminatorWeight: 7 }],
]

describe.each(variants)('replaced token detection: %s', (_, options) => {
  const objective = replacedTokenDetection(configs, VOCABULARY, options)
  const batch = objective.prepare(examples, new Random(8))

  it('samples, labels and loses as the authors’ code does, and no gradient passes through sampling', async () => {
    const graph = objective.define({})
    const logits = await generatorLogits(batch, weightsOf(graph.parameters))
    const corrupted = corruptPlainly(batch, logits, options)
    const original = numbers(batch.feeds.originalIds!)
    const sampled = await evaluate(graph, batch)

    const isReplaced = corrupted.map((id, row) => id !== original[row])
    expect(numbers(sampled.replaced!)).toEqual(isReplaced.map(Number))
    expect(isReplaced).toContain(true)

    const labels = numbers(batch.feeds.labels!)
    const mlm = logits.reduce((sum, row, i) => sum - Math.log(softmax(row)[labels[i]!]!), 0)
    const predicted = new Set(numbers(batch.feeds.predictedRows!))
    const judged = numbers(sampled.verdict!).map((_, row) => !options.predictedTokensOnly || predicted.has(row))
    const rtd = numbers(sampled.verdict!).reduce(
      (sum, x, row) =>
        judged[row] ? sum + Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0) - (isReplaced[row] ? x : 0) : sum,
      0,
    )
    const judgedCount = judged.filter(Boolean).length
    expect(sampled.verdict!.dims).toEqual([12 + 7 + 10 + 3])
    expect(batch.counts).toEqual({ mlm: labels.length, rtd: judgedCount })
    expect(judgedCount).toBe(options.predictedTokensOnly ? labels.length : 32)
    const { generatorWeight = 1, discriminatorWeight = 50 } = options
    const loss = (generatorWeight * mlm) / labels.length + (discriminatorWeight * rtd) / judgedCount
    expect(Number(sampled.mlm!.data[0]) / mlm).toBeCloseTo(1, 4)
    expect(Number(sampled.rtd!.data[0]) / rtd).toBeCloseTo(1, 4)
    expect(Number(sampled.loss!.data[0]) / loss).toBeCloseTo(1, 4)

    // Fed from outside, the same ids give the same losses and gradients: to these, samples are constants.
    const fed = defineReplacedTokenDetection(configs, {}, options, 'given')
    const corruptedIds = { data: Int32Array.from(corrupted), dims: [corrupted.length] }
    const given = await evaluate(fed, batch, { corruptedIds })
    expect(Object.keys(given)).toEqual(Object.keys(sampled))
    for (const [name, output] of Object.entries(sampled)) {
      const [own, other] = [numbers(output), numbers(given[name]!)]
      const scale = Math.max(1, ...own.map(Math.abs))
      const largest = Math.max(...own.map((x, i) => Math.abs(x - other[i]!)))
      expect(largest / scale, name).toBeLessThan(1e-5)
    }
  })
})

it('a sample that is the original counts as original; without correct samples every prediction is replaced', async () => {
  const predicted = async (options: ReplacedTokenDetectionOptions) => {
    const objective = replacedTokenDetection(configs, VOCABULARY, { maskProbability: 0.5, ...options })
    const batch = objective.prepare(examples, new Random(8))
    const graph = objective.define({})
    const { replaced } = await run(graph.outputs, { ...batch.feeds, ...weightsOf(graph.parameters) })
    return numbers(batch.feeds.predictedRows!).map((row) => numbers(replaced!)[row])
  }
  const free = await predicted({})
  expect(free).toContain(0)
  expect(free).toContain(1)
  expect(new Set(await predicted({ disallowCorrect: true }))).toEqual(new Set([1]))
})

it('places that meet average their ids, rounded down', async () => {
  const objective = replacedTokenDetection(configs, VOCABULARY, { maskProbability: 1, withReplacement: true })
  // One candidate, drawn three times: whatever is sampled, one token can be replaced.
  const batch = objective.prepare([{ ids: [2, 5, 3] }], new Random(1))
  expect(numbers(batch.feeds.predictedRows!)).toEqual([1, 1, 1])
  const feeds = { ...batch.feeds, sampleUniforms: { data: Float32Array.of(0, 0, 0.9999999), dims: [3] } }
  const graph = objective.define({})
  const weights = weightsOf(graph.parameters)
  // A generator that says 5 and 9 in equal shares: the means of 5, 5, 9 and of 5, 9, 9 are 6 1/3 and 7 2/3.
  const bias = new Float32Array(24).fill(-100)
  bias[5] = 100
  bias[9] = 100
  const chosen = { ...weights, 'generator.generator_lm_head.bias': { data: bias, dims: [24] } }
  const table = weights['generator.electra.embeddings.word_embeddings.weight']!.data as Float32Array
  const same = table.slice()
  same.copyWithin(9 * 6, 5 * 6, 6 * 6)
  const available = {
    ...chosen,
    'generator.electra.embeddings.word_embeddings.weight': { data: same, dims: [24, 6] },
  }
  const verdictOf = async (corruption: 'sampled' | 'given', more: Feeds) => {
    const { outputs } = defineReplacedTokenDetection(configs, {}, {}, corruption)
    return (await run(outputs, { ...feeds, ...available, ...more })).verdict!.data
  }
  const withIds = (id: number) => verdictOf('given', { corruptedIds: { data: Int32Array.of(2, id, 3), dims: [3] } })
  expect(await verdictOf('sampled', {})).toEqual(await withIds(6))
  const two = { sampleUniforms: { data: Float32Array.of(0, 0.9999999, 0.9999999), dims: [3] } }
  expect(await verdictOf('sampled', two)).toEqual(await withIds(7))
  expect(await withIds(6)).not.toEqual(await withIds(7))
})

it('a batch without anything to predict is refused, for there is no mean over nothing', () => {
  const refused = expect.objectContaining({ code: 'text-empty', message: expect.stringContaining('special') })
  const nothing = [{ ids: [2, 3] }, { ids: [2, 1, 3] }]
  for (const objective of [replacedTokenDetection(configs, VOCABULARY), maskedLm(generator, VOCABULARY)]) {
    expect(() => objective.prepare(nothing, new Random(1))).toThrow(refused)
    expect(objective.prepare([...nothing, { ids: [2, 9, 3] }], new Random(1)).counts.mlm).toBe(1)
  }
})

it('padding counts for nothing', async () => {
  const objective = replacedTokenDetection(configs, VOCABULARY, { maskProbability: 0.4 })
  const batch = objective.prepare(examples, new Random(8))
  expect(batch.feeds.attentionMask!.dims).toEqual([4, 12])
  expect([batch.tokenCount, batch.counts.rtd]).toEqual([32, 32])
})

it('examples with padding, wherever it is, are prepared as if they had none', () => {
  const padded = examples.map(({ ids }, i) => {
    const [before, after] = [Array(i).fill(0), Array(3).fill(0)]
    const all = [...before, ...Array.from(ids), ...after]
    const isReal = [...before, ...Array.from(ids, () => 1), ...after]
    return { ids: all, typeIds: isReal, attentionMask: isReal }
  })
  const plain = examples.map(({ ids }) => ({ ids, typeIds: Array.from(ids, () => 1) }))
  for (const objective of [replacedTokenDetection(configs, VOCABULARY), maskedLm(generator, VOCABULARY)]) {
    const prepare = (batch: readonly Sequence[]) => objective.prepare(batch, new Random(8))
    expect(prepare(padded)).toEqual(prepare(plain))
  }
})

describe('the models that are trained', () => {
  it.each([
    ['tied', {}, {}],
    ['apart', { tieEmbeddings: false }, {}],
    ['with a projection of its own', {}, { tieWordEmbeddings: false }],
  ] as const)('%s: each of their parameters is one of the graph’s', (_, options, changes) => {
    const objective = replacedTokenDetection(
      { generator: { ...generator, ...changes } as EncoderConfig, discriminator },
      VOCABULARY,
      options,
    )
    const trained = new Map(objective.define({}).parameters.map(({ path, shape }) => [path, shape]))
    const used = new Set<string>()
    for (const { config, head, parameterName } of objective.models) {
      for (const { path, shape } of defineModel(config, head).scope.declarations()) {
        expect(trained.get(parameterName(path)), path).toEqual(shape)
        used.add(parameterName(path))
      }
    }
    expect(used).toEqual(new Set(trained.keys()))
    expect(objective.models.map(({ folder, head }) => [folder, head])).toEqual([
      ['generator', 'masked-lm'],
      ['discriminator', 'pretraining'],
    ])
  })
})

describe('what is refused', () => {
  it.each([
    { maskProbability: 0 },
    { maskProbability: 1.5 },
    { maskProbability: Number.NaN },
    { unmaskedShare: 1 },
    { unmaskedShare: -0.1 },
    { temperature: 0 },
    { temperature: Number.NaN },
  ])('%j', (options) => {
    const build = () => replacedTokenDetection(configs, VOCABULARY, options)
    expect(build).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })

  it('configurations that do not fit together', () => {
    const build = (changes: Partial<EncoderConfig>, options = {}) =>
      replacedTokenDetection({ generator: { ...generator, ...changes }, discriminator }, VOCABULARY, options)
    const refused = expect.objectContaining({ code: 'option-invalid' })
    for (const field of ['vocabSize', 'embeddingSize', 'maxPositionEmbeddings', 'typeVocabSize'] as const) {
      expect(() => build({ [field]: 25 })).toThrow(refused)
    }
    expect(() => build({ vocabSize: 25 }, { tieEmbeddings: false })).toThrow(refused)
    expect(() => build({ embeddingSize: 10 }, { tieEmbeddings: false })).not.toThrow()
  })
})
