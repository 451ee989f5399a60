// What to train with where nothing is said: the papers' settings, which are for models 768 wide, adapted to the width.

import type { EncoderConfig, ModelType } from '../checkpoint/index.js'
import type { FinetuningTaskName } from './task.js'

/** What decides how a fine-tuning goes. */
export interface Hyperparameters {
  /** At its peak. */
  readonly learningRate: number
  readonly epochs: number
  /** Examples in a step; for question answering, windows. */
  readonly batchSize: number
  /** Share of all steps until the learning rate's peak. */
  readonly warmup: number
  readonly weightDecay: number
  /** Factor of the learning rate from one layer to the next below; see `layerwiseDecay`. 1: all learn alike. */
  readonly layerDecay: number
  /** How many times as fast the tables of embeddings learn; see `embeddingRate`. */
  readonly embeddingRate: number
}

type Published = Omit<Hyperparameters, 'embeddingRate'>

/**
 * Each kin's paper and code: BERT (Devlin et al., 2018, A.3) and SpanBERT's README; ALBERT's run_glue.sh; RoBERTa's
 * appendix; ELECTRA's finetuning configuration. They chose learning rates from a range; these are from its middle.
 */
const CLASSIFICATION: Readonly<Record<ModelType, Published>> = {
  bert: { learningRate: 3e-5, epochs: 3, batchSize: 32, warmup: 0.1, weightDecay: 0.01, layerDecay: 1 },
  albert: { learningRate: 2e-5, epochs: 3, batchSize: 32, warmup: 0.1, weightDecay: 0.01, layerDecay: 1 },
  roberta: { learningRate: 2e-5, epochs: 10, batchSize: 32, warmup: 0.06, weightDecay: 0.1, layerDecay: 1 },
  electra: { learningRate: 1e-4, epochs: 3, batchSize: 32, warmup: 0.1, weightDecay: 0.01, layerDecay: 0.8 },
}

/** What the same sources change for questions about a passage. */
const QUESTIONS: Readonly<Record<ModelType, Partial<Published>>> = {
  bert: { learningRate: 2e-5, epochs: 4 },
  albert: { learningRate: 5e-5, epochs: 2, batchSize: 48 },
  roberta: { learningRate: 1.5e-5, epochs: 2, batchSize: 48, weightDecay: 0.01 },
  electra: { epochs: 2 },
}

const USUAL_WIDTH = 768
const LARGE_WIDTH = 1024
/** Narrower models than any that was published have embeddings that learn faster. */
const [NARROW, NARROW_EMBEDDING_RATE] = [256, 4]
/** At that width, the highest rate: ELECTRA-small's in its paper. Of other widths in inverse proportion. */
const [HIGHEST_RATE, ITS_WIDTH] = [3e-4, 256]

/**
 * The settings to begin with. Narrow models learn at higher rates: (768 / width)^1.5 times the rate, at most the 0.0003
 * that ELECTRA-small, 256 wide, has in its paper, and in inverse proportion at other widths. (Two layers of 128, pretrained
 * for minutes, were right on 69 % of sentence polarity at 1.8e-4, 74 % at 6e-4 and 71 % at 1.5e-3.) Below 256, their
 * embeddings learn four times as fast: after a quarter of an hour of pretraining, 73.1 % became 74.7 %. Large ones, from 1024
 * up, have half the rate, and an ELECTRA a layer-wise decay of 0.9 instead of 0.8. From random weights, all layers learn
 * alike.
 *
 * @example
 * const config = createConfig({ modelType: 'electra' }) // 256 wide
 * defaultHyperparameters(config, 'text-classification').learningRate // 0.0003
 */
export function defaultHyperparameters(
  { modelType, hiddenSize }: Pick<EncoderConfig, 'modelType' | 'hiddenSize'>,
  task: FinetuningTaskName,
  { fromScratch = false }: { readonly fromScratch?: boolean } = {},
): Hyperparameters {
  const usual = CLASSIFICATION[modelType]
  const settings = {
    ...usual,
    ...(task === 'question-answering' && QUESTIONS[modelType]),
    // A choice is a sequence: of four choices each, these are 64.
    ...(task === 'multiple-choice' && { batchSize: 16 }),
  }
  const isLarge = hiddenSize >= LARGE_WIDTH
  const widthFactor = isLarge ? 0.5 : Math.max(1, (USUAL_WIDTH / hiddenSize) ** 1.5)
  const highest = (HIGHEST_RATE * ITS_WIDTH) / hiddenSize
  const layerDecay = fromScratch ? 1 : isLarge && usual.layerDecay < 1 ? 0.9 : usual.layerDecay
  const learningRate = Math.min(highest, settings.learningRate * widthFactor)
  return { ...settings, learningRate, layerDecay, embeddingRate: hiddenSize < NARROW ? NARROW_EMBEDDING_RATE : 1 }
}
