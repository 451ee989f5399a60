// Next sentence prediction (Devlin et al., 2018, section 3.1): does the second segment follow the first in the text, or
// is it from another document? BERT's second objective.

import type { EncoderConfig } from '../model/index.js'
import { maskingOf } from './maskedLm.js'
import type { Masking, MaskingVocabulary } from './masking.js'
import type { Objective, SentencePair } from './objective.js'
import { sentencePairObjective } from './sentencePairs.js'

/**
 * BERT's pretraining: the mean loss of masked tokens plus that of the pairs. Labels are 0 for a segment that follows
 * and 1 for one from elsewhere, as in transformers.
 *
 * @param config of `bert`, or of `albert`, as in the comparison of its paper
 * @param masking BERT's own is `tokenMasking`, static in the paper; a vocabulary stands for it
 * @throws {BertkinError} `head-mismatch` for another kin
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = nextSentencePrediction(createConfig({ modelType: 'bert' }), vocabulary)
 * const pack = packSentencePairs({ maxLength: 512, clsId: 101, sepId: 102, task: 'next-sentence' })
 */
export const nextSentencePrediction = (
  config: EncoderConfig,
  masking: Masking | MaskingVocabulary,
): Objective<SentencePair> => sentencePairObjective('next-sentence-prediction', 'nsp', config, maskingOf(masking))
