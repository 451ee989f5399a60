// How often the likeliest label is the right one.

import { BertkinError } from '../errors.js'
import type { TensorData } from '../runtime/index.js'
import type { Meter, PreparedBatch } from './objective.js'

/** `accuracy`: the share of rows whose highest logit is at the label; rows labelled below 0 do not count. */
export class AccuracyMeter implements Meter {
  #right = 0
  #total = 0

  /**
   * @param logits name of the output, [rows, labels]
   * @param labels name of the feed, [rows]
   */
  constructor(
    private readonly logits: string,
    private readonly labels: string,
  ) {}

  add(outputs: Readonly<Record<string, TensorData>>, { feeds }: PreparedBatch): void {
    const { data, dims } = outputs[this.logits]!
    const width = dims[1]!
    feeds[this.labels]!.data.forEach((value, row) => {
      const label = Number(value)
      if (label < 0) return
      this.#total++
      this.#right += Number(highest(data as Float32Array, row * width, (row + 1) * width) === label)
    })
  }

  result(): Record<string, number> {
    return { accuracy: this.#right / this.#total }
  }
}

/** Where the highest value of a stretch is, from its beginning; of equals the first. */
function highest(values: Float32Array, start: number, end: number): number {
  let best = start
  for (let i = start + 1; i < end; i++) if (values[i]! > values[best]!) best = i
  return best - start
}

/** Refuses what would read or write beyond the labels. */
export function checkLabel(label: number, count: number): number {
  if (Number.isInteger(label) && label >= 0 && label < count) return label
  throw new BertkinError('option-invalid', `a label must be a whole number from 0 to ${count - 1}, not ${label}`)
}
