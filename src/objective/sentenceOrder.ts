// Sentence order prediction (Lan et al., 2019, section 3.1): of two segments that follow each other in a text, which
// came first? ALBERT's second objective, which cannot be solved by topic alone.

import type { EncoderConfig } from '../model/index.js'
import { maskingOf } from './maskedLm.js'
import type { Masking, MaskingVocabulary } from './masking.js'
import type { Objective, SentencePair } from './objective.js'
import { sentencePairObjective } from './sentencePairs.js'

/**
 * ALBERT's pretraining: the mean loss of masked tokens plus that of the pairs' order. Labels are 0 for segments in
 * order and 1 for swapped ones, as in transformers.
 *
 * @param config of `albert`, or of `bert`, whose pretraining head then learns order
 * @param masking ALBERT's own is `ngramMasking`; a vocabulary stands for `tokenMasking`
 * @throws {BertkinError} `head-mismatch` for another kin
 *
 * @example
 * const vocabulary = { vocabSize: 30000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const objective = sentenceOrderPrediction(createConfig({ modelType: 'albert' }), vocabulary)
 * const pack = packSentencePairs({ maxLength: 512, clsId: 2, sepId: 3, task: 'sentence-order' })
 */
export const sentenceOrderPrediction = (
  config: EncoderConfig,
  masking: Masking | MaskingVocabulary,
): Objective<SentencePair> => sentencePairObjective('sentence-order-prediction', 'sop', config, maskingOf(masking))
