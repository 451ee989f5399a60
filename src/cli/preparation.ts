// From a run's texts to what its trainer computes with. The whole way is a function of plain data, so that it can be gone
// in this thread or in a worker, with the same result.

import type { BlocksPosition, HeldOutOptions } from '../data/index.node.js'
import { assemble, trainingSteps } from '../recipe/index.js'
import { Tokenizer, TokenizerError } from '../tokenizer/index.js'
import { inWorker, type MicroBatch } from '../train/index.node.js'
import { runCorpus } from './runCorpus.js'
import type { RunOptions } from './runRecord.js'

/** What batches are made of; structured-cloneable. */
export interface PreparationJob {
  readonly options: RunOptions
  readonly tokenizerFiles: Readonly<Record<string, string>>
  /** For the random tokens of spans. */
  readonly tokenCounts: Float64Array | undefined
  readonly heldOut: HeldOutOptions | undefined
  /** Where to go on, and the number of the first step from there. */
  readonly position: BlocksPosition | undefined
  readonly firstStep: number
}

/** The micro-batches of a run, made in a worker unless that is not wanted. */
export function preparedBatches(job: PreparationJob): AsyncIterable<MicroBatch> {
  if (job.options.worker === false) return prepareBatches(job)
  return inWorker<MicroBatch>(new URL('./preparationWorker.js', import.meta.url), job, { errors: [TokenizerError] })
}

/** The same in this thread. */
export async function* prepareBatches(job: PreparationJob): AsyncGenerator<MicroBatch> {
  const { options, tokenizerFiles, tokenCounts, heldOut, position, firstStep } = job
  const tokenizer = Tokenizer.fromFiles(tokenizerFiles)
  const choices = { ...options, ...(tokenCounts && { tokenCounts }) }
  const assembly = assemble(await runCorpus(options.texts), tokenizer, choices, heldOut)
  const { seed, batchSize, microBatchSize } = options
  yield* trainingSteps(assembly, { seed, batchSize, microBatchSize, position, firstStep })
}
