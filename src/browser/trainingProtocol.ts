// What a page and its worker say to each other about training.

import type { FileSet } from '../checkpoint/index.js'
import type { FormatOptions, NamedText } from '../data/index.js'
import type {
  EpochEvaluation,
  FinetuningPlan,
  FinetuningResult,
  FinetuningTaskName,
  Hyperparameters,
} from '../finetune/index.js'
import type { TextPretrainingPlan, TextPretrainingResult, TextPretrainingSettings } from '../recipe/index.js'
import type { MaskSample } from '../report/index.js'
import type { Evaluation, StepReport } from '../train/index.js'
import type { LoadEvent, ModelSource, SourceOptions } from './protocol.js'

/** A step, and how fast they come. */
export type TrainingStepEvent = Pick<
  StepReport,
  'step' | 'loss' | 'parts' | 'learningRate' | 'gradientNorm' | 'applied' | 'tokenCount' | 'seconds'
> & {
  /** Of all. */
  readonly steps: number
}

export interface PretrainingRequest {
  readonly texts: readonly string[]
  readonly settings: TextPretrainingSettings
  /** Default: one is trained on the texts. */
  readonly tokenizer?: ModelSource
  readonly options: SourceOptions
  readonly name: string
}

export type PretrainingEvent =
  | LoadEvent
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'planned'; readonly plan: TextPretrainingPlan }
  | {
      readonly kind: 'step'
      readonly step: TrainingStepEvent
      readonly tokensPerSecond: number
      readonly secondsLeft: number
    }
  | {
      readonly kind: 'evaluation'
      readonly step: number
      readonly evaluation: Evaluation
      readonly samples: readonly MaskSample[]
    }

/** What comes of a run. */
export interface PretrainingOutcome extends Omit<TextPretrainingResult, 'files'> {
  /** A checkpoint, to be saved, or opened as it is. */
  readonly files: FileSet
}

/** Settings of a fine-tuning; plain data. */
export interface FinetuningSettings extends Partial<Hyperparameters> {
  /** Share of the examples that the model is judged by, without `dev`. Default 0.1. */
  readonly heldOutShare?: number
  readonly maxLength?: number
  /** Instead of the checkpoint's. */
  readonly dropout?: number
  /** Stop after so many epochs without a better model. Default: train all epochs. */
  readonly patience?: number
  /** The metric that decides which model is the best. Default: the task's first. */
  readonly metric?: string
  readonly microBatchSize?: number
  /** Begin with random parameters. Default false. */
  readonly fromScratch?: boolean
  /** Of the new head, the order of examples, dropout, and what is held out. Default 0. */
  readonly seed?: number
}

export interface FinetuningRequest {
  readonly task: FinetuningTaskName
  readonly source: ModelSource
  readonly options: SourceOptions
  readonly train: readonly NamedText[]
  readonly dev?: readonly NamedText[]
  /** How the texts are read. */
  readonly data: FormatOptions & { readonly columns?: Readonly<Record<string, string>> }
  readonly settings: FinetuningSettings
  readonly name: string
}

export type FinetuningEvent =
  | LoadEvent
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'planned'; readonly plan: FinetuningPlan }
  | { readonly kind: 'step'; readonly step: TrainingStepEvent; readonly epoch: number }
  | { readonly kind: 'evaluation'; readonly evaluation: EpochEvaluation }

/** What comes of a fine-tuning. */
export interface FinetuningOutcome extends FinetuningResult {
  /** The best model: a checkpoint, to be saved, or opened as it is. Without files if the run was stopped before there was one. */
  readonly files: FileSet
}
