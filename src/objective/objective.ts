// What a model is trained for. An objective turns examples into batches, and a model into a loss; the trainer knows
// neither which objective it has nor which model.

import { add, div, input, mul, reduceSum, scalar, type Tensor } from '../graph/index.js'
import type { EncoderConfig, Head, Mode, ParameterDeclaration, Sequence } from '../model/index.js'
import type { Random } from '../random.js'
import type { Feeds, TensorData } from '../runtime/index.js'

/** A sequence to mask. The blocks of the data room are such. */
export interface MaskableSequence extends Sequence {
  /** Which copy of the data it belongs to, where that is there several times; see `staticMasking`. */
  readonly copy?: number
}

/** A pair of segments. Label 1 says that they are not what their task expects: swapped, or not from one place. */
export interface SentencePair extends MaskableSequence {
  readonly label?: 0 | 1
}

/**
 * A part of a loss: a sum over what is predicted, to be divided by how many there are. The division is left to the
 * trainer, because with accumulation the count is that of all micro-batches together (fairseq does the same).
 */
export interface LossPart {
  /** float32 scalar */
  readonly sum: Tensor
  /** Factor of this part in the total */
  readonly weight: number
}

/** An objective's expressions: what is minimized, by which parameters, and what evaluation looks at. */
export interface ObjectiveGraph {
  readonly parts: Readonly<Record<string, LossPart>>
  readonly parameters: readonly ParameterDeclaration[]
  /** Read by the objective's meter. */
  readonly outputs: Readonly<Record<string, Tensor>>
}

/** Examples made ready for one run. */
export interface PreparedBatch {
  readonly feeds: Feeds
  /** For each loss part, how many predictions its sum is over. */
  readonly counts: Readonly<Record<string, number>>
  /** Real tokens in the batch, for tokens per second. */
  readonly tokenCount: number
}

/** Adds up evaluation batches. */
export interface Meter {
  add(outputs: Readonly<Record<string, TensorData>>, batch: PreparedBatch): void
  /** Named numbers: accuracies, areas, … */
  result(): Record<string, number>
}

/** A checkpoint that training leaves: one folder, one model of transformers. */
export interface TrainedModel {
  /** Below the run's folder; '' is the run's folder itself. */
  readonly folder: string
  readonly config: EncoderConfig
  readonly head: Head
  /** The trained parameter that the model's parameter at `path` is. */
  parameterName(path: string): string
}

/**
 * Something to train for.
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective: Objective<Sequence> = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * const { feeds, counts } = objective.prepare([{ ids: [101, 7592, 2088, 102] }], new Random(1))
 */
export interface Objective<Example> {
  readonly name: string
  /** Builds the expressions; `mode` says whether dropout drops. */
  define(mode: Mode): ObjectiveGraph
  /** Examples → one batch. Everything random comes from `random`. */
  prepare(examples: readonly Example[], random: Random): PreparedBatch
  meter(): Meter
  /** By which number of an evaluation, the less the better, models are compared; default `loss`, the total. */
  readonly measure?: string
  readonly models: readonly TrainedModel[]
}

/**
 * Name of the graph input by which a part's sum is divided.
 *
 * @example
 * countInput('mlm') // 'count.mlm'
 */
export const countInput = (part: string): string => `count.${part}`

/**
 * The loss to minimize: Σ weight · sum / count over the parts; counts are fed as float32 [1].
 *
 * @example
 * const sum = reduceSum(input('losses', 'float32', ['predictions']))
 * const loss = totalLoss({ mlm: { sum, weight: 1 } }) // takes 'count.mlm'
 */
export function totalLoss(parts: Readonly<Record<string, LossPart>>): Tensor {
  return Object.entries(parts)
    .map(([name, { sum, weight }]) => {
      const count = reduceSum(input(countInput(name), 'float32', [1]))
      return mul(div(sum, count), scalar(weight))
    })
    .reduce((total, part) => add(total, part))
}
