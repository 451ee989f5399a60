// From a task and some paths to typed examples: the one function that the command line and most programs need.

import { stat } from 'node:fs/promises'
import { BertkinError } from '../../errors.js'
import { unreadable } from '../listTextFiles.node.js'
import { type ChoiceExampleOptions, choiceExamples } from './choiceExamples.js'
import { type ConllOptions, conllRows } from './conllRows.js'
import { type CsvOptions, csvRows } from './csvRows.js'
import { dataFile } from './dataFile.node.js'
import type { ChoiceExample, Dataset, QuestionExample, TextExample, TokenExample } from './example.js'
import { jsonLineRows } from './jsonRows.js'
import { labelFolderRows } from './labelFolders.node.js'
import { parquetRows } from './parquetRows.node.js'
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

type ExamplesOf<Task extends keyof DatasetTasks> = (
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

/**
 * Reads labelled data for a task: all of `paths`, one after the other, each in its format (jsonl, json, csv, tsv, CoNLL,
 * SQuAD's json, parquet, or a folder with a folder of .txt files for each label). All is checked before anything is
 * returned; every error says the file, the line, what was expected and what was found.
 *
 * How columns are found and what else can be set is described at textExamples, tokenExamples, questionExamples and
 * choiceExamples; how files are read at csvRows, conllRows, jsonRows and parquetRows.
 *
 * @throws DatasetError for what these throw, and 'data-empty' for a file without examples; BertkinError 'text-missing' for
 *   a file that cannot be read, 'option-invalid' for one whose format is not known
 * @example
 * const train = await readDataset('text-classification', 'train.csv', { columns: { label: 'category' } })
 * const dev = await readDataset('text-classification', ['dev1.jsonl', 'dev2.jsonl'])
 * assertLabelsKnown(dev, collectLabels(train))
 */
export async function readDataset<Task extends keyof DatasetTasks>(
  task: Task,
  paths: string | readonly string[],
  options: FormatOptions & DatasetTasks[Task]['options'] = {},
): Promise<Dataset<DatasetTasks[Task]['example']>> {
  const read = Object.hasOwn(readers, task) ? (readers[task] as ExamplesOf<Task>) : undefined
  if (read === undefined) {
    throw new BertkinError('task-unknown', `${task}: there is labelled data for ${Object.keys(readers).join(', ')}.`)
  }
  const list = typeof paths === 'string' ? [paths] : paths
  if (list.length === 0) throw new BertkinError('text-missing', 'No data files were given.')
  const datasets: Dataset<DatasetTasks[Task]['example']>[] = []
  for (const path of list) {
    const dataset = await read(await datasetRows(path, options, task), options)
    if (dataset.examples.length === 0)
      throw new DatasetError('data-empty', 'there are no examples in it.', { file: path })
    datasets.push(dataset)
  }
  return joined(datasets)
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

/** The rows of one path in its format. */
async function datasetRows(
  path: string,
  options: FormatOptions,
  task: keyof DatasetTasks,
): Promise<AsyncIterable<Row>> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const format = options.format ?? (info.isDirectory() ? 'folders' : formatOf(path, task))
  if (info.isDirectory() !== (format === 'folders')) {
    const what = info.isDirectory() ? 'a folder' : 'a file'
    throw new BertkinError('option-invalid', `${path} is ${what}, so it cannot be read in the format ${format}.`)
  }
  const file = dataFile(path)
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
    case 'parquet':
      return parquetRows(path)
    case 'folders':
      return labelFolderRows(path)
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
