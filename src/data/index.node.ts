// The data room with its files: everything of index.ts, and corpora read from disk.

export * from './index.js'
export { listTextFiles, type TextFile } from './listTextFiles.node.js'
export { type TextCorpusOptions, textCorpus } from './textCorpus.node.js'
