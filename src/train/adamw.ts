// Adam with decoupled weight decay (Loshchilov and Hutter, 2017), in one pass over flat buffers.

import type { ParameterSlot } from './parameterStore.js'

export interface AdamWOptions {
  /** Decay rates of the running means of gradients and of their squares. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the root of the second mean. Default 1e-6, as BERT, ALBERT and ELECTRA have it. */
  readonly epsilon?: number
  /** Each step takes learningRate · weightDecay of a weight away. Default 0.01. */
  readonly weightDecay?: number
  /**
   * Correct the means for having started at zero, as PyTorch does. Default true; the authors' code of BERT, ALBERT and
   * ELECTRA does not.
   */
  readonly biasCorrection?: boolean
}

/** Weights decay; biases and LayerNorm parameters do not. */
const decays = ({ path }: Pick<ParameterSlot, 'path'>): boolean =>
  !(path.endsWith('bias') || path.includes('LayerNorm') || path.includes('layer_norm'))

/**
 * The optimizer's state: both running means, and the number of steps taken.
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'electra' }), 'pretraining')
 * const store = new ParameterStore(scope.declarations())
 * const gradients = new Float32Array(store.values.length) // to be filled by a run of the graph
 * const optimizer = new AdamW(store.slots, { weightDecay: 0.1 })
 * optimizer.step(store.values, gradients, 1e-4)
 */
export class AdamW {
  readonly firstMean: Float32Array
  readonly secondMean: Float32Array
  stepCount = 0
  readonly #options: Required<AdamWOptions>

  constructor(
    private readonly slots: readonly ParameterSlot[],
    { betas = [0.9, 0.999], epsilon = 1e-6, weightDecay = 0.01, biasCorrection = true }: AdamWOptions = {},
  ) {
    const size = slots.at(-1)?.end ?? 0
    this.firstMean = new Float32Array(size)
    this.secondMean = new Float32Array(size)
    this.#options = { betas, epsilon, weightDecay, biasCorrection }
  }

  /**
   * Updates `values` in place.
   *
   * @param scale factor of every gradient: clipping without a pass of its own
   */
  step(values: Float32Array, gradients: Float32Array, learningRate: number, scale = 1): void {
    const { betas, epsilon, weightDecay, biasCorrection } = this.#options
    const [beta1, beta2] = betas
    this.stepCount++
    const correction1 = biasCorrection ? 1 - beta1 ** this.stepCount : 1
    const correction2 = biasCorrection ? Math.sqrt(1 - beta2 ** this.stepCount) : 1
    const rate = learningRate / correction1
    const { firstMean: m, secondMean: v } = this
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
