// The front door. Everything here runs in Node and in browsers; training, data and the parts that these are built of
// have doors of their own (bertkin/train, bertkin/data, bertkin/objective, bertkin/model, bertkin/graph, …).

export { CheckpointError, type EncoderConfig, type Folder, openFolder } from './checkpoint/index.js'
export { BertkinError, type ErrorCode } from './errors.js'
export {
  HEADS,
  type Head,
  type LoadOptions,
  type LoadReport,
  loadModel,
  Model,
  type RunOptions,
  type Sequence,
} from './model/index.js'
export {
  type AggregationStrategy,
  type Behaviour,
  type Classification,
  type DetectedToken,
  type DetectedWord,
  type EntityGroup,
  type ExtractedAnswer,
  type FeatureExtractionAnswer,
  type FeatureExtractionOptions,
  type FillMaskAnswer,
  type FillMaskCandidate,
  type FillMaskOptions,
  loadTokenizer,
  type Pipeline,
  type PipelineOptions,
  type PipelineParts,
  type Pooling,
  pipeline,
  type QuestionAnsweringAnswer,
  type QuestionAnsweringInput,
  type QuestionAnsweringOptions,
  type ReplacedTokenDetectionAnswer,
  type ReplacedTokenDetectionOptions,
  type ScoreFunction,
  type SentenceSimilarityAnswer,
  type SentenceSimilarityInput,
  type SentenceSimilarityOptions,
  TASKS,
  type TaskAlias,
  type TaskMap,
  type TaskName,
  type TextClassificationAnswer,
  type TextClassificationInput,
  type TextClassificationOptions,
  type TextPair,
  type TokenClassificationAnswer,
  type TokenClassificationOptions,
  type TokenEntity,
} from './pipeline/index.js'
export { type Device, Runtime, RuntimeError, type RuntimeOptions, type TensorData } from './runtime/index.js'
export {
  type EncodeOptions,
  Encoding,
  type SpecialTokens,
  Tokenizer,
  TokenizerError,
  type TruncationOptions,
} from './tokenizer/index.js'
