// Examples in batches, shuffled anew in every epoch; resumable, since an epoch's order depends on seed and number only.

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'

/** A place between two batches; plain JSON. */
export interface EpochPosition {
  /** From 0. */
  readonly epoch: number
  /** Batches of the epoch already given. */
  readonly batch: number
}

export interface EpochOptions {
  readonly batchSize: number
  readonly epochs: number
  readonly seed: number
}

/** Streams of random numbers for orders: away from those of the steps, which count from 1. */
const ORDER_STREAM = 2 ** 31

/**
 * Every example once an epoch, in batches; the last batch of an epoch may be smaller.
 *
 * @param from where to go on: the `position` of the last batch that was used
 * @throws {BertkinError} `data-empty` for no examples; `option-invalid` for a batch size that is no positive whole number
 *
 * @example
 * for await (const { examples, position } of epochBatches(['a', 'b', 'c'], { batchSize: 2, epochs: 3, seed: 42 })) {
 *   console.log(position.epoch, examples)
 * }
 */
export async function* epochBatches<Example>(
  items: readonly Example[],
  { batchSize, epochs, seed }: EpochOptions,
  from: EpochPosition = { epoch: 0, batch: 0 },
): AsyncGenerator<{ readonly examples: readonly Example[]; readonly position: EpochPosition }> {
  const perEpoch = stepsPerEpoch(items.length, batchSize)
  for (let { epoch, batch } = from; epoch < epochs; epoch++, batch = 0) {
    const order = new Random(seed, ORDER_STREAM + epoch).shuffle([...items.keys()])
    for (; batch < perEpoch; batch++) {
      const chosen = order.slice(batch * batchSize, (batch + 1) * batchSize)
      const isLast = batch + 1 === perEpoch
      const position = isLast ? { epoch: epoch + 1, batch: 0 } : { epoch, batch: batch + 1 }
      yield { examples: chosen.map((i) => items[i]!), position }
    }
  }
}

/** How many batches so many examples make. */
export function stepsPerEpoch(examples: number, batchSize: number): number {
  if (examples === 0) throw new BertkinError('data-empty', 'there is no example to train on')
  if (Number.isInteger(batchSize) && batchSize > 0) return Math.ceil(examples / batchSize)
  throw new BertkinError('option-invalid', `a batch size must be a positive whole number, not ${batchSize}`)
}

/** A share of the examples apart, chosen by the seed: at least one, in their order. */
export function holdOut<Example>(
  examples: readonly Example[],
  share: number,
  seed: number,
): { readonly kept: readonly Example[]; readonly heldOut: readonly Example[] } {
  const count = Math.max(1, Math.round(share * examples.length))
  const chosen = new Set(new Random(seed, ORDER_STREAM - 1).shuffle([...examples.keys()]).slice(0, count))
  return { kept: examples.filter((_, i) => !chosen.has(i)), heldOut: examples.filter((_, i) => chosen.has(i)) }
}
