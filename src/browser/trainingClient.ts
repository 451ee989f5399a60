// The page's side of training: a run that tells how it goes, can be held and ended, and leaves the files of a checkpoint.

import type { DownloadProgress } from '../checkpoint/index.js'
import type { FormatOptions, NamedText } from '../data/index.js'
import type { EpochEvaluation, FinetuningPlan, FinetuningTaskName } from '../finetune/index.js'
import type { TextPretrainingPlan, TextPretrainingSettings } from '../recipe/index.js'
import type { MaskSample } from '../report/index.js'
import type { Evaluation } from '../train/index.js'
import type { Connection } from './connection.js'
import { hearLoading } from './loadEvents.js'
import type { ModelSource, SourceOptions } from './protocol.js'
import { resolved } from './source.js'
import type {
  FinetuningEvent,
  FinetuningOutcome,
  FinetuningSettings,
  PretrainingEvent,
  PretrainingOutcome,
  TrainingStepEvent,
} from './trainingProtocol.js'

/** A training that is under way. */
export interface TrainingRun<Outcome> {
  /** @throws {BertkinError} what the training throws; `cancelled`; `worker-failed` */
  readonly result: Promise<Outcome>
  /** Holds it after the step that is under way. */
  pause(): void
  resume(): void
  /** Ends it after the step that is under way; `result` is what it has come to. */
  stop(): void
}

interface Listeners {
  /** What it is doing, in words. */
  readonly onPhase?: (text: string) => void
  /** Told of each piece of a file that is loaded. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Told, in a sentence, about what was done differently than asked for. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void
  /** When it is aborted, training ends with the code `cancelled`. */
  readonly signal?: AbortSignal
  /** What messages call what is made. Default: `the trained model`. */
  readonly name?: string
}

export interface RemotePretrainingOptions extends TextPretrainingSettings, SourceOptions, Listeners {
  /** Default: one is trained on the texts. */
  readonly tokenizer?: ModelSource
  /** Before the first step. */
  readonly onPlan?: (plan: TextPretrainingPlan) => void
  readonly onStep?: (step: TrainingStepEvent, rate: { tokensPerSecond: number; secondsLeft: number }) => void
  /** `samples`: held-out sentences with a word hidden, as the model would fill them. */
  readonly onEvaluation?: (step: number, evaluation: Evaluation, samples: readonly MaskSample[]) => void
}

export interface RemoteFinetuningOptions extends FinetuningSettings, SourceOptions, Listeners {
  /** Labelled data; a name's ending says the format: .csv, .tsv, .jsonl, .json (SQuAD's, too), .conll. */
  readonly train: NamedText | readonly NamedText[]
  /** What the model is judged by. Default: a share of the training examples. */
  readonly dev?: NamedText | readonly NamedText[]
  /** How the data is read: format, columns. */
  readonly data?: FormatOptions & { readonly columns?: Readonly<Record<string, string>> }
  /** Before the first step. */
  readonly onPlan?: (plan: FinetuningPlan) => void
  /** `epoch` counts from 1. */
  readonly onStep?: (step: TrainingStepEvent, epoch: number) => void
  readonly onEvaluation?: (evaluation: EpochEvaluation) => void
}

export function pretrain(
  connection: Connection,
  texts: string | readonly string[],
  all: RemotePretrainingOptions,
): TrainingRun<PretrainingOutcome> {
  const { tokenizer, onPlan, onStep, onEvaluation, ...rest } = all
  const { listeners, located, settings, name } = apart(rest)
  const onEvent = (event: PretrainingEvent): void => {
    if (event.kind === 'planned') onPlan?.(event.plan)
    else if (event.kind === 'step') onStep?.(event.step, event)
    else if (event.kind === 'evaluation') onEvaluation?.(event.step, event.evaluation, event.samples)
    else hear(listeners, event)
  }
  const request = {
    ...{ texts: typeof texts === 'string' ? [texts] : texts, settings, options: located, name },
    ...(tokenizer !== undefined && { tokenizer: resolved(tokenizer) }),
  }
  return runOf(connection.call('pretrain', request, { onEvent, signal: listeners.signal }))
}

export function finetune(
  connection: Connection,
  task: FinetuningTaskName,
  source: ModelSource,
  all: RemoteFinetuningOptions,
): TrainingRun<FinetuningOutcome> {
  const { train, dev, data = {}, onPlan, onStep, onEvaluation, ...rest } = all
  const { listeners, located, settings, name } = apart(rest)
  const onEvent = (event: FinetuningEvent): void => {
    if (event.kind === 'planned') onPlan?.(event.plan)
    else if (event.kind === 'step') onStep?.(event.step, event.epoch)
    else if (event.kind === 'evaluation') onEvaluation?.(event.evaluation)
    else hear(listeners, event)
  }
  const request = {
    ...{ task, source: resolved(source), options: located, data, settings, name, train: listed(train) },
    ...(dev && { dev: listed(dev) }),
  }
  return runOf(connection.call('finetune', request, { onEvent, signal: listeners.signal }))
}

/** What is told, what loads, and what is sent as it is. */
function apart<Settings extends Listeners & SourceOptions>(all: Settings) {
  const { onPhase, onProgress, onWarning, signal, name = 'the trained model', ...rest } = all
  const { revision, endpoint, offline, cache, ...settings } = rest
  const located = Object.fromEntries(
    Object.entries({ revision, endpoint, offline, cache }).filter(([, value]) => value !== undefined),
  ) as SourceOptions
  return { listeners: { onPhase, onProgress, onWarning, signal }, located, settings, name }
}

function hear(
  { onPhase, ...listeners }: { [Key in keyof Listeners]: Listeners[Key] | undefined },
  event: Extract<PretrainingEvent & FinetuningEvent, { kind: 'phase' | 'progress' | 'warning' }>,
): void {
  if (event.kind === 'phase') onPhase?.(event.text)
  else hearLoading(listeners, event)
}

function runOf<Outcome>({
  result,
  send,
}: {
  readonly result: Promise<Outcome>
  send(signal: 'pause' | 'resume' | 'stop'): void
}): TrainingRun<Outcome> {
  return { result, pause: () => send('pause'), resume: () => send('resume'), stop: () => send('stop') }
}

const listed = (texts: NamedText | readonly NamedText[]): readonly NamedText[] =>
  Array.isArray(texts) ? texts : [texts as NamedText]
