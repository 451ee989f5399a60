// The tokenizer room's door: usable alone, in Node and in browsers.
export type { AddedToken } from './addedTokens.js'
export { unitToByte } from './byteAlphabet.js'
export { Encoding } from './encoding.js'
export { TokenizerError, type TokenizerErrorCode } from './error.js'
export type { TokenizerFiles } from './files.js'
export {
  type EncodeOptions,
  type SpecialRole,
  type SpecialToken,
  type SpecialTokens,
  Tokenizer,
  type TokenizerParts,
} from './tokenizer.js'
export { type TrainByteLevelBpeOptions, trainByteLevelBpe } from './trainByteLevelBpe.js'
export type { TrainProgress } from './training.js'
export { type TrainUnigramOptions, trainUnigram } from './trainUnigram.js'
export { type TrainWordPieceOptions, trainWordPiece } from './trainWordPiece.js'
export type { TruncationOptions } from './truncation.js'
