// Checkpoints of the published shapes with random weights: what a model says does not matter to how fast it says it.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  createConfig,
  safetensorsChunks,
  toHuggingFaceConfig,
  writeFolderAtomically,
} from '../dist/checkpoint/index.js'
import { className, defineModel, initialValues } from '../dist/model/index.js'
import { loadTokenizer } from '../dist/pipeline/index.js'
import { trainByteLevelBpe, trainUnigram, trainWordPiece } from '../dist/tokenizer/index.js'
import { here, SAMPLE, TOKENIZERS } from './places.mjs'

const CACHE = join(tmpdir(), 'bertkin-bench')

/** Weights twice as large as at the start of training: what the models say differs enough to be compared. */
const DEVIATION = 0.04
const base = { hiddenSize: 768, numHiddenLayers: 12, numAttentionHeads: 12, intermediateSize: 3072 }
const small = { hiddenSize: 256, numHiddenLayers: 12, numAttentionHeads: 4, intermediateSize: 1024 }
/** Narrow layers, and the base size: what pretraining is compared in. */
const sizes = { small, base }
const roberta = { modelType: 'roberta', vocabSize: 50_265, typeVocabSize: 1, maxPositionEmbeddings: 514, padTokenId: 1 }

const albert = { modelType: 'albert', vocabSize: 30_000, embeddingSize: 128 }
const electra = { modelType: 'electra', vocabSize: 30_522 }
const spanbert = { modelType: 'bert', vocabSize: 28_996 }
/** A quarter of the small discriminator's width, and a third of the base one's, as in the paper. */
const generators = {
  small: { ...small, hiddenSize: 64, numAttentionHeads: 1, intermediateSize: 256, embeddingSize: 128 },
  base: { ...base, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024, embeddingSize: 768 },
}
const discriminators = { small: { ...small, embeddingSize: 128 }, base: { ...base, embeddingSize: 768 } }

/** Shapes, by name: the tokenizer's kin, the head, and the configuration. */
const SHAPES = {
  'roberta-base': ['roberta', 'masked-lm', { ...roberta, ...base }],
  'roberta-small': ['roberta', 'masked-lm', { ...roberta, ...small, vocabSize: 30_000 }],
  'roberta-base-classifier': ['roberta', 'sequence-classification', { ...roberta, ...base, numLabels: 2 }],
  'spanbert-base': ['spanbert', 'question-answering', { ...spanbert, ...base }],
  'albert-base': ['albert', 'base', { ...albert, ...base }],
  'electra-small': ['electra', 'base', electra],
  ...Object.fromEntries(
    ['small', 'base'].flatMap((size) => [
      [`albert-${size}-pretraining`, ['albert', 'pretraining', { ...albert, ...sizes[size] }]],
      [`electra-${size}-generator`, ['electra', 'masked-lm', { ...electra, ...generators[size] }]],
      [`electra-${size}-discriminator`, ['electra', 'pretraining', { ...electra, ...discriminators[size] }]],
      [`spanbert-${size}-pretraining`, ['spanbert', 'span-boundary', { ...spanbert, ...sizes[size] }]],
    ]),
  ),
}

/** How many tokens a shape's vocabulary has. */
export const vocabSizeOf = (shape) => SHAPES[shape][2].vocabSize

/** The folder of a shape's checkpoint, written if it is not there yet. */
export async function checkpointOf(shape) {
  const folder = join(CACHE, shape)
  if (existsSync(join(folder, 'model.safetensors'))) return folder
  const [kin, head, options] = SHAPES[shape]
  const config = createConfig({ ...options, initializerRange: DEVIATION })
  const tensors = defineModel(config, head)
    .scope.declarations()
    .map((declaration) => {
      const { path, shape: dims } = declaration
      return { name: path, dtype: 'F32', shape: dims, data: initialValues(declaration, 1) }
    })
  await writeFolderAtomically(folder, {
    ...(await tokenizerFiles(kin)),
    'config.json': toHuggingFaceConfig({ ...config, architectures: [className(config, head)] }),
    'model.safetensors': safetensorsChunks(tensors),
  })
  return folder
}

/** A checkpoint with the ONNX file that PyTorch's exporter makes of it. Rejects if it cannot be made. */
export async function exportedCheckpoint(shape, python) {
  const folder = await checkpointOf(shape)
  if (!existsSync(join(folder, 'onnx', 'model.onnx'))) {
    await promisify(execFile)(python, [here('peers/export.py'), folder], { maxBuffer: 2 ** 26 })
  }
  return folder
}

/** The published tokenizer where it is at hand; else a smaller one of the same kind. */
async function tokenizerFiles(kin) {
  const folder = join(TOKENIZERS, kin)
  if (existsSync(folder)) return (await loadTokenizer(folder)).toFiles()
  const lines = async function* () {
    yield* (await readFile(SAMPLE, 'utf8')).split('\n')
  }
  const train = kin === 'roberta' ? trainByteLevelBpe : kin === 'albert' ? trainUnigram : trainWordPiece
  return (await train(lines(), { vocabSize: 4000 })).toFiles()
}
