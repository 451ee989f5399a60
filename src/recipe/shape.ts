// How large a recipe's models are: named sizes, of which each measure can be another, and the configurations that they make.

import { albertSharing, createConfig, type EncoderConfig, parseConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { givenConfig } from './givenModels.js'
import { requireSpecialTokens } from './masking.js'
import type { RecipeName, RecipeOptions } from './recipes.js'

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

export type SizeName = keyof typeof SIZES

/** ALBERT's in all sizes, as in its paper. */
const ALBERT_EMBEDDING = 128

/** Where a size is to be another. Plain data. */
export interface Measures {
  /** Default: the size's. Of an ELECTRA these three are the discriminator's. */
  readonly layers?: number
  /** A multiple of the heads' width, which is the size's. Default: the size's. */
  readonly hiddenSize?: number
  /** ALBERT's (default 128) and ELECTRA's (default: the size's). */
  readonly embeddingSize?: number
}

/** A size, and where it is to be another. */
interface Shape extends Measures {
  readonly size: SizeName
}

type EncoderOptions = Shape & Pick<RecipeOptions, 'maxLength' | 'dropout' | 'sharing' | 'configs'>

/** Whether a recipe's tables can have another width than its layers. */
export const hasOwnEmbedding = (recipe: RecipeName): boolean => recipe === 'electra' || recipe === 'albert'

/** What a shape comes to, for reports and cards. */
export function shapeFacts(
  recipe: RecipeName,
  { configs, ...shape }: Shape & Pick<RecipeOptions, 'configs'>,
): Measures {
  const { embeddingSize, ...layers } = configs ? givenShape(configs.at(-1)!) : shapeOf(recipe, shape)
  return hasOwnEmbedding(recipe) ? { ...layers, embeddingSize } : layers
}

function givenShape(text: string): Required<Measures> {
  const { numHiddenLayers: layers, hiddenSize, embeddingSize } = parseConfig(text)
  return { layers, hiddenSize, embeddingSize }
}

function shapeOf(recipe: RecipeName, { size, ...shape }: Shape): Required<Measures> {
  const { numHiddenLayers, hiddenSize: width, embeddingSize: usual } = SIZES[size]
  const { layers = numHiddenLayers, hiddenSize = width } = shape
  const own = recipe === 'electra' ? usual : recipe === 'albert' ? ALBERT_EMBEDDING : hiddenSize
  return { layers, hiddenSize, embeddingSize: shape.embeddingSize ?? own }
}

/** An ELECTRA's generator: the size's, whatever the discriminator is; both have the same embeddings. */
const generatorShape = <Options extends Shape>(options: Options): Options => ({
  ...options,
  layers: SIZES[options.size].generatorLayers,
  hiddenSize: SIZES[options.size].generatorSize,
})

/** @throws {BertkinError} `option-invalid` */
export function checkShape({ size, layers, hiddenSize, embeddingSize }: Shape): void {
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  for (const [name, value = 1] of Object.entries({ layers, hiddenSize, embeddingSize })) {
    if (!(Number.isInteger(value) && value >= 1)) refuse(`${name} must be a whole number of at least 1, not ${value}`)
  }
  const { headSize } = SIZES[size]
  if (hiddenSize === undefined || hiddenSize % headSize === 0) return
  refuse(`a hidden size of ${hiddenSize} cannot be divided into heads of ${headSize}: take a multiple of that`)
}

/** @throws {BertkinError} `option-invalid` for a measure beside checkpoints, which have their own */
export function checkNothingOfShape({
  layers,
  hiddenSize,
  embeddingSize,
  sharing,
}: Omit<EncoderOptions, 'size'>): void {
  const given = Object.entries({ layers, hiddenSize, embeddingSize, sharing }).find(([, value]) => value !== undefined)
  if (!given) return
  throw new BertkinError('option-invalid', `a model that is trained further has its own ${given[0]}: leave it out`)
}

/**
 * The size whose layers are as wide as a model's, or the next narrower one.
 *
 * @example
 * sizeLike({ hiddenSize: 256 }) // 'small'
 */
export function sizeLike({ hiddenSize }: Pick<EncoderConfig, 'hiddenSize'>): SizeName {
  const names = Object.keys(SIZES) as SizeName[]
  return names.findLast((name) => SIZES[name].hiddenSize <= hiddenSize) ?? 'micro'
}

/** The configurations of a recipe's models, in the order of `modelFolders`. */
export function configsOf(
  recipe: RecipeName,
  tokenizer: Tokenizer,
  options: EncoderOptions,
): [EncoderConfig, ...EncoderConfig[]] {
  const { configs } = options
  if (configs) {
    const [first, ...others] = configs.map((text) => givenConfig(recipe, text, tokenizer, options))
    if (!first)
      throw new BertkinError('option-invalid', 'configs has no configuration in it: leave it out for a new model')
    for (const config of [first, ...others]) checkPairTypes(tokenizer, config)
    return [first, ...others]
  }
  const config = encoderConfig(recipe, tokenizer, options)
  return recipe === 'electra' ? [encoderConfig(recipe, tokenizer, generatorShape(options)), config] : [config]
}

/** Pretraining reads no pair of texts, but what is made of the model would, and could not in Python. */
function checkPairTypes({ parts }: Tokenizer, { typeVocabSize }: Pick<EncoderConfig, 'typeVocabSize'>): void {
  const highest = Math.max(...parts.template.pair.map(({ typeId }) => typeId))
  if (highest < typeVocabSize) return
  const message = `the tokenizer gives second texts the token type ${highest}, but the model has no other than ${typeVocabSize - 1}`
  const help = 'leave out --tokenizer, or train one with "bertkin train-tokenizer --type byte-level-bpe"'
  throw new BertkinError('option-invalid', `${message}: ${help}`)
}

/**
 * An inner layer four times as wide, as in all the papers. Their initial weights' deviation of 0.02 is for 768 wide
 * layers; narrower ones get more, so that what a layer computes varies as much at the start. With 0.02 a small model takes
 * far longer to see any context at all.
 */
function encoderConfig(recipe: RecipeName, tokenizer: Tokenizer, options: EncoderOptions): EncoderConfig {
  const { size, maxLength, dropout, sharing = 'all' } = options
  const { layers: numHiddenLayers, hiddenSize, embeddingSize } = shapeOf(recipe, options)
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
      return createConfig({ modelType: 'electra', embeddingSize, ...shape })
    case 'albert': {
      const shared = albertSharing(sharing, numHiddenLayers)
      return createConfig({ modelType: 'albert', embeddingSize, ...shape, ...shared, ...ends })
    }
    case 'roberta': {
      if (pad === undefined) {
        throw new BertkinError('option-invalid', 'RoBERTa needs a tokenizer with a padding token; this one has none')
      }
      const maxPositionEmbeddings = maxLength + pad + 1 // its positions begin behind the padding token's id
      const own = { typeVocabSize: 1, layerNormEps: 1e-5, maxPositionEmbeddings }
      checkPairTypes(tokenizer, own)
      return createConfig({ modelType: 'roberta', ...shape, ...own, ...ends })
    }
    case 'bert':
    case 'spanbert':
      return createConfig({ modelType: 'bert', ...shape })
  }
}
