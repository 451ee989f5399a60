// Adam with decoupled weight decay (Loshchilov and Hutter, 2017), in one pass over flat buffers.

import { type MomentOptions, newMoments, type Optimizer, rulesOf } from './optimizer.js'
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
  readonly settings: Readonly<Record<string, unknown>>
  readonly #options: ReturnType<typeof rulesOf> & { readonly epsilonBeforeCorrection: boolean }

  constructor(slots: readonly ParameterSlot[], options: AdamWOptions = {}) {
    const { epsilonBeforeCorrection = false } = options
    this.state = newMoments(slots)
    this.#options = { ...rulesOf(slots, options), epsilonBeforeCorrection }
    this.settings = { ...this.#options.settings, epsilonBeforeCorrection }
  }

  step(values: Float32Array, gradients: Float32Array, learningRate: number, scale = 1): void {
    const { betas, weightDecay, rules, biasCorrection, epsilonBeforeCorrection } = this.#options
    const [beta1, beta2] = betas
    const step = ++this.state.stepCount
    const correction1 = biasCorrection ? 1 - beta1 ** step : 1
    const correction2 = biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1
    const epsilon = epsilonBeforeCorrection ? this.#options.epsilon / correction2 : this.#options.epsilon
    const { firstMean: m, secondMean: v } = this.state.buffers
    for (const { slot, factor, decays } of rules) {
      const ownRate = learningRate * factor
      const rate = ownRate / correction1
      const keep = 1 - (decays ? ownRate * weightDecay : 0)
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
