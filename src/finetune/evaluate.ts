// How good a checkpoint is at a task, this library's own or any other of transformers'.

import type { Folder, LocationOptions } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { checkTokenizer, headFromConfig, loadModel, type Model, readConfig } from '../model/index.js'
import { loadTokenizer, modelFolderFor, pipeline } from '../pipeline/index.js'
import type { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { EvaluationOptions, FinetuningTaskName, FinetuningTasks, TaskEvaluation } from './task.js'
import { taskNamed } from './tasks.js'

export interface CheckpointEvaluationOptions extends EvaluationOptions, LocationOptions {
  readonly runtime?: Runtime
  readonly threads?: number
}

/**
 * Measures a checkpoint by labelled examples, with the answers that its pipeline gives.
 *
 * @param location a folder, a URL, or the id of a model on the Hugging Face hub
 * @throws {BertkinError} `head-mismatch` for a model of another task; `label-unknown` for labels that the model does not
 *   have; `data-empty` for no examples; and what the pipelines throw
 *
 * @example
 * const { examples } = await readDataset('text-classification', 'dev.jsonl')
 * const { metrics } = await evaluateCheckpoint('text-classification', 'runs/polarity', examples)
 * console.log(metrics.accuracy)
 */
export async function evaluateCheckpoint<Name extends FinetuningTaskName>(
  name: Name,
  location: string | Folder,
  examples: readonly FinetuningTasks[Name]['example'][],
  options: CheckpointEvaluationOptions = {},
): Promise<TaskEvaluation> {
  const task = taskNamed(name)
  if (examples.length === 0) throw new BertkinError('data-empty', 'there are no examples to measure by')
  const { runtime, threads, onProgress, ...rest } = options
  const loading = {
    ...(runtime && { runtime }),
    ...(threads !== undefined && { threads }),
    ...(onProgress && { onProgress }),
  }
  const parts = await openParts(name, location, loading)
  try {
    checkTokenizer(parts.tokenizer, parts.model.config)
    return await task.evaluate(examples, { ...rest, model: parts.model, tokenizer: parts.tokenizer })
  } finally {
    parts.dispose()
  }
}

interface Parts {
  readonly model: Model
  readonly tokenizer: Tokenizer
  dispose(): void
}

type Loading = NonNullable<Parameters<typeof loadModel>[1]>

async function openParts(name: FinetuningTaskName, location: string | Folder, loading: Loading): Promise<Parts> {
  // The pipelines know best what to say of a model that is for something else.
  if (name !== 'multiple-choice') return pipeline(name, location, loading)
  const folder = await modelFolderFor('discriminator', location, loading)
  const config = await readConfig(folder)
  if (headFromConfig(config) !== 'multiple-choice') {
    const found = config.architectures[0] ?? 'a model of no stated class'
    throw new BertkinError('head-mismatch', `${folder.name} is ${found}, which is not for multiple choice`)
  }
  const tokenizer = await loadTokenizer(folder)
  const model = await loadModel(folder, { ...loading, head: 'multiple-choice' })
  const [missing] = model.report.missing
  if (missing === undefined) return { model, tokenizer, dispose: () => model.dispose() }
  model.dispose()
  throw new BertkinError('parameter-missing', `${folder.name} lacks ${missing}: save or download it again`)
}
