// Where a model's parameters are: a table that fits on a page, whatever the number of layers.

import { counted } from '../counted.js'
import { type ParameterDeclaration, parameterSize } from '../model/index.js'

/** Parameters that belong together, in the model's order. */
export interface ParameterGroup {
  readonly name: string
  readonly tensors: number
  readonly parameters: number
}

/**
 * Groups parameters by what a reader would call them; layers that are alike stand together.
 *
 * @example
 * const definition = defineModel(createConfig({ modelType: 'electra' }), 'pretraining')
 * for (const { name, parameters } of groupParameters(definition.scope.declarations())) console.log(name, parameters)
 */
export function groupParameters(declarations: readonly ParameterDeclaration[]): ParameterGroup[] {
  const groups = new Map<string, { tensors: number; parameters: number }>()
  const layers = new Set(declarations.map(({ path }) => layerOf(path)).filter((layer) => layer !== undefined))
  for (const declaration of declarations) {
    const name = groupName(declaration.path, layers.size)
    const group = groups.get(name) ?? { tensors: 0, parameters: 0 }
    groups.set(name, { tensors: group.tensors + 1, parameters: group.parameters + parameterSize(declaration) })
  }
  return [...groups].map(([name, group]) => ({ name, ...group }))
}

/** Which layer a path lies in; of ALBERT's, which set of weights. */
const layerOf = (path: string): string | undefined =>
  /\.layer\.(\d+)\.|\.albert_layer_groups\.(\d+\.albert_layers\.\d+)\./.exec(path)?.slice(1).find(Boolean)

function groupName(path: string, layers: number): string {
  if (path.includes('.word_embeddings.')) return 'word embeddings'
  if (/embeddings_project|embedding_hidden_mapping_in/.test(path)) return 'embedding projection'
  if (path.includes('.embeddings.')) return 'position, type embeddings and their norm'
  if (layerOf(path) === undefined) return path.includes('pooler') ? 'pooler' : 'head'
  const half = path.includes('.attention.') ? 'attention' : 'feed-forward'
  if (path.includes('.layer.')) return `${half}, ${counted(layers, 'layer')}`
  return `${half}, ${layers === 1 ? 'one set of weights' : `${layers} sets of weights`}`
}
