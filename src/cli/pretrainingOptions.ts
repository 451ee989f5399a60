// What a pretraining run can be told, and what it tells.

import type { OptimizationOptions, Rate, RecipeChoices, RecipeName, SizeName } from '../recipe/index.js'
import type { Evaluation, StepProgress, StepReport } from '../train/index.js'

/** Every setting of a run, in one block. */
export interface PretrainingOptions extends OptimizationOptions, RecipeChoices {
  /** Files and folders of text. */
  readonly texts: readonly string[]
  /** The run's folder. */
  readonly out: string
  /** Go on from the last checkpoint in `out`; the other options must be those of the run (see `mergeRunOptions`). */
  readonly resume?: boolean
  readonly recipe: RecipeName
  readonly size: SizeName
  /** A checkpoint's folder or hub id that is trained further; `configs` are its own. Default: a new model. */
  readonly model?: string
  /** A folder with a tokenizer, or of an earlier run, or a hub id; default: one is trained on the texts. */
  readonly tokenizer?: string
  /** Entries of a vocabulary that is trained. */
  readonly vocabSize: number
  /** Keep capital letters in a vocabulary that is trained. */
  readonly cased: boolean
  readonly steps: number
  /** Stop after so many minutes of training, those before a resume included, whatever the step; default: no limit. */
  readonly minutes?: number
  /** Sequences in a step. */
  readonly batchSize: number
  /** Sequences in one run of the graph; the rest is accumulated. */
  readonly microBatchSize: number
  /** Tokens in the longest sequence. */
  readonly maxLength: number
  readonly learningRate: number
  /** Steps until the learning rate's peak; default: 5 % of all. */
  readonly warmup?: number
  readonly weightDecay: number
  readonly dropout: number
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** ELECTRA: factor of the discriminator's loss. */
  readonly discriminatorWeight: number
  readonly seed: number
  /** One document in so many is kept for evaluation. */
  readonly heldOutEvery: number
  /** At most so many held-out sequences are evaluated. */
  readonly evaluationSequences: number
  /** Steps between evaluations. */
  readonly evaluateEvery: number
  /** Stop when so many evaluations in a row have brought no better held-out loss; default: never. */
  readonly patience?: number
  /** Minutes between checkpoints; the last step and the best evaluation write one in any case. */
  readonly saveMinutes: number
  /** Steps between checkpoints, whatever the minutes; default: the minutes alone decide. */
  readonly saveEvery?: number
  /** How many of the last checkpoints to keep, besides the best one; default 2. */
  readonly keep?: number
  /** Prepare batches in a thread of their own, while the engine computes; default true. */
  readonly worker?: boolean
  readonly threads?: number
  /** The text's language as ISO 639 has it, for the model cards; default: none is named. */
  readonly language?: string
  /** The command that asked for the run, word by word, for its report. */
  readonly command?: readonly string[]
}

/** What a run tells on its way. */
export interface PretrainingReporter {
  /** A phase begins, or goes on: reading, vocabulary, compiling, … */
  phase(text: string): void
  /** Training begins: from here on, signals are answered by the run. */
  training(): void
  /** Within a step of several micro-batches. */
  progress(progress: StepProgress): void
  step(report: StepReport, rate: Rate): void
  evaluation(step: number, evaluation: Evaluation): void
  /** The models in `directory` are those of this step now; `isBest` if they were put in place of the last ones. */
  saved(directory: string, step: number, isBest: boolean): void
  /** Whether somebody wants the run to save and end. */
  isAskedToEnd(): boolean
}

/** All steps or minutes were used, nothing got better for a while, or somebody wanted it. */
export type End = 'steps' | 'minutes' | 'patience' | 'interrupted'
