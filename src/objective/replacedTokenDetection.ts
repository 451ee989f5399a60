// Replaced token detection (Clark et al., 2020, section 2): a small generator fills masks, and a discriminator says of
// every token whether it is the original. The exact algorithm, quirks included, is that of the authors' code.

import { BertkinError } from '../errors.js'
import {
  addAtLabel,
  binaryCrossEntropy,
  cast,
  div,
  equal,
  exp,
  expand,
  gather,
  greater,
  input,
  mul,
  not,
  reduceSum,
  reshape,
  scalar,
  scatterAdd,
  softmax,
  stopGradient,
  type Tensor,
  where,
} from '../graph/index.js'
import {
  batchFor,
  discriminatorLogits,
  type EncoderConfig,
  encodeElectra,
  generatorLogits,
  type HeadContext,
  type Mode,
  ParameterScope,
  selectRows,
  tokenInputs,
  withIds,
} from '../model/index.js'
import type { Random } from '../random.js'
import { DetectionMeter } from './detectionMeter.js'
import { maskedLmSum, predictionFeeds, predictionInputs, withoutPadding } from './maskedLm.js'
import { drawDistinct, type Masking, type MaskingVocabulary, roundHalfToEven } from './masking.js'
import type { MaskableSequence, Objective, ObjectiveGraph, PreparedBatch, TrainedModel } from './objective.js'
import { sampleRows } from './sampling.js'

export interface ReplacedTokenDetectionOptions {
  /** Another way of masking; the options of ELECTRA's own, the three below, then mean nothing. */
  readonly masking?: Masking
  /** Share of a sequence's tokens, [CLS] and [SEP] counted, that the generator predicts. Default 0.15 (large: 0.25). */
  readonly maskProbability?: number
  /**
   * Share of these that the generator sees unmasked: 0.15 in the authors' code. Default 0, as in the paper: what is seen
   * needs only to be copied, and makes the loss look better than it is.
   */
  readonly unmaskedShare?: number
  /**
   * Draw positions with replacement, as the authors' code does: a position drawn twice counts twice in the generator's
   * loss, and the mean of its two sampled ids, rounded down, is put there. Default false: positions are distinct.
   */
  readonly withReplacement?: boolean
  /** Divides the generator's logits before sampling. Default 1. */
  readonly temperature?: number
  /** Never sample the original token. Default false. */
  readonly disallowCorrect?: boolean
  /** Share the whole embedding block, its LayerNorm included. Default true, as in the authors' code. */
  readonly tieEmbeddings?: boolean
  /**
   * The discriminator learns from the tokens that the generator predicted only, not from all: the paper's "ELECTRA 15%"
   * (section 3.4), which shows what all tokens are worth. Default false.
   */
  readonly predictedTokensOnly?: boolean
  /** Factor of the generator's loss. Default 1. */
  readonly generatorWeight?: number
  /** Factor of the discriminator's loss. Default 50. */
  readonly discriminatorWeight?: number
}

export interface ElectraConfigs {
  readonly generator: EncoderConfig
  readonly discriminator: EncoderConfig
}

/** How the graph gets the discriminator's input: sampled from the generator, or fed as `corruptedIds` [tokens]. */
type Corruption = 'sampled' | 'given'

/**
 * ELECTRA's pretraining: the generator's masked-LM loss plus 50 times the discriminator's, in one graph.
 *
 * No gradient passes through sampling. A sample that happens to equal the original counts as original.
 *
 * @throws {BertkinError} `option-invalid` if the two configurations do not fit together or an option is impossible
 *
 * @example
 * const discriminator = createConfig({ modelType: 'electra', vocabSize: 8000 })
 * const generator = createConfig({ modelType: 'electra', vocabSize: 8000, hiddenSize: 64, numAttentionHeads: 1, intermediateSize: 256 })
 * const vocabulary = { vocabSize: 8000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const objective = replacedTokenDetection({ generator, discriminator }, vocabulary)
 */
export function replacedTokenDetection(
  configs: ElectraConfigs,
  vocabulary: MaskingVocabulary,
  options: ReplacedTokenDetectionOptions = {},
): Objective<MaskableSequence> {
  check(configs, options)
  return {
    name: 'replaced-token-detection',
    define: (mode) => defineReplacedTokenDetection(configs, mode, options, 'sampled'),
    prepare: (examples, random) => prepare(examples, random, vocabulary, options, configs),
    meter: () => new DetectionMeter(),
    // The better the generator, the harder its samples are to detect: the total rises while both models learn.
    measure: 'mlm_loss',
    models: trainedModels(configs, options),
  }
}

