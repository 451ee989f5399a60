// Objectives on tiny models and a handful of sentences: what tests of training train.

import type { EncoderConfig } from '../../checkpoint/index.js'
import type { Sequence } from '../../model/index.js'
import { tinyConfig } from '../../model/testing/tinyModels.js'
import { maskedLm, type Objective, replacedTokenDetection } from '../../objective/index.js'

export const VOCABULARY = { vocabSize: 24, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }

/** With dropout, and weights as small as a real run starts with. */
const changes = { initializerRange: 0.05, hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1 }

export const tinyMaskedLm = (more: Partial<EncoderConfig> = {}): Objective<Sequence> =>
  maskedLm(tinyConfig('bert', { ...changes, ...more }), VOCABULARY)

export const tinyElectra = (more: Partial<EncoderConfig> = {}): Objective<Sequence> =>
  replacedTokenDetection(
    {
      generator: tinyConfig('electra', { ...changes, hiddenSize: 4, intermediateSize: 8, ...more }),
      discriminator: tinyConfig('electra', { ...changes, ...more }),
    },
    VOCABULARY,
    { maskProbability: 0.3 },
  )

/** Sentences in which each word has its place: easy to learn. */
export const SENTENCES: readonly Sequence[] = [
  [5, 6, 7, 8, 9],
  [10, 11, 12, 13, 14, 15],
  [16, 17, 18],
  [5, 6, 7, 19, 20],
  [21, 22, 23, 5],
  [10, 11, 12, 8, 9, 19, 20],
].map((words) => ({ ids: [2, ...words, 3] }))

/** The same batch again and again, as a stream. */
export async function* repeat<T>(batch: readonly T[]): AsyncGenerator<readonly T[]> {
  for (;;) yield batch
}
