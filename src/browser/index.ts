// Models in a page: a worker that runs and trains them, and the folders that people drop.

export type { FileSet } from '../checkpoint/index.js'
export { forgetDownloads } from '../checkpoint/index.js'
export {
  BrowserWorker,
  type BrowserWorkerOptions,
  type RemoteAttentions,
  type RemoteHandle,
  type RemoteOptions,
  type RemotePipeline,
  type RemotePipelineOptions,
  type RemoteTokenizer,
} from './client.js'
export { filesOfDirectory, filesOfDrop, filesOfList } from './droppedFiles.js'
export type { EncodingData, ModelInfo, ModelSource, PipelineBehaviour, SourceOptions } from './protocol.js'
export { saveToDirectory, zipOf } from './saveFiles.js'
export type { RemoteFinetuningOptions, RemotePretrainingOptions, TrainingRun } from './trainingClient.js'
export type {
  FinetuningOutcome,
  FinetuningSettings,
  PretrainingOutcome,
  TrainingStepEvent,
} from './trainingProtocol.js'
