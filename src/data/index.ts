// The data room: from text to batches of token blocks, resumable; and labelled data for fine-tuning. Files are in index.node.ts, for Node only.

export { type BatchOptions, type BlockBatch, batches } from './batch.js'
export { type BlockStream, type BlocksOptions, type BlocksPosition, blocks, type PackedPosition } from './blocks.js'
export { parseBlocksPosition } from './blocksPosition.js'
export type { Corpus, CorpusDocument, CorpusPosition, PartPosition } from './corpus.js'
export { countTokens } from './countTokens.js'
export { type HeldOutOptions, splitHeldOut } from './heldOut.js'
export { type CorpusReport, inspectCorpus } from './inspectCorpus.js'
export { interleaved } from './interleaved.js'
export { type ChoiceExampleOptions, choiceExamples } from './labelled/choiceExamples.js'
export { type ConllOptions, conllRows } from './labelled/conllRows.js'
export { type CsvOptions, csvRows } from './labelled/csvRows.js'
export { type DataFile, type Line, memoryFile } from './labelled/dataFile.js'
export {
  type DatasetFormat,
  type DatasetTasks,
  type FormatOptions,
  formatOf,
  type NamedText,
  readDatasetTexts,
} from './labelled/datasetFormats.js'
export type {
  ChoiceExample,
  Dataset,
  ExampleOptions,
  QuestionExample,
  TextExample,
  TokenExample,
} from './labelled/example.js'
export { jsonLineRows, jsonRows } from './labelled/jsonRows.js'
export { assertLabelsKnown, collectLabels, type Labelled } from './labelled/labels.js'
export { DatasetError, describePlace, type Place } from './labelled/place.js'
export { type QuestionExampleOptions, questionExamples } from './labelled/questionExamples.js'
export type { Row } from './labelled/row.js'
export { squadRows } from './labelled/squadRows.js'
export { taskTexts } from './labelled/taskTexts.js'
export { type TextExampleOptions, textExamples } from './labelled/textExamples.js'
export { type TokenExampleOptions, tokenExamples } from './labelled/tokenExamples.js'
export { documentsOfText, memoryCorpus } from './memoryCorpus.js'
export { mix } from './mix.js'
export { type PackElectraOptions, packElectra } from './packElectra.js'
export { type PackFullSentencesOptions, packFullSentences } from './packFullSentences.js'
export type { Block, Packer, PackerState, Packing, TokenLines } from './packing.js'
export { type PackSentencePairsOptions, packSentencePairs } from './packSentencePairs.js'
export { type PackSingleSequencesOptions, packSingleSequences } from './packSingleSequences.js'
export { type ShuffleOptions, type ShufflePosition, shuffled } from './shuffle.js'
export type { Group, Source } from './source.js'
export { sentencesOf, splitSentences } from './splitSentences.js'
export { type EncodeIds, type TokenDocument, type TokenIds, tokenStream } from './tokenStream.js'
