// From counts of hits and misses to precision, recall and F1, for each label and averaged.

import { ratio } from './check.js'

/** Precision, recall and F1, each 0 where it would divide by 0, and how many references there are. */
export interface Scores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** The scores of one label. */
export interface LabelScores<Label> extends Scores {
  readonly label: Label
}

/** Scores of several labels, and their averages. */
export interface AveragedScores<Label> {
  /** In the order of the labels. */
  readonly labels: readonly LabelScores<Label>[]
  /** Of all counts together. */
  readonly micro: Scores
  /** The mean over labels, each counting the same. */
  readonly macro: Scores
  /** The mean over labels, each counting as often as it occurs in the references. */
  readonly weighted: Scores
}

/** How often a label was predicted rightly, how often at all, and how often it should have been. */
export interface LabelCount<Label> {
  readonly label: Label
  readonly hits: number
  readonly predicted: number
  readonly support: number
}

/**
 * Scores of counts. As in scikit-learn and seqeval with their default `zero_division`, precision is 0 for a label that is
 * never predicted, recall for one that never occurs, and F1 = 2·hits / (predicted + support) is 0 if neither does. Averages
 * over no labels are 0, and so are weighted ones if nothing occurs.
 *
 * @example
 * const { micro } = scoresOfCounts([{ label: 'PER', hits: 1, predicted: 2, support: 1 }]) // precision 0.5, recall 1
 */
export function scoresOfCounts<Label>(counts: readonly LabelCount<Label>[]): AveragedScores<Label> {
  const labels = counts.map((count) => ({ label: count.label, ...scoresOf(count) }))
  const total = (key: 'hits' | 'predicted' | 'support'): number => counts.reduce((sum, count) => sum + count[key], 0)
  const support = total('support')
  const mean = (weightOf: (scores: Scores) => number): Scores => {
    const weights = labels.reduce((sum, scores) => sum + weightOf(scores), 0)
    const of = (key: 'precision' | 'recall' | 'f1'): number =>
      ratio(
        labels.reduce((sum, scores) => sum + weightOf(scores) * scores[key], 0),
        weights,
      )
    return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support }
  }
  return {
    labels,
    micro: scoresOf({ hits: total('hits'), predicted: total('predicted'), support }),
    macro: mean(() => 1),
    weighted: mean((scores) => scores.support),
  }
}

function scoresOf({ hits, predicted, support }: Omit<LabelCount<unknown>, 'label'>): Scores {
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, predicted + support),
    support,
  }
}
