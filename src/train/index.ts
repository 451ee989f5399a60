// Training: the optimizers, the schedule, and the loop.

export { AdamW, type AdamWOptions } from './adamw.js'
export { clipScale, globalNorm } from './clip.js'
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
export { saveModels } from './saveModels.js'
export { linearSchedule, type Schedule } from './schedule.js'
export { type Evaluation, type StepReport, Trainer, type TrainerOptions } from './trainer.js'
export { type Collective, type StepResult, TrainingStep } from './trainingStep.js'
