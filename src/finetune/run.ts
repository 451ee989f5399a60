// A fine-tuning in words: what it is told, what it tells on its way, and what comes of it.

import type { EncoderConfig, FileContent, Folder, LocationOptions } from '../checkpoint/index.js'
import type { Dataset } from '../data/index.js'
import type { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { StepReport, Trainer } from '../train/index.js'
import type { Hyperparameters } from './hyperparameters.js'
import type { EvaluationOptions, FinetuningTaskName, FinetuningTasks, LabelOptions, TaskEvaluation } from './task.js'

export type ExampleOf<Name extends FinetuningTaskName> = FinetuningTasks[Name]['example']
export type FeatureOf<Name extends FinetuningTaskName> = FinetuningTasks[Name]['feature']

export interface FinetuningOptions<Name extends FinetuningTaskName>
  extends Partial<Hyperparameters>,
    LabelOptions,
    EvaluationOptions,
    Pick<LocationOptions, 'onProgress'> {
  /** What to begin with: a checkpoint's folder, URL or hub id, or the folder of a pretraining run. */
  readonly model: string | Folder
  /** Default: the model's own. */
  readonly tokenizer?: Tokenizer
  readonly train: Dataset<ExampleOf<Name>>
  /** What the model is judged by. Default: a share of the training examples, which are not trained on then. */
  readonly dev?: Dataset<ExampleOf<Name>>
  /** That share, without `dev`; 0: the model is not judged, and the last one is kept. Default 0.1. */
  readonly heldOutShare?: number
  /** Folder of the best model; or what takes its files, whenever there is a better one. */
  readonly out: string | FinetuningSink
  /** Begin with random parameters: only the configuration is the checkpoint's. Default false. */
  readonly fromScratch?: boolean
  /** How many of the encoder's layers, from the top, start anew, and the pooler with them. Default 0. */
  readonly freshLayers?: number
  /** Instead of the checkpoint's. */
  readonly dropout?: number
  /** Stop after so many epochs without a better model. Default: train all epochs. */
  readonly patience?: number
  /** The metric that decides which model is the best; more is better. Default: the task's first. */
  readonly metric?: string
  /** Examples in one run of the graph; the rest of a step is accumulated. Default: all. */
  readonly microBatchSize?: number
  /** Of the new head, the order of examples, dropout, and what is held out. Default 0. */
  readonly seed?: number
  readonly threads?: number
  /** A device that is open already; it stays so. Default: one of its own. */
  readonly runtime?: Runtime
  /** Keeps the run while it goes on, so that it can be resumed. Default: it cannot. */
  readonly checkpoints?: FinetuningCheckpoints
}

/** Where models go that are not written to a folder: a page has none. The files are to be read before it returns. */
export type FinetuningSink = (files: Readonly<Record<string, FileContent>>, epoch: number) => void | Promise<void>

/** Where a run is kept while it goes on. `bertkin finetune` has it in a folder. */
export interface FinetuningCheckpoints {
  /**
   * Puts the trainer where the run stopped, and says how it had gone so far. Undefined: this is a new run.
   *
   * @param inputs what the model reads, in training and to be judged; plain JSON
   * @throws {BertkinError} `resume-mismatch` if the run had been told something else
   */
  restore<Example>(trainer: Trainer<Example>, inputs: readonly unknown[]): Promise<FinetuningProgress | undefined>
  /** Called once before a new run's first step, with the same `inputs`; what is kept of an earlier one may go. */
  begin(inputs: readonly unknown[]): Promise<void>
  /** Whether it is time to save between epochs; after each of them the run does in any case. */
  isDue(): boolean
  save<Example>(trainer: Trainer<Example>, progress: FinetuningProgress): Promise<void>
  /** The run has come to its end. */
  remove(): Promise<void>
}

/** How a run has gone so far. */
export interface FinetuningProgress {
  readonly evaluations: readonly EpochEvaluation[]
  readonly seconds: number
}

/** What is known before the first step. */
export interface FinetuningPlan {
  readonly config: EncoderConfig
  readonly hyperparameters: Hyperparameters
  readonly maxLength: number
  readonly trainExamples: number
  readonly devExamples: number
  /** Examples as the model reads them: windows of passages, stretches of sentences. */
  readonly features: number
  readonly stepsPerEpoch: number
  readonly steps: number
  /** Parameters that start anew. */
  readonly fresh: readonly string[]
  /** Parameters of the checkpoint that are not used. */
  readonly unused: readonly string[]
}

/** What a run tells on its way. Everything may be left out. */
export interface FinetuningReporter {
  phase?(text: string): void
  planned?(plan: FinetuningPlan): void
  /** `epoch` counts from 1. */
  step?(report: StepReport, plan: FinetuningPlan, epoch: number): void | Promise<void>
  /** After an epoch; `loss` is that of the examples the model is judged by. */
  evaluation?(evaluation: EpochEvaluation): void | Promise<void>
  saved?(directory: string, epoch: number): void
  /** The first step is next, in a new run or in one that goes on. */
  training?(): void
  /** Whether somebody wants the run to stop after this step; it saves, if it has where to. */
  isAskedToEnd?(): boolean
}

export interface EpochEvaluation extends TaskEvaluation {
  readonly epoch: number
  readonly step: number
  readonly loss: number
  /** Whether it is the best so far. */
  readonly isBest: boolean
}

export interface FinetuningResult {
  readonly plan: FinetuningPlan
  readonly evaluations: readonly EpochEvaluation[]
  /** Of the model that was kept; undefined if none was judged. */
  readonly best: EpochEvaluation | undefined
  /** Why it ended: all epochs were trained, `patience` was at its end, or somebody wanted it. */
  readonly end: 'epochs' | 'patience' | 'interrupted'
  /** Since its beginning, however often it was resumed. */
  readonly seconds: number
}
