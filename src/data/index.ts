// The data room: from text to batches of token blocks, resumable. Files are in index.node.ts, for Node only.

export { type BatchOptions, type BlockBatch, batches } from './batch.js'
export { type BlockStream, type BlocksOptions, type BlocksPosition, blocks, type PackedPosition } from './blocks.js'
export type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'
export { type HeldOutOptions, splitHeldOut } from './heldOut.js'
export { type CorpusReport, inspectCorpus } from './inspectCorpus.js'
export { documentsOfText, memoryCorpus } from './memoryCorpus.js'
export { type PackElectraOptions, packElectra } from './packElectra.js'
export { type PackFullSentencesOptions, packFullSentences } from './packFullSentences.js'
export type { Block, Packer, PackerState, Packing } from './packing.js'
export { type ShuffleOptions, type ShufflePosition, shuffled } from './shuffle.js'
export type { Group, Source } from './source.js'
export { type EncodeIds, type TokenDocument, type TokenIds, tokenStream } from './tokenStream.js'
