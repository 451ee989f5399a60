// How a run is optimized: optimizer, learning-rate schedule and clipping, as whoever runs it and recipes choose them.

import {
  AdamW,
  type AdamWOptions,
  Lamb,
  layerwiseDecay,
  makeSchedule,
  type ScheduleName,
  type TrainerOptions,
} from '../train/index.js'

/** The optimizers by name. */
export const OPTIMIZERS = ['adamw', 'lamb'] as const

/** What a recipe or whoever runs it may choose; what neither does is the trainer's own default. */
export interface OptimizationOptions {
  readonly optimizer?: (typeof OPTIMIZERS)[number]
  readonly adamBetas?: readonly [number, number]
  readonly adamEpsilon?: number
  readonly biasCorrection?: boolean
  /** Biases and normalizations decay, too, as in fairseq. */
  readonly decayAll?: boolean
  /** See AdamWOptions; fairseq's Adam has it. */
  readonly epsilonBeforeCorrection?: boolean
  /** Global norm to clip gradients to; 0: none. */
  readonly clip?: number
  readonly schedule?: ScheduleName
  /** Where the schedule `polynomial` ends. */
  readonly endLearningRate?: number
  /** Of the schedules `polynomial` and `electra`. */
  readonly power?: number
  /** Layer-wise decay of the learning rate. */
  readonly layerDecay?: number
}

const KEYS = [
  ...['optimizer', 'adamBetas', 'adamEpsilon', 'biasCorrection', 'decayAll', 'epsilonBeforeCorrection'],
  ...['clip', 'schedule', 'endLearningRate', 'power', 'layerDecay'],
] as const

export interface RunLength extends OptimizationOptions {
  readonly steps: number
  readonly warmup?: number
  readonly learningRate: number
  readonly weightDecay: number
}

/**
 * Steps until the peak, unless told: 5 % of all.
 *
 * @example
 * warmupOf({ steps: 1000 }) // 50
 */
export const warmupOf = ({ warmup, steps }: Pick<RunLength, 'warmup' | 'steps'>): number =>
  warmup ?? Math.ceil(steps * 0.05)

/**
 * What a run is optimized with: `run`'s own where it has any, else the recipe's, else what is usual here. What is left
 * out is the optimizer's own default.
 */
export function chosenOptimization(run: OptimizationOptions, recipe: OptimizationOptions = {}) {
  const take = (from: OptimizationOptions): OptimizationOptions =>
    Object.fromEntries(KEYS.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])))
  return { optimizer: 'adamw', schedule: 'linear', clip: 1, ...take(recipe), ...take(run) } as const
}

/**
 * The same in words for a run's report and cards, under the options' names.
 *
 * @param settings the trainer's, which has what is left to the optimizer
 *
 * @example
 * optimizationFacts({ clip: 0 }, OPTIMIZATION.albert, { optimizer: { name: 'lamb', betas: [0.9, 0.999] } })
 */
export function optimizationFacts(
  run: OptimizationOptions,
  recipe: OptimizationOptions,
  { optimizer }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const chosen = chosenOptimization(run, recipe)
  const { name, betas, epsilon, biasCorrection } = optimizer as Readonly<Record<string, unknown>>
  const made = { optimizer: name, adamBetas: betas, adamEpsilon: epsilon, biasCorrection }
  return { ...chosen, ...made, clip: chosen.clip === 0 ? 'none' : chosen.clip }
}

/**
 * The trainer's options: `run`'s own where it has any, else the recipe's.
 *
 * @throws {BertkinError} `option-invalid` for a schedule that cannot be made
 *
 * @example
 * trainerOptions({ steps: 1000, learningRate: 1e-3, weightDecay: 0.1 }, OPTIMIZATION.roberta).maximalNorm // Infinity
 */
export function trainerOptions(
  run: RunLength,
  recipe: OptimizationOptions = {},
): Pick<TrainerOptions, 'schedule' | 'optimizer' | 'maximalNorm'> {
  const chosen = chosenOptimization(run, recipe)
  const { optimizer, schedule, clip, endLearningRate, power, layerDecay } = chosen
  const { adamBetas, adamEpsilon, biasCorrection, decayAll = false, epsilonBeforeCorrection } = chosen
  const moments: AdamWOptions = {
    weightDecay: run.weightDecay,
    ...(adamBetas && { betas: adamBetas }),
    ...(adamEpsilon !== undefined && { epsilon: adamEpsilon }),
    ...(biasCorrection !== undefined && { biasCorrection }),
    ...(epsilonBeforeCorrection !== undefined && { epsilonBeforeCorrection }),
    ...(decayAll && { decays: () => true }),
  }
  return {
    maximalNorm: clip === 0 ? Number.POSITIVE_INFINITY : clip,
    schedule: makeSchedule(schedule, {
      warmup: warmupOf(run),
      total: run.steps,
      ...(endLearningRate !== undefined && { end: endLearningRate / (run.learningRate || 1) }),
      ...(power !== undefined && { power }),
    }),
    optimizer(slots) {
      const options = { ...moments, ...(layerDecay !== undefined && { rateFactor: layerwiseDecay(slots, layerDecay) }) }
      return optimizer === 'lamb' ? new Lamb(slots, options) : new AdamW(slots, options)
    },
  }
}