/**
 * The graph alone; with corruption 'given', the discriminator's ids are fed, as the reference numbers need it.
 *
 * @example
 * const discriminator = createConfig({ modelType: 'electra', vocabSize: 8000 })
 * const generator = createConfig({ modelType: 'electra', vocabSize: 8000, hiddenSize: 64, numAttentionHeads: 1 })
 * const { parts } = defineReplacedTokenDetection({ generator, discriminator }, {}, {}, 'given')
 */
export function defineReplacedTokenDetection(
  configs: ElectraConfigs,
  mode: Mode,
  options: ReplacedTokenDetectionOptions,
  corruption: Corruption,
): ObjectiveGraph {
  const { generatorWeight = 1, discriminatorWeight = 50, tieEmbeddings = true, predictedTokensOnly = false } = options
  const root = new ParameterScope()
  const tokens = tokenInputs()
  const generator: HeadContext = { tokens, scope: root.at('generator'), config: configs.generator, mode }
  const { rows, labels } = predictionInputs()
  const logits = generatorLogits(selectRows(encodeElectra(generator), rows), generator) // [predictions, vocabulary]
  const mlm = maskedLmSum(logits, labels)

  const originalIds = input('originalIds', 'int32', ['tokens'])
  const corrupted =
    corruption === 'given'
      ? input('corruptedIds', 'int32', ['tokens'])
      : corrupt(originalIds, rows, sample(logits, mlm.logProbabilities, labels, options))
  const replaced = not(equal(corrupted, originalIds)) // [tokens]

  const discriminator: HeadContext = {
    tokens: withIds(tokens, corrupted),
    scope: root.at('discriminator'),
    config: configs.discriminator,
    mode,
  }
  const embeddingScope = (tieEmbeddings ? generator : discriminator).scope.at('electra.embeddings')
  const verdict = discriminatorLogits(encodeElectra(discriminator, embeddingScope), discriminator) // [tokens]
  const judgements = binaryCrossEntropy(verdict, cast(replaced, 'float32')) // [tokens]
  const rtd = reduceSum(predictedTokensOnly ? gather(judgements, rows) : judgements)

  return {
    parts: { mlm: { sum: mlm.sum, weight: generatorWeight }, rtd: { sum: rtd, weight: discriminatorWeight } },
    parameters: root.declarations(),
    outputs: { mlm: mlm.sum, rtd, predicted: mlm.predicted, verdict, replaced },
  }
}

/** The generator's guesses, drawn from its distribution: int32 [predictions]. Constants to the gradient. */
function sample(
  logits: Tensor,
  logProbabilities: Tensor,
  labels: Tensor,
  { temperature = 1, disallowCorrect = false }: ReplacedTokenDetectionOptions,
): Tensor {
  const uniforms = input('sampleUniforms', 'float32', ['predictions'])
  if (temperature === 1 && !disallowCorrect) return sampleRows(stopGradient(exp(logProbabilities)), uniforms)
  const constantLogits = stopGradient(logits)
  const allowed = disallowCorrect
    ? addAtLabel(constantLogits, labels, expand(scalar(-1000), labels.shape))
    : constantLogits
  return sampleRows(softmax(mul(allowed, scalar(1 / temperature))), uniforms)
}

/** The original ids with samples put at `rows`; where several meet, their mean rounded down, as in the authors' code. */
function corrupt(originalIds: Tensor, rows: Tensor, samples: Tensor): Tensor {
  const places = reshape(rows, ['predictions', 1])
  const sums = scatterAdd(['tokens'], places, samples)
  const counts = scatterAdd(['tokens'], places, expand(scalar(1, 'int32'), ['predictions']))
  const isSampled = greater(counts, scalar(0, 'int32'))
  return where(isSampled, div(sums, where(isSampled, counts, scalar(1, 'int32'))), originalIds)
}

