// Labelled data in text: which format a name stands for, how each is read, and what its rows become for a task.

import { BertkinError } from '../../errors.js'
import { type ChoiceExampleOptions, choiceExamples } from './choiceExamples.js'
import { type ConllOptions, conllRows } from './conllRows.js'
import { type CsvOptions, csvRows } from './csvRows.js'
import type { DataFile } from './dataFile.js'
import { memoryFile } from './dataFile.js'
import type { ChoiceExample, Dataset, QuestionExample, TextExample, TokenExample } from './example.js'
import { jsonLineRows } from './jsonRows.js'
import { DatasetError } from './place.js'
import { type QuestionExampleOptions, questionExamples } from './questionExamples.js'
import type { Row } from './row.js'
import { anyJsonRows, squadRows } from './squadRows.js'
import { type TextExampleOptions, textExamples } from './textExamples.js'
import { type TokenExampleOptions, tokenExamples } from './tokenExamples.js'

/** The formats that data sets are read from. `json` finds out whether it is SQuAD's, lines, or an array. */
export type DatasetFormat = 'jsonl' | 'json' | 'csv' | 'tsv' | 'conll' | 'squad' | 'parquet' | 'folders'

/** How the files are to be read; every format takes what concerns it. */
export interface FormatOptions extends CsvOptions, ConllOptions {
  /** By default the name's ending says it: see `formatOf`. */
  readonly format?: DatasetFormat
  /** The key of the array in a JSON object; default 'data'. */
  readonly field?: string
}

/** Tasks with labelled data, their examples and their options. */
export interface DatasetTasks {
  'text-classification': { example: TextExample; options: TextExampleOptions }
  'token-classification': { example: TokenExample; options: TokenExampleOptions }
  'question-answering': { example: QuestionExample; options: QuestionExampleOptions }
  'multiple-choice': { example: ChoiceExample; options: ChoiceExampleOptions }
}

export type ExamplesOf<Task extends keyof DatasetTasks> = (
  rows: AsyncIterable<Row>,
  options?: DatasetTasks[Task]['options'],
) => Promise<Dataset<DatasetTasks[Task]['example']>>

const readers: { readonly [Task in keyof DatasetTasks]: ExamplesOf<Task> } = {
  'text-classification': textExamples,
  'token-classification': tokenExamples,
  'question-answering': questionExamples,
  'multiple-choice': choiceExamples,
}

const formats: Readonly<Record<string, DatasetFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  conll: 'conll',
  conll2003: 'conll',
  conllu: 'conll',
  bio: 'conll',
  iob: 'conll',
  iob2: 'conll',
  parquet: 'parquet',
}

/** Of several sources of examples for a task, all of the examples; each source says its rows. */
export async function examplesOf<Task extends keyof DatasetTasks>(
  task: Task,
  sources: readonly { readonly name: string; rows(): AsyncIterable<Row> | Promise<AsyncIterable<Row>> }[],
  options: DatasetTasks[Task]['options'] = {},
): Promise<Dataset<DatasetTasks[Task]['example']>> {
  const read = Object.hasOwn(readers, task) ? (readers[task] as ExamplesOf<Task>) : undefined
  if (read === undefined) {
    throw new BertkinError('task-unknown', `${task}: there is labelled data for ${Object.keys(readers).join(', ')}.`)
  }
  if (sources.length === 0) throw new BertkinError('text-missing', 'No data files were given.')
  const datasets: Dataset<DatasetTasks[Task]['example']>[] = []
  for (const { name, rows } of sources) {
    const dataset = await read(await rows(), options)
    if (dataset.examples.length === 0)
      throw new DatasetError('data-empty', 'there are no examples in it.', { file: name })
    datasets.push(dataset)
  }
  return joined(datasets)
}

/** The rows of a text in a format. */
export function textRows(
  file: DataFile,
  format: Exclude<DatasetFormat, 'parquet' | 'folders'>,
  options: FormatOptions,
): AsyncIterable<Row> | Promise<AsyncIterable<Row>> {
  switch (format) {
    case 'jsonl':
      return jsonLineRows(file)
    case 'json':
      return anyJsonRows(file, options)
    case 'csv':
      return csvRows(file, options)
    case 'tsv':
      return csvRows(file, { delimiter: '\t', ...options })
    case 'conll':
      return conllRows(file, options)
    case 'squad':
      return squadRows(file)
  }
}

/** A text of labelled data, and the name that says its format. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/**
 * Reads labelled data for a task from texts in memory, as `readDataset` does from files: jsonl, json, csv, tsv, CoNLL, and
 * SQuAD's json.
 *
 * @throws DatasetError for what is wrong with the data; BertkinError 'option-invalid' for a format that is not known, or
 *   is not text
 * @example
 * const reviews = { name: 'reviews.csv', text: 'text,label\ngood,1\nbad,0\n' }
 * const { examples } = await readDatasetTexts('text-classification', [reviews])
 */
export function readDatasetTexts<Task extends keyof DatasetTasks>(
  task: Task,
  texts: readonly NamedText[],
  options: FormatOptions & DatasetTasks[Task]['options'] = {},
): Promise<Dataset<DatasetTasks[Task]['example']>> {
  const sources = texts.map(({ name, text }) => ({
    name,
    rows() {
      const format = options.format ?? formatOf(name, task)
      if (format !== 'parquet' && format !== 'folders') return textRows(memoryFile(name, text), format, options)
      throw new BertkinError('option-invalid', `${name}: ${format} is no text. Save it as jsonl or csv.`)
    },
  }))
  return examplesOf(task, sources, options)
}

function joined<Example>(datasets: readonly Dataset<Example>[]): Dataset<Example> {
  const [first, ...others] = datasets
  const examples = datasets.flatMap((dataset) => dataset.examples)
  assertDistinctIds(examples)
  const { labelNames, ...rest } = first!
  const isSame = others.every((other) => JSON.stringify(other.labelNames) === JSON.stringify(labelNames))
  return { ...rest, examples, ...(isSame && labelNames !== undefined ? { labelNames } : {}) }
}

/** Ids of questions, which each file has checked for itself. */
function assertDistinctIds(examples: readonly unknown[]): void {
  const places = new Map<string, QuestionExample['place']>()
  for (const example of examples as readonly Partial<QuestionExample>[]) {
    if (example.id === undefined) return
    if (places.has(example.id)) {
      const message = `the id ${JSON.stringify(example.id)} is also in ${places.get(example.id)?.file}. Ids tell questions apart.`
      throw new DatasetError('data-malformed', message, example.place)
    }
    places.set(example.id, example.place)
  }
}

/**
 * The format that a file's name stands for: .jsonl and .ndjson, .json, .csv, .tsv and .tab, .parquet; .conll, .conllu,
 * .bio, .iob and .iob2; and for token classification also .txt, which is CoNLL then.
 *
 * @throws BertkinError 'option-invalid' for other names
 * @example
 * formatOf('data/train.csv') // 'csv'
 */
export function formatOf(path: string, task?: keyof DatasetTasks): DatasetFormat {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (Object.hasOwn(formats, extension)) return formats[extension]!
  if (extension === 'txt' && task === 'token-classification') return 'conll'
  const hint = /^(gz|zip|bz2|xz|zst)$/.test(extension) ? 'Unpack it first.' : 'Set the option format.'
  throw new BertkinError(
    'option-invalid',
    `${path}: the name does not tell the format; known are ${Object.keys(formats)
      .map((name) => `.${name}`)
      .join(', ')}. ${hint}`,
  )
}
