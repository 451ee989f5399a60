// From a task and some paths to typed examples: the one function that the command line and most programs need.

import { stat } from 'node:fs/promises'
import { BertkinError } from '../../errors.js'
import { unreadable } from '../listTextFiles.node.js'
import { dataFile } from './dataFile.node.js'
import { type DatasetTasks, examplesOf, type FormatOptions, formatOf, textRows } from './datasetFormats.js'
import type { Dataset } from './example.js'
import { labelFolderRows } from './labelFolders.node.js'
import { parquetRows } from './parquetRows.node.js'
import type { Row } from './row.js'

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
  const list = typeof paths === 'string' ? [paths] : paths
  const sources = list.map((path) => ({ name: path, rows: () => datasetRows(path, options, task) }))
  return examplesOf(task, sources, options)
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
  if (format === 'parquet') return parquetRows(path)
  return format === 'folders' ? labelFolderRows(path) : textRows(dataFile(path), format, options)
}
