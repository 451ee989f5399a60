// What run.json says of a pretraining run.

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import type { CorpusReport } from '../data/index.js'
import { className, defineModel } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import { groupParameters, type RunFacts } from '../report/index.js'
import type { PretrainingOptions } from './pretraining.js'

/** @param heldOutEvery one document in so many is held out; undefined if none is */
export function runFacts(
  options: PretrainingOptions,
  { files, documents, words }: CorpusReport,
  models: readonly TrainedModel[],
  heldOutEvery: number | undefined,
): RunFacts {
  const { command = [], out: _1, ...settings } = options
  return {
    title: `${options.recipe}, ${options.size}`,
    command,
    started: new Date().toISOString(),
    settings,
    data: {
      files: files.length,
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

function environment(threads: number = availableParallelism()): Record<string, string> {
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
