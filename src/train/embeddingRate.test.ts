import { describe, expect, it } from 'vitest'
import { createConfig, type ModelType } from '../checkpoint/index.js'
import { defineModel } from '../model/index.js'
import { embeddingRate } from './index.js'

describe('a rate of the embeddings', () => {
  it.each(['bert', 'roberta', 'albert', 'electra'] as const)(
    'is for %s’s three tables, and nothing else',
    (modelType: ModelType) => {
      const paths = defineModel(createConfig({ modelType }), 'sequence-classification')
        .scope.declarations()
        .map(({ path }) => path)
      const faster = paths.filter((path) => embeddingRate(4)({ path }) !== 1)
      const table = (name: string): string => `${modelType}.embeddings.${name}_embeddings.weight`
      expect(faster.sort()).toEqual(['position', 'token_type', 'word'].map(table))
      for (const path of faster) expect(embeddingRate(4)({ path })).toBe(4)
    },
  )

  it('is not for the places in SpanBERT’s spans', () => {
    expect(embeddingRate(4)({ path: 'cls.pair_target_predictions.position_embeddings.weight' })).toBe(1)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('of %d is refused', (factor) => {
    expect(() => embeddingRate(factor)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
