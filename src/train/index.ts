// Training: the optimizers, the schedules, and the loop. What needs Node's files and threads is in index.node.ts.

export { AdamW, type AdamWOptions } from './adamw.js'
export { clipScale, globalNorm } from './clip.js'
export { type Difference, firstDifference } from './difference.js'
export { embeddingRate } from './embeddingRate.js'
export { Lamb } from './lamb.js'
export { layerwiseDecay } from './layerwiseDecay.js'
export {
  isWeight,
  type MomentOptions,
  type Optimizer,
  type OptimizerFactory,
  type OptimizerState,
} from './optimizer.js'
export { type ParameterSlot, ParameterStore } from './parameterStore.js'
export { type ExampleBatch, type MicroBatch, type PrepareOptions, prepareSteps } from './prepareSteps.js'
export { modelFiles, saveModels } from './saveModels.js'
export {
  albertSchedule,
  constantSchedule,
  electraSchedule,
  linearSchedule,
  makeSchedule,
  polynomialSchedule,
  type Schedule,
  type ScheduleLength,
  type ScheduleName,
  type ScheduleOptions,
  schedules,
  warmupLinearSchedule,
} from './schedule.js'
export { type Evaluation, type StepProgress, type StepReport, Trainer, type TrainerOptions } from './trainer.js'
export type { TrainerState } from './trainerState.js'
export { type Collective, type StepBatches, type StepResult, type StepSettings, TrainingStep } from './trainingStep.js'
