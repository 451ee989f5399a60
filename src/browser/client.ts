// The page's side: models, tokenizers and training in a worker, as asynchronous functions. The page never waits for them.

import type { DownloadProgress } from '../checkpoint/index.js'
import type { FinetuningTaskName } from '../finetune/index.js'
import type { Attentions, AttentionsOptions, CallsOf, TaskAlias, TaskName, TaskOf } from '../pipeline/index.js'
import type { DeviceChoice, RuntimeOptions } from '../runtime/index.js'
import type { EncodeOptions } from '../tokenizer/index.js'
import { Connection, type WorkerLike } from './connection.js'
import { hearLoading } from './loadEvents.js'
import type { EncodingData, LoadEvent, ModelInfo, ModelSource, PipelineBehaviour, SourceOptions } from './protocol.js'
import { Remote } from './remote.js'
import { resolved } from './source.js'
import {
  finetune,
  pretrain,
  type RemoteFinetuningOptions,
  type RemotePretrainingOptions,
  type TrainingRun,
} from './trainingClient.js'
import type { FinetuningOutcome, PretrainingOutcome } from './trainingProtocol.js'

/** Which device the worker uses, and where it is. */
export interface BrowserWorkerOptions extends RuntimeOptions {
  /**
   * Starts the worker; needed where the bundler does not do it by itself: see docs/browser.md. Default: the module
   * `bertkin/browser/worker`, beside this one.
   */
  readonly worker?: () => Worker
}

/** How a model is loaded. */
export interface RemoteOptions extends SourceOptions {
  /** Told of each piece of a file as it arrives. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Told, in a sentence, about what was done differently than asked for. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void
  /** When it is aborted, loading ends, and so does what is asked afterwards, with the code `cancelled`. */
  readonly signal?: AbortSignal
}

export type RemotePipelineOptions = RemoteOptions & PipelineBehaviour

/** What a remote thing is besides what it does. */
export interface RemoteHandle extends ModelInfo {
  /** Frees the model in the worker. */
  dispose(): void
  [Symbol.dispose](): void
}

/** A pipeline in a worker: asked as one in this thread is. */
export type RemotePipeline<Name extends TaskName> = RemoteHandle & { readonly task: Name } & CallsOf<Name>

/** A model in a worker that shows where it looks. */
export interface RemoteAttentions extends RemoteHandle {
  (text: string, options?: AttentionsOptions): Promise<Attentions>
}

/** A tokenizer in a worker. */
export interface RemoteTokenizer {
  readonly vocabSize: number
  encode(text: string, options?: EncodeOptions): Promise<EncodingData>
  decode(ids: Int32Array | readonly number[], options?: { readonly skipSpecialTokens?: boolean }): Promise<string>
  dispose(): void
  [Symbol.dispose](): void
}

/**
 * A worker that runs and trains models, so that the page does not freeze. It is started when something is first asked of
 * it. If it dies, all that was under way fails with the code `worker-failed`; the next call starts it again, and loads what
 * it needs again.
 *
 * @throws {BertkinError} every method: what the same thing throws in this thread; `worker-failed`; `cancelled`; `disposed`
 *
 * @example
 * using worker = new BrowserWorker({ wasmPaths: '/assets/' })
 * const fill = await worker.pipeline('fill-mask', 'google/electra-small-generator', {
 *   onProgress: ({ file, bytes, total }) => console.log(file, bytes, total),
 * })
 * console.log(fill.device.why)
 * for (const { token_str, score } of (await fill('The [MASK] barks.')).flat()) console.log(token_str, score)
 */
export class BrowserWorker {
  readonly #connection: Connection

  constructor({ worker = ownWorker, ...runtime }: BrowserWorkerOptions = {}) {
    this.#connection = new Connection(() => worker() as WorkerLike, absolute(runtime))
  }

  /** The device that the worker uses, with its threads, and why it is this one. Opens it. */
  device(): Promise<DeviceChoice> {
    return this.#connection.call('device', undefined).result
  }

