// The front door: a task and a model become a function from texts to answers.

import type { Folder } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { type LoadOptions, loadModel, type Model, readConfig } from '../model/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { Texts } from './batching.js'
import type { Behaviour, TaskContext } from './context.js'
import { loadTokenizer, modelFolderFor } from './load.js'
import { checkModel, checkTask, headFor, type TaskMap, type TaskName, tasks } from './tasks.js'

/** A model and its tokenizer, loaded already; the pipeline does not dispose of them. */
export interface PipelineParts {
  readonly model: Model
  readonly tokenizer: Tokenizer
}

/** Options for a pipeline that loads its model: the device, and how to behave. */
export interface PipelineOptions extends Behaviour, Omit<LoadOptions, 'head'> {
  /** Default: the one in the model's folder. */
  readonly tokenizer?: Tokenizer
}

/** A function from texts to answers. Holds native memory until disposed, if it loaded its model itself. */
export interface Pipeline<Name extends TaskName> extends PipelineParts {
  readonly task: Name
  /** Answers one text. */
  (text: string, options?: TaskMap[Name]['options']): Promise<TaskMap[Name]['answer']>
  /** Answers many texts, in batches; the answers are in the order of the texts. */
  (texts: readonly string[], options?: TaskMap[Name]['options']): Promise<TaskMap[Name]['answer'][]>
  /** Answers a stream of texts as it comes, in its order; see `batchWindow`. */
  (
    texts: AsyncIterable<string>,
    options?: TaskMap[Name]['options'],
  ): AsyncGenerator<TaskMap[Name]['answer'], void, undefined>
  /** Frees what the pipeline loaded, once the answers under way are there; a stream ends at its next answer. */
  dispose(): void
  [Symbol.dispose](): void
}

/**
 * Makes a pipeline: loads a model and its tokenizer for a task, or takes both from the caller.
 *
 * @param task `fill-mask` or `replaced-token-detection`
 * @param source a checkpoint's folder (or its URL), or the folder of an ELECTRA pretraining run, of which fill-mask takes
 *   the generator and replaced-token-detection the discriminator; or a loaded model with its tokenizer
 * @param options device and behaviour; defaults: the CPU in Node, WebAssembly in browsers, warnings to the console
 * @throws {BertkinError} `task-unknown`; `head-mismatch` if the model is not one for the task; `file-missing` and others
 *   of the checkpoint's
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines for the tasks' names, options and fields
 *
 * @example
 * using fill = await pipeline('fill-mask', 'checkpoints/bert')
 * const answer = await fill('you are a beautiful [MASK].', { top_k: 5 })
 * for (const { score, token_str } of answer.flat()) console.log(score, token_str)
 */
export async function pipeline<Name extends TaskName>(
  task: Name,
  source: string | Folder,
  options?: PipelineOptions,
): Promise<Pipeline<Name>>
export async function pipeline<Name extends TaskName>(
  task: Name,
  source: PipelineParts,
  options?: Behaviour,
): Promise<Pipeline<Name>>
export async function pipeline<Name extends TaskName>(
  task: Name,
  source: string | Folder | PipelineParts,
  options: PipelineOptions = {},
): Promise<Pipeline<Name>> {
  checkTask(task)
  if (typeof source !== 'string' && 'model' in source) {
    const { model, tokenizer } = source
    checkModel(task, model, 'this model')
    return pipelineOf(task, { ...options, model, tokenizer }, () => {})
  }
  const { tokenizer: given, ...rest } = options
  const folder = await modelFolderFor(tasks[task].runFolder, source)
  const head = headFor(task, await readConfig(folder), folder.name)
  const tokenizer = given ?? (await loadTokenizer(folder))
  const model = await loadModel(folder, { ...rest, head })
  try {
    checkModel(task, model, folder.name)
  } catch (error) {
    model.dispose()
    throw error
  }
  return pipelineOf(task, { ...rest, model, tokenizer }, () => model.dispose())
}

function pipelineOf<Name extends TaskName>(task: Name, context: TaskContext, release: () => void): Pipeline<Name> {
  type Answer = TaskMap[Name]['answer']
  type Options = TaskMap[Name]['options']
  const answers = (texts: Texts, options?: Options) => tasks[task].answers(context, texts, options)
  let isDisposed = false
  let running = 0

  /** Keeps the model open while something is under way. */
  async function hold<Result>(work: () => Promise<Result>): Promise<Result> {
    if (isDisposed) throw new BertkinError('disposed', `this ${task} pipeline has been disposed; make another`)
    running++
    try {
      return await work()
    } finally {
      if (--running === 0 && isDisposed) release()
    }
  }
  async function collect(texts: Texts, options?: Options): Promise<Answer[]> {
    const collected: Answer[] = []
    for await (const answer of answers(texts, options)) collected.push(answer)
    return collected
  }
  async function* stream(texts: Texts, options?: Options): AsyncGenerator<Answer, void, undefined> {
    const source = answers(texts, options)
    try {
      for (;;) {
        const step = await hold(() => source.next())
        if (step.done) return
        yield step.value
      }
    } finally {
      await source.return()
    }
  }

  function ask(text: string, options?: Options): Promise<Answer>
  function ask(texts: readonly string[], options?: Options): Promise<Answer[]>
  function ask(texts: AsyncIterable<string>, options?: Options): AsyncGenerator<Answer, void, undefined>
  function ask(input: string | readonly string[] | AsyncIterable<string>, options?: Options) {
    if (typeof input === 'string') return hold(() => collect([input], options)).then(([answer]) => answer!)
    if (Array.isArray(input)) return hold(() => collect(input, options))
    if (isAsyncIterable(input)) return stream(input, options)
    const message = `${task} takes a text, an array of texts or an async iterable of texts`
    return Promise.reject(new BertkinError('option-invalid', message))
  }

  const dispose = (): void => {
    if (!isDisposed && running === 0) release()
    isDisposed = true
  }
  const { model, tokenizer } = context
  return Object.assign(ask, { task, model, tokenizer, dispose, [Symbol.dispose]: dispose })
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<string> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
