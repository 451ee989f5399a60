// The data room with its files: everything of index.ts, and corpora and data sets read from disk.

export * from './index.js'
export { dataFile } from './labelled/dataFile.node.js'
export { labelFolderRows } from './labelled/labelFolders.node.js'
export { type ParquetOptions, parquetRows } from './labelled/parquetRows.node.js'
export { readDataset } from './labelled/readDataset.node.js'
export { listTextFiles, type TextFile } from './listTextFiles.node.js'
export { type TextCorpusOptions, textCorpus } from './textCorpus.node.js'
