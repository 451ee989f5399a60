// What an optimizer is to the training loop.

import { BertkinError } from '../errors.js'
import type { ParameterSlot } from './parameterStore.js'

/** What an optimizer remembers between steps: enough to go on exactly where it stopped. */
export interface OptimizerState {
  stepCount: number
  /** Flat buffers as large as the parameters, by name. */
  readonly buffers: Readonly<Record<string, Float32Array>>
}

/** Turns gradients into changes of the parameters. */
export interface Optimizer {
  readonly name: string
  readonly state: OptimizerState
  /** Its options as plain JSON, so that a resume with others can be refused. */
  readonly settings?: Readonly<Record<string, unknown>>
  /**
   * Updates `values` in place.
   *
   * @param scale factor of every gradient: clipping without a pass of its own
   */
  step(values: Float32Array, gradients: Float32Array, learningRate: number, scale?: number): void
}

/** Makes the optimizer of a run's parameters. */
export type OptimizerFactory = (slots: readonly ParameterSlot[]) => Optimizer

/** Options of Adam's kin. */
export interface MomentOptions {
  /** Decay rates of the running means of gradients and of their squares. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the root of the second mean. Default 1e-6, as BERT, ALBERT and ELECTRA have it. */
  readonly epsilon?: number
  /** Each step takes learningRate · weightDecay of a weight away. Default 0.01. */
  readonly weightDecay?: number
  /** Which parameters decay. Default: weights do, biases and the parameters of normalizations do not. */
  readonly decays?: (slot: ParameterSlot) => boolean
  /**
   * Correct the means for having started at zero, as PyTorch does. Default true; the authors' code of BERT, ALBERT and
   * ELECTRA does not.
   */
  readonly biasCorrection?: boolean
  /** Factor of a parameter's learning rate (see `layerwiseDecay`); weight decay has it, too. Default 1 for all. */
  readonly rateFactor?: (slot: ParameterSlot) => number
}

/**
 * Biases start at 0 and normalizations at 1; what starts from random draws or from waves is a weight.
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'bert' }), 'base')
 * const { slots } = new ParameterStore(scope.declarations())
 * slots.filter(isWeight).length // all but biases and normalizations
 */
export const isWeight = ({ initializer }: Pick<ParameterSlot, 'initializer'>): boolean =>
  typeof initializer === 'object'

/** Both running means, zero at first. */
export function newMoments(slots: readonly ParameterSlot[]) {
  const size = slots.at(-1)?.end ?? 0
  return { stepCount: 0, buffers: { firstMean: new Float32Array(size), secondMean: new Float32Array(size) } }
}

/**
 * What moment optimizers ask of every parameter, asked once.
 *
 * @throws {BertkinError} `option-invalid` for a factor that is negative or no number, and for impossible constants
 */
export function rulesOf(slots: readonly ParameterSlot[], options: MomentOptions) {
  const { betas = [0.9, 0.999], epsilon = 1e-6, weightDecay = 0.01, biasCorrection = true } = options
  const { decays = isWeight, rateFactor = () => 1 } = options
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  for (const beta of betas) if (!(beta >= 0 && beta < 1)) refuse(`betas must be from 0 up to below 1, not ${beta}`)
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) refuse(`epsilon must be a number from 0 up, not ${epsilon}`)
  if (!(weightDecay >= 0 && Number.isFinite(weightDecay))) {
    refuse(`weightDecay must be a number from 0 up, not ${weightDecay}`)
  }
  const rules = slots.map((slot) => {
    const factor = rateFactor(slot)
    if (!(factor >= 0 && Number.isFinite(factor))) refuse(`the rate factor of "${slot.path}" is ${factor}`)
    return { slot, factor, decays: decays(slot) }
  })
  const isPlain = rules.every(({ factor }) => factor === 1)
  const settings = {
    betas: [...betas],
    epsilon,
    weightDecay,
    biasCorrection,
    decays: rules.map((rule) => (rule.decays ? '1' : '0')).join(''),
    ...(!isPlain && { rateFactors: rules.map(({ factor }) => factor) }),
  }
  return { betas, epsilon, weightDecay, biasCorrection, rules, settings }
}
