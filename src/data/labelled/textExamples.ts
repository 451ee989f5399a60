// Rows as examples for classifying texts: one label, several labels, or a number.

import {
  collectExamples,
  type Dataset,
  type ExampleOptions,
  type ExampleReader,
  findColumn,
  labelName,
  pickColumn,
  type TextExample,
} from './example.js'
import { DatasetError } from './place.js'
import { describeValue, listNames, type Row, textOf, wrongValue } from './row.js'

/** How rows become TextExamples. */
export interface TextExampleOptions extends ExampleOptions {
  readonly columns?: {
    readonly text?: string
    readonly textPair?: string
    /** One column; or, for several labels, the columns that say 1 or 0 of each of them. */
    readonly label?: string | readonly string[]
  }
  /** What labels are, in config.json's words; default 'single_label_classification'. */
  readonly problemType?: 'single_label_classification' | 'multi_label_classification' | 'regression'
  /** Between the labels of a text with several, where they stand in one text; default ','. */
  readonly labelSeparator?: string
  /** The names of integer labels, in order. */
  readonly labelNames?: readonly string[]
  /** Rows with these labels are left out; for data that marks unlabelled rows, often by '-1' or '-'. */
  readonly skipLabels?: readonly string[]
}

/** Columns that hold two texts, before those that hold one. */
const pairs = [
  ['text', 'text_pair'],
  ['text', 'textPair'],
  ['text1', 'text2'],
  ['text_a', 'text_b'],
  ['sentence1', 'sentence2'],
  ['sentence_1', 'sentence_2'],
  ['premise', 'hypothesis'],
  ['question1', 'question2'],
] as const
/** Only where there is no column called text: a question about a sentence, as QNLI has it. */
const laterPairs = [
  ['question', 'sentence'],
  ['query', 'passage'],
] as const
const texts = ['text', 'sentence', 'content', 'review', 'comment_text', 'tweet', 'utterance', 'question', 'query']
const labels = ['label', 'labels', 'category', 'class', 'gold_label', 'target', 'intent', 'sentiment', 'score']

/**
 * Makes rows into examples of text classification, pairs of texts, several labels at once, or regression.
 *
 * Columns that are not named in the options are looked for, in this order: two texts (text and text_pair, sentence1 and
 * sentence2, premise and hypothesis, question1 and question2, …), else one (text, sentence, content, review, …); label,
 * labels, category, class, gold_label, target, … `columns` of the result says which it was. Naming `text` alone means that
 * there is one text.
 *
 * Integer labels become the names that the file or `labelNames` declares for them, or else their digits.
 *
 * @throws DatasetError 'column-missing' with the columns there are; 'data-malformed' with the place, for a row without
 *   text or without a label, or with values of the wrong type
 * @example
 * const rows = csvRows(memoryFile('train.csv', 'sentence1,sentence2,score\nIt rains.,It pours.,3.5\n'))
 * const { examples } = await textExamples(rows, { problemType: 'regression' }) // label: 3.5
 */
export function textExamples(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: TextExampleOptions = {},
): Promise<Dataset<TextExample>> {
  return collectExamples(rows, (first) => textReader(first, options), options).then((dataset) =>
    options.labelNames === undefined ? dataset : { ...dataset, labelNames: options.labelNames },
  )
}

function textReader(first: Row, options: TextExampleOptions): ExampleReader<TextExample> {
  const { columns = {}, skipLabels = [] } = options
  const [text, textPair] = textColumns(first, columns.text, columns.textPair)
  const label = labelReader(first, options)
  const skipped = new Set(skipLabels)
  return {
    columns: { text, ...(textPair === undefined ? {} : { textPair }), label: label.columns.join(', ') },
    ...(label.columns.length === 1 ? { labelColumn: label.columns[0]! } : {}),
    read(row) {
      const [column] = label.columns
      if (skipped.size > 0 && label.columns.length === 1 && skipped.has(String(row.fields.get(column!))))
        return undefined
      const example = {
        text: textOf(row, text),
        ...(textPair === undefined ? {} : { textPair: textOf(row, textPair) }),
        label: label.read(row),
        place: row.place,
      }
      if ((example.text + (example.textPair ?? '')).trim() === '') {
        throw new DatasetError('data-malformed', `there is no text in ${JSON.stringify(text)}.`, row.place)
      }
      return example
    },
  }
}

