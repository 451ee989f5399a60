// What models are trained for.

export { Random, type RandomState } from '../random.js'
export { questionAnsweringSum, sequenceClassificationSum, tokenClassificationSum } from './fineTuning.js'
export { defineMaskedLm, maskedLm, maskedLmSum, predictionInputs } from './maskedLm.js'
export type { Masked, Masking, MaskingOptions, MaskingVocabulary, ReplacementOptions } from './masking.js'
export { type LabelledChoices, multipleChoice } from './multipleChoice.js'
export { nextSentencePrediction } from './nextSentence.js'
export { type NgramMaskingOptions, ngramMasking } from './ngramMasking.js'
export {
  countInput,
  type LossPart,
  type MaskableSequence,
  type Meter,
  type Objective,
  type ObjectiveGraph,
  type PreparedBatch,
  type SentencePair,
  type TrainedModel,
  totalLoss,
} from './objective.js'
export { type AnsweredWindow, questionAnswering } from './questionAnswering.js'
export {
  defineReplacedTokenDetection,
  type ElectraConfigs,
  maskForGenerator,
  type ReplacedTokenDetectionOptions,
  replacedTokenDetection,
} from './replacedTokenDetection.js'
export { sentenceOrderPrediction } from './sentenceOrder.js'
export { defineSentencePairs, type PairTask } from './sentencePairs.js'
export { type LabelledSequence, problemOf, sequenceClassification } from './sequenceClassification.js'
export { defineSpanBoundary, spanBoundary } from './spanBoundary.js'
export { type SpanMaskingOptions, spanLengths, spanMasking } from './spanMasking.js'
export { staticMasking } from './staticMasking.js'
export { type LabelledTokens, NO_LABEL, tokenClassification } from './tokenClassification.js'
export { maskTokens, type TokenMaskingOptions, tokenMasking } from './tokenMasking.js'
export { wholeWordMasking } from './wholeWordMasking.js'
export type { WordVocabulary } from './words.js'
