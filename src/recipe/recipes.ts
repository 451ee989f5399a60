// What can be pretrained: a recipe is an objective with the data, sizes and hyper-parameters that belong to it.

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
import {
  checkNothingOfShape,
  checkShape,
  configsOf,
  hasOwnEmbedding,
  type Measures,
  type SizeName,
  shapeFacts,
} from './shape.js'

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
export interface RecipeChoices extends Measures {
  /** config.json of each model in {@link modelFolders}, of checkpoints that are trained further. Default: new models. */
  readonly configs?: readonly string[]
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
  /** ELECTRA's: the discriminator learns from the tokens that the generator predicted only. */
  readonly predictedTokensOnly?: boolean
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
    sharing: recipe === 'albert' && !options.configs ? (options.sharing ?? 'all') : undefined,
    discriminatorWeight: recipe === 'electra' ? options.discriminatorWeight : undefined,
    ...shapeFacts(recipe, options),
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
  const { sharing, sentencePairs, docSentences, predictedTokensOnly, maxLength, configs } = options
  const refuse = (what: string): never => {
    throw new BertkinError('option-invalid', `the recipe ${recipe} has no ${what}: leave it out`)
  }
  if (sharing !== undefined && recipe !== 'albert') refuse('--sharing')
  if (sentencePairs !== undefined && !DEFAULT_PAIRS[recipe]) refuse('--sentence-pairs')
  if (docSentences && recipe !== 'roberta' && sentencePairs !== 'none') refuse('--doc-sentences')
  if (predictedTokensOnly && recipe !== 'electra') refuse('--predicted-tokens-only')
  if (options.embeddingSize !== undefined && !hasOwnEmbedding(recipe)) refuse('--embedding-size')
  if (configs) checkNothingOfShape(options)
  checkShape(options)
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
  const [config] = configsOf(name, tokenizer, options)
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
  const [generator, discriminator] = configsOf('electra', tokenizer, options)
  if (!discriminator) throw new BertkinError('option-invalid', 'ELECTRA is two models: give both configurations')
  const { cls, sep } = requireSpecialTokens(tokenizer)
  // What the generator has to guess, it does not see.
  const hidden = { ...options, maskedShare: 1, randomShare: 0 }
  const isOwn = maskingOf('electra', options) === 'token' && options.staticMasks === undefined
  return {
    objective: replacedTokenDetection({ generator, discriminator }, maskingVocabulary(tokenizer), {
      maskProbability,
      discriminatorWeight,
      ...(options.predictedTokensOnly && { predictedTokensOnly: true }),
      ...(!isOwn && { masking: masked('electra', tokenizer, hidden) }),
    }),
    packing: packElectra({ maxLength, clsId: cls, sepId: sep }),
    wantsSentences: false,
    optimization: OPTIMIZATION.electra,
  }
}

function spanbert(tokenizer: Tokenizer, options: RecipeOptions): Recipe {
  const [config] = configsOf('spanbert', tokenizer, options)
  const { cls, sep } = requireSpecialTokens(tokenizer)
  return {
    objective: spanBoundary(config, maskingVocabulary(tokenizer), masked('spanbert', tokenizer, options)),
    packing: packSingleSequences({ maxLength: options.maxLength, clsId: cls, sepId: sep }),
    wantsSentences: true,
    optimization: OPTIMIZATION.spanbert,
  }
}

const masked = (recipe: RecipeName, tokenizer: Tokenizer, options: Omit<MaskingChoice, 'masking'> & RecipeChoices) =>
  makeMasking(tokenizer, { ...options, masking: maskingOf(recipe, options) })
