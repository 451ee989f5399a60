// The labels of data against those of a model.

import type { Place } from '../data/index.js'
import { DatasetError } from '../data/index.js'
import type { EncoderConfig } from '../model/index.js'

/** A label in the data, and where it is. */
export interface PlacedLabel {
  readonly label: string
  readonly place: Place | undefined
}

/**
 * The model's number for each label that occurs in the data: its name, in whatever case if that is clear; else, where
 * labels are whole numbers, that number.
 *
 * @param names instead of the model's own names for its labels
 * @throws {DatasetError} `label-unknown` for a label that the model does not have
 */
export function labelIds(
  found: Iterable<PlacedLabel>,
  { id2label }: Pick<EncoderConfig, 'id2label'>,
  names: readonly string[] = id2label,
): ReadonlyMap<string, number> {
  if (names.length !== id2label.length) {
    const message = `${names.length} names were given for labels (${names.join(', ')}), but the model has ${id2label.length}`
    throw new DatasetError('option-invalid', `${message}.`)
  }
  const ids = new Map<string, number>()
  for (const { label, place } of found) {
    if (ids.has(label)) continue
    const id = labelId(label, names)
    if (id === undefined) throw unknownLabel(label, names, place)
    ids.set(label, id)
  }
  return ids
}

function labelId(label: string, names: readonly string[]): number | undefined {
  const exact = names.indexOf(label)
  if (exact >= 0) return exact
  const alike = [...names.keys()].filter((id) => names[id]!.toLowerCase() === label.toLowerCase())
  if (alike.length === 1) return alike[0]
  const number = /^\d{1,9}$/.test(label) ? Number(label) : -1
  return number >= 0 && number < names.length ? number : undefined
}

function unknownLabel(label: string, names: readonly string[], place: Place | undefined): DatasetError {
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '')
  const message = `the model does not know the label ${JSON.stringify(label)}; it has ${shown}.`
  const help = 'Name its labels in order with labelNames (--label-names), if they are the same under other names.'
  return new DatasetError('label-unknown', `${message} ${help}`, place)
}
