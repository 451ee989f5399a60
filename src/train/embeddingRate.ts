// A learning rate of their own for the tables of embeddings.

import { BertkinError } from '../errors.js'
import type { ParameterSlot } from './parameterStore.js'

/** Word, position and token type embeddings, in whichever encoder. */
const TABLE = /(?:^|\.)embeddings\.\w+_embeddings\.weight$/

/**
 * The factor of each parameter's learning rate, for `rateFactor`, where the tables of embeddings learn `factor` times as
 * fast as the rest.
 *
 * What a table says, a normalization measures by the table's own size: only the ratio of rate and size counts. Small
 * models' tables have grown in pretraining, and at the rate that is right for the layers they hardly learn a task's words
 * any more.
 *
 * @param factor 0 or more
 * @throws {BertkinError} `option-invalid` for another factor
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'bert' }), 'sequence-classification')
 * const store = new ParameterStore(scope.declarations())
 * new AdamW(store.slots, { rateFactor: embeddingRate(4) })
 */
export function embeddingRate(factor: number): (slot: Pick<ParameterSlot, 'path'>) => number {
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw new BertkinError('option-invalid', `the embeddings' rate must be a factor from 0 up, not ${factor}`)
  }
  return ({ path }) => (TABLE.test(path) ? factor : 1)
}
