// What run.json says of a pretraining run.

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { className, defineModel } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import { recipeFacts } from '../recipe/index.js'
import { groupParameters, type RunFacts } from '../report/index.js'
import type { PretrainingOptions } from './pretrainingOptions.js'
import type { RunSetup } from './runSetup.js'

interface Details {
  /** One document in so many is held out; undefined if none is. */
  readonly heldOutEvery: number | undefined
  /** How it is optimized: what options, the recipe and the trainer's defaults come to. */
  readonly training: Readonly<Record<string, unknown>>
}

/** What is known of a run when it starts. */
export function runFacts(
  options: PretrainingOptions,
  { files, documents, words }: RunSetup['texts'],
  models: readonly TrainedModel[],
  { heldOutEvery, training }: Details,
): RunFacts {
  const { command = [], out: _, resume: __, language: ___, configs, ...all } = options
  // These are of a vocabulary that is trained, and of a new model.
  const settings = {
    ...all,
    ...(options.tokenizer !== undefined && { vocabSize: undefined, cased: undefined }),
    ...(configs && { size: undefined }),
  }
  return {
    title: `${options.recipe}, ${options.model === undefined ? options.size : `from ${options.model}`}`,
    command,
    started: new Date().toISOString(),
    settings: { ...settings, ...recipeFacts(options.recipe, options), ...training },
    data: {
      files,
      documents,
      words,
      heldOutEvery: heldOutEvery ?? 0,
    },
    environment: environment(options.threads),
    models: models.map(({ folder, config, head }) => ({
      folder,
      architecture: className(config, head),
      parameters: groupParameters(defineModel(config, head).scope.declarations()),
    })),
  }
}

/** Versions and the machine. */
export function environment(threads: number = availableParallelism()): Record<string, string> {
  const [processor] = cpus()
  return {
    bertkin: version() ?? 'unknown',
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    ...(processor && { processor: processor.model.trim() }),
    threads: String(threads),
  }
}

function version(): string | undefined {
  try {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    return (JSON.parse(text) as { version?: string }).version
  } catch {
    return undefined // bundled with something else
  }
}
