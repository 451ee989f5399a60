// What can be pretrained: a recipe is an objective with the data, sizes and hyper-parameters that belong to it.

import { albertSharing, createConfig, type EncoderConfig } from '../checkpoint/index.js'
import {
  type Block,
  type Packing,
  packElectra,
  packFullSentences,
  packSentencePairs,
  packSingleSequences,
} from '../data/index.js'
import { BertkinError } from '../errors.js'
import {
  maskedLm,
  nextSentencePrediction,
  type Objective,
  replacedTokenDetection,
  sentenceOrderPrediction,
  spanBoundary,
} from '../objective/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import {
  type MaskingChoice,
  type MaskingName,
  makeMasking,
  maskingVocabulary,
  requireSpecialTokens,
} from './masking.js'
import type { OptimizationOptions } from './optimization.js'

/** Layers and widths. `base` is the papers' size; the smaller ones train on a laptop. */
interface Size {
  readonly hiddenSize: number
  readonly numHiddenLayers: number
  /** 64 in all the papers; narrow layers have smaller ones, so that some can look at neighbours and some elsewhere. */
  readonly headSize: number
  /** ELECTRA's; ALBERT's is 128 in all sizes, and the others' is the width of the layers. */
  readonly embeddingSize: number
  /** ELECTRA's generator, as in the paper a share of the discriminator's width, and its layers. */
  readonly generatorSize: number
  readonly generatorLayers: number
  /** AdamW's, at its peak: the narrower and the shallower, the higher. ELECTRA's papers have that of small and base. */
  readonly learningRate: number
}

const MICRO = { hiddenSize: 128, headSize: 32, embeddingSize: 128, generatorSize: 128, learningRate: 2e-3 }
/** The sizes by name. */
export const SIZES = {
  micro: { ...MICRO, numHiddenLayers: 1, generatorLayers: 1 },
  tiny: { ...MICRO, numHiddenLayers: 2, generatorLayers: 2 },
  mini: {
    ...{ hiddenSize: 192, numHiddenLayers: 4, embeddingSize: 128, generatorSize: 128, generatorLayers: 2 },
    ...{ headSize: 32, learningRate: 1e-3 },
  },
  small: {
    ...{ hiddenSize: 256, numHiddenLayers: 12, embeddingSize: 128, generatorSize: 64, generatorLayers: 12 },
    ...{ headSize: 64, learningRate: 5e-4 },
  },
  base: {
    ...{ hiddenSize: 768, numHiddenLayers: 12, embeddingSize: 768, generatorSize: 256, generatorLayers: 12 },
    ...{ headSize: 64, learningRate: 2e-4 },
  },
} as const satisfies Record<string, Size>

const ALBERT_EMBEDDING = 128

export type SizeName = keyof typeof SIZES
/** The recipes by name. */
export const RECIPES = ['electra', 'bert', 'roberta', 'albert', 'spanbert'] as const
export type RecipeName = (typeof RECIPES)[number]

/** Where a recipe's models are saved, below the run's folder. */
export const modelFolders: Readonly<Record<RecipeName, readonly string[]>> = {
  electra: ['generator', 'discriminator'],
  bert: [''],
  roberta: [''],
  albert: [''],
  spanbert: [''],
}

/** What ALBERT's layers have in common. */
export const SHARINGS = ['all', 'attention', 'ffn', 'none'] as const
/** What is learnt of pairs of segments: their order, whether one follows the other, or nothing: there are no pairs then. */
export const PAIR_TASKS = ['sop', 'nsp', 'none'] as const

/** What may be chosen of a recipe; plain data. */
export interface RecipeChoices {
  /** Default: what the recipe's paper has. */
  readonly masking?: MaskingName
  /** So many copies of the data, each masked once and for all; default: masks are drawn anew each time. */
  readonly staticMasks?: number
  /** ALBERT's; default `all`. */
  readonly sharing?: (typeof SHARINGS)[number]
  /** BERT's (default `nsp`) and ALBERT's (default `sop`). */
  readonly sentencePairs?: (typeof PAIR_TASKS)[number]
  /** The texts' lines are sentences; default: they are paragraphs, and cut where a recipe wants sentences. */
  readonly sentenceLines?: boolean
  /** RoBERTa's and `sentencePairs: 'none'`: blocks end where documents end. */
  readonly docSentences?: boolean
}

export interface RecipeOptions extends RecipeChoices {
  readonly size: SizeName
  /** Longest block in tokens: also the number of positions. */
  readonly maxLength: number
  readonly dropout: number
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** ELECTRA: factor of the discriminator's loss. */
  readonly discriminatorWeight: number
  /** Of static masks. */
  readonly seed: number
  /** How often each token occurs, for the random tokens of spans: see `countedTokens`. */
  readonly tokenCounts?: ArrayLike<number>
}

/** An objective, and how its text is packed. */
export interface Recipe {
  readonly objective: Objective<Block>
  readonly packing: Packing
  /** The packing wants a line for each sentence. */
  readonly wantsSentences: boolean
  readonly optimization: OptimizationOptions
}

