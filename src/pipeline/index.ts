// Tasks over text, under Hugging Face's names. A task is a function from (tokenizer, model) and texts to answers;
// `pipeline` loads the first two and wraps it up.

export { type Attentions, type AttentionsOptions, attentionsOf } from './attentions.js'
export { type BatchLimits, type Inputs, inBatches } from './batching.js'
export type { Behaviour, TaskContext, TextOptions } from './context.js'
export {
  extractFeatures,
  type FeatureExtractionAnswer,
  type FeatureExtractionCalls,
  type FeatureExtractionOptions,
} from './featureExtraction.js'
export { type FillMaskAnswer, type FillMaskCandidate, type FillMaskOptions, fillMask } from './fillMask.js'
export { loadTokenizer, modelFolderFor, type RunFolder } from './load.js'
export {
  type CallsOf,
  type Pipeline,
  type PipelineCalls,
  type PipelineOptions,
  type PipelineParts,
  pipeline,
} from './pipeline.js'
export {
  answerQuestions,
  type ExtractedAnswer,
  type QuestionAnsweringAnswer,
  type QuestionAnsweringCalls,
  type QuestionAnsweringInput,
  type QuestionAnsweringOptions,
  type RankedAnswers,
  rankAnswers,
} from './questionAnswering.js'
export {
  type DetectedToken,
  type DetectedWord,
  detectReplacedTokens,
  type ReplacedTokenDetectionAnswer,
  type ReplacedTokenDetectionOptions,
} from './replacedTokenDetection.js'
export {
  judgeOrder,
  type SentenceOrderAnswer,
  type SentenceOrderInput,
  type SentenceOrderOptions,
} from './sentenceOrder.js'
export {
  compareSentences,
  type SentenceSimilarityAnswer,
  type SentenceSimilarityInput,
  type SentenceSimilarityOptions,
} from './sentenceSimilarity.js'
export {
  fillSpans,
  type InfillCandidate,
  type InfilledSpan,
  type InfilledToken,
  type SpanInfillingAnswer,
  type SpanInfillingOptions,
} from './spanInfilling.js'
export { TASKS, type TaskAlias, type TaskMap, type TaskName, type TaskOf } from './tasks.js'
export {
  type Classification,
  classifyTexts,
  type ScoreFunction,
  type TextClassificationAnswer,
  type TextClassificationCalls,
  type TextClassificationInput,
  type TextClassificationOptions,
  type TextPair,
} from './textClassification.js'
export {
  AGGREGATION_STRATEGIES,
  type AggregationStrategy,
  classifyTokens,
  type EntityGroup,
  type TokenClassificationAnswer,
  type TokenClassificationCalls,
  type TokenClassificationOptions,
  type TokenEntity,
} from './tokenClassification.js'
export type { Pooling } from './vectors.js'
