// The papers' tables, and transformers' counts.

import { describe, expect, it } from 'vitest'
import { albertSharing, createConfig, type EncoderConfig } from '../checkpoint/index.js'
import { type Head, paperCounts, parameterCount } from './index.js'

const layers = (hiddenSize: number, numHiddenLayers: number, intermediateSize = 4 * hiddenSize) => ({
  hiddenSize,
  numHiddenLayers,
  intermediateSize,
  numAttentionHeads: hiddenSize / 64,
})
const albert = (hiddenSize: number, numHiddenLayers: number, changes: Partial<EncoderConfig> = {}): EncoderConfig =>
  createConfig({ modelType: 'albert', ...layers(hiddenSize, numHiddenLayers), ...changes })
const roberta = (hiddenSize: number, numHiddenLayers: number): EncoderConfig =>
  createConfig({
    modelType: 'roberta',
    ...layers(hiddenSize, numHiddenLayers),
    maxPositionEmbeddings: 514,
    typeVocabSize: 1,
  })
const electra = (embeddingSize: number, hiddenSize: number, numHiddenLayers: number): EncoderConfig =>
  createConfig({ modelType: 'electra', ...layers(hiddenSize, numHiddenLayers), embeddingSize })
const spanbert = (hiddenSize: number, numHiddenLayers: number): EncoderConfig =>
  createConfig({ modelType: 'bert', ...layers(hiddenSize, numHiddenLayers), vocabSize: 28_996 })

describe('parameters, shared and tied ones once', () => {
  it.each<[string, EncoderConfig, Partial<Record<Head, number>>]>([
    ['ALBERT-base', albert(768, 12), { base: 11_683_584, 'masked-lm': 11_221_680, pretraining: 11_813_810 }],
    ['ALBERT-large', albert(1024, 24), { base: 17_683_968, 'masked-lm': 16_795_824, pretraining: 17_847_474 }],
    ['ALBERT-xlarge', albert(2048, 24), { base: 58_724_864, 'masked-lm': 54_821_040, pretraining: 59_021_490 }],
    ['ALBERT-xxlarge', albert(4096, 12), { base: 222_595_584, 'masked-lm': 206_368_944, pretraining: 223_158_450 }],
    ['RoBERTa-base', roberta(768, 12), { base: 124_645_632, 'masked-lm': 124_697_433 }],
    ['RoBERTa-large', roberta(1024, 24), { base: 355_359_744, 'masked-lm': 355_412_057 }],
    ['ELECTRA-small', electra(128, 256, 12), { base: 13_483_008, pretraining: 13_549_057, 'masked-lm': 13_546_682 }],
    ['ELECTRA-base', electra(768, 768, 12), { base: 108_891_648, pretraining: 109_483_009 }],
    ['ELECTRA-large', electra(1024, 1024, 24), { base: 334_092_288, pretraining: 335_142_913 }],
    ['ELECTRA-small’s generator of the paper', electra(128, 64, 12), { 'masked-lm': 4_620_026 }],
    ['ELECTRA-base’s generator', electra(768, 256, 12), { 'masked-lm': 33_740_602 }],
    ['ELECTRA-large’s generator', electra(1024, 256, 24), { 'masked-lm': 51_295_290 }],
    ['SpanBERT-base', spanbert(768, 12), { base: 108_310_272, 'masked-lm': 108_340_804 }],
    ['SpanBERT-large', spanbert(1024, 24), { base: 333_579_264, 'masked-lm': 333_610_308 }],
  ])('of %s', (_, config, expected) => {
    const heads = Object.keys(expected) as Head[]
    expect(Object.fromEntries(heads.map((head) => [head, parameterCount(config, head)]))).toEqual(expected)
  })
})

describe('what ALBERT saves', () => {
  it.each([
    [64, 9_681_408, 87_648_000],
    [128, 11_683_584, 89_650_176],
    [256, 15_687_936, 93_654_528],
    [768, 31_114_752, 109_081_344],
  ])('with embeddings of %i', (embeddingSize, shared, own) => {
    const counts = paperCounts(albert(768, 12, { embeddingSize }))
    expect(counts).toMatchObject({ model: shared, withoutSharing: own })
    expect(paperCounts(albert(768, 12, { embeddingSize, ...albertSharing('none', 12) })).model).toBe(own)
    if (embeddingSize === 768) expect(Object.keys(counts)).toEqual(['model', 'withoutSharing'])
    else expect(counts).toMatchObject({ withoutFactorization: 31_114_752, withoutEither: 109_081_344 })
  })

  it.each([
    ['attention', 63_647_232, 83_078_400],
    ['ffn', 37_686_528, 57_117_696],
  ] as const)('by sharing %s alone', (mode, narrow, wide) => {
    const of = (embeddingSize: number) => paperCounts(albert(768, 12, { embeddingSize, ...albertSharing(mode, 12) }))
    expect(of(128)).toMatchObject({ model: narrow, withoutSharing: 89_650_176 })
    expect(of(768)).toMatchObject({ model: wide, withoutSharing: 109_081_344 })
  })

  it('ELECTRA saves by narrow embeddings only, BERT by nothing', () => {
    expect(Object.keys(paperCounts(electra(128, 256, 12)))).toEqual(['model', 'withoutFactorization'])
    expect(Object.keys(paperCounts(spanbert(768, 12)))).toEqual(['model'])
  })
})
