import { expect, it } from 'vitest'
import { defaultHyperparameters } from './hyperparameters.js'

it('are the papers’ at their widths, and higher rates at smaller ones', () => {
  const rate = (modelType: 'bert' | 'electra' | 'roberta', hiddenSize: number) =>
    defaultHyperparameters({ modelType, hiddenSize }, 'text-classification').learningRate
  expect(rate('electra', 768)).toBeCloseTo(1e-4, 10)
  expect(rate('electra', 1024)).toBe(5e-5)
  expect(rate('electra', 256)).toBeCloseTo(3e-4, 10)
  expect(rate('electra', 128)).toBeCloseTo(6e-4, 10)
  expect(rate('bert', 128)).toBeCloseTo(3e-5 * 6 ** 1.5, 10)
  expect(rate('bert', 384)).toBeCloseTo(3e-5 * 2 ** 1.5, 10)
  expect(rate('roberta', 768)).toBe(2e-5)
})

it('have embeddings that learn faster, below all published widths', () => {
  const rate = (hiddenSize: number) =>
    defaultHyperparameters({ modelType: 'electra', hiddenSize }, 'question-answering').embeddingRate
  expect([rate(128), rate(192), rate(256), rate(768), rate(1024)]).toEqual([4, 4, 1, 1, 1])
})

it('decay from layer to layer in ELECTRA only, and not from random weights', () => {
  const decay = (hiddenSize: number, fromScratch = false) =>
    defaultHyperparameters({ modelType: 'electra', hiddenSize }, 'question-answering', { fromScratch }).layerDecay
  expect([decay(256), decay(1024), decay(256, true)]).toEqual([0.8, 0.9, 1])
  expect(defaultHyperparameters({ modelType: 'bert', hiddenSize: 768 }, 'question-answering').layerDecay).toBe(1)
})
