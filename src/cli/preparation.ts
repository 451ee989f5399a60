// From a run's texts to what its trainer computes with. The whole way is a function of plain data, so that it can be gone
// in this thread or in a worker, with the same result.

import {
  type Block,
  type BlocksOptions,
  type BlocksPosition,
  batches,
  blocks,
  type Corpus,
  type HeldOutOptions,
} from '../data/index.node.js'
import { Tokenizer, TokenizerError } from '../tokenizer/index.js'
import { inWorker, type MicroBatch, prepareSteps } from '../train/index.node.js'
import { makeRecipe, type Recipe } from './recipes.js'
import { recipeText } from './recipeText.js'
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
  const { seed, batchSize, microBatchSize } = options
  const tokenizer = Tokenizer.fromFiles(tokenizerFiles)
  const recipe = makeRecipe(options.recipe, tokenizer, { ...options, ...(tokenCounts && { tokenCounts }) })
  const stream = blocks(recipeText(await runCorpus(options.texts), recipe, options), {
    ...streamOptions(tokenizer, recipe, options, heldOut),
    ...(position && { position }),
  })
  yield* prepareSteps(recipe.objective, learnableBatches(batches(stream, { batchSize }), tokenizer), {
    seed,
    microBatchSize,
    firstStep,
  })
}

/** How blocks are made: the same for training, evaluation and the look beforehand. */
export const streamOptions = (
  tokenizer: Tokenizer,
  { packing }: Pick<Recipe, 'packing'>,
  { seed, staticMasks }: Pick<RunOptions, 'seed' | 'staticMasks'>,
  heldOut: HeldOutOptions | undefined,
): BlocksOptions => ({
  encodeIds: (line) => tokenizer.encodeIds(line),
  pack: packing,
  seed,
  ...(staticMasks !== undefined && { copies: staticMasks }),
  ...(heldOut && { heldOut }),
})

/** Whether a sequence has anything to predict: more than unknown words and special tokens. */
export const isLearnable =
  (tokenizer: Tokenizer) =>
  ({ ids }: Pick<Block, 'ids'>): boolean =>
    Array.from(ids).some((id) => !tokenizer.specialIds.has(id))

/** Batches without the sequences that have nothing to predict. */
async function* learnableBatches(source: ReturnType<typeof batches>, tokenizer: Tokenizer) {
  const learnable = isLearnable(tokenizer)
  for await (const { blocks: rows, position } of source) {
    const examples = rows.filter(learnable)
    if (examples.length > 0) yield { examples, position }
  }
}

const EVALUATION_BATCH = 32

/** The first held-out blocks, as evaluation batches of equal size. */
export async function readHeldOut(
  corpus: Corpus,
  options: BlocksOptions & { readonly heldOut: HeldOutOptions },
  limit: number,
  tokenizer: Tokenizer,
): Promise<(readonly Block[])[]> {
  const heldOut = { ...options.heldOut, part: 'held-out' } as const
  const stream = blocks(corpus, { ...options, epochs: 1, shuffleWindow: 1, heldOut })
  const kept: (readonly Block[])[] = []
  let missing = limit
  for await (const { examples } of learnableBatches(batches(stream, { batchSize: EVALUATION_BATCH }), tokenizer)) {
    kept.push(examples.slice(0, missing))
    missing -= examples.length
    if (missing <= 0) break
  }
  return kept
}
