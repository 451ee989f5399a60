// Parameters in training as a model that answers, so that what is measured is what the pipelines will give.

import type { EncoderConfig, Weights } from '../checkpoint/index.js'
import { type Head, Model, resolveModel } from '../model/index.js'
import type { Runtime } from '../runtime/index.js'
import type { ParameterStore } from '../train/index.js'

/**
 * A model of the parameters as they are now. Dispose of it before they change.
 *
 * @example
 * const config = createConfig({ modelType: 'electra' })
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(sequenceClassification(config), runtime, { steps: 1000 })
 * using model = await currentModel(trainer.parameters, config, 'sequence-classification', runtime)
 * const { logits } = await model.run([{ ids: [101, 7592, 102] }])
 */
export async function currentModel(
  parameters: ParameterStore,
  config: EncoderConfig,
  head: Head,
  runtime: Runtime,
): Promise<Model> {
  const weights = weightsIn(parameters)
  const { definition, resolved } = await resolveModel(config, head, weights)
  return new Model(definition, weights, resolved, runtime, undefined)
}

/** Parameters as a checkpoint's weights, without a copy. */
function weightsIn(parameters: ParameterStore): Weights {
  const tensors = new Map(Object.entries(parameters.views(parameters.values)))
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength)
  const tensor = (name: string) => tensors.get(name)!
  return {
    name: 'the model in training',
    names: () => tensors.keys(),
    has: (name) => tensors.has(name),
    info: (name) => ({
      dtype: 'F32',
      shape: tensor(name).dims,
      byteOffset: 0,
      byteLength: tensor(name).data.byteLength,
    }),
    readTensor: async (name) => ({ name, dtype: 'F32', shape: tensor(name).dims, data: tensor(name).data }),
    readFloat32: async (name) => tensor(name).data,
    readBytes: async (name, start, end) => bytesOf(tensor(name).data).slice(start, end),
    location: () => undefined,
  }
}
