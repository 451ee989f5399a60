// Tiny checkpoints with random weights, written to a temporary folder: real files for tests that need no downloads.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createConfig,
  type EncoderConfig,
  type ModelType,
  safetensorsChunks,
  toHuggingFaceConfig,
  writeFolderAtomically,
} from '../../checkpoint/index.js'
import { className, defineModel, type Head, initialValues } from '../../model/index.js'
import { Tokenizer } from '../../tokenizer/index.js'

export const VOCABULARY = [
  ...['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'cat', 'dog', 'sat', 'on', 'mat', 'a', 'big', '.', ','],
  ...['walk', '##ed', '##ing', 'is', 'paris', 'of', 'france', 'capital', '!', '##s'],
] as const

/** A lower-casing tokenizer of 25 tokens. */
export const tinyTokenizer = (tokens: readonly string[] = VOCABULARY): Tokenizer =>
  Tokenizer.fromFiles({ 'vocab.txt': tokens.join('\n'), 'tokenizer_config.json': '{"model_max_length": 16}' })

export interface TinyOptions {
  readonly modelType?: ModelType
  readonly head?: Head
  readonly vocabSize?: number
  /** Changes of the configuration. */
  readonly config?: Partial<EncoderConfig>
  /** Called with each parameter's values before they are written. */
  readonly edit?: (path: string, values: Float32Array) => void
  /** Parameters that are not written. */
  readonly without?: RegExp
  /** Files of the folder beside weights and config.json. Default: the tiny tokenizer's. */
  readonly files?: Readonly<Record<string, string>>
}

const folders: string[] = []

/** A new folder of its own for a test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bertkin-pipeline-'))
  folders.push(folder)
  return folder
}

/** For the end of a test file. */
export async function removeTemporaryFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
}

/** Writes a model of 2 layers, 8 wide, that takes 16 tokens; its weights are large, so that answers differ. */
export async function writeTinyCheckpoint(folder: string, options: TinyOptions = {}): Promise<string> {
  const { modelType = 'bert', head = 'masked-lm', vocabSize = VOCABULARY.length, without, edit } = options
  const config = createConfig({
    modelType,
    vocabSize,
    hiddenSize: 8,
    ...((modelType === 'electra' || modelType === 'albert') && { embeddingSize: 4 }),
    numAttentionHeads: 2,
    numHiddenLayers: 2,
    intermediateSize: 16,
    maxPositionEmbeddings: modelType === 'roberta' ? 17 : 16,
    initializerRange: 0.7,
    padTokenId: 0,
    ...options.config,
  })
  const tensors = defineModel(config, head)
    .scope.declarations()
    .filter(({ path }) => !without?.test(path))
    .map((declaration) => {
      const data = initialValues(declaration, 7)
      edit?.(declaration.path, data)
      return { name: declaration.path, dtype: 'F32' as const, shape: declaration.shape, data }
    })
  await writeFolderAtomically(folder, {
    ...(options.files ?? tinyTokenizer().toFiles()),
    'config.json': toHuggingFaceConfig({ ...config, architectures: [className(config, head)] }),
    'model.safetensors': safetensorsChunks(tensors),
  })
  return folder
}