function prepare(
  examples: readonly MaskableSequence[],
  random: Random,
  vocabulary: MaskingVocabulary,
  options: ReplacedTokenDetectionOptions,
  { discriminator }: ElectraConfigs,
): PreparedBatch {
  const slots = maximalPredictions(options, discriminator)
  const real = examples.map(withoutPadding)
  const mask: Masking = options.masking ?? ((ids) => maskForGenerator(ids, slots, vocabulary, random, options))
  const masked = real.map(({ ids, copy }) => mask(ids, random, copy))
  const inputs = real.map((example, i) => ({ ...example, ids: masked[i]!.ids }))
  const batch = batchFor(discriminator, inputs)
  const predictions = predictionFeeds(masked, batch.feeds.firstRows!.data as Int32Array)
  const count = predictions.labels.dims[0]!
  // The original ids are the masked ones with the labels put back.
  const originalIds = Int32Array.from(batch.feeds.inputIds!.data as Int32Array)
  predictions.predictedRows.data.forEach((row, i) => {
    originalIds[Number(row)] = Number(predictions.labels.data[i])
  })
  const sampleUniforms = Float32Array.from({ length: count }, () => Math.fround(random.uniform() * (1 - 2 ** -24)))
  return {
    feeds: {
      ...batch.feeds,
      ...predictions,
      originalIds: { data: originalIds, dims: [originalIds.length] },
      sampleUniforms: { data: sampleUniforms, dims: [count] },
    },
    counts: { mlm: count, rtd: options.predictedTokensOnly ? count : batch.tokenCount },
    tokenCount: batch.tokenCount,
  }
}

/** The authors' cap on predictions in a sequence: 19 of 128 tokens at 15 %. */
function maximalPredictions({ maskProbability = 0.15 }: ReplacedTokenDetectionOptions, config: EncoderConfig): number {
  return Math.max(1, Math.floor((maskProbability + 0.005) * config.maxPositionEmbeddings))
}

/**
 * Chooses what the generator predicts: max(1, min(slots, tokens · share, rounded half to even)) of the candidates, as
 * the authors' code does. Of these, `unmaskedShare` stay as they are; the others become [MASK].
 *
 * @param slots at most so many, distinct or not
 *
 * @example
 * const vocabulary = { vocabSize: 8000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const { positions } = maskForGenerator([2, 57, 1203, 9, 3], 19, vocabulary, new Random(1), {})
 */
export function maskForGenerator(
  ids: ArrayLike<number>,
  slots: number,
  { specialTokenIds, maskTokenId }: MaskingVocabulary,
  random: Random,
  { maskProbability = 0.15, unmaskedShare = 0, withReplacement = false }: ReplacedTokenDetectionOptions,
): { ids: Int32Array; positions: Int32Array; labels: Int32Array } {
  const candidates = Array.from(ids, (_, i) => i).filter((i) => !specialTokenIds.has(ids[i]!))
  const wanted = Math.max(1, Math.min(slots, roundHalfToEven(ids.length * maskProbability)))
  const positions = Int32Array.from(
    withReplacement
      ? Array.from({ length: candidates.length === 0 ? 0 : wanted }, () => candidates[random.below(candidates.length)]!)
      : drawDistinct(candidates, Math.min(wanted, candidates.length), random),
  ).sort()
  const masked = Int32Array.from(ids)
  for (const position of positions) if (random.uniform() >= unmaskedShare) masked[position] = maskTokenId
  return { ids: masked, positions, labels: positions.map((position) => ids[position]!) }
}

/** A generator and a discriminator, each a checkpoint of its own; the shared embeddings stand in both. */
function trainedModels(
  { generator, discriminator }: ElectraConfigs,
  { tieEmbeddings = true }: ReplacedTokenDetectionOptions,
): TrainedModel[] {
  const isShared = (path: string): boolean => tieEmbeddings && path.startsWith('electra.embeddings.')
  return [
    { folder: 'generator', config: generator, head: 'masked-lm', parameterName: (path) => `generator.${path}` },
    {
      folder: 'discriminator',
      config: discriminator,
      head: 'pretraining',
      parameterName: (path) => `${isShared(path) ? 'generator' : 'discriminator'}.${path}`,
    },
  ]
}

function check({ generator, discriminator }: ElectraConfigs, options: ReplacedTokenDetectionOptions): void {
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  const { maskProbability = 0.15, unmaskedShare = 0, temperature = 1, tieEmbeddings = true } = options
  if (!(maskProbability > 0 && maskProbability <= 1))
    refuse(`maskProbability must be in (0, 1], not ${maskProbability}`)
  if (!(unmaskedShare >= 0 && unmaskedShare < 1)) refuse(`unmaskedShare must be in [0, 1), not ${unmaskedShare}`)
  if (!(temperature > 0)) refuse(`temperature must be above 0, not ${temperature}`)
  const shared = ['vocabSize', 'embeddingSize', 'maxPositionEmbeddings', 'typeVocabSize'] as const
  for (const field of tieEmbeddings ? shared : (['vocabSize'] as const)) {
    if (generator[field] !== discriminator[field]) {
      refuse(`generator and discriminator must have the same ${field}: ${generator[field]} and ${discriminator[field]}`)
    }
  }
}
