// How well replaced tokens are found: accuracy, precision, recall, F1, and the area under the ROC curve; with what the
// generator's own meter says.

import type { TensorData } from '../runtime/index.js'
import type { Meter, PreparedBatch } from './objective.js'
import { PredictionMeter } from './predictionMeter.js'

/** Collects verdicts over evaluation batches. Keeps a number for every token, so for held-out sets, not for corpora. */
export class DetectionMeter implements Meter {
  readonly #verdicts: number[] = []
  readonly #replaced: boolean[] = []
  readonly #predictions = new PredictionMeter()

  add(outputs: Readonly<Record<string, TensorData>>, batch: PreparedBatch): void {
    for (const logit of outputs.verdict!.data) this.#verdicts.push(Number(logit))
    for (const flag of outputs.replaced!.data) this.#replaced.push(Number(flag) !== 0)
    this.#predictions.add(outputs, batch)
  }

  result(): Record<string, number> {
    const total = this.#verdicts.length
    let [truePositives, positives, called] = [0, 0, 0]
    for (let i = 0; i < total; i++) {
      const isCalled = this.#verdicts[i]! > 0
      if (isCalled) called++
      if (this.#replaced[i]) positives++
      if (isCalled && this.#replaced[i]) truePositives++
    }
    const correct = total - positives - called + 2 * truePositives
    return {
      ...this.#predictions.result(),
      rtd_accuracy: correct / total,
      rtd_precision: called === 0 ? 0 : truePositives / called,
      rtd_recall: positives === 0 ? 0 : truePositives / positives,
      // The harmonic mean of both; 0 without a true positive.
      rtd_f1: called + positives === 0 ? 0 : (2 * truePositives) / (called + positives),
      rtd_best_f1: bestF1(this.#verdicts, this.#replaced),
      rtd_auc: areaUnderCurve(this.#verdicts, this.#replaced),
      rtd_replaced: positives / total,
    }
  }
}

/**
 * The probability that a positive scores above a negative, ties counted half (Mann and Whitney's U); NaN without both
 * kinds.
 */
export function areaUnderCurve(scores: readonly number[], isPositive: readonly boolean[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let rankSum = 0
  let positives = 0
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++
    const rank = (start + end + 1) / 2 // mean of ranks start+1 … end
    for (const i of order.slice(start, end)) {
      if (!isPositive[i]) continue
      rankSum += rank
      positives++
    }
    start = end
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** F1 at the threshold that gives the most: replaced tokens are rare, and the one at even odds finds few of them. */
export function bestF1(scores: readonly number[], isPositive: readonly boolean[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const positives = isPositive.filter(Boolean).length
  let [best, truePositives] = [0, 0]
  for (const [called, i] of order.entries()) {
    if (isPositive[i]) truePositives++
    // Equal scores are on one side of a threshold.
    const isEdge = called + 1 === order.length || scores[order[called + 1]!] !== scores[i]
    if (isEdge && truePositives > 0) best = Math.max(best, (2 * truePositives) / (called + 1 + positives))
  }
  return best
}
