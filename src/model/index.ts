// The models: BERT (and SpanBERT), ALBERT, RoBERTa, ELECTRA, their heads, and loading them.

export type { EncoderConfig } from '../checkpoint/index.js'
export { batchFor, checkTokenizer, type LayoutOptions, maxSequenceLength } from './batch.js'
export { type PaperCounts, paperCounts, parameterCount } from './counts.js'
export {
  className,
  type DefinitionOptions,
  defineModel,
  headFromConfig,
  kins,
  type ModelDefinition,
} from './definition.js'
export { discriminatorLogits, encodeElectra, generatorLogits } from './electra.js'
export type { Encoded } from './encoder.js'
export { exportOnnx, type OnnxExport, type OnnxExportOptions } from './exportOnnx.js'
export { HEADS, type Head, type HeadContext, type HeadOutputs, selectRows } from './heads.js'
export { type Initializer, initialValues, type LooksAside } from './initialization.js'
export type { Mode } from './layers.js'
export { checkEncoder, type LoadOptions, loadModel, POOLER, readConfig, resolveModel } from './load.js'
export { type LoadReport, Model, type Place, type RunOptions, type SpanTarget, type StoringOptions } from './model.js'
export {
  type ParameterDeclaration,
  ParameterScope,
  parameterSize,
} from './parameters.js'
export { type SpanTargets, spanBoundaryLogits, spanTargetInputs } from './spanbert.js'
export {
  type BatchOptions,
  batchTokens,
  type Sequence,
  type TokenBatch,
  type TokenInputs,
  tokenInputs,
  withIds,
} from './tokens.js'
