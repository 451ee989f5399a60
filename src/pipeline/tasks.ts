// Every task: its types, the model it needs, and the function that does it. A new task is a file of its own, a line in
// TaskMap and an entry in the table.

import type { EncoderConfig, ModelType } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { className, type Head, headFromConfig, kins, type Model } from '../model/index.js'
import type { Inputs } from './batching.js'
import type { TaskContext } from './context.js'
import {
  extractFeatures,
  type FeatureExtractionAnswer,
  type FeatureExtractionCalls,
  type FeatureExtractionOptions,
} from './featureExtraction.js'
import { type FillMaskAnswer, type FillMaskOptions, fillMask } from './fillMask.js'
import type { RunFolder } from './load.js'
import {
  answerQuestions,
  type QuestionAnsweringAnswer,
  type QuestionAnsweringCalls,
  type QuestionAnsweringInput,
  type QuestionAnsweringOptions,
} from './questionAnswering.js'
import {
  detectReplacedTokens,
  type ReplacedTokenDetectionAnswer,
  type ReplacedTokenDetectionOptions,
} from './replacedTokenDetection.js'
import {
  judgeOrder,
  SENTENCE_ORDER_OUTPUTS,
  type SentenceOrderAnswer,
  type SentenceOrderInput,
  type SentenceOrderOptions,
} from './sentenceOrder.js'
import {
  compareSentences,
  type SentenceSimilarityAnswer,
  type SentenceSimilarityInput,
  type SentenceSimilarityOptions,
} from './sentenceSimilarity.js'
import { fillSpans, type SpanInfillingAnswer, type SpanInfillingOptions } from './spanInfilling.js'
import {
  amongMany,
  classifyTexts,
  type TextClassificationAnswer,
  type TextClassificationCalls,
  type TextClassificationInput,
  type TextClassificationOptions,
} from './textClassification.js'
import {
  classifyTokens,
  type TokenClassificationAnswer,
  type TokenClassificationCalls,
  type TokenClassificationOptions,
} from './tokenClassification.js'
import { VECTOR_OUTPUTS } from './vectors.js'

/**
 * What each task is asked, what it may be told, and what it answers to one input. Inputs are texts or plain objects.
 * `calls` is how a task is asked whose options decide on the type of its answer.
 */
export interface TaskMap {
  'fill-mask': { input: string; options: FillMaskOptions; answer: FillMaskAnswer }
  'replaced-token-detection': {
    input: string
    options: ReplacedTokenDetectionOptions
    answer: ReplacedTokenDetectionAnswer
  }
  'token-classification': {
    input: string
    options: TokenClassificationOptions
    answer: TokenClassificationAnswer
    calls: TokenClassificationCalls
  }
  'feature-extraction': {
    input: string
    options: FeatureExtractionOptions
    answer: FeatureExtractionAnswer
    calls: FeatureExtractionCalls
  }
  'sentence-similarity': {
    input: SentenceSimilarityInput
    options: SentenceSimilarityOptions
    answer: SentenceSimilarityAnswer
  }
  'question-answering': {
    input: QuestionAnsweringInput
    options: QuestionAnsweringOptions
    answer: QuestionAnsweringAnswer
    calls: QuestionAnsweringCalls
  }
  'text-classification': {
    input: TextClassificationInput
    options: TextClassificationOptions
    answer: TextClassificationAnswer
    calls: TextClassificationCalls
  }
  'sentence-order': { input: SentenceOrderInput; options: SentenceOrderOptions; answer: SentenceOrderAnswer }
  'span-infilling': { input: string; options: SpanInfillingOptions; answer: SpanInfillingAnswer }
}

export type TaskName = keyof TaskMap

/** Other names that transformers has for tasks. */
const ALIASES = {
  ner: 'token-classification',
  'sentiment-analysis': 'text-classification',
} as const satisfies Record<string, TaskName>

/** Another name for a task. */
export type TaskAlias = keyof typeof ALIASES

/** The task that a name stands for. */
export type TaskOf<Name extends TaskName | TaskAlias> = Name extends TaskAlias ? (typeof ALIASES)[Name] : Name

/** A task as the table has it. */
export interface TaskDefinition<Name extends TaskName> {
  /** The heads it can use with this kin, the one to load first; none if it cannot use the kin at all. */
  readonly heads: (config: EncoderConfig) => readonly Head[]
  /** What it needs, where transformers’ classes do not say it. */
  readonly needs?: string
  /** Which of the two models of a pretraining run it takes. */
  readonly runFolder: RunFolder
  /** The outputs it reads, if not all of the head's: what only the others need may be missing in a checkpoint. */
  readonly outputs?: readonly string[]
  readonly answers: (
    context: TaskContext,
    inputs: Inputs<TaskMap[Name]['input']>,
    options?: TaskMap[Name]['options'],
  ) => AsyncGenerator<TaskMap[Name]['answer'], void, undefined>
  /** What an input of an array or a stream gets of its answer, if not all of it. */
  readonly amongMany?: (answer: TaskMap[Name]['answer'], options?: TaskMap[Name]['options']) => TaskMap[Name]['answer']
}

