// How many parameters ALBERT has, and BERT of the same depth and width: counted by building the models, part by part.

import { albertSharing, createConfig, type EncoderConfig } from 'bertkin/checkpoint'
import { defineModel, parameterSize } from 'bertkin/model'

export const SHARINGS = ['all', 'attention', 'ffn', 'none'] as const
export type Sharing = (typeof SHARINGS)[number]

export interface Shape {
  readonly layers: number
  readonly width: number
  /** ALBERT's, of the table of words. */
  readonly embedding: number
  readonly sharing: Sharing
}

export const PARTS = ['words', 'attention', 'feed-forward', 'rest'] as const
export type Part = (typeof PARTS)[number]
export type Sizes = Readonly<Record<Part, number>>

/** The papers' vocabulary. */
export const VOCABULARY = 30_000

const HEAD_SIZE = 64

export const albertConfig = ({ layers, width, embedding, sharing }: Shape): EncoderConfig =>
  createConfig({ modelType: 'albert', embeddingSize: embedding, ...common(width), ...albertSharing(sharing, layers) })

export const bertConfig = ({ layers, width }: Shape): EncoderConfig =>
  createConfig({ modelType: 'bert', numHiddenLayers: layers, ...common(width) })

const common = (width: number) => ({
  vocabSize: VOCABULARY,
  hiddenSize: width,
  numAttentionHeads: width / HEAD_SIZE,
  intermediateSize: 4 * width,
})

/** The numbers in each part of a bare model; shared ones once. */
export function sizesOf(config: EncoderConfig): Sizes {
  const sizes: Record<Part, number> = { words: 0, attention: 0, 'feed-forward': 0, rest: 0 }
  for (const declaration of defineModel(config, 'base').scope.declarations()) {
    sizes[partOf(declaration.path)] += parameterSize(declaration)
  }
  return sizes
}

export const total = (sizes: Sizes): number => PARTS.reduce((sum, part) => sum + sizes[part], 0)

/** By the names that parameters have in checkpoints. */
function partOf(path: string): Part {
  if (/embeddings|embedding_hidden_mapping_in/.test(path)) return 'words'
  if (/attention/.test(path)) return 'attention'
  if (/ffn|full_layer_layer_norm|intermediate|output/.test(path)) return 'feed-forward'
  return 'rest'
}

/** `11.7 M` */
export function millions(count: number): string {
  const value = count / 1e6
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} M`
}
