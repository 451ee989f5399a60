// The front door: a task and a model become a function from inputs to answers.

import type { Folder } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { type LoadOptions, loadModel, type Model, readConfig } from '../model/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { Inputs } from './batching.js'
import type { Behaviour, TaskContext } from './context.js'
import { loadTokenizer, modelFolderFor } from './load.js'
import {
  checkModel,
  headFor,
  type TaskAlias,
  type TaskMap,
  type TaskName,
  type TaskOf,
  taskOf,
  tasks,
} from './tasks.js'

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

/** The ways of asking a task. */
export interface PipelineCalls<Input, Options, Answer> {
  /** Answers one input. */
  (input: Input, options?: Options): Promise<Answer>
  /** Answers many inputs, in batches; the answers are in the order of the inputs. */
  (inputs: readonly Input[], options?: Options): Promise<Answer[]>
  /** Answers a stream of inputs as it comes, in its order; see `batchWindow`. */
  (inputs: AsyncIterable<Input>, options?: Options): AsyncGenerator<Answer, void, undefined>
}

/** A task's own ways of being asked, if its options decide on the type of its answer. */
export type CallsOf<Name extends TaskName> = TaskMap[Name] extends { calls: infer Calls }
  ? Calls
  : PipelineCalls<TaskMap[Name]['input'], TaskMap[Name]['options'], TaskMap[Name]['answer']>

/** What a pipeline is besides a function. Holds native memory until disposed, if it loaded its model itself. */
interface PipelineHandle<Name extends TaskName> extends PipelineParts {
  readonly task: Name
  /** Frees what the pipeline loaded, once the answers under way are there; a stream ends at its next answer. */
  dispose(): void
  [Symbol.dispose](): void
}

/** A function from inputs (texts, for most tasks) to answers. */
export type Pipeline<Name extends TaskName> = PipelineHandle<Name> & CallsOf<Name>

/**
 * Makes a pipeline: loads a model and its tokenizer for a task, or takes both from the caller.
 *
 * @param task one of {@link TASKS}, or transformers' other name for it: `ner`, `sentiment-analysis`
 * @param source a checkpoint's folder, its URL, or its id on the Hugging Face hub; or the folder of an ELECTRA
 *   pretraining run, of which fill-mask takes the generator and replaced-token-detection the discriminator; or a loaded
 *   model with its tokenizer
 * @param options device and behaviour; defaults: the CPU in Node, WebAssembly in browsers, warnings to the console
 * @throws {BertkinError} `task-unknown`; `head-mismatch` if the model is not one for the task; `parameter-missing` if it
 *   is, but incomplete; `file-missing` and others of the checkpoint's
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines for the tasks' names, options and fields
 *
 * @example
 * using fill = await pipeline('fill-mask', 'checkpoints/bert')
 * const answer = await fill('you are a beautiful [MASK].', { top_k: 5 })
 * for (const { score, token_str } of answer.flat()) console.log(score, token_str)
 */
export async function pipeline<Name extends TaskName | TaskAlias>(
  task: Name,
  source: string | Folder,
  options?: PipelineOptions,
): Promise<Pipeline<TaskOf<Name>>>
export async function pipeline<Name extends TaskName | TaskAlias>(
  task: Name,
  source: PipelineParts,
  options?: Behaviour,
): Promise<Pipeline<TaskOf<Name>>>
export async function pipeline(
  name: TaskName | TaskAlias,
  source: string | Folder | PipelineParts,
  options: PipelineOptions = {},
): Promise<Pipeline<TaskName>> {
  const task = taskOf(name)
  if (typeof source !== 'string' && 'model' in source) {
    const { model, tokenizer } = source
    checkModel(task, model, 'this model')
    return pipelineOf(task, { ...options, model, tokenizer }, () => {})
  }
  const { tokenizer: given, ...rest } = options
  const folder = await modelFolderFor(tasks[task].runFolder, source, rest)
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
  type Input = TaskMap[Name]['input']
  type Answer = TaskMap[Name]['answer']
  type Options = TaskMap[Name]['options']
  const { answers, amongMany = (answer: Answer) => answer } = tasks[task]
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
  async function single(input: Input, options?: Options): Promise<Answer> {
    for await (const answer of answers(context, [input], options)) return answer
    throw new Error(`${task} gave no answer`)
  }
  async function collect(inputs: Inputs<Input>, options?: Options): Promise<Answer[]> {
    const collected: Answer[] = []
    for await (const answer of answers(context, inputs, options)) collected.push(amongMany(answer, options))
    return collected
  }
  async function* stream(inputs: Inputs<Input>, options?: Options): AsyncGenerator<Answer, void, undefined> {
    const source = answers(context, inputs, options)
    try {
      for (;;) {
        const step = await hold(() => source.next())
        if (step.done) return
        yield amongMany(step.value, options)
      }
    } finally {
      await source.return()
    }
  }

  function ask(input: Input, options?: Options): Promise<Answer>
  function ask(inputs: readonly Input[], options?: Options): Promise<Answer[]>
  function ask(inputs: AsyncIterable<Input>, options?: Options): AsyncGenerator<Answer, void, undefined>
  function ask(input: Input | readonly Input[] | AsyncIterable<Input>, options?: Options) {
    if (Array.isArray(input)) return hold(() => collect(input, options))
    if (isAsyncIterable<Input>(input)) return stream(input, options)
    return hold(() => single(input as Input, options))
  }

  const dispose = (): void => {
    if (!isDisposed && running === 0) release()
    isDisposed = true
  }
  const { model, tokenizer } = context
  const handle = { task, model, tokenizer, dispose, [Symbol.dispose]: dispose }
  return Object.assign(ask, handle) as Pipeline<Name>
}

const isAsyncIterable = <Input>(value: unknown): value is AsyncIterable<Input> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
