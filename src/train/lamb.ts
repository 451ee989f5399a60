// LAMB (You et al., 2019, https://arxiv.org/abs/1904.00962): Adam whose step is as large, for each parameter, as the
// parameter itself. ALBERT's optimizer, for batches of thousands.

import { type MomentOptions, newMoments, type Optimizer, rulesOf } from './optimizer.js'
import type { ParameterSlot } from './parameterStore.js'

/**
 * As in ALBERT's code: the decay belongs to the step whose norm is taken, the ratio of norms is not clipped, and
 * parameters that do not decay take Adam's step as it is. A parameter that layers share is one parameter.
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'albert' }), 'pretraining')
 * const store = new ParameterStore(scope.declarations())
 * const gradients = new Float32Array(store.values.length) // to be filled by a run of the graph
 * new Lamb(store.slots, { biasCorrection: false }).step(store.values, gradients, 1.76e-3)
 */
export class Lamb implements Optimizer {
  readonly name = 'lamb'
  readonly state: ReturnType<typeof newMoments>
  readonly settings: Readonly<Record<string, unknown>>
  readonly #options: ReturnType<typeof rulesOf>
  /** The step of the largest parameter. */
  readonly #update: Float32Array

  constructor(slots: readonly ParameterSlot[], options: MomentOptions = {}) {
    this.state = newMoments(slots)
    this.#options = rulesOf(slots, options)
    this.settings = this.#options.settings
    this.#update = new Float32Array(slots.reduce((most, { start, end }) => Math.max(most, end - start), 0))
  }

  step(values: Float32Array, gradients: Float32Array, learningRate: number, scale = 1): void {
    const { betas, epsilon, weightDecay, rules, biasCorrection } = this.#options
    const [beta1, beta2] = betas
    const step = ++this.state.stepCount
    const correction1 = biasCorrection ? 1 - beta1 ** step : 1
    const correction2 = biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1
    const { firstMean: m, secondMean: v } = this.state.buffers
    const update = this.#update
    for (const { slot, factor, decays } of rules) {
      const decay = decays ? weightDecay : 0
      let weightSquares = 0
      let updateSquares = 0
      for (let i = slot.start; i < slot.end; i++) {
        const g = gradients[i]! * scale
        const first = beta1 * m[i]! + (1 - beta1) * g
        const second = beta2 * v[i]! + (1 - beta2) * g * g
        m[i] = first
        v[i] = second
        const weight = values[i]!
        const u = first / correction1 / (Math.sqrt(second) / correction2 + epsilon) + decay * weight
        update[i - slot.start] = u
        weightSquares += weight * weight
        updateSquares += u * u
      }
      const hasRatio = decays && weightSquares > 0 && updateSquares > 0
      const rate = learningRate * factor * (hasRatio ? Math.sqrt(weightSquares / updateSquares) : 1)
      for (let i = slot.start; i < slot.end; i++) values[i] = values[i]! - rate * update[i - slot.start]!
    }
  }
}
