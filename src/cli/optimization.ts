// How a run is optimized: optimizer, learning-rate schedule and clipping, as the command line and recipes choose them.

import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  AdamW,
  type AdamWOptions,
  Lamb,
  layerwiseDecay,
  makeSchedule,
  type ScheduleName,
  schedules,
  type TrainerOptions,
} from '../train/index.js'
import { numberFrom } from './options.js'

export const OPTIMIZERS = ['adamw', 'lamb'] as const

/** What a recipe or the command line may choose; what neither does is the trainer's own default. */
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

/** Adds the options to a command. None has a default here, so that a recipe can have its own. */
export function addOptimizationOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--schedule <name>', 'the learning rate over time; default: linear').choices(Object.keys(schedules)),
    )
    .option('--end-learning-rate <x>', 'where the schedule "polynomial" ends; default: 0', numberFrom(0))
    .option('--power <x>', 'of the schedules "polynomial" and "electra"; default: 1', numberFrom(0))
    .addOption(new Option('--optimizer <name>', 'default: adamw').choices(OPTIMIZERS))
    .option('--adam-betas <b1,b2>', 'decay of the means of gradients and squares; default: 0.9,0.999', twoBetas)
    .option('--adam-epsilon <x>', 'added to the root of the mean square; default: 1e-6', numberFrom(0))
    .option('--bias-correction', 'correct the means for having started at 0; default, but not for albert')
    .option('--no-bias-correction', 'do not')
    .option('--decay-all', 'biases and normalizations decay, too, as in fairseq')
    .option('--clip <x>', 'scale gradients down to this global norm; 0: never; default: 1', numberFrom(0))
    .option(
      '--layer-decay <x>',
      'each layer learns so many times as fast as the one above; default: 1',
      numberFrom(0, 1),
    )
}

function twoBetas(text: string): readonly [number, number] {
  const [first = Number.NaN, second = Number.NaN, ...more] = text
    .split(',')
    .map((part) => Number(part.trim() || 'none'))
  if (more.length === 0 && [first, second].every((beta) => beta >= 0 && beta < 1)) return [first, second]
  throw new InvalidArgumentError('It must be two numbers from 0 up to below 1, as in 0.9,0.98.')
}

interface RunLength extends OptimizationOptions {
  readonly steps: number
  readonly warmup?: number
  readonly learningRate: number
  readonly weightDecay: number
}

/** Steps until the peak, unless told: 5 % of all. */
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
