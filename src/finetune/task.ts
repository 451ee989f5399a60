// What fine-tuning asks of a task: labels from examples, tokens from examples, a loss, and a judgement.

import type { ChoiceExample, Dataset, QuestionExample, TextExample, TokenExample } from '../data/index.js'
import { BertkinError } from '../errors.js'
import { type EncoderConfig, type Head, type Model, maxSequenceLength } from '../model/index.js'
import type {
  AnsweredWindow,
  LabelledChoices,
  LabelledSequence,
  LabelledTokens,
  Objective,
} from '../objective/index.js'
import { Tokenizer } from '../tokenizer/index.js'

/** Tasks to fine-tune for: their examples, and what these become for the model. */
export interface FinetuningTasks {
  'text-classification': { example: TextExample; feature: LabelledSequence }
  'token-classification': { example: TokenExample; feature: LabelledTokens }
  'question-answering': { example: QuestionExample; feature: AnsweredWindow }
  'multiple-choice': { example: ChoiceExample; feature: LabelledChoices }
}

export type FinetuningTaskName = keyof FinetuningTasks

/** Which labels a model is given, as config.json has them. */
export type LabelFields = Pick<EncoderConfig, 'id2label' | 'problemType'>

/** What labels are, in config.json's words. Default: one of several. */
export interface LabelOptions {
  readonly problemType?: EncoderConfig['problemType']
}

/** How examples become tokens. */
export interface FeatureOptions {
  /** The most tokens of a sequence, special ones included. */
  readonly maxLength: number
  /** Question answering: how many tokens a window repeats of the one before. Default as the pipeline's. */
  readonly docStride?: number
  /** Told in a sentence of what was cut or left out. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void
}

export interface FeatureContext extends FeatureOptions {
  readonly tokenizer: Tokenizer
  readonly config: EncoderConfig
}

/** How a model is judged. */
export interface EvaluationOptions extends Partial<FeatureOptions> {
  /**
   * Question answering with unanswerable questions: no answer is given where its score is more than this above that of the
   * best answer. Default 0: where it is likelier.
   */
  readonly noAnswerThreshold?: number
  /** Names of the model's labels, in order, where its own are of no use (`LABEL_0`). */
  readonly labelNames?: readonly string[]
  /** The most tokens in one call of the model. Default: the pipelines'. */
  readonly batchTokens?: number
}

export interface EvaluationContext extends EvaluationOptions {
  readonly model: Model
  readonly tokenizer: Tokenizer
}

/** One label's or entity type's scores. */
export interface LabelRow {
  readonly label: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** How good a model is. */
export interface TaskEvaluation {
  /** By name: shares from 0 to 1, and for question answering percentages, as the official script has them. */
  readonly metrics: Readonly<Record<string, number>>
  /** The metric by which the best of several models is chosen; more is better. */
  readonly main: string
  readonly examples: number
  /** For classifications: label by label. */
  readonly labels?: readonly LabelRow[]
}

/** A task, for fine-tuning. */
export interface FinetuningTask<Example, Feature> {
  readonly head: Head
  /** The length that texts are cut at, or read in windows of, unless said otherwise. */
  readonly maxLength: number
  /** The labels that a model for these examples has. */
  labelsOf(train: Dataset<Example>, options: LabelOptions): LabelFields
  /** Refuses examples that a model with these labels cannot be judged by. */
  checkKnown(examples: readonly Example[], labels: LabelFields): void
  features(examples: readonly Example[], context: FeatureContext): Feature[]
  objective(config: EncoderConfig): Objective<Feature>
  evaluate(examples: readonly Example[], context: EvaluationContext): Promise<TaskEvaluation>
}

/** The most tokens of a sequence: what is asked for, as far as both the model and the tokenizer allow it. */
export function lengthFor({ model, tokenizer, maxLength = Number.POSITIVE_INFINITY }: EvaluationContext): number {
  return Math.min(maxLength, maxSequenceLength(model.config), tokenizer.modelMaxLength ?? Number.POSITIVE_INFINITY)
}

/** The same tokenizer, for a model that takes `maxLength` tokens, or what it takes itself if that is less. */
export const limitedTo = (tokenizer: Tokenizer, maxLength: number | undefined): Tokenizer =>
  maxLength === undefined || (tokenizer.modelMaxLength ?? Number.POSITIVE_INFINITY) <= maxLength
    ? tokenizer
    : new Tokenizer({ ...tokenizer.parts, modelMaxLength: maxLength })

/** Tells the caller something that is no error. */
export const tell = ({ onWarning = console.warn }: Partial<FeatureOptions>, message: string): void => onWarning(message)

/**
 * Refuses token types that the model has no rows for: those of second texts, in a RoBERTa whose tokenizer is not its own.
 *
 * @throws {BertkinError} `token-out-of-range`
 */
export function checkTokenTypes(
  features: readonly FinetuningTasks[FinetuningTaskName]['feature'][],
  { typeVocabSize }: EncoderConfig,
): void {
  for (const { typeIds = [] } of features.flatMap((one) => ('choices' in one ? one.choices : one))) {
    const bad = Array.from(typeIds).find((typeId) => typeId >= typeVocabSize)
    if (bad === undefined) continue
    const message = `the tokenizer gives second texts the token type ${bad}, but the model knows ${typeVocabSize} only`
    throw new BertkinError('token-out-of-range', `${message}: they do not belong together`)
  }
}
