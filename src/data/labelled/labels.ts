// The labels of a data set: collected from what a model is trained on, and held against what it is judged by.

import type { Dataset, TextExample, TokenExample } from './example.js'
import { DatasetError, type Place } from './place.js'
import { excerpt, listNames } from './row.js'

/** Examples with labels to collect, as a data set or by themselves. */
export type Labelled = Dataset<TextExample | TokenExample> | readonly (TextExample | TokenExample)[]

/**
 * The labels that occur, each once: the position of a name in the list is the model's number for it.
 *
 * The order is that of `labelNames` where the data set has them (all of these, and no others); else, if all labels are
 * integers, by number; else as `order` says. Numbers of a regression are no labels and are passed over.
 *
 * @param options.order 'appearance' (default): as they first occur; 'name': sorted by code units
 * @throws DatasetError 'data-empty' if there are no labels; 'data-malformed' if there is only one where each example or
 *   word has exactly one, since then there is nothing to learn
 * @example
 * collectLabels([{ text: 'fine', label: 'good' }, { text: 'bad', label: 'bad' }]) // ['good', 'bad']
 */
export function collectLabels(
  data: Labelled,
  { order = 'appearance' }: { readonly order?: 'appearance' | 'name' } = {},
): readonly string[] {
  const declared = 'examples' in data ? data.labelNames : undefined
  if (declared !== undefined) return declared
  const examples = examplesOf(data)
  const names = new Set<string>()
  for (const example of examples) for (const { label } of labelsOf(example)) names.add(label)
  if (names.size === 0) throw new DatasetError('data-empty', 'There are no labels in the data.')
  const severalAtOnce = examples.some((example) => 'label' in example && typeof example.label === 'object')
  if (names.size === 1 && !severalAtOnce) {
    const message = `all ${examples.length} examples have the label ${listNames(names)}: there is nothing to learn. Is the label column right?`
    throw new DatasetError('data-malformed', message, examples[0]?.place)
  }
  const found = [...names]
  if (found.every((name) => /^-?\d{1,15}$/.test(name))) return found.sort((a, b) => Number(a) - Number(b))
  return order === 'name' ? found.sort() : found
}

/**
 * Refuses examples with labels that are not among `names`; to be called with what a model is judged by, before it is
 * trained.
 *
 * @throws DatasetError 'label-unknown' with the place of the first one, and how many there are
 * @example
 * const train = await readDataset('text-classification', 'train.csv')
 * const dev = await readDataset('text-classification', 'dev.csv')
 * assertLabelsKnown(dev, collectLabels(train))
 */
export function assertLabelsKnown(data: Labelled, names: readonly string[]): void {
  const known = new Set(names)
  let first: LabelAt | undefined
  let count = 0
  for (const example of examplesOf(data)) {
    for (const found of labelsOf(example)) {
      if (known.has(found.label)) continue
      first ??= found
      count++
    }
  }
  if (first === undefined) return
  const more = count === 1 ? '' : ` (and ${count - 1} more such labels)`
  throw new DatasetError(
    'label-unknown',
    `the label ${excerpt(JSON.stringify(first.label))}${more} does not occur in the training data, which has ` +
      `${listNames(names)}. Correct it, or add examples of it to the training data.`,
    first.place,
  )
}

const examplesOf = (data: Labelled): readonly (TextExample | TokenExample)[] =>
  'examples' in data ? data.examples : data

interface LabelAt {
  readonly label: string
  readonly place: Place | undefined
}

function* labelsOf(example: TextExample | TokenExample): Generator<LabelAt> {
  const { place } = example
  if ('labels' in example) {
    for (let i = 0; i < example.labels.length; i++) {
      const line = example.lines?.[i]
      yield { label: example.labels[i]!, place: place && line !== undefined ? { ...place, line } : place }
    }
  } else if (typeof example.label === 'object') {
    for (const label of example.label) yield { label, place }
  } else if (typeof example.label === 'string') {
    yield { label: example.label, place }
  }
}
