// What a page and its worker say to each other. Everything here can be cloned from one to the other; nothing else is.

import type { DownloadProgress, EncoderConfig, FileSet, LocationOptions } from '../checkpoint/index.js'
import type { Attentions, AttentionsOptions, Behaviour, TaskAlias, TaskName } from '../pipeline/index.js'
import type { PlainError } from '../plainError.js'
import type { DeviceChoice, RuntimeOptions } from '../runtime/index.js'
import type { EncodeOptions } from '../tokenizer/index.js'
import type {
  FinetuningEvent,
  FinetuningOutcome,
  FinetuningRequest,
  PretrainingEvent,
  PretrainingOutcome,
  PretrainingRequest,
} from './trainingProtocol.js'

/**
 * Where a model is: the id of one on the Hugging Face hub, the URL of a folder (`./models/mine`, `https://…`), or files
 * that were dropped, picked or trained.
 */
export type ModelSource = string | FileSet

/** Options of loading that can be cloned. */
export type SourceOptions = Pick<LocationOptions, 'revision' | 'endpoint' | 'offline' | 'cache'>

/** A text as tokens: the fields of `Encoding`, as plain data. */
export interface EncodingData {
  readonly ids: Int32Array
  readonly tokens: readonly string[]
  readonly typeIds: Int32Array
  readonly attentionMask: Int32Array
  readonly specialTokensMask: Int32Array
  readonly offsets: readonly (readonly [begin: number, end: number])[]
  readonly wordIds: readonly (number | null)[]
  readonly sequenceIds: readonly (number | null)[]
  /** The further windows, if truncation cut something off. */
  readonly overflowing: readonly EncodingData[]
}

/** What is known of an open model. */
export interface ModelInfo {
  readonly config: EncoderConfig
  readonly device: DeviceChoice
}

/** A thing that is open in the worker, by number. */
export type Handle = number

interface Method<Params, Result, Event = never> {
  readonly params: Params
  readonly result: Result
  /** What is told while it is under way. */
  readonly event: Event
}

interface Located {
  readonly source: ModelSource
  readonly options: SourceOptions
}

/** Everything that a worker can be asked. */
export interface Methods {
  device: Method<undefined, DeviceChoice>
  openPipeline: Method<
    Located & { readonly task: TaskName | TaskAlias; readonly behaviour: PipelineBehaviour },
    ModelInfo & { readonly handle: Handle; readonly task: TaskName },
    LoadEvent
  >
  ask: Method<{ readonly handle: Handle; readonly input: unknown; readonly options: unknown }, unknown>
  openTokenizer: Method<Located, { readonly handle: Handle; readonly vocabSize: number }, LoadEvent>
  encode: Method<{ readonly handle: Handle; readonly text: string; readonly options: EncodeOptions }, EncodingData>
  decode: Method<
    { readonly handle: Handle; readonly ids: Int32Array | readonly number[]; readonly skipSpecialTokens: boolean },
    string
  >
  openAttentions: Method<Located, ModelInfo & { readonly handle: Handle }, LoadEvent>
  attend: Method<{ readonly handle: Handle; readonly text: string; readonly options: AttentionsOptions }, Attentions>
  close: Method<{ readonly handle: Handle }, undefined>
  pretrain: Method<PretrainingRequest, PretrainingOutcome, PretrainingEvent>
  finetune: Method<FinetuningRequest, FinetuningOutcome, FinetuningEvent>
}

export type MethodName = keyof Methods

/** How a pipeline behaves, but for what it tells. */
export type PipelineBehaviour = Omit<Behaviour, 'onWarning'> & { readonly weights?: 'float32' | 'int8' }

/** How loading goes on, and what was done differently than asked. */
export type LoadEvent =
  | { readonly kind: 'progress'; readonly progress: DownloadProgress }
  | { readonly kind: 'warning'; readonly message: string }

/** From a page to its worker. */
export type ToWorker =
  | { readonly kind: 'settings'; readonly runtime: RuntimeOptions }
  | { readonly kind: 'call'; readonly id: number; readonly method: MethodName; readonly params: unknown }
  /** To a call that is under way. */
  | { readonly kind: 'signal'; readonly id: number; readonly signal: Signal }

export type Signal = 'cancel' | 'pause' | 'resume' | 'stop'

/** From a worker to its page. */
export type ToPage =
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  /** `isFatal`: the worker can do nothing any more. */
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError; readonly isFatal: boolean }
