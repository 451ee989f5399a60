// Recipes: the models they make have the sizes of the papers, and the words that they mask are the tokenizer's.

import { beforeAll, describe, expect, it, test } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import { parameterCount } from '../model/index.js'
import { Random } from '../random.js'
import { type Tokenizer, trainByteLevelBpe, trainUnigram, trainWordPiece } from '../tokenizer/index.js'
import { recipeDefaults } from './defaults.js'
import { MASKINGS } from './masking.js'
import { checkRecipe, makeRecipe, RECIPES, type RecipeName, type RecipeOptions } from './recipes.js'
import { SIZES, type SizeName } from './shape.js'
import { trainTokenizer } from './tokenizers.js'
import { wordStarts } from './wordStarts.js'

const words = [
  'lantern',
  'lanterns',
  'river',
  'rivers',
  'going',
  'goes',
  'unseen',
  'seen',
  'the',
  'a',
  'over',
  'overseen',
]
const random = new Random(4)
const lines = Array.from({ length: 300 }, () =>
  Array.from({ length: 8 }, () => words[random.below(words.length)]!).join(' '),
)
async function* text() {
  yield* lines
}

const options: RecipeOptions = {
  size: 'base',
  maxLength: 512,
  dropout: 0,
  maskProbability: 0.15,
  discriminatorWeight: 50,
  seed: 0,
}
const tokenizers: Partial<Record<RecipeName, Tokenizer>> = {}
beforeAll(async () => {
  for (const recipe of RECIPES) {
    // So few tokens that words have several.
    const vocabSize = recipe === 'roberta' ? 290 : 48
    tokenizers[recipe] = await trainTokenizer(recipe, text(), { vocabSize, maxLength: 512, cased: false })
  }
})

it('has a learning rate for each size, but for LAMB, which measures its steps by the weights', () => {
  const rate = (...[recipe, size, optimizer]: [RecipeName, SizeName, ('adamw' | 'lamb')?]) =>
    recipeDefaults({ recipe, size, ...(optimizer && { optimizer }) }).learningRate
  expect(['micro', 'tiny', 'mini', 'small', 'base'].map((size) => rate('bert', size as SizeName))).toEqual([
    ...[2e-3, 2e-3, 1e-3, 5e-4, 2e-4],
  ])
  expect([rate('albert', 'tiny'), rate('albert', 'base'), rate('bert', 'base', 'lamb')]).toEqual([2e-3, 2e-3, 2e-3])
  expect(rate('albert', 'tiny', 'adamw')).toBe(2e-3)
  expect(recipeDefaults({ recipe: 'albert', size: 'tiny' }).weightDecay).toBe(0.01)
  expect(recipeDefaults({ recipe: 'bert', size: 'tiny' }).weightDecay).toBe(0.1)
})

describe('parameters', () => {
  it.each([
    ['albert', 30_000, 11_813_810, {}],
    ['albert', 30_000, 11_813_810 + 11 * 7_087_872, { sharing: 'none' }],
    ['albert', 30_000, 11_813_810 + 11 * 4_723_968, { sharing: 'attention' }],
    ['albert', 30_000, 11_813_810 + 11 * 2_363_904, { sharing: 'ffn' }],
    ['roberta', 50_265, 124_697_433, {}],
    ['electra', 30_522, 109_483_009, {}],
  ] as const)('%s-base with %i tokens has %i: %j', (recipe, vocabSize, expected, more) => {
    const { models } = makeRecipe(recipe, tokenizers[recipe]!, { ...options, ...more }).objective
    const { config, head } = models.at(-1)!
    expect(parameterCount(createConfig({ ...config, vocabSize }), head)).toBe(expected)
  })

  it.each(RECIPES)('%s exists in every size, with a position for each token', (recipe) => {
    for (const size of Object.keys(SIZES) as SizeName[]) {
      const { objective } = makeRecipe(recipe, tokenizers[recipe]!, { ...options, size, maxLength: 64 })
      for (const { config } of objective.models) {
        expect(config.maxPositionEmbeddings).toBe(recipe === 'roberta' ? 66 : 64)
        expect(config.vocabSize).toBe(tokenizers[recipe]!.vocabSize)
        expect(config.hiddenSize / config.numAttentionHeads).toBe(SIZES[size].headSize)
      }
      if (recipe === 'albert') expect(objective.models[0]!.config.embeddingSize).toBe(128)
    }
  })
})

