// Layer-wise learning-rate decay, as ELECTRA fine-tunes (Clark et al., 2020, and its code's `_get_layer_lrs`).

import { BertkinError } from '../errors.js'
import type { ParameterSlot } from './parameterStore.js'

/** What encoders are called in parameter paths, wherever in them. */
const ENCODER = /(?:^|\.)(?:bert|electra|roberta|albert)\.(.+)$/
/** ALBERT's layers share the parameters of their group, which counts as one layer. */
const LAYER = /^encoder\.(?:layer|albert_layer_groups)\.(\d+)\./
const BELOW = /^(?:embeddings|embeddings_project|encoder\.embedding_hidden_mapping_in)\./
/** Between the encoder and a task, trained like the task's own head. */
const ABOVE = /^pooler(?:\.|$)/

/**
 * The factor of each parameter's learning rate, for `rateFactor`: heads (and a pooler, which ELECTRA does not have)
 * learn at the full rate; of L layers, the i-th from below, counted from 0, at decay^(L + 1 − i), so that the top layer
 * already has decay², as in ELECTRA's code; embeddings and their projection at decay^(L + 2).
 *
 * @param slots all parameters: they tell how many layers there are, in each encoder by itself
 * @param decay above 0, at most 1; ELECTRA has 0.8, and 0.9 for its large model
 * @throws {BertkinError} `option-invalid` for another decay, and for a parameter of an encoder that is none of these
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'electra' }), 'sequence-classification')
 * const store = new ParameterStore(scope.declarations())
 * new AdamW(store.slots, { biasCorrection: false, rateFactor: layerwiseDecay(store.slots, 0.8) })
 */
export function layerwiseDecay(
  slots: readonly Pick<ParameterSlot, 'path'>[],
  decay: number,
): (slot: Pick<ParameterSlot, 'path'>) => number {
  if (!(decay > 0 && decay <= 1)) {
    throw new BertkinError('option-invalid', `layer-wise decay must be above 0 and at most 1, not ${decay}`)
  }
  const layers = new Map<string, number>()
  for (const { path } of slots) {
    const { encoder, layer } = placeOf(path)
    layers.set(encoder, Math.max(layers.get(encoder) ?? 0, (layer ?? -1) + 1))
  }
  return ({ path }) => {
    const { encoder, part, layer } = placeOf(path)
    const count = layers.get(encoder) ?? 0
    if (part === 'above') return 1
    return decay ** (part === 'below' ? count + 2 : count + 1 - layer!)
  }
}

interface Place {
  /** What stands before the encoder's own names: `generator.electra.`, say. */
  readonly encoder: string
  readonly part: 'above' | 'layer' | 'below'
  readonly layer?: number
}

function placeOf(path: string): Place {
  const inner = ENCODER.exec(path)?.[1]
  if (inner === undefined) return { encoder: '', part: 'above' }
  const encoder = path.slice(0, path.length - inner.length)
  const layer = LAYER.exec(inner)?.[1]
  if (layer !== undefined) return { encoder, part: 'layer', layer: Number(layer) }
  if (BELOW.test(inner)) return { encoder, part: 'below' }
  if (ABOVE.test(inner)) return { encoder, part: 'above' }
  throw new BertkinError('option-invalid', `layer-wise decay does not know at which depth "${path}" is`)
}
