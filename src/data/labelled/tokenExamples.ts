// Rows as examples for labelling words: names, parts of speech.

import {
  collectExamples,
  type Dataset,
  type ExampleOptions,
  type ExampleReader,
  labelName,
  pickColumn,
  type TokenExample,
} from './example.js'
import { DatasetError } from './place.js'
import { describeValue, type Row, wrongValue } from './row.js'

/** How rows become TokenExamples. */
export interface TokenExampleOptions extends ExampleOptions {
  readonly columns?: { readonly words?: string; readonly labels?: string }
  /** The names of integer labels, in order. */
  readonly labelNames?: readonly string[]
}

const words = ['words', 'tokens']
const labels = ['labels', 'ner_tags', 'tags', 'ner', 'pos_tags', 'chunk_tags', 'upos']

/**
 * Makes rows into examples of token classification: two lists of the same length.
 *
 * Columns that are not named in the options are looked for, in this order: words, tokens; labels, ner_tags, tags, ner,
 * pos_tags, chunk_tags, upos. Integer labels become the names that the file or `labelNames` declares, or their digits.
 *
 * @throws DatasetError 'column-missing' with the columns there are; 'data-malformed' with the place, for a row without
 *   words, lists of different lengths, or values of the wrong type
 * @example
 * const rows = conllRows(memoryFile('train.conll', 'Tom\tB-person\nsleeps\tO\n'))
 * const { examples } = await tokenExamples(rows) // [{ words: ['Tom', 'sleeps'], labels: ['B-person', 'O'] }]
 */
export function tokenExamples(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: TokenExampleOptions = {},
): Promise<Dataset<TokenExample>> {
  return collectExamples(rows, (first) => tokenReader(first, options), options).then((dataset) =>
    options.labelNames === undefined ? dataset : { ...dataset, labelNames: options.labelNames },
  )
}

function tokenReader(first: Row, { columns = {}, labelNames }: TokenExampleOptions): ExampleReader<TokenExample> {
  const wordColumn = pickColumn(first, 'words', columns.words, words)
  const labelColumn = pickColumn(first, 'labels', columns.labels, labels)
  return {
    columns: { words: wordColumn, labels: labelColumn },
    labelColumn,
    read(row) {
      const found = listOf(row, wordColumn)
      const wrong = found.find((word) => typeof word !== 'string')
      if (wrong !== undefined) throw wrongValue(row, wordColumn, 'a list of texts', found)
      const names = listOf(row, labelColumn).map((label) => labelName(label, row, labelColumn, labelNames))
      if (found.length === 0) throw new DatasetError('data-malformed', 'the sentence has no words.', row.place)
      if (found.length !== names.length) {
        const message = `${found.length} words but ${names.length} labels. Every word needs one label.`
        throw new DatasetError('data-malformed', message, row.place)
      }
      return {
        words: found as readonly string[],
        labels: names,
        place: row.place,
        ...(row.lines === undefined ? {} : { lines: row.lines }),
      }
    },
  }
}

function listOf(row: Row, column: string): readonly unknown[] {
  const value = row.fields.get(column)
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') throw wrongValue(row, column, 'a list', value)
  const message = `${JSON.stringify(column)} should be a list, but is ${describeValue(value)}.`
  throw new DatasetError('data-malformed', `${message} Lists of words need jsonl, parquet or CoNLL.`, row.place)
}