describe('another shape than the size has', () => {
  const made = (recipe: RecipeName, more: Partial<RecipeOptions>) =>
    makeRecipe(recipe, tokenizers[recipe]!, { ...options, size: 'micro', ...more }).objective.models.map(
      ({ config: { hiddenSize, numHiddenLayers, embeddingSize } }) => [numHiddenLayers, hiddenSize, embeddingSize],
    )

  it('is that of the encoder; of an ELECTRA, of the discriminator', () => {
    expect(made('bert', { layers: 3, hiddenSize: 64 })).toEqual([[3, 64, 64]])
    expect(made('albert', { embeddingSize: 32 })).toEqual([[1, 128, 32]])
    expect(made('electra', { layers: 3, hiddenSize: 160, embeddingSize: 64 })).toEqual([
      [1, 128, 64],
      [3, 160, 64],
    ])
  })

  it.each([
    ['bert', { embeddingSize: 64 }, 'no --embedding-size'],
    ['bert', { hiddenSize: 100 }, 'cannot be divided into heads of 32'],
    ['bert', { layers: 0 }, 'layers must be a whole number'],
    ['bert', { predictedTokensOnly: true }, 'no --predicted-tokens-only'],
  ] as const)('is refused: %s, %j', (recipe, more, message) => {
    expect(() => made(recipe, more)).toThrow(message)
  })
})

describe('which tokens begin a word', () => {
  it.each([
    ['WordPiece', () => trainWordPiece(lines, { vocabSize: 36 })],
    ['Unigram', () => trainUnigram(lines, { vocabSize: 28 })],
    ['byte-level BPE', () => trainByteLevelBpe(lines, { vocabSize: 275 })],
  ] as const)('%s: there are as many of these in a text as words', async (_, trained) => {
    const tokenizer = await trained()
    const starts = wordStarts(tokenizer)
    expect(starts).toHaveLength(tokenizer.vocabSize)
    let tokens = 0
    for (const line of lines.slice(0, 50)) {
      const ids = tokenizer.encodeIds(` ${line}`)
      tokens += ids.length
      expect(ids.filter((id) => starts[id] === 1)).toHaveLength(8)
    }
    expect(tokens).toBeGreaterThan(50 * 8 * 1.1)
  })

  it('sentence pieces: as ALBERT’s code has it for what has no mark of its own', async () => {
    const pieces = ['▁the', 'ing', 'a', '▁', '90', '.', '...', '%', '’', 'é', '<x>', "'s", 'a.', '漢']
    const starts = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1]
    const tokenizer = tokenizers.albert!
    const table = wordStarts({
      parts: tokenizer.parts,
      vocabSize: pieces.length,
      idToToken: (id: number) => pieces[id],
      specialIds: new Set<number>(),
    } as unknown as Tokenizer)
    expect([...table]).toEqual(starts)
  })
})

test.each(RECIPES)('%s takes every way of masking, static too', (recipe) => {
  const tokenizer = tokenizers[recipe]!
  const ids = Int32Array.from(tokenizer.encode(lines.slice(0, 3).join(' ')).ids)
  const example = { ids, typeIds: new Uint8Array(ids.length), label: 1 as const, copy: 1 }
  for (const masking of MASKINGS) {
    for (const staticMasks of [undefined, 3]) {
      const chosen = { ...options, size: 'micro' as const, masking, ...(staticMasks && { staticMasks }) }
      const { objective } = makeRecipe(recipe, tokenizer, chosen)
      const positions = (seed: number) => objective.prepare([example], new Random(seed)).feeds.predictedRows!.data
      expect(positions(1).length / ids.length).toBeGreaterThan(0.1)
      expect(positions(1).length / ids.length).toBeLessThan(0.2)
      if (staticMasks) expect(positions(1)).toEqual(positions(2))
      else expect(positions(1)).not.toEqual(positions(2))
    }
  }
})

test('options of another recipe are refused', () => {
  const check = (recipe: RecipeName, more: Partial<RecipeOptions>) => () => checkRecipe(recipe, { ...options, ...more })
  expect(check('bert', { sharing: 'all' })).toThrow('the recipe bert has no --sharing')
  expect(check('roberta', { sentencePairs: 'nsp' })).toThrow('no --sentence-pairs')
  expect(check('albert', { docSentences: true })).toThrow('no --doc-sentences')
  expect(check('albert', { docSentences: true, sentencePairs: 'none' })).not.toThrow()
  for (const recipe of RECIPES) expect(check(recipe, {})).not.toThrow()
})

test('RoBERTa refuses a tokenizer that would give it token types that it has not', () => {
  const make = (recipe: RecipeName) => () => makeRecipe('roberta', tokenizers[recipe]!, { ...options, size: 'micro' })
  for (const recipe of ['bert', 'albert', 'electra', 'spanbert'] as const) {
    expect(make(recipe)).toThrow('gives second texts the token type 1, but the model has no other than 0')
  }
  expect(make('roberta')).not.toThrow()
})
