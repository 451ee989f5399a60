// Fine-tuning for a task, and measuring how good a model is at it.

export { currentModel } from './currentModel.js'
export { type EpochOptions, type EpochPosition, epochBatches } from './epochs.js'
export { type CheckpointEvaluationOptions, evaluateCheckpoint } from './evaluate.js'
export { finetune } from './finetune.js'
export { defaultHyperparameters, type Hyperparameters } from './hyperparameters.js'
export { choiceFeatures } from './multipleChoice.js'
export { questionFeatures } from './questionAnswering.js'
export type {
  EpochEvaluation,
  FinetuningCheckpoints,
  FinetuningOptions,
  FinetuningPlan,
  FinetuningProgress,
  FinetuningReporter,
  FinetuningResult,
  FinetuningSink,
} from './run.js'
export { readStartingPoint, type StartingOptions, type StartingPoint } from './startingPoint.js'
export type {
  EvaluationContext,
  EvaluationOptions,
  FeatureContext,
  FeatureOptions,
  FinetuningTask,
  FinetuningTaskName,
  FinetuningTasks,
  LabelFields,
  LabelOptions,
  LabelRow,
  TaskEvaluation,
} from './task.js'
export { finetuningTasks } from './tasks.js'
export { textFeatures } from './textClassification.js'
export { tokenFeatures } from './tokenClassification.js'
