// How well masked tokens are guessed, and how well one could guess them without reading.

import type { TensorData } from '../runtime/index.js'
import type { Meter, PreparedBatch } from './objective.js'

/**
 * - `mlm_accuracy`: the share of predicted tokens whose most probable guess is right
 * - `mlm_unigram_entropy`: nats per token of these same tokens' own frequencies. A model that knows only how often each
 *   token occurs cannot have a lower loss; what the loss is below it was learnt from context.
 */
export class PredictionMeter implements Meter {
  readonly #frequencies = new Map<number, number>()
  #right = 0
  #total = 0

  add({ predicted }: Readonly<Record<string, TensorData>>, { feeds }: PreparedBatch): void {
    feeds.labels!.data.forEach((value, i) => {
      const label = Number(value)
      this.#total++
      if (Number(predicted!.data[i]) === label) this.#right++
      this.#frequencies.set(label, (this.#frequencies.get(label) ?? 0) + 1)
    })
  }

  result(): Record<string, number> {
    let entropy = 0
    for (const count of this.#frequencies.values()) {
      const share = count / this.#total
      entropy -= share * Math.log(share)
    }
    return { mlm_accuracy: this.#right / this.#total, mlm_unigram_entropy: entropy }
  }
}
