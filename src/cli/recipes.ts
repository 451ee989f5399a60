// What `pretrain` can train: a recipe is an objective with the sizes and hyper-parameters that belong to it.

import { createConfig, type EncoderConfig } from '../checkpoint/index.js'
import { type Packing, packElectra, packFullSentences } from '../data/index.js'
import { BertkinError } from '../errors.js'
import type { Sequence } from '../model/index.js'
import { type MaskingVocabulary, maskedLm, type Objective, replacedTokenDetection } from '../objective/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { OptimizationOptions } from './optimization.js'

/** Layers and widths. `base` is the papers' size; the smaller ones train on a laptop. */
interface Size {
  readonly hiddenSize: number
  readonly numHiddenLayers: number
  readonly embeddingSize: number
  /** ELECTRA's generator, as in the paper a share of the discriminator's width, and its layers. */
  readonly generatorSize: number
  readonly generatorLayers: number
}

export const SIZES = {
  micro: { hiddenSize: 128, numHiddenLayers: 1, embeddingSize: 128, generatorSize: 128, generatorLayers: 1 },
  tiny: { hiddenSize: 128, numHiddenLayers: 2, embeddingSize: 128, generatorSize: 128, generatorLayers: 2 },
  mini: { hiddenSize: 192, numHiddenLayers: 4, embeddingSize: 128, generatorSize: 128, generatorLayers: 2 },
  small: { hiddenSize: 256, numHiddenLayers: 12, embeddingSize: 128, generatorSize: 64, generatorLayers: 12 },
  base: { hiddenSize: 768, numHiddenLayers: 12, embeddingSize: 768, generatorSize: 256, generatorLayers: 12 },
} as const satisfies Record<string, Size>

export type SizeName = keyof typeof SIZES
export const RECIPES = ['electra', 'bert'] as const
export type RecipeName = (typeof RECIPES)[number]

/** Where a recipe's models are saved, below the run's folder. */
export const modelFolders: Readonly<Record<RecipeName, readonly string[]>> = {
  electra: ['generator', 'discriminator'],
  bert: [''],
}

export interface RecipeOptions {
  readonly size: SizeName
  /** Longest block in tokens: also the number of positions. */
  readonly maxLength: number
  readonly dropout: number
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** ELECTRA: factor of the discriminator's loss. */
  readonly discriminatorWeight: number
}

/** An objective, and how its text is packed. */
export interface Recipe {
  readonly objective: Objective<Sequence>
  readonly packing: Packing
  /** How it is optimized where the command line does not say otherwise. */
  readonly optimization?: OptimizationOptions
}

/** @throws {BertkinError} `option-invalid` if the tokenizer lacks a special token that pretraining needs */
export function makeRecipe(name: RecipeName, tokenizer: Tokenizer, options: RecipeOptions): Recipe {
  const { hiddenSize, numHiddenLayers, embeddingSize, generatorSize, generatorLayers } = SIZES[options.size]
  const { cls, sep } = requireSpecialTokens(tokenizer)
  const vocabulary = maskingVocabulary(tokenizer)
  const { maxLength, maskProbability, discriminatorWeight } = options
  switch (name) {
    case 'electra': {
      const fields = { modelType: 'electra', embeddingSize } as const
      const discriminator = encoderConfig(fields, hiddenSize, numHiddenLayers, tokenizer, options)
      const generator = encoderConfig(fields, generatorSize, generatorLayers, tokenizer, options)
      return {
        objective: replacedTokenDetection({ generator, discriminator }, vocabulary, {
          maskProbability,
          discriminatorWeight,
        }),
        packing: packElectra({ maxLength, clsId: cls, sepId: sep }),
      }
    }
    case 'bert': {
      const config = encoderConfig({ modelType: 'bert' }, hiddenSize, numHiddenLayers, tokenizer, options)
      return {
        objective: maskedLm(config, vocabulary, { maskProbability }),
        packing: packFullSentences({ maxLength, bosId: cls, eosId: sep }),
      }
    }
  }
}

/**
 * Head size 64 and an inner layer four times as wide, as in all the papers. Their initial weights' deviation of 0.02 is
 * for 768 wide layers; narrower ones get more, so that what a layer computes varies as much at the start. With 0.02 a
 * small model takes far longer to see any context at all.
 */
function encoderConfig(
  fields: Parameters<typeof createConfig>[0],
  hiddenSize: number,
  numHiddenLayers: number,
  tokenizer: Tokenizer,
  { maxLength, dropout }: RecipeOptions,
): EncoderConfig {
  const padTokenId = tokenizer.specialTokens.pad?.id
  return createConfig({
    ...fields,
    hiddenSize,
    numHiddenLayers,
    numAttentionHeads: Math.max(1, hiddenSize / 64),
    intermediateSize: 4 * hiddenSize,
    initializerRange: 0.02 * Math.sqrt(768 / hiddenSize),
    vocabSize: tokenizer.vocabSize,
    maxPositionEmbeddings: maxLength,
    hiddenDropoutProb: dropout,
    attentionProbsDropoutProb: dropout,
    padTokenId,
  })
}

function requireSpecialTokens({ specialTokens }: Tokenizer): { cls: number; sep: number; mask: number } {
  const { cls, sep, mask } = specialTokens
  if (cls && sep && mask) return { cls: cls.id, sep: sep.id, mask: mask.id }
  const lacking = Object.entries({ '[CLS]': cls, '[SEP]': sep, '[MASK]': mask }).flatMap(([name, t]) => (t ? [] : name))
  const message = `pretraining needs a tokenizer with [CLS], [SEP] and [MASK]; this one lacks ${lacking.join(' and ')}`
  throw new BertkinError('option-invalid', message)
}

export const maskingVocabulary = (tokenizer: Tokenizer): MaskingVocabulary => ({
  vocabSize: tokenizer.vocabSize,
  maskTokenId: requireSpecialTokens(tokenizer).mask,
  specialTokenIds: tokenizer.specialIds,
})
