// The typed examples that rows become, and what all tasks share in making them.

import { DatasetError, type Place } from './place.js'
import { columnsHint, listNames, type Row } from './row.js'

/** A text, or two that belong together, with what is to be said of them. */
export interface TextExample {
  readonly text: string
  readonly textPair?: string
  /** One label, a number for regression, or the labels of several that apply. */
  readonly label: string | number | readonly string[]
  readonly place?: Place
}

/** A sentence of words, each with its label. */
export interface TokenExample {
  readonly words: readonly string[]
  readonly labels: readonly string[]
  /** Where the sentence begins. */
  readonly place?: Place
  /** The line of every word, where the format has one a line. */
  readonly lines?: readonly number[]
}

/** A question to be answered by a part of the context. */
export interface QuestionExample {
  readonly id: string
  readonly question: string
  readonly context: string
  /** Where the answer is, in UTF-16 units: `context.slice(start, start + text.length) === text`. None: unanswerable. */
  readonly answers: readonly { readonly text: string; readonly start: number }[]
  readonly place?: Place
}

/** A question with several answers to choose from. */
export interface ChoiceExample {
  /** A text that the question is about; undefined where there is none. */
  readonly context?: string
  readonly question: string
  readonly choices: readonly string[]
  /** Index of the right choice. */
  readonly label: number
  readonly place?: Place
}

/** Examples, and how they were read. */
export interface Dataset<Example> {
  readonly examples: readonly Example[]
  /** The column that each part of the examples came from. */
  readonly columns: Readonly<Record<string, string>>
  /** The names of the labels in their order, where the file declares them or the option `labelNames` does. */
  readonly labelNames?: readonly string[]
}

/** Options of all tasks. */
export interface ExampleOptions {
  /**
   * Called for every example that cannot be used, which is then left out; by default reading stops there with the error.
   * Lines that are not in the file's format stop it in any case.
   */
  readonly onInvalid?: (error: DatasetError) => void
}

/** What a task knows of its columns: made from the first row, applied to all. */
export interface ExampleReader<Example> {
  readonly columns: Readonly<Record<string, string>>
  /** The column whose label names count. */
  readonly labelColumn?: string
  /** Undefined for a row that is to be left out. */
  read(row: Row): Example | undefined
}

/** Reads all rows by the reader that `open` makes for the first. */
export async function collectExamples<Example>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  open: (first: Row) => ExampleReader<Example>,
  { onInvalid }: ExampleOptions,
): Promise<Dataset<Example>> {
  const examples: Example[] = []
  let reader: ExampleReader<Example> | undefined
  let labelNames: readonly string[] | undefined
  for await (const row of rows) {
    if (reader === undefined) {
      reader = open(row)
      labelNames = reader.labelColumn === undefined ? undefined : row.labelNames?.get(reader.labelColumn)
    }
    try {
      const example = reader.read(row)
      if (example !== undefined) examples.push(example)
    } catch (error) {
      if (onInvalid === undefined || !(error instanceof DatasetError)) throw error
      onInvalid(error)
    }
  }
  return { examples, columns: reader?.columns ?? {}, ...(labelNames === undefined ? {} : { labelNames }) }
}

/** The first of `candidates` that the row has; `given`, if there is one, must be there. */
export function pickColumn(row: Row, part: string, given: string | undefined, candidates: readonly string[]): string {
  const found = findColumn(row, part, given, candidates)
  if (found !== undefined) return found
  throw new DatasetError(
    'column-missing',
    `there is no column for the ${part} (looked for ${listNames(candidates, 20)}); ${columnsHint(row)}. ` +
      columnAdvice(part),
    row.place,
  )
}

/** How a column that goes by another name is told, in TypeScript and on the command line. */
export const columnAdvice = (part: string): string =>
  `Name it: columns.${part}, or --columns ${part}=NAME on the command line.`

/** As pickColumn, for a part that may be absent. */
export function findColumn(
  row: Row,
  part: string,
  given: string | undefined,
  candidates: readonly string[],
): string | undefined {
  if (given === undefined) return candidates.find((name) => row.fields.has(name))
  if (row.fields.has(given)) return given
  throw new DatasetError(
    'column-missing',
    `there is no column ${JSON.stringify(given)} (columns.${part}); ${columnsHint(row)}.`,
    row.place,
  )
}

/** A label as text: names stay, integers become the name declared for them, or their digits. */
export function labelName(value: unknown, row: Row, column: string, declared: readonly string[] | undefined): string {
  const names = declared ?? row.labelNames?.get(column)
  const fail = (message: string): never => {
    throw new DatasetError('data-malformed', `${JSON.stringify(column)}: ${message}`, row.place)
  }
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return fail(`the label ${value} is a fraction. For regression, set problemType: 'regression'.`)
  }
  if (typeof value !== 'string' && typeof value !== 'number') return fail('expected a label: a text or an integer.')
  if (value === '') return fail('the label is empty. Every example needs one.')
  if (names === undefined) return String(value)
  if (typeof value === 'string' && names.includes(value)) return value
  const index = typeof value === 'number' ? value : /^\d{1,9}$/.test(value) ? Number(value) : -1
  const name = names[index]
  return name ?? fail(`the label ${JSON.stringify(value)} is none of the declared ones: ${listNames(names)}.`)
}
