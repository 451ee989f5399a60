// SpanBERT's pretraining (Joshi et al., 2019, section 3): masked language modelling of spans, and beside it the span
// boundary objective, which predicts a span's tokens from the two tokens around it.

import { BertkinError } from '../errors.js'
import { IGNORED_LABEL, input } from '../graph/index.js'
import type { EncoderConfig, Mode } from '../model/index.js'
import { AccuracyMeter, together } from './accuracyMeter.js'
import { defineForPredictions, intColumn, maskedLmSum, predictionInputs, prepareMaskedLm } from './maskedLm.js'
import type { Masked, Masking, MaskingVocabulary } from './masking.js'
import type { MaskableSequence, Objective, ObjectiveGraph } from './objective.js'
import { PredictionMeter } from './predictionMeter.js'
import { mergedSpans } from './spanMasking.js'

/**
 * The mean loss of masked tokens plus the mean loss of the same tokens as seen from their spans' boundaries.
 *
 * A span is a maximal stretch of tokens to predict, whatever the masking. Its boundaries are the tokens right beside it;
 * where one of these is a special token, the span has no boundary loss. Of a longer span the first
 * `config.maxPairTargets` tokens count, 15 in the paper.
 *
 * @param vocabulary whose special tokens are no boundaries
 * @param masking SpanBERT's own is `spanMasking`
 * @throws {BertkinError} `head-mismatch` for a kin other than `bert`
 *
 * @example
 * const specialTokenIds = new Set([0, 100, 101, 102, 103])
 * const vocabulary = { vocabSize: 28996, maskTokenId: 103, specialTokenIds, startsWord: new Uint8Array(28996).fill(1) }
 * const config = createConfig({ modelType: 'bert', vocabSize: 28996 })
 * const objective = spanBoundary(config, vocabulary, spanMasking(vocabulary))
 */
export function spanBoundary(
  config: EncoderConfig,
  vocabulary: MaskingVocabulary,
  masking: Masking,
): Objective<MaskableSequence> {
  if (config.modelType !== 'bert') {
    throw new BertkinError('head-mismatch', `${config.modelType} has no head "span-boundary"; bert has it`)
  }
  return {
    name: 'span-boundary',
    define: (mode) => defineSpanBoundary(config, mode),
    prepare(examples, random) {
      const { feeds, counts, tokenCount, masked, firstRows } = prepareMaskedLm(examples, random, config, masking)
      const targets = masked.flatMap((example, b) =>
        boundaryTargets(example, vocabulary, config.maxPairTargets).map(({ left, right, place, label }) => {
          return { left: firstRows[b]! + left, right: firstRows[b]! + right, place, label }
        }),
      )
      return { feeds: { ...feeds, ...targetFeeds(targets) }, counts: { ...counts, sbo: targets.length }, tokenCount }
    },
    meter: () => together(new PredictionMeter(), new AccuracyMeter('sbo', 'spanPredicted', 'spanLabels')),
    models: [{ folder: '', config, head: 'span-boundary', parameterName: (path) => path }],
  }
}

/**
 * The graph alone: parts `mlm` and `sbo`. For each token to predict from boundaries, `leftRows`, `rightRows`, `places`
 * and `spanLabels` are fed, int32 [targets].
 *
 * @throws {BertkinError} `head-mismatch` for a kin other than `bert`
 *
 * @example
 * const { parts } = defineSpanBoundary(createConfig({ modelType: 'bert' }), {})
 * Object.keys(parts) // 'mlm' and 'sbo'
 */
export function defineSpanBoundary(config: EncoderConfig, mode: Mode): ObjectiveGraph {
  const { outputs, parameters } = defineForPredictions(config, 'span-boundary', mode)
  const mlm = maskedLmSum(outputs.logits!, predictionInputs().labels)
  const sbo = maskedLmSum(outputs.span_logits!, input('spanLabels', 'int32', ['targets']))
  return {
    parts: { mlm: { sum: mlm.sum, weight: 1 }, sbo: { sum: sbo.sum, weight: 1 } },
    parameters,
    outputs: { mlm: mlm.sum, sbo: sbo.sum, predicted: mlm.predicted, spanPredicted: sbo.predicted },
  }
}

/** A token to predict from its span's boundaries: their columns, its place in the span from 0, and its id. */
export interface BoundaryTarget {
  readonly left: number
  readonly right: number
  readonly place: number
  readonly label: number
}

/** The targets of a masked sequence. */
export function boundaryTargets(
  { ids, positions, labels }: Masked,
  { specialTokenIds }: Pick<MaskingVocabulary, 'specialTokenIds'>,
  most: number,
): BoundaryTarget[] {
  const isBoundary = (column: number): boolean =>
    column >= 0 && column < ids.length && !specialTokenIds.has(ids[column]!)
  let first = 0 // of the span's labels
  return mergedSpans(positions).flatMap(({ start, end }) => {
    const [left, right, from] = [start - 1, end, first]
    first += end - start
    if (!isBoundary(left) || !isBoundary(right)) return []
    const length = Math.min(most, end - start)
    return Array.from({ length }, (_, place) => ({ left, right, place, label: labels[from + place]! }))
  })
}

/** Where no span has boundaries, there is one target whose label does not count: nothing is summed over no rows. */
function targetFeeds(targets: readonly BoundaryTarget[]) {
  const fed = targets.length > 0 ? targets : [{ left: 0, right: 0, place: 0, label: IGNORED_LABEL }]
  return {
    leftRows: intColumn(fed.map(({ left }) => left)),
    rightRows: intColumn(fed.map(({ right }) => right)),
    places: intColumn(fed.map(({ place }) => place)),
    spanLabels: intColumn(fed.map(({ label }) => label)),
  }
}
