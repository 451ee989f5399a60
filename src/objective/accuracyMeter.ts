// How often a classification is right, and several meters as one.

import type { TensorData } from '../runtime/index.js'
import type { Meter, PreparedBatch } from './objective.js'

/**
 * - `<part>_accuracy`: the share of labels that were predicted
 * - `<part>_majority`: what always answering with the most frequent label would reach
 *
 * Labels below 0 do not count; without any other there is nothing to tell, and the result is empty.
 */
export class AccuracyMeter implements Meter {
  readonly #frequencies = new Map<number, number>()
  #right = 0
  #total = 0

  /** @param output the predicted classes among the outputs; `feed` the labels among the feeds */
  constructor(
    private readonly part: string,
    private readonly output: string,
    private readonly feed: string,
  ) {}

  add(outputs: Readonly<Record<string, TensorData>>, { feeds }: PreparedBatch): void {
    feeds[this.feed]!.data.forEach((value, i) => {
      const label = Number(value)
      if (label < 0) return
      this.#total++
      if (Number(outputs[this.output]!.data[i]) === label) this.#right++
      this.#frequencies.set(label, (this.#frequencies.get(label) ?? 0) + 1)
    })
  }

  result(): Record<string, number> {
    if (this.#total === 0) return {}
    const most = [...this.#frequencies.values()].reduce((a, b) => Math.max(a, b))
    return { [`${this.part}_accuracy`]: this.#right / this.#total, [`${this.part}_majority`]: most / this.#total }
  }
}

/** All that these meters tell. */
export const together = (...meters: readonly Meter[]): Meter => ({
  add(outputs, batch) {
    for (const meter of meters) meter.add(outputs, batch)
  },
  result: () => Object.assign({}, ...meters.map((meter) => meter.result())),
})
