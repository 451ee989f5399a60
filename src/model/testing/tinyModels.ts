// Models of a few thousand parameters, and checkpoints of them in memory: what tests of the models and of their training
// work on.

import {
  bytesSource,
  createConfig,
  type EncoderConfig,
  type Folder,
  type ModelType,
  safetensorsBytes,
  type TensorToWrite,
  toHuggingFaceConfig,
} from '../../checkpoint/index.js'
import type { Random } from '../../random.js'
import { className, defineModel, type Head, initialValues, kins, type Sequence } from '../index.js'

/** Every model that there is: each kin with each of its heads. */
export const everyModel = (Object.keys(kins) as ModelType[]).flatMap((modelType) =>
  (Object.keys(kins[modelType].heads) as Head[]).map((head) => [modelType, head] as const),
)

/** 2 layers of 8 units, 24 tokens of vocabulary, sequences of 12 tokens; weights large enough for outputs that differ. */
export const tinyConfig = (modelType: ModelType, changes: Partial<EncoderConfig> = {}): EncoderConfig =>
  createConfig({
    modelType,
    vocabSize: 24,
    hiddenSize: 8,
    ...((modelType === 'electra' || modelType === 'albert') && { embeddingSize: 6 }),
    numAttentionHeads: 2,
    numHiddenLayers: 2,
    intermediateSize: 16,
    maxPositionEmbeddings: modelType === 'roberta' ? 13 : 12, // its positions begin at 1
    initializerRange: 0.5,
    padTokenId: 0,
    ...changes,
  })

/** Sequences of the given lengths with random ids above the padding token's, the second half of each in segment 1. */
export const randomSequences = (
  lengths: readonly number[],
  { vocabSize }: Pick<EncoderConfig, 'vocabSize'>,
  random: Random,
): Sequence[] =>
  lengths.map((length) => ({
    ids: Array.from({ length }, () => 1 + random.below(vocabSize - 1)),
    typeIds: Array.from({ length }, (_, i) => (2 * i < length ? 0 : 1)),
  }))

/** A model's parameters as a checkpoint stores them; none is left at 0 or 1, where a mistake could not be seen. */
export function randomTensors(config: EncoderConfig, head: Head, seed = 5): TensorToWrite[] {
  return defineModel(config, head)
    .scope.declarations()
    .map((declaration) => {
      const { path, shape, initializer } = declaration
      const start = initializer === 'ones' ? 1 : 0
      const noise = initialValues({ ...declaration, initializer: { normal: config.initializerRange } }, seed)
      return { name: path, dtype: 'F32', shape, data: noise.map((value) => start + value) }
    })
}

/** The files of a checkpoint. */
export const checkpointFiles = (
  config: EncoderConfig,
  head: Head,
  tensors: readonly TensorToWrite[] = randomTensors(config, head),
): Record<string, string | Uint8Array> => ({
  'config.json': toHuggingFaceConfig({ ...config, architectures: [className(config, head)] }),
  'model.safetensors': safetensorsBytes(tensors),
})

/** Files that lie nowhere on a disk, as in a browser. */
export function memoryFolder(files: Readonly<Record<string, string | Uint8Array>>): Folder {
  const text = (name: string): string | undefined => {
    const content = files[name]
    return content instanceof Uint8Array ? new TextDecoder().decode(content) : content
  }
  return {
    name: 'memory',
    async open(name) {
      const content = files[name]
      if (content === undefined) return undefined
      return bytesSource(content instanceof Uint8Array ? content : new TextEncoder().encode(content))
    },
    readText: async (name) => text(name),
  }
}