/** The tasks by name. */
export const tasks: { readonly [Name in TaskName]: TaskDefinition<Name> } = {
  'fill-mask': {
    // ELECTRA's pretraining head is the discriminator; that of others has the masked-LM head in it.
    heads: ({ modelType }) => (modelType === 'electra' ? ['masked-lm'] : having(modelType, 'masked-lm', 'pretraining')),
    runFolder: 'generator',
    answers: fillMask,
  },
  'replaced-token-detection': {
    heads: ({ modelType }) => (modelType === 'electra' ? ['pretraining'] : []),
    needs: 'ElectraForPreTraining',
    runFolder: 'discriminator',
    answers: detectReplacedTokens,
  },
  'token-classification': {
    heads: () => ['token-classification'],
    runFolder: 'discriminator',
    answers: classifyTokens,
  },
  'feature-extraction': {
    heads: () => ['base'],
    runFolder: 'discriminator',
    outputs: VECTOR_OUTPUTS,
    answers: extractFeatures,
  },
  'sentence-similarity': {
    heads: () => ['base'],
    runFolder: 'discriminator',
    outputs: VECTOR_OUTPUTS,
    answers: compareSentences,
  },
  'question-answering': {
    heads: () => ['question-answering'],
    runFolder: 'discriminator',
    answers: answerQuestions,
  },
  'text-classification': {
    heads: () => ['sequence-classification'],
    runFolder: 'discriminator',
    answers: classifyTexts,
    amongMany,
  },
  'sentence-order': {
    heads: ({ modelType }) => (modelType === 'albert' ? ['pretraining'] : []),
    needs: 'AlbertForPreTraining, with its sentence order classifier',
    runFolder: 'discriminator',
    outputs: SENTENCE_ORDER_OUTPUTS,
    answers: judgeOrder,
  },
  'span-infilling': {
    heads: ({ modelType }) => having(modelType, 'span-boundary'),
    needs: 'a SpanBERT that was saved with its boundary head (cls.pair_target_predictions)',
    runFolder: 'discriminator',
    answers: fillSpans,
  },
}

const having = (modelType: ModelType, ...heads: readonly Head[]): Head[] =>
  heads.filter((head) => kins[modelType].heads[head])

/** The names of all tasks. */
export const TASKS = Object.keys(tasks) as TaskName[]

/**
 * The task that a name stands for.
 *
 * @throws {BertkinError} `task-unknown`, naming the known ones
 */
export function taskOf(name: string): TaskName {
  const full = Object.hasOwn(ALIASES, name) ? ALIASES[name as TaskAlias] : name
  const task = TASKS.find((known) => known === full)
  if (task) return task
  throw new BertkinError('task-unknown', `there is no task "${name}"; there are ${TASKS.join(', ')}`)
}

/**
 * The head that a task loads from a checkpoint.
 *
 * @param where the checkpoint, for the message
 * @throws {BertkinError} `head-mismatch` if the task cannot use this kin
 */
export function headFor(task: TaskName, config: EncoderConfig, where: string): Head {
  const [head] = tasks[task].heads(config)
  if (head) return head
  throw new BertkinError(
    'head-mismatch',
    `${task} cannot use ${where}: it is ${nameOf(config)}. ${advice(task, config)}`,
  )
}

/**
 * Refuses a model that a task cannot use, or whose head has no trained parameters.
 *
 * @param where the model, for the message
 * @throws {BertkinError} `head-mismatch`; `parameter-missing` if a model of the right kind is incomplete
 */
export function checkModel(task: TaskName, model: Model, where: string): void {
  const { config, head } = model
  const { heads, outputs } = tasks[task]
  if (!heads(config).includes(head)) {
    const message = `${task} cannot use ${where}: it was loaded as ${className(config, head)}. ${advice(task, config, head)}`
    throw new BertkinError('head-mismatch', message)
  }
  const missing = outputs ? model.missingFor(outputs) : model.report.missing
  if (missing.length === 0) return
  const what = missing.length === 1 ? missing[0] : `${missing[0]} and ${missing.length - 1} more`
  const message = `${task} cannot use ${where}: it is ${nameOf(config)} and lacks ${what} of ${className(config, head)}`
  // A task that can do without the head can use any class: what is missing then belongs to all of them.
  if (head !== 'base' && namedHead(config) !== head) {
    throw new BertkinError('head-mismatch', `${message}. ${advice(task, config)}`)
  }
  throw new BertkinError('parameter-missing', `${message}. The checkpoint is incomplete: save or download it again.`)
}

const nameOf = (config: EncoderConfig): string => config.architectures[0] ?? `a ${config.modelType} of no stated class`

/** What would help: the other tasks that this model is for, and the models that this task is for. */
function advice(task: TaskName, config: EncoderConfig, head = namedHead(config)): string {
  const fitting = TASKS.filter((name) => head !== undefined && tasks[name].heads(config).includes(head))
  const others = fitting.filter((name) => name !== task)
  const {
    heads,
    needs = heads(config)
      .map((name) => className(config, name))
      .join(' or '),
  } = tasks[task]
  const use = others.length > 0 ? `Such a model is for ${others.join(', ')}; ` : ''
  return `${use}${task} needs ${needs}.`
}

function namedHead(config: EncoderConfig): Head | undefined {
  try {
    return headFromConfig(config)
  } catch {
    return undefined // a class of no use here
  }
}
