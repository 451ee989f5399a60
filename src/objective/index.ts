// What models are trained for.

export { questionAnsweringSum, sequenceClassificationSum, tokenClassificationSum } from './fineTuning.js'
export { maskedLm, maskedLmSum, predictionInputs } from './maskedLm.js'
export { type Masked, type MaskingOptions, type MaskingVocabulary, maskTokens } from './masking.js'
export { type LabelledChoices, multipleChoice } from './multipleChoice.js'
export {
  countInput,
  type LossPart,
  type Meter,
  type Objective,
  type ObjectiveGraph,
  type PreparedBatch,
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
export { type LabelledSequence, problemOf, sequenceClassification } from './sequenceClassification.js'
export { type LabelledTokens, NO_LABEL, tokenClassification } from './tokenClassification.js'
