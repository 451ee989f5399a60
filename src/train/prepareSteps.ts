// From batches of examples to what the trainer computes with: micro-batches in the order of the steps. It needs neither a
// runtime nor parameters, so it can run in another thread, ahead of the training.

import { BertkinError } from '../errors.js'
import type { Objective, PreparedBatch } from '../objective/index.js'
import { Random } from '../random.js'
import { addCounts } from './trainingStep.js'

/** The examples of a step, and, for a run that shall be resumed, where its data goes on after them (plain JSON). */
export type ExampleBatch<Example> =
  | readonly Example[]
  | { readonly examples: readonly Example[]; readonly position: unknown }

/** A part of a step, with what is known of the step. Structured-cloneable. */
export interface MicroBatch {
  /** From 1. */
  readonly step: number
  /** From 0, of `of` micro-batches of the step. */
  readonly index: number
  readonly of: number
  /** For each loss part, how many predictions the whole step makes. */
  readonly counts: Readonly<Record<string, number>>
  readonly dropoutSeed: number
  /** Where the data goes on after the step, in its first micro-batch; undefined if the batch did not say. */
  readonly position: unknown
  readonly batch: PreparedBatch
}

export interface PrepareOptions {
  /** The trainer's. Default 0. */
  readonly seed?: number
  /** Examples in one micro-batch. Default: all of a step. */
  readonly microBatchSize?: number
  /** Number of the first batch's step. Default 1. */
  readonly firstStep?: number
}

/**
 * Makes a step of each batch. Everything random in step n depends on the seed and on n alone, so that a stream that
 * begins at step n gives what a longer one gives from there.
 *
 * A step of several micro-batches is prepared twice: the first time to count its predictions, by which every one of
 * them is divided, the second time to give them one by one. So memory holds one micro-batch, however large the step.
 *
 * @throws {BertkinError} `option-invalid` for a batch without examples; whatever the objective raises
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * async function* examples() { while (true) yield [{ ids: [101, 7592, 2088, 102] }] }
 * for await (const { step, counts } of prepareSteps(objective, examples(), { seed: 42 })) console.log(step, counts)
 */
export async function* prepareSteps<Example>(
  { prepare }: Pick<Objective<Example>, 'prepare'>,
  batches: AsyncIterable<ExampleBatch<Example>>,
  { seed = 0, microBatchSize, firstStep = 1 }: PrepareOptions = {},
): AsyncGenerator<MicroBatch> {
  let step = firstStep
  for await (const batch of batches) {
    const { examples, position } = 'examples' in batch ? batch : { examples: batch, position: undefined }
    if (examples.length === 0) throw new BertkinError('option-invalid', 'a step needs at least one example')
    const size = microBatchSize ?? examples.length
    const of = Math.ceil(examples.length / size)
    const chunk = (index: number): readonly Example[] => examples.slice(index * size, (index + 1) * size)

    let random = new Random(seed, step)
    const counts: Record<string, number> = {}
    let prepared: PreparedBatch | undefined
    for (let index = 0; index < of; index++) {
      prepared = prepare(chunk(index), random)
      addCounts(counts, prepared.counts)
    }
    const dropoutSeed = random.uint32()
    if (of > 1) random = new Random(seed, step)
    for (let index = 0; index < of; index++) {
      const own = of === 1 ? prepared! : prepare(chunk(index), random)
      yield { step, index, of, counts, dropoutSeed, position: index === 0 ? position : undefined, batch: own }
    }
    step++
  }
}