  /** Loads a model for a task; see `pipeline`. */
  async pipeline<Name extends TaskName | TaskAlias>(
    task: Name,
    source: ModelSource,
    options: RemotePipelineOptions = {},
  ): Promise<RemotePipeline<TaskOf<Name>>> {
    const { onProgress, onWarning, signal, batchTokens, batchWindow, weights, ...located } = options
    const behaviour = {
      ...(batchTokens !== undefined && { batchTokens }),
      ...(batchWindow !== undefined && { batchWindow }),
      ...(weights !== undefined && { weights }),
    }
    const params = { task, source: resolved(source), options: located, behaviour }
    const remote = new Remote(this.#connection, 'openPipeline', params, { signal, onEvent: listener(options) })
    const opened = await remote.opened()
    const one = (input: unknown, chosen?: unknown): Promise<unknown> =>
      remote.call('ask', (handle) => ({ handle, input, options: chosen }))
    async function* each(inputs: AsyncIterable<unknown>, chosen?: unknown): AsyncGenerator<unknown, void, undefined> {
      for await (const input of inputs) yield ((await one([input], chosen)) as readonly unknown[])[0]
    }
    const ask = (input: unknown, chosen?: unknown) =>
      isAsyncIterable(input) ? each(input, chosen) : one(input, chosen)
    const { task: name, config, device } = opened
    return Object.assign(ask, { task: name, ...handleOf(remote, { config, device }) }) as unknown as RemotePipeline<
      TaskOf<Name>
    >
  }

  /** Loads a model of any kin, to see where each of its heads looks. */
  async attentions(source: ModelSource, options: RemoteOptions = {}): Promise<RemoteAttentions> {
    const { onProgress, onWarning, signal, ...located } = options
    const params = { source: resolved(source), options: located }
    const remote = new Remote(this.#connection, 'openAttentions', params, { signal, onEvent: listener(options) })
    const { config, device } = await remote.opened()
    const look = (text: string, chosen: AttentionsOptions = {}): Promise<Attentions> =>
      remote.call('attend', (handle) => ({ handle, text, options: chosen }))
    return Object.assign(look, handleOf(remote, { config, device }))
  }

  /** Loads a tokenizer. */
  async tokenizer(source: ModelSource, options: RemoteOptions = {}): Promise<RemoteTokenizer> {
    const { onProgress, onWarning, signal, ...located } = options
    const params = { source: resolved(source), options: located }
    const remote = new Remote(this.#connection, 'openTokenizer', params, { signal, onEvent: listener(options) })
    const { vocabSize } = await remote.opened()
    const dispose = (): void => remote.dispose()
    return {
      vocabSize,
      encode: (text, chosen = {}) => remote.call('encode', (handle) => ({ handle, text, options: chosen })),
      decode: (ids, { skipSpecialTokens = false } = {}) =>
        remote.call('decode', (handle) => ({ handle, ids, skipSpecialTokens })),
      dispose,
      [Symbol.dispose]: dispose,
    }
  }

  /** Pretrains a model on texts; see `pretrainTexts`. */
  pretrain(texts: string | readonly string[], options: RemotePretrainingOptions = {}): TrainingRun<PretrainingOutcome> {
    return pretrain(this.#connection, texts, options)
  }

  /** Fine-tunes a model for a task; see `finetune`. */
  finetune(
    task: FinetuningTaskName,
    source: ModelSource,
    options: RemoteFinetuningOptions,
  ): TrainingRun<FinetuningOutcome> {
    return finetune(this.#connection, task, source, options)
  }

  /** Ends the worker, and with it all that is open or under way there. */
  dispose(): void {
    this.#connection.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

// In this form bundlers know a worker, and make a file of it.
const ownWorker = (): Worker => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'bertkin' })

/** A worker has another address than its page, which these are relative to. */
function absolute({ wasmPaths, ...runtime }: RuntimeOptions): RuntimeOptions {
  if (wasmPaths === undefined) return runtime
  if (typeof wasmPaths === 'string') return { ...runtime, wasmPaths: onPage(wasmPaths) }
  const { wasm, mjs } = wasmPaths
  return { ...runtime, wasmPaths: { wasm: onPage(wasm), ...(mjs !== undefined && { mjs: onPage(mjs) }) } }
}

const onPage = (url: string): string => new URL(url, document.baseURI).href

const listener =
  (options: RemoteOptions) =>
  (event: LoadEvent): void =>
    hearLoading(options, event)

function handleOf(remote: { dispose(): void }, info: ModelInfo): RemoteHandle {
  const dispose = (): void => remote.dispose()
  return { ...info, dispose, [Symbol.dispose]: dispose }
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
