// Leaves what was trained as Hugging Face checkpoint folders.

import { type FileContent, safetensorsChunks, toHuggingFaceConfig, writeFolderAtomically } from '../checkpoint/index.js'
import { className, defineModel, kins } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import type { ParameterStore } from './parameterStore.js'

type Files = Readonly<Record<string, string>>

/**
 * The files of a model's checkpoint: weights, config.json, and the given ones (the tokenizer's). The weights are read from
 * the parameters as the file is written.
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * const { 'config.json': config } = modelFiles(objective.models[0]!, trainer.parameters)
 */
export function modelFiles(
  { config, head, parameterName }: TrainedModel,
  parameters: ParameterStore,
  files: Files = {},
): Readonly<Record<string, FileContent>> {
  const declared = defineModel(config, head).scope.declarations()
  const paths = declared.map(({ path }) => path)
  const copies = Object.entries(kins[config.modelType].storedCopies?.(config, paths) ?? {})
  const tensors = declared.flatMap(({ path, shape }) => {
    const { data } = parameters.get(parameterName(path))!
    const names = [path, ...copies.filter(([, original]) => original === path).map(([copy]) => copy)]
    return names.map((name) => ({ name, dtype: 'F32' as const, shape, data }))
  })
  return {
    ...files,
    'config.json': toHuggingFaceConfig({ ...config, architectures: [className(config, head)] }),
    'model.safetensors': safetensorsChunks(tensors),
  }
}

/**
 * Writes each model to its folder below `directory`: weights, config.json, and the given files (the tokenizer's; as a
 * function, each model's own).
 *
 * A folder is written beside the old one and put in its place when it is complete, so a crash or a full disk leaves the
 * old one whole.
 *
 * @throws {CheckpointError} `file-write` if a folder cannot be written or holds something that is not a checkpoint
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * const tokenizer = await loadTokenizer('models/bert')
 * await saveModels(objective.models, trainer.parameters, 'runs/bert', tokenizer.toFiles())
 */
export async function saveModels(
  models: readonly TrainedModel[],
  parameters: ParameterStore,
  directory: string,
  files: Files | ((model: TrainedModel) => Files) = {},
): Promise<void> {
  for (const model of models) {
    const own = typeof files === 'function' ? files(model) : files
    const folder = model.folder ? `${directory}/${model.folder}` : directory
    await writeFolderAtomically(folder, modelFiles(model, parameters, own))
  }
}
