// From a corpus and a tokenizer to all that a run trains on and is judged by: the same wherever the texts lie, and
// wherever the batches are made.

import {
  type Block,
  type BlocksOptions,
  type BlocksPosition,
  batches,
  blocks,
  type Corpus,
  type HeldOutOptions,
} from '../data/index.js'
import { BertkinError } from '../errors.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { type MicroBatch, prepareSteps } from '../train/index.js'
import { makeRecipe, type Recipe, type RecipeName, type RecipeOptions } from './recipes.js'
import { recipeText } from './text.js'

/** What of a run its texts and its recipe depend on. */
export interface AssemblyOptions extends RecipeOptions {
  readonly recipe: RecipeName
}

/** What a run trains on and is judged by. */
export interface Assembly {
  readonly recipe: Recipe
  /** The texts as the recipe reads them. */
  readonly text: Corpus
  readonly tokenizer: Tokenizer
  /** How blocks are made of them: the same for training, evaluation and the look beforehand. */
  readonly stream: BlocksOptions
  readonly heldOut: HeldOutOptions | undefined
}

/**
 * One document in `every` is held out, or in as many as there are; a single document is all for training.
 *
 * @example
 * heldOutSplit(30, 100) // { every: 30 }
 */
export const heldOutSplit = (documents: number, every: number): HeldOutOptions | undefined =>
  documents < 2 ? undefined : { every: Math.min(every, documents) }

/**
 * Puts a run together. `options.tokenCounts` must be there if the recipe wants them: see `countedTokens`.
 *
 * @throws {BertkinError} `option-invalid` for an option that the recipe does not have
 *
 * @example
 * const [corpus, tokenizer] = [memoryCorpus([['Tom has a dog.'], ['It is night.']]), await loadTokenizer('models/bert')]
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * const assembly = assemble(corpus, tokenizer, { recipe: 'bert', ...options }, heldOutSplit(2, 100))
 */
export function assemble(
  corpus: Corpus,
  tokenizer: Tokenizer,
  options: AssemblyOptions,
  heldOut: HeldOutOptions | undefined,
): Assembly {
  const recipe = makeRecipe(options.recipe, tokenizer, options)
  const { seed, staticMasks } = options
  const stream = {
    encodeIds: (line: string) => tokenizer.encodeIds(line),
    pack: recipe.packing,
    seed,
    ...(staticMasks !== undefined && { copies: staticMasks }),
    ...(heldOut && { heldOut }),
  }
  return { recipe, text: recipeText(corpus, recipe, options), tokenizer, stream, heldOut }
}

/**
 * Refuses texts that have not one word that the tokenizer knows: there would be nothing to predict.
 *
 * @throws {BertkinError} `text-empty`
 *
 * @example
 * const [corpus, tokenizer] = [memoryCorpus([['Tom has a dog.']]), await loadTokenizer('models/bert')]
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * await checkLearnable(assemble(corpus, tokenizer, { recipe: 'bert', ...options }, undefined))
 */
export async function checkLearnable({ text, stream, tokenizer }: Assembly): Promise<void> {
  const learnable = isLearnable(tokenizer)
  for await (const block of blocks(text, { ...stream, epochs: 1, shuffleWindow: 1 })) if (learnable(block)) return
  const message = 'the tokenizer knows no word of the texts: train one on them by leaving out --tokenizer'
  throw new BertkinError('text-empty', message)
}

/** How steps are made of blocks. */
export interface StepOptions {
  readonly seed: number
  /** Sequences in a step. */
  readonly batchSize: number
  /** Sequences in one run of the graph. */
  readonly microBatchSize: number
  /** Where to go on, and the number of the first step from there. */
  readonly position?: BlocksPosition | undefined
  readonly firstStep?: number
}

/**
 * A run's micro-batches, over and over the texts.
 *
 * @example
 * const [corpus, tokenizer] = [memoryCorpus([['Tom has a dog.']]), await loadTokenizer('models/bert')]
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * const assembly = assemble(corpus, tokenizer, { recipe: 'bert', ...options }, undefined)
 * for await (const { step } of trainingSteps(assembly, { seed: 0, batchSize: 16, microBatchSize: 16 })) console.log(step)
 */
export async function* trainingSteps(
  { recipe, text, stream, tokenizer }: Assembly,
  { seed, batchSize, microBatchSize, position, firstStep = 1 }: StepOptions,
): AsyncGenerator<MicroBatch> {
  const rows = batches(blocks(text, { ...stream, ...(position && { position }) }), { batchSize })
  yield* prepareSteps(recipe.objective, learnableBatches(rows, tokenizer), { seed, microBatchSize, firstStep })
}

const EVALUATION_BATCH = 32

/**
 * The first held-out blocks, as evaluation batches of equal size; none where nothing is held out.
 *
 * @param limit at most so many blocks
 *
 * @example
 * const [corpus, tokenizer] = [memoryCorpus([['Tom has a dog.'], ['It is night.']]), await loadTokenizer('models/bert')]
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * await evaluationBatches(assemble(corpus, tokenizer, { recipe: 'bert', ...options }, heldOutSplit(2, 100)), 512)
 */
export async function evaluationBatches(
  { text, stream, tokenizer, heldOut }: Assembly,
  limit: number,
): Promise<(readonly Block[])[]> {
  if (!heldOut) return []
  const rows = blocks(text, { ...stream, epochs: 1, shuffleWindow: 1, heldOut: { ...heldOut, part: 'held-out' } })
  const kept: (readonly Block[])[] = []
  let missing = limit
  for await (const { examples } of learnableBatches(batches(rows, { batchSize: EVALUATION_BATCH }), tokenizer)) {
    kept.push(examples.slice(0, missing))
    missing -= examples.length
    if (missing <= 0) break
  }
  return kept
}

/** Whether a sequence has anything to predict: more than unknown words and special tokens. */
const isLearnable =
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
