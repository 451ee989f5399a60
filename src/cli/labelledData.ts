// Labelled data on the command line: what `finetune` and `evaluate` are told of their files.

import { Argument, type Command, Option } from 'commander'
import { counted } from '../counted.js'
import { type DatasetFormat, type DatasetTasks, type FormatOptions, readDataset } from '../data/index.node.js'
import { BertkinError } from '../errors.js'
import { type FinetuningTaskName, finetuningTasks, type TaskEvaluation } from '../finetune/index.js'
import { table } from './terminal.js'

const FORMATS: readonly DatasetFormat[] = ['jsonl', 'json', 'csv', 'tsv', 'conll', 'squad', 'parquet', 'folders']

/** What files of examples can be, for the help. */
export const LABELLED_DATA = 'labelled data: jsonl, json, csv, tsv, CoNLL, SQuAD’s json, parquet, folders'

const PROBLEMS = ['single_label_classification', 'multi_label_classification', 'regression'] as const

/** How files are to be read. */
export interface DataOptions {
  readonly format?: DatasetFormat
  readonly columns?: readonly string[]
  readonly labelNames?: readonly string[]
  readonly skipLabels?: readonly string[]
  readonly labelSeparator?: string
  readonly problemType?: (typeof PROBLEMS)[number]
}

/** The tasks, as an argument. */
export const taskArgument = (): Argument =>
  new Argument('<task>', 'what the model is for').choices(Object.keys(finetuningTasks))

export function addDataOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'of the files; default: what their names say').choices(FORMATS))
    .option('--columns <part=name...>', 'where columns are called otherwise: text=review label=stars')
    .option('--label-names <names...>', 'names of the labels, where data or model number them')
    .option('--skip-labels <labels...>', 'leave out rows with these labels')
    .option('--label-separator <text>', 'between several labels of a text; default: a comma')
}

export const problemOption = (): Option =>
  new Option('--problem-type <type>', 'text-classification: what labels are; default: one of several').choices(PROBLEMS)

/** Reads files for a task. Names of labels are the data's, unless they are told apart as the model's. */
export async function readExamples<Name extends FinetuningTaskName>(
  task: Name,
  paths: readonly string[],
  options: DataOptions,
) {
  const { format, labelNames, skipLabels, labelSeparator, problemType } = options
  if (problemType !== undefined && task !== 'text-classification') {
    throw new BertkinError('option-invalid', `--problem-type is for text-classification, not for ${task}`)
  }
  const columns = options.columns && columnsOf(options.columns)
  const all = {
    ...(format && { format }),
    ...(columns && { columns }),
    ...(labelNames && { labelNames }),
    ...(skipLabels && { skipLabels }),
    ...(labelSeparator !== undefined && { labelSeparator }),
    ...(problemType && { problemType }),
  }
  return readDataset(task, paths, all as FormatOptions & DatasetTasks[Name]['options'])
}

/** `text=review`, and several columns with commas between them: `choices=a,b,c` */
function columnsOf(pairs: readonly string[]): Record<string, string | string[]> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      if (equals < 1 || equals === pair.length - 1) {
        throw new BertkinError('option-invalid', `--columns takes part=name, as in text=review, not "${pair}"`)
      }
      const names = pair.slice(equals + 1).split(',')
      return [pair.slice(0, equals), names.length === 1 ? names[0]! : names]
    }),
  )
}

/** `macro_f1` → `macro f1` */
export const metricName = (name: string): string => name.replaceAll('_', ' ')

/** A share as a percentage, a percentage or an error as it is. */
export function metricValue(name: string, value: number): string {
  if (Number.isNaN(value)) return 'undefined'
  const isShare = /^(accuracy|f1|macro_f1|micro_f1|precision|recall)$/.test(name) && value <= 1
  return isShare ? `${(100 * value).toFixed(2)} %` : value.toFixed(Math.abs(value) < 10 ? 4 : 2)
}

/** An evaluation as a person likes to see it. */
export function showEvaluation({ metrics, labels, examples }: TaskEvaluation): string {
  const rows = Object.entries(metrics).map(([name, value]) => [metricName(name), metricValue(name, value)])
  const overall = table(['metric', `of ${counted(examples, 'example')}`], rows, [1])
  if (!labels || labels.length === 0) return overall
  const percent = (value: number): string => (100 * value).toFixed(1)
  const byLabel = labels.map(({ label, precision, recall, f1, support }) => [
    label,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
  ])
  return `${overall}\n\n${table(['label', 'precision', 'recall', 'F1', 'examples'], byLabel, [1, 2, 3, 4])}`
}

/** An evaluation for machines: one line. A value that is no number is null; `main` names the metric that decides. */
export const evaluationJson = ({ metrics, main, labels, examples }: TaskEvaluation): string =>
  JSON.stringify({ ...metrics, main, examples, ...(labels && { labels }) })