function textColumns(row: Row, text: string | undefined, textPair: string | undefined): [string, string | undefined] {
  if (text !== undefined || textPair !== undefined) {
    return [pickColumn(row, 'text', text, texts), findColumn(row, 'textPair', textPair, [])]
  }
  const has = ([a, b]: readonly [string, string]): boolean => row.fields.has(a) && row.fields.has(b)
  const pair = pairs.find(has) ?? (row.fields.has('text') ? undefined : laterPairs.find(has))
  return pair === undefined ? [pickColumn(row, 'text', undefined, texts), undefined] : [...pair]
}

interface LabelReader {
  readonly columns: readonly string[]
  read(row: Row): TextExample['label']
}

function labelReader(first: Row, options: TextExampleOptions): LabelReader {
  const { columns = {}, problemType = 'single_label_classification', labelNames } = options
  if (typeof columns.label === 'object') return indicatorReader(first, columns.label, options.problemType)
  const column = pickColumn(first, 'label', columns.label, labels)
  switch (problemType) {
    case 'regression':
      return { columns: [column], read: (row) => numberOf(row, column) }
    case 'multi_label_classification':
      return { columns: [column], read: (row) => labelsOf(row, column, options) }
    case 'single_label_classification':
      return { columns: [column], read: (row) => labelOf(row, column, labelNames) }
  }
}

function labelOf(row: Row, column: string, declared: readonly string[] | undefined): string {
  const value = row.fields.get(column)
  if (Array.isArray(value)) {
    const message = `${JSON.stringify(column)} is ${describeValue(value)}, expected one label.`
    const hint = "For texts with several labels, set problemType: 'multi_label_classification'."
    throw new DatasetError('data-malformed', `${message} ${hint}`, row.place)
  }
  if (value === undefined || value === null) throw wrongValue(row, column, 'a label', value)
  return labelName(value, row, column, declared)
}

function labelsOf(row: Row, column: string, { labelSeparator = ',', labelNames }: TextExampleOptions): string[] {
  const value = row.fields.get(column)
  const list = typeof value === 'string' ? value.split(labelSeparator).map((name) => name.trim()) : value
  if (!Array.isArray(list)) throw wrongValue(row, column, `a list of labels, or a text with "${labelSeparator}"`, value)
  const present = value === '' ? [] : (list as readonly unknown[])
  return [...new Set(present.map((label) => labelName(label, row, column, labelNames)))]
}

function numberOf(row: Row, column: string): number {
  const value = row.fields.get(column)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw wrongValue(row, column, 'a number', value)
}

/** Several labels, each with a column of its own that says 1 or 0. */
function indicatorReader(
  first: Row,
  columns: readonly string[],
  problemType: TextExampleOptions['problemType'],
): LabelReader {
  if (columns.length === 0 || (problemType !== undefined && problemType !== 'multi_label_classification')) {
    throw new DatasetError(
      'option-invalid',
      `columns.label is a list of ${columns.length}: a column for each label goes with multi_label_classification only.`,
    )
  }
  for (const column of columns) findColumn(first, 'label', column, [])
  const isOn = (row: Row, column: string): boolean => {
    const value = row.fields.get(column)
    if (value === 1 || value === true || value === '1' || value === 'true') return true
    if (value === 0 || value === false || value === '0' || value === 'false') return false
    throw wrongValue(row, column, `1 or 0 (one of the label columns ${listNames(columns, 4)})`, value)
  }
  return { columns, read: (row) => columns.filter((column) => isOn(row, column)) }
}
