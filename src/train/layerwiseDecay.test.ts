// Which parameter learns how fast under layer-wise decay, in models of every kin; and that the optimizers do it.

import { describe, expect, it } from 'vitest'
import { createConfig, type ModelType } from '../checkpoint/index.js'
import { defineModel, type Head } from '../model/index.js'
import { AdamW, Lamb, layerwiseDecay, ParameterStore } from './index.js'
import { tinyElectra } from './testing/tinyTraining.js'

const small = { vocabSize: 30, numHiddenLayers: 12, hiddenSize: 8, intermediateSize: 8, numAttentionHeads: 1 }

function factorsOf(modelType: ModelType, head: Head): (path: string) => number {
  const { slots } = new ParameterStore(
    defineModel(createConfig({ ...small, modelType, embeddingSize: 4, padTokenId: 0 }), head).scope.declarations(),
  )
  const factor = layerwiseDecay(slots, 0.8)
  for (const slot of slots) expect(factor(slot), slot.path).toBeGreaterThan(0)
  return (path) => {
    const slot = slots.find((candidate) => candidate.path.startsWith(path))
    if (!slot) throw new Error(`no parameter at ${path}`)
    return factor(slot)
  }
}

describe('twelve layers at 0.8', () => {
  it('of ELECTRA: as its code has it', () => {
    const factor = factorsOf('electra', 'sequence-classification')
    expect(factor('classifier.')).toBe(1)
    expect(factor('electra.encoder.layer.11.')).toBeCloseTo(0.8 ** 2, 12)
    expect(factor('electra.encoder.layer.1.')).toBeCloseTo(0.8 ** 12, 12)
    expect(factor('electra.encoder.layer.0.')).toBeCloseTo(0.8 ** 13, 12)
    expect(factor('electra.embeddings.LayerNorm')).toBeCloseTo(0.8 ** 14, 12)
    expect(factor('electra.embeddings_project.')).toBeCloseTo(0.8 ** 14, 12)
  })

  it('of BERT and RoBERTa', () => {
    const bert = factorsOf('bert', 'sequence-classification')
    expect([bert('classifier.'), bert('bert.pooler.')]).toEqual([1, 1])
    expect(bert('bert.encoder.layer.11.')).toBeCloseTo(0.64, 12)
    const roberta = factorsOf('roberta', 'token-classification')
    expect(roberta('roberta.embeddings.')).toBeCloseTo(0.8 ** 14, 12)
  })

  it('of ALBERT: its group is one layer', () => {
    const factor = factorsOf('albert', 'sequence-classification')
    expect(factor('albert.encoder.albert_layer_groups.0.')).toBeCloseTo(0.8 ** 2, 12)
    expect(factor('albert.encoder.embedding_hidden_mapping_in')).toBeCloseTo(0.8 ** 3, 12)
  })
})

it('two encoders in one run each have their own depth', () => {
  const { slots } = new ParameterStore(tinyElectra({ numHiddenLayers: 3 }).define({}).parameters)
  const factor = layerwiseDecay(slots, 0.5)
  const at = (path: string): number => factor(slots.find((slot) => slot.path.startsWith(path))!)
  expect(at('generator.electra.encoder.layer.2.')).toBe(0.25)
  expect(at('discriminator.electra.encoder.layer.0.')).toBe(0.5 ** 4)
  expect(at('discriminator.discriminator_predictions.')).toBe(1)
})

it('a parameter that it cannot place is refused', () => {
  const refused = expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining('bert.novelty') })
  expect(() => layerwiseDecay([{ path: 'bert.novelty.weight' }], 0.8)).toThrow(refused)
})

it.each([0, -1, 1.1, Number.NaN])('a decay of %d is refused', (decay) => {
  expect(() => layerwiseDecay([], decay)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})

describe.each([
  ['AdamW', AdamW],
  ['LAMB', Lamb],
])('%s', (_, Optimizer) => {
  const { parameters } = tinyElectra().define({})
  const setUp = (rateFactor: (path: string) => number) => {
    const store = new ParameterStore(parameters)
    store.initialize(parameters, 3)
    const before = store.values.slice()
    const optimizer = new Optimizer(store.slots, { weightDecay: 0.1, rateFactor: ({ path }) => rateFactor(path) })
    optimizer.step(store.values, new Float32Array(before.length).fill(0.5), 0.1)
    return { store, before }
  }

  it('moves a parameter as far as its factor says, decay and all', () => {
    const [full, part] = [setUp(() => 1), setUp((path) => (path.startsWith('generator') ? 0.25 : 0))]
    for (const { path, start, end } of full.store.slots) {
      const factor = path.startsWith('generator') ? 0.25 : 0
      for (let i = start; i < end; i++) {
        const whole = full.store.values[i]! - full.before[i]!
        expect(Math.abs(part.store.values[i]! - part.before[i]! - factor * whole)).toBeLessThan(1e-6)
      }
    }
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a factor of %d', (factor) => {
    expect(() => setUp(() => factor)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  })
})
