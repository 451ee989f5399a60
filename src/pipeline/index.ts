// Tasks over text, under Hugging Face's names. A task is a function from (tokenizer, model) and texts to answers;
// `pipeline` loads the first two and wraps it up.

export { type BatchLimits, type Inputs, inBatches } from './batching.js'
export type { Behaviour, TaskContext, TextOptions } from './context.js'
export { type FillMaskAnswer, type FillMaskCandidate, type FillMaskOptions, fillMask } from './fillMask.js'
export { loadTokenizer, modelFolderFor, type RunFolder } from './load.js'
export { type Pipeline, type PipelineOptions, type PipelineParts, pipeline } from './pipeline.js'
export {
  type DetectedToken,
  type DetectedWord,
  detectReplacedTokens,
  type ReplacedTokenDetectionAnswer,
  type ReplacedTokenDetectionOptions,
} from './replacedTokenDetection.js'
export { TASKS, type TaskMap, type TaskName } from './tasks.js'
