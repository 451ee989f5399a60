// A batch as a certain model wants it.

import type { EncoderConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { kins } from './definition.js'
import { type BatchOptions, batchTokens, type Sequence, type TokenBatch } from './tokens.js'

/** How a batch is laid out; the positions are the model's affair. */
export type LayoutOptions = Omit<BatchOptions, 'paddingIdx'>

/**
 * Lays sequences out as rows for a model: {@link batchTokens} with the positions of its kin.
 *
 * @throws {BertkinError} `option-invalid` for an empty batch or a sequence without any real token
 *
 * @example
 * const { feeds } = batchFor(createConfig({ modelType: 'roberta' }), [{ ids: [0, 31414, 2] }])
 * feeds.positionIds?.data // 2, 3, 4
 */
export const batchFor = (
  config: EncoderConfig,
  sequences: readonly Sequence[],
  options: LayoutOptions = {},
): TokenBatch => batchTokens(sequences, { ...options, paddingIdx: paddingIdx(config) })

/**
 * The most tokens that a model takes, special tokens included.
 *
 * @example
 * maxSequenceLength(createConfig({ modelType: 'roberta', maxPositionEmbeddings: 514 })) // 512
 */
export const maxSequenceLength = (config: EncoderConfig): number =>
  config.maxPositionEmbeddings - ((paddingIdx(config) ?? -1) + 1)

/**
 * Refuses a tokenizer with tokens that the model has no rows for.
 *
 * @throws {BertkinError} `token-out-of-range`
 *
 * @example
 * checkTokenizer({ vocabSize: 8000 }, createConfig({ modelType: 'bert', vocabSize: 8000 }))
 */
export function checkTokenizer(
  tokenizer: { readonly vocabSize: number },
  { vocabSize }: Pick<EncoderConfig, 'vocabSize'>,
): void {
  if (tokenizer.vocabSize <= vocabSize) return
  const message = `the tokenizer has ${tokenizer.vocabSize} tokens, but the model knows ${vocabSize}`
  throw new BertkinError('token-out-of-range', `${message}: they do not belong together`)
}

/** RoBERTa's padding token, behind whose id positions begin; undefined where they begin at 0. */
export function paddingIdx({ modelType, padTokenId }: EncoderConfig): number | undefined {
  if (!kins[modelType].positionsFollowPadding) return undefined
  if (padTokenId !== undefined) return padTokenId
  throw new BertkinError('config-unsupported', `${modelType} counts positions from its padding token: set pad_token_id`)
}
