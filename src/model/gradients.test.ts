// Every parameter of every model learns: with random weights, a random batch and dropout, its gradient is not zero.

import { expect, test } from 'vitest'
import { add, grad, input, mul, reduceSum, type Tensor } from '../graph/index.js'
import { type ObjectiveGraph, replacedTokenDetection, totalLoss } from '../objective/index.js'
import { Random } from '../random.js'
import { type Feeds, Runtime } from '../runtime/index.js'
import { batchTokens, defineModel, initialValues, type Mode, type ParameterDeclaration } from './index.js'
import { everyModel, randomSequences, tinyConfig } from './testing/tinyModels.js'

const dropoutMode = (): Mode => {
  let streams = 0
  return { dropout: { seed: input('dropoutSeed', 'uint32', [1]), nextStream: () => streams++ } }
}

/** Gradients of a loss by parameter, at weights of the size of 1. */
async function gradients(loss: Tensor, parameters: readonly ParameterDeclaration[], feeds: Feeds) {
  using runtime = await Runtime.open({ threads: 1 })
  const tensors = grad(
    loss,
    parameters.map(({ tensor }) => tensor),
  )
  using compiled = await runtime.compile(Object.fromEntries(tensors.map((x, i) => [`gradient ${i}`, x])))
  const weights = parameters.map((declaration) => {
    const normal = declaration.initializer === 'ones' ? 1 : 0.5
    const data = initialValues({ ...declaration, initializer: { normal } }, 9)
    return [declaration.path, { data, dims: declaration.shape }] as const
  })
  const available: Feeds = {
    ...feeds,
    ...Object.fromEntries(weights),
    dropoutSeed: { data: Uint32Array.of(11), dims: [1] },
  }
  const results = await compiled.run(Object.fromEntries(compiled.inputs.map(({ name }) => [name, available[name]!])))
  return new Map(parameters.map(({ path }, i) => [path, results[`gradient ${i}`]!.data as Float32Array]))
}

function expectAllToLearn(found: ReadonlyMap<string, Float32Array>): void {
  for (const [path, values] of found) {
    const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
    // A key's bias moves all scores of a query alike, which a softmax does not see: its gradient is rounding alone.
    if (path.endsWith('key.bias')) expect(largest, path).toBeLessThan(1e-3)
    else expect(largest, path).toBeGreaterThan(1e-3)
  }
  for (const [path, values] of found) {
    if (!path.endsWith('token_type_embeddings.weight')) continue
    const width = values.length / 2
    for (const row of [0, 1]) expect(values.subarray(row * width, (row + 1) * width).some((x) => x !== 0)).toBe(true)
  }
}

/** 20 tokens for the span boundary head to predict. */
function spanFeeds(tokens: number, places: number, random: Random): Feeds {
  const below = (count: number) => ({ data: Int32Array.from({ length: 20 }, () => random.below(count)), dims: [20] })
  return { leftRows: below(tokens), rightRows: below(tokens), places: below(places) }
}

const changes = { hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1, numLabels: 3 }

test.each(everyModel)('%s: %s', async (modelType, head) => {
  const config = tinyConfig(modelType, changes)
  const random = new Random(4)
  const { feeds, tokenCount, batchSize } = batchTokens(randomSequences([6, 12, 9], config, random))
  const { outputs, scope } = defineModel(config, head, { mode: dropoutMode() })
  const targets = spanFeeds(tokenCount, config.maxPairTargets, random)
  const sizes: Readonly<Record<string, number>> = { tokens: tokenCount, batch: batchSize, targets: 20 }
  // A random linear functional of everything that comes out, so that nothing can cancel.
  const weights: Record<string, Feeds[string]> = {}
  const terms = Object.entries(outputs).map(([name, y]) => {
    const dims = y.shape.map((dim) => sizes[dim] ?? Number(dim))
    const size = dims.reduce((product, dim) => product * dim, 1)
    weights[`weight.${name}`] = { data: Float32Array.from({ length: size }, () => random.normal()), dims }
    return reduceSum(mul(y, input(`weight.${name}`, 'float32', y.shape)))
  })
  const loss = terms.reduce((sum, term) => add(sum, term))
  expectAllToLearn(await gradients(loss, scope.declarations(), { ...feeds, ...targets, ...weights }))
})

test.each([true, false])('the pretraining pair, embeddings tied: %s', async (tieEmbeddings) => {
  const discriminator = tinyConfig('electra', changes)
  const generator = tinyConfig('electra', { ...changes, hiddenSize: 4, intermediateSize: 8 })
  const vocabulary = { vocabSize: 24, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
  const objective = replacedTokenDetection({ generator, discriminator }, vocabulary, {
    tieEmbeddings,
    maskProbability: 0.4,
  })
  const graph: ObjectiveGraph = objective.define(dropoutMode())
  const random = new Random(6)
  const examples = randomSequences([12, 12, 10], discriminator, random)
  const { feeds, counts } = objective.prepare(examples, random)
  const countFeeds = Object.entries(counts).map(
    ([part, count]) => [`count.${part}`, { data: Float32Array.of(count), dims: [1] }] as const,
  )
  const found = await gradients(totalLoss(graph.parts), graph.parameters, {
    ...feeds,
    ...Object.fromEntries(countFeeds),
  })
  expectAllToLearn(found)
  const embeddings = [...found.keys()].filter((path) => path.endsWith('word_embeddings.weight'))
  expect(embeddings).toHaveLength(tieEmbeddings ? 1 : 2)
})
