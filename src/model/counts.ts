// How many parameters a model has, and how many it would have without what makes its kin small.

import { albertSharing, createConfig, type EncoderConfig } from '../checkpoint/index.js'
import { defineModel } from './definition.js'
import type { Head } from './heads.js'
import { parameterSize } from './parameters.js'

/**
 * The numbers in a model's parameters; shared and tied ones once.
 *
 * @throws {BertkinError} `head-mismatch` if this kin has no such head
 *
 * @example
 * const config = createConfig({ modelType: 'roberta', maxPositionEmbeddings: 514, typeVocabSize: 1 })
 * parameterCount(config, 'masked-lm') // 124697433, RoBERTa-base
 */
export const parameterCount = (config: EncoderConfig, head: Head): number =>
  defineModel(config, head)
    .scope.declarations()
    .reduce((sum, declaration) => sum + parameterSize(declaration), 0)

/** The size of a bare encoder as the papers count, and what it would be without savings; undefined where it has none. */
export interface PaperCounts {
  /** transformers keeps ALBERT's projection of embeddings where it has nothing to do; the paper's model has none there. */
  readonly model: number
  /** Every layer with parameters of its own. */
  readonly withoutSharing?: number
  /** Embeddings as wide as the layers. */
  readonly withoutFactorization?: number
  readonly withoutEither?: number
}

/**
 * ALBERT's two ways to save parameters (Lan et al., 2019, section 3.1, tables 3 and 4), of which ELECTRA has one.
 *
 * @example
 * const sizes = { hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 }
 * paperCounts(createConfig({ modelType: 'albert', ...sizes })).withoutSharing // 89650176, where ALBERT-base has 11683584
 */
export function paperCounts(config: EncoderConfig): PaperCounts {
  const wide = { embeddingSize: config.hiddenSize }
  const own = albertSharing('none', config.numHiddenLayers)
  const isShared =
    config.modelType === 'albert' &&
    (config.numHiddenGroups < config.numHiddenLayers || config.sharedAcrossGroups !== undefined)
  const isFactorized = config.embeddingSize !== config.hiddenSize
  const count = (changes: Partial<EncoderConfig>): number => asInThePaper(createConfig({ ...config, ...changes }))
  return {
    model: count({}),
    ...(isShared && { withoutSharing: count(own) }),
    ...(isFactorized && { withoutFactorization: count(wide) }),
    ...(isShared && isFactorized && { withoutEither: count({ ...own, ...wide }) }),
  }
}

function asInThePaper(config: EncoderConfig): number {
  const { modelType, embeddingSize, hiddenSize } = config
  const isIdle = modelType === 'albert' && embeddingSize === hiddenSize
  return parameterCount(config, 'base') - (isIdle ? hiddenSize * embeddingSize + hiddenSize : 0)
}
