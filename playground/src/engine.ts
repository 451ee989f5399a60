// The models of the page: they run in a worker, each is loaded once, and what goes on is told in a line at the bottom.

import { BertkinError, loadTokenizer, type TaskName, type Tokenizer } from 'bertkin'
import {
  BrowserWorker,
  type FileSet,
  type ModelSource,
  type RemoteAttentions,
  type RemoteOptions,
  type RemotePipeline,
} from 'bertkin/browser'
import { folderOfFiles } from 'bertkin/checkpoint'
import type { TaskOf } from 'bertkin/pipeline'
import { h } from './dom.js'
import { shippedAddress } from './models.js'

/** Told how far loading has come: undefined when it is over. */
export type OnLoading = (text: string | undefined, share?: number) => void

export class Engine {
  readonly statusLine = h('p', { class: 'status', role: 'status' }, 'Models are loaded when a room needs them.')
  readonly worker = newWorker()
  /** @param ready resolves when files that are loaded are kept for the next time */
  constructor(private readonly ready: Promise<void>) {}

  readonly #dropped = new Map<string, FileSet>()
  readonly #open = new Map<string, Promise<unknown>>()

  /** A tokenizer, in this thread: cutting a sentence takes no time. */
  tokenizer(model: string): Promise<Tokenizer> {
    return this.#once(`tokenizer ${model}`, () => {
      const source = this.source(model)
      return loadTokenizer(typeof source === 'string' ? source : folderOfFiles(source))
    })
  }

  pipeline<Task extends TaskName>(
    task: Task,
    model: string,
    onLoading: OnLoading,
  ): Promise<RemotePipeline<TaskOf<Task>>> {
    return this.#loaded(`${task} ${model}`, onLoading, (options) =>
      this.worker.pipeline(task, this.source(model), options),
    )
  }

  attentions(model: string, onLoading: OnLoading): Promise<RemoteAttentions> {
    return this.#loaded(`attentions ${model}`, onLoading, (options) =>
      this.worker.attentions(this.source(model), options),
    )
  }

  /** Takes files that somebody dropped or picked, and gives the name under which rooms ask for them. */
  take(files: FileSet): string {
    const name = `folder:${files.name}`
    this.#dropped.set(name, files)
    for (const key of this.#open.keys()) if (key.endsWith(` ${name}`)) this.#open.delete(key)
    return name
  }

  source(model: string): ModelSource {
    const files = this.#dropped.get(model)
    if (files) return files
    if (model.startsWith('folder:')) {
      const message = `The folder “${model.slice('folder:'.length)}” was on the computer of whoever made this link: choose a model.`
      throw new BertkinError('file-missing', message)
    }
    return shippedAddress(model) ?? model
  }

  async #loaded<
    Opened extends { readonly device: { readonly device: string; readonly threads: number; readonly why: string } },
  >(key: string, onLoading: OnLoading, open: (options: RemoteOptions) => Promise<Opened>): Promise<Opened> {
    const opening = this.#once(key, async () => {
      await this.ready
      return open({
        onProgress: ({ file, bytes, total }) => {
          const share = total ? bytes / total : undefined
          this.#tell(`Loading ${file}`, share)
        },
        onWarning: (message) => this.#tell(message),
      })
    })
    this.#listeners.add(onLoading)
    onLoading('Loading …')
    try {
      const opened = await opening
      const { device, threads, why } = opened.device
      const name = device === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
      this.statusLine.textContent = `Models run here, on ${name}: ${why}.`
      return opened
    } finally {
      this.#listeners.delete(onLoading)
      onLoading(undefined)
    }
  }

  readonly #listeners = new Set<OnLoading>()

  #tell(text: string, share?: number): void {
    for (const tell of this.#listeners) tell(text, share)
  }

  /** Opens a thing once; what failed is tried again the next time. */
  #once<Opened>(key: string, open: () => Promise<Opened>): Promise<Opened> {
    const known = this.#open.get(key) as Promise<Opened> | undefined
    if (known) return known
    const opening = (async () => open())()
    this.#open.set(key, opening)
    opening.catch(() => this.#open.delete(key))
    return opening
  }
}

/** A worker on the best device, or on the one that the address asks for: ?device=wasm&threads=1. */
export function newWorker(): BrowserWorker {
  const asked = new URLSearchParams(location.search)
  const device = asked.get('device')
  const threads = Number(asked.get('threads'))
  return new BrowserWorker({
    ...((device === 'wasm' || device === 'webgpu') && { device }),
    ...(Number.isInteger(threads) && threads > 0 && { threads }),
  })
}

/** An error as one line for people. */
export const problemText = (error: unknown): string => (error instanceof Error ? error.message : String(error))
