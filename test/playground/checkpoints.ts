// Tiny checkpoints under the names that the playground asks for: random weights, and tokenizers trained on the spot, one of
// each kind.

import { join } from 'node:path'
import list from '../../playground/models.json' with { type: 'json' }
import type { EncoderConfig, ModelType } from '../../src/checkpoint/index.js'
import type { Head } from '../../src/model/index.js'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { type Tokenizer, trainByteLevelBpe, trainUnigram, trainWordPiece } from '../../src/tokenizer/index.js'

const TEXT = [
  'The ferry was late, so we waited at the harbour and watched the rain come over the water.',
  'In the evening the fishermen came back to the small harbour and sold what they had caught.',
  'The old captain wrote a long letter to his daughter, and the next morning he sailed for the islands.',
  'The lighthouse on the cape was built by an engineer, and its lamp can be seen from a great distance.',
  'She had lived in the village all her life; last winter she sold the house and opened a small bakery.',
  'The dog that chased the cat was tired, so it slept. Who built the house? Where is the key?',
  'Café Zoë is good, unbelievably good 😋 in 1997!',
]

const SIZE = { hiddenSize: 32, numAttentionHeads: 4, intermediateSize: 64, initializerRange: 0.25 }

interface Making {
  readonly modelType: ModelType
  readonly head: Head
  readonly tokenizer: Tokenizer
  readonly config?: Partial<EncoderConfig>
}

/** Writes them below `folder`; gives the folder of each by its name in models.json. */
export async function writeCheckpoints(folder: string): Promise<ReadonlyMap<string, string>> {
  const wordPiece = await trainWordPiece(TEXT, { vocabSize: 300 })
  const unigram = await trainUnigram(TEXT, { vocabSize: 200 })
  const bytePair = await trainByteLevelBpe(TEXT, { vocabSize: 400 })
  const makings: Readonly<Record<string, Making>> = {
    roberta: { modelType: 'roberta', head: 'masked-lm', tokenizer: bytePair, config: { maxPositionEmbeddings: 130 } },
    albert: { modelType: 'albert', head: 'pretraining', tokenizer: unigram, config: { embeddingSize: 16 } },
    electra: { modelType: 'electra', head: 'pretraining', tokenizer: wordPiece, config: { embeddingSize: 16 } },
    'electra-generator': {
      ...{ modelType: 'electra', head: 'masked-lm', tokenizer: wordPiece, config: { embeddingSize: 16 } },
    },
    spanbert: { modelType: 'bert', head: 'span-boundary', tokenizer: wordPiece },
    'spanbert-questions': { modelType: 'bert', head: 'question-answering', tokenizer: wordPiece },
  }
  const folders = new Map<string, string>()
  for (const { name, folder: own } of list) {
    const making = makings[name]
    if (!making) throw new Error(`models.json names ${name}, which these tests do not make yet`)
    const path = join(folder, own)
    await write(path, making)
    folders.set(name, path)
  }
  return folders
}

async function write(path: string, { modelType, head, tokenizer, config }: Making): Promise<void> {
  const padTokenId = tokenizer.specialTokens.pad!.id
  await writeTinyCheckpoint(path, {
    ...{ modelType, head, vocabSize: tokenizer.vocabSize, files: tokenizer.toFiles() },
    config: { ...SIZE, maxPositionEmbeddings: 128, padTokenId, ...config },
  })
}

/** A model of some 100 MB in 32 bits. */
export async function writeLargeCheckpoint(path: string): Promise<void> {
  const tokenizer = await trainWordPiece(TEXT, { vocabSize: 300 })
  await write(path, {
    ...{ modelType: 'bert', head: 'masked-lm', tokenizer },
    config: {
      hiddenSize: 512,
      intermediateSize: 2048,
      numAttentionHeads: 8,
      numHiddenLayers: 8,
      initializerRange: 0.02,
    },
  })
}