/** The papers' optimizers; what is not there is the trainer's default, or {@link RATES}'. Plain data. */
export const OPTIMIZATION: Readonly<Record<RecipeName, OptimizationOptions>> = {
  electra: {},
  bert: {},
  // fairseq's Adam: every parameter decays, and RoBERTa's gradients are not clipped.
  roberta: { adamBetas: [0.9, 0.98], clip: 0, decayAll: true, epsilonBeforeCorrection: true },
  albert: { optimizer: 'lamb', biasCorrection: false },
  spanbert: { adamEpsilon: 1e-8, decayAll: true, epsilonBeforeCorrection: true },
}

/**
 * Where nothing is said. The papers' learning rates are for batches of hundreds and thousands of sequences: AdamW's are
 * here the sizes' (see {@link SIZES}), while LAMB's steps are in proportion to the weights, whatever the size (ALBERT's
 * paper has 1.76e-3). What decays is rate × decay × steps: the papers' 0.01 is for a hundred times as many steps as a
 * laptop makes. With ten times as much small models learn a little more, and their embeddings stay small enough to learn
 * other things in fine-tuning.
 */
export const RATES = {
  adamw: { weightDecay: 0.1 },
  lamb: { learningRate: 2e-3, weightDecay: 0.01 },
} as const

const DEFAULT_PAIRS: Partial<Record<RecipeName, 'sop' | 'nsp'>> = { bert: 'nsp', albert: 'sop' }
const DEFAULT_MASKING: Partial<Record<RecipeName, MaskingName>> = { albert: 'ngram', spanbert: 'span' }

/**
 * The way of masking that a recipe uses.
 *
 * @example
 * maskingOf('spanbert', {}) // 'span'
 */
export const maskingOf = (recipe: RecipeName, { masking }: Pick<RecipeOptions, 'masking'>): MaskingName =>
  masking ?? DEFAULT_MASKING[recipe] ?? 'token'

/**
 * What a recipe makes of its options, for reports and cards: what it has where nothing is said, and nothing that it has
 * not. Plain data.
 *
 * @example
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * recipeFacts('bert', options) // { masking: 'token', sentencePairs: 'nsp', … }
 */
export function recipeFacts(recipe: RecipeName, options: RecipeOptions): Readonly<Record<string, unknown>> {
  return {
    masking: maskingOf(recipe, options),
    sentencePairs: options.sentencePairs ?? DEFAULT_PAIRS[recipe],
    sharing: recipe === 'albert' ? (options.sharing ?? 'all') : undefined,
    discriminatorWeight: recipe === 'electra' ? options.discriminatorWeight : undefined,
  }
}

/**
 * Refuses what a recipe cannot do.
 *
 * @throws {BertkinError} `option-invalid` for an option that the recipe does not have
 *
 * @example
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * checkRecipe('bert', { ...options, sharing: 'all' }) // throws: that is ALBERT's
 */
export function checkRecipe(recipe: RecipeName, options: RecipeOptions): void {
  const { sharing, sentencePairs, docSentences, maxLength } = options
  const refuse = (what: string): never => {
    throw new BertkinError('option-invalid', `the recipe ${recipe} has no ${what}: leave it out`)
  }
  if (sharing !== undefined && recipe !== 'albert') refuse('--sharing')
  if (sentencePairs !== undefined && !DEFAULT_PAIRS[recipe]) refuse('--sentence-pairs')
  if (docSentences && recipe !== 'roberta' && sentencePairs !== 'none') refuse('--doc-sentences')
  if (maxLength < 8)
    throw new BertkinError('option-invalid', `sequences of ${maxLength} tokens are too short: 8 at least`)
}

/**
 * An objective with what belongs to it, for a tokenizer.
 *
 * @throws {BertkinError} `option-invalid` if the tokenizer lacks what pretraining needs, or for an option not there
 *
 * @example
 * const options = { size: 'tiny', maxLength: 64, dropout: 0, maskProbability: 0.15, discriminatorWeight: 50, seed: 0 } as const
 * const { objective, packing } = makeRecipe('electra', await loadTokenizer('models/electra'), options)
 */
export function makeRecipe(name: RecipeName, tokenizer: Tokenizer, options: RecipeOptions): Recipe {
  checkRecipe(name, options)
  if (name === 'electra') return electra(tokenizer, options)
  if (name === 'spanbert') return spanbert(tokenizer, options)
  const task = options.sentencePairs ?? DEFAULT_PAIRS[name] ?? 'none'
  const config = encoderConfig(name, tokenizer, options)
  const { cls, sep } = requireSpecialTokens(tokenizer)
  const { maxLength } = options
  // fairseq masks <s> and </s> like any token; nobody else does.
  const masking = masked(name, tokenizer, { ...options, predictSpecialTokens: name === 'roberta' })
  const optimization = OPTIMIZATION[name]
  if (task === 'none') {
    return {
      objective: maskedLm(config, masking),
      packing: packFullSentences({
        maxLength,
        bosId: cls,
        eosId: sep,
        withinDocuments: options.docSentences ?? false,
      }),
      wantsSentences: false,
      optimization,
    }
  }
  const isOrder = task === 'sop'
  return {
    objective: (isOrder ? sentenceOrderPrediction : nextSentencePrediction)(config, masking),
    packing: packSentencePairs({
      maxLength,
      clsId: cls,
      sepId: sep,
      task: isOrder ? 'sentence-order' : 'next-sentence',
    }),
    wantsSentences: true,
    optimization,
  }
}

