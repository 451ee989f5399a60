// Metrics of classification, as scikit-learn defines them.

import { BertkinError } from '../errors.js'
import { assertPaired, ratio } from './check.js'
import { type AveragedScores, type Scores, scoresOfCounts } from './labelScores.js'

/** What labels may be: names, or numbers as a model has them. */
type Label = string | number | boolean

/** The scores of several labels and the share of examples that are right. */
export interface ClassificationScores<L> extends AveragedScores<L> {
  readonly accuracy: number
}

/** The scores of the positive label and the share of examples that are right. */
export interface BinaryScores extends Scores {
  readonly accuracy: number
}

/**
 * The share of predictions that are equal to their references.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for none
 * @example
 * accuracy(['a', 'b', 'b'], ['a', 'b', 'a']) // 0.667
 */
export function accuracy<L extends Label>(predictions: ArrayLike<L>, references: ArrayLike<L>): number {
  assertPaired(predictions, references)
  let right = 0
  for (let i = 0; i < references.length; i++) right += Number(predictions[i] === references[i])
  return right / references.length
}

/**
 * Precision, recall and F1 for each label and averaged (micro, macro, weighted), and the accuracy.
 *
 * Averages are over the labels that occur in references or predictions (sorted; numbers by size), or over `labels`, whose
 * order counts then. Over all labels that occur, micro F1 is the accuracy. Scores that would divide by 0 are 0:
 * scikit-learn's `precision_recall_fscore_support` with `zero_division=0`.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for none
 * @example
 * const { macro, labels } = classificationScores(['a', 'b', 'b'], ['a', 'b', 'a'])
 * console.log(macro.f1, labels[0]?.precision) // 0.667 1
 */
export function classificationScores<L extends Label>(
  predictions: ArrayLike<L>,
  references: ArrayLike<L>,
  { labels }: { readonly labels?: readonly L[] } = {},
): ClassificationScores<L> {
  assertPaired(predictions, references)
  const sets = (values: ArrayLike<L>): L[][] => Array.from(values, (value) => [value])
  return { ...countedScores(sets(predictions), sets(references), labels), accuracy: accuracy(predictions, references) }
}

/**
 * As classificationScores where every example has any number of labels. The accuracy is the share of examples whose labels
 * are all right and complete. Labels that are repeated in an example count once.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for no examples
 * @example
 * multiLabelScores([['rude'], []], [['rude', 'loud'], []]).micro.recall // 0.5
 */
export function multiLabelScores<L extends Label>(
  predictions: readonly (readonly L[])[],
  references: readonly (readonly L[])[],
  { labels }: { readonly labels?: readonly L[] } = {},
): ClassificationScores<L> {
  assertPaired(predictions, references)
  const right = references.filter((reference, i) => {
    const [a, b] = [new Set(reference), new Set(predictions[i])]
    return a.size === b.size && [...a].every((label) => b.has(label))
  })
  return { ...countedScores(predictions, references, labels), accuracy: right.length / references.length }
}

function countedScores<L extends Label>(
  predictions: readonly (readonly L[])[],
  references: readonly (readonly L[])[],
  labels: readonly L[] | undefined,
): AveragedScores<L> {
  const counts = new Map<L, { hits: number; predicted: number; support: number }>()
  const countOf = (label: L) => {
    const count = counts.get(label) ?? { hits: 0, predicted: 0, support: 0 }
    counts.set(label, count)
    return count
  }
  for (let i = 0; i < references.length; i++) {
    const [predicted, expected] = [new Set(predictions[i]), new Set(references[i])]
    for (const label of predicted) countOf(label).predicted++
    for (const label of expected) {
      const count = countOf(label)
      count.support++
      count.hits += Number(predicted.has(label))
    }
  }
  const order = labels ?? [...counts.keys()].sort(compare)
  return scoresOfCounts(order.map((label) => ({ label, ...countOf(label) })))
}

const compare = (a: Label, b: Label): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Precision, recall and F1 of one label among two (F1 of MRPC and QQP, where `positive` is 1), and the accuracy. Where the
 * positive label is never predicted, precision and F1 are 0; where it never occurs, recall and F1 are.
 *
 * @param positive the label that is looked for; default 1
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for none; 'option-invalid' for more than two
 *   labels
 * @example
 * binaryScores([1, 1, 0, 0], [1, 0, 0, 0]) // { precision: 0.5, recall: 1, f1: 0.667, support: 1, accuracy: 0.75 }
 */
export function binaryScores<L extends Label>(
  predictions: ArrayLike<L>,
  references: ArrayLike<L>,
  positive: L = 1 as L,
): BinaryScores {
  assertPaired(predictions, references)
  const labels = new Set([...Array.from(predictions), ...Array.from(references), positive])
  if (labels.size > 2) {
    throw new BertkinError(
      'option-invalid',
      `There are more than two labels (${[...labels].slice(0, 5).join(', ')}${labels.size > 5 ? ', …' : ''}); the positive ` +
        `one is ${positive}. Name it, or use classificationScores.`,
    )
  }
  const { precision, recall, f1, support } = classificationScores(predictions, references, { labels: [positive] }).micro
  return { precision, recall, f1, support, accuracy: accuracy(predictions, references) }
}

/**
 * Matthews' correlation coefficient, −1 to 1, for any number of labels (Gorodkin's generalization, as scikit-learn's
 * `matthews_corrcoef`). Where all predictions or all references are the same it is 0.
 *
 * @throws BertkinError 'shape-mismatch' for different lengths, 'data-empty' for none
 * @example
 * matthewsCorrelation([1, 0, 1, 1], [1, 0, 0, 1]) // 0.577
 */
export function matthewsCorrelation<L extends Label>(predictions: ArrayLike<L>, references: ArrayLike<L>): number {
  assertPaired(predictions, references)
  const { length } = references
  const right = accuracy(predictions, references) * length
  const [predicted, expected] = [histogram(predictions), histogram(references)]
  let products = 0
  for (const [label, count] of expected) products += count * (predicted.get(label) ?? 0)
  const squares = (counts: ReadonlyMap<L, number>): number => [...counts.values()].reduce((sum, n) => sum + n * n, 0)
  const spread = (length ** 2 - squares(predicted)) * (length ** 2 - squares(expected))
  return ratio(Math.round(right) * length - products, Math.sqrt(spread))
}

function histogram<L>(values: ArrayLike<L>): Map<L, number> {
  const counts = new Map<L, number>()
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1)
  return counts
}
