// Where models come from: the checkpoints that ship with the page (models.json names them), the hub, a dropped folder.

import list from '../models.json' with { type: 'json' }

/** A checkpoint that ships with the page. */
export interface ShippedModel {
  /** What rooms ask for: the model's role. */
  readonly name: string
  /** Below models/. */
  readonly folder: string
  readonly label: string
  readonly kin: string
}

export const shippedModels: readonly ShippedModel[] = list

/** Where a shipped model lies, seen from the page. */
export const shippedAddress = (name: string): string | undefined => {
  const model = shippedModels.find((shipped) => shipped.name === name)
  return model && new URL(`./models/${model.folder}/`, document.baseURI).href
}

/** A name as people read it. */
export const labelOf = (name: string): string => shippedModels.find((model) => model.name === name)?.label ?? name