function electra(tokenizer: Tokenizer, options: RecipeOptions): Recipe {
  const { maxLength, maskProbability, discriminatorWeight } = options
  const { generatorSize, generatorLayers } = SIZES[options.size]
  const discriminator = encoderConfig('electra', tokenizer, options)
  const generator = encoderConfig('electra', tokenizer, options, generatorSize, generatorLayers)
  const { cls, sep } = requireSpecialTokens(tokenizer)
  // What the generator has to guess, it does not see.
  const hidden = { ...options, maskedShare: 1, randomShare: 0 }
  const isOwn = maskingOf('electra', options) === 'token' && options.staticMasks === undefined
  return {
    objective: replacedTokenDetection({ generator, discriminator }, maskingVocabulary(tokenizer), {
      maskProbability,
      discriminatorWeight,
      ...(!isOwn && { masking: masked('electra', tokenizer, hidden) }),
    }),
    packing: packElectra({ maxLength, clsId: cls, sepId: sep }),
    wantsSentences: false,
    optimization: OPTIMIZATION.electra,
  }
}

function spanbert(tokenizer: Tokenizer, options: RecipeOptions): Recipe {
  const config = encoderConfig('spanbert', tokenizer, options)
  const { cls, sep } = requireSpecialTokens(tokenizer)
  return {
    objective: spanBoundary(config, maskingVocabulary(tokenizer), masked('spanbert', tokenizer, options)),
    packing: packSingleSequences({ maxLength: options.maxLength, clsId: cls, sepId: sep }),
    wantsSentences: true,
    optimization: OPTIMIZATION.spanbert,
  }
}

/** Pretraining reads no pair of texts, but what is made of the model would, and could not in Python. */
function checkTokenTypes({ parts }: Tokenizer, { typeVocabSize }: Pick<EncoderConfig, 'typeVocabSize'>): void {
  const highest = Math.max(...parts.template.pair.map(({ typeId }) => typeId))
  if (highest < typeVocabSize) return
  const message = `the tokenizer gives second texts the token type ${highest}, but RoBERTa has no other than 0`
  const help = 'leave out --tokenizer, or train one with "bertkin train-tokenizer --type byte-level-bpe"'
  throw new BertkinError('option-invalid', `${message}: ${help}`)
}

const masked = (recipe: RecipeName, tokenizer: Tokenizer, options: Omit<MaskingChoice, 'masking'> & RecipeChoices) =>
  makeMasking(tokenizer, { ...options, masking: maskingOf(recipe, options) })

/**
 * An inner layer four times as wide, as in all the papers. Their initial weights' deviation of 0.02 is for 768 wide
 * layers; narrower ones get more, so that what a layer computes varies as much at the start. With 0.02 a small model takes
 * far longer to see any context at all.
 */
function encoderConfig(
  recipe: RecipeName,
  tokenizer: Tokenizer,
  { size, maxLength, dropout, sharing = 'all' }: RecipeOptions,
  hiddenSize: number = SIZES[size].hiddenSize,
  numHiddenLayers: number = SIZES[size].numHiddenLayers,
): EncoderConfig {
  const { cls, sep } = requireSpecialTokens(tokenizer)
  const pad = tokenizer.specialTokens.pad?.id
  const shape = {
    hiddenSize,
    numHiddenLayers,
    numAttentionHeads: hiddenSize / SIZES[size].headSize,
    intermediateSize: 4 * hiddenSize,
    initializerRange: 0.02 * Math.sqrt(768 / hiddenSize),
    vocabSize: tokenizer.vocabSize,
    maxPositionEmbeddings: maxLength,
    hiddenDropoutProb: dropout,
    attentionProbsDropoutProb: dropout,
    padTokenId: pad,
  }
  const ends = { extra: { bos_token_id: cls, eos_token_id: sep } }
  switch (recipe) {
    case 'electra':
      return createConfig({ modelType: 'electra', embeddingSize: SIZES[size].embeddingSize, ...shape })
    case 'albert': {
      const shared = albertSharing(sharing, numHiddenLayers)
      return createConfig({ modelType: 'albert', embeddingSize: ALBERT_EMBEDDING, ...shape, ...shared, ...ends })
    }
    case 'roberta': {
      if (pad === undefined) {
        throw new BertkinError('option-invalid', 'RoBERTa needs a tokenizer with a padding token; this one has none')
      }
      const maxPositionEmbeddings = maxLength + pad + 1 // its positions begin behind the padding token's id
      const own = { typeVocabSize: 1, layerNormEps: 1e-5, maxPositionEmbeddings }
      checkTokenTypes(tokenizer, own)
      return createConfig({ modelType: 'roberta', ...shape, ...own, ...ends })
    }
    case 'bert':
    case 'spanbert':
      return createConfig({ modelType: 'bert', ...shape })
  }
}
