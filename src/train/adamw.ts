// Adam with decoupled weight decay (Loshchilov and Hutter, 2017), in one pass over flat buffers.

import { isWeight, type MomentOptions, newMoments, type Optimizer } from './optimizer.js'
import type { ParameterSlot } from './parameterStore.js'

export interface AdamWOptions extends MomentOptions {
  /**
   * Add epsilon to the root of the second mean before that is corrected, as fairseq does (RoBERTa, SpanBERT), and not
   * after it, as PyTorch does. Default false.
   */
  readonly epsilonBeforeCorrection?: boolean
}

/**
 * The optimizer of BERT, ELECTRA, RoBERTa and SpanBERT, by its options.
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'electra' }), 'pretraining')
 * const store = new ParameterStore(scope.declarations())
 * const gradients = new Float32Array(store.values.length) // to be filled by a run of the graph
 * const optimizer = new AdamW(store.slots, { weightDecay: 0.1 })
 * optimizer.step(store.values, gradients, 1e-4)
 */
export class AdamW implements Optimizer {
  readonly name = 'adamw'
  readonly state: ReturnType<typeof newMoments>
  readonly #options: Required<AdamWOptions>

  constructor(
    private readonly slots: readonly ParameterSlot[],
    options: AdamWOptions = {},
  ) {
    const { betas = [0.9, 0.999], epsilon = 1e-6, weightDecay = 0.01, decays = isWeight } = options
    const { biasCorrection = true, epsilonBeforeCorrection = false } = options
    this.state = newMoments(slots)
    this.#options = { betas, epsilon, weightDecay, decays, biasCorrection, epsilonBeforeCorrection }
  }

  step(values: Float32Array, gradients: Float32Array, learningRate: number, scale = 1): void {
    const { betas, weightDecay, decays, biasCorrection, epsilonBeforeCorrection } = this.#options
    const [beta1, beta2] = betas
    const step = ++this.state.stepCount
    const correction1 = biasCorrection ? 1 - beta1 ** step : 1
    const correction2 = biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1
    const epsilon = epsilonBeforeCorrection ? this.#options.epsilon / correction2 : this.#options.epsilon
    const rate = learningRate / correction1
    const { firstMean: m, secondMean: v } = this.state.buffers
    for (const slot of this.slots) {
      const keep = 1 - (decays(slot) ? learningRate * weightDecay : 0)
      for (let i = slot.start; i < slot.end; i++) {
        const g = gradients[i]! * scale
        const first = beta1 * m[i]! + (1 - beta1) * g
        const second = beta2 * v[i]! + (1 - beta2) * g * g
        m[i] = first
        v[i] = second
        values[i] = values[i]! * keep - (rate * first) / (Math.sqrt(second) / correction2 + epsilon)
      }
    }
  }
}
