// Rows as questions with answers to choose from, in the layouts of RACE, SWAG, ARC, CommonsenseQA and their like.

import {
  type ChoiceExample,
  collectExamples,
  columnAdvice,
  type Dataset,
  type ExampleOptions,
  type ExampleReader,
  findColumn,
  pickColumn,
} from './example.js'
import { isObject } from './jsonRows.js'
import { DatasetError } from './place.js'
import { columnsHint, describeValue, type Row, textOf, wrongValue } from './row.js'

/** How rows become ChoiceExamples. */
export interface ChoiceExampleOptions extends ExampleOptions {
  readonly columns?: {
    readonly context?: string
    readonly question?: string
    /** One column that holds a list, or a column for each choice. */
    readonly choices?: string | readonly string[]
    readonly label?: string
  }
  /** The number that means the first choice, in labels that are numbers; default 0. Letters begin with A. */
  readonly firstChoice?: 0 | 1
}

const contexts = ['context', 'article', 'passage', 'sent1']
const questions = ['question', 'prompt', 'sent2', 'ctx', 'goal', 'query', 'sentence']
const choiceLists = ['choices', 'options', 'endings']
/** Columns of single choices: ending0, ending1, … */
const numbered = ['ending', 'choice', 'option', 'sol', 'answer']
const letters = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
const labels = ['label', 'answer', 'answerKey', 'correct']

/**
 * Makes rows into examples of multiple choice. Columns that are not named in the options are looked for: context,
 * article, passage or sent1 (may be absent); question, prompt, sent2, ctx, goal or query; choices, options or endings
 * with a list in it (or { text: […], label: […] }), else ending0, ending1, … (or choice…, option…, sol…, from 0 or 1), else
 * A, B, C, …; label, answer, answerKey or correct.
 *
 * A label is a number from `firstChoice` on, a letter, or, where the choices have labels of their own, one of those.
 *
 * @throws DatasetError 'column-missing' with the columns there are; 'data-malformed' with the place, for fewer than two
 *   choices, empty texts, or a label that is none of the choices
 * @example
 * const line = '{"question": "What barks?", "choices": ["a dog", "a cat"], "label": 0}'
 * const { examples } = await choiceExamples(jsonLineRows(memoryFile('train.jsonl', line)))
 */
export function choiceExamples(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: ChoiceExampleOptions = {},
): Promise<Dataset<ChoiceExample>> {
  return collectExamples(rows, (first) => choiceReader(first, options), options)
}

function choiceReader(
  first: Row,
  { columns = {}, firstChoice = 0 }: ChoiceExampleOptions,
): ExampleReader<ChoiceExample> {
  const context = findColumn(first, 'context', columns.context, contexts)
  const question = pickColumn(first, 'question', columns.question, questions)
  const choices = choiceColumns(first, columns.choices)
  const label = pickColumn(first, 'label', columns.label, labels)
  const choiceNames = typeof choices === 'string' ? choices : choices.join(', ')
  return {
    columns: { ...(context === undefined ? {} : { context }), question, choices: choiceNames, label },
    read(row) {
      const { texts, keys } = typeof choices === 'string' ? listedChoices(row, choices) : separateChoices(row, choices)
      const fail = (message: string): never => {
        throw new DatasetError('data-malformed', message, row.place)
      }
      if (texts.length < 2) fail(`there must be at least two choices, but there are ${texts.length}.`)
      if (texts.some((text) => text.trim() === '')) fail('a choice is empty.')
      const example = {
        ...(context === undefined ? {} : { context: textOf(row, context) }),
        question: textOf(row, question),
        choices: texts,
        label: indexOfLabel(row, label, texts.length, keys, firstChoice),
        place: row.place,
      }
      if (((example.context ?? '') + example.question).trim() === '') fail(`the ${JSON.stringify(question)} is empty.`)
      return example
    },
  }
}

function choiceColumns(row: Row, given: string | readonly string[] | undefined): string | readonly string[] {
  if (typeof given === 'object') {
    for (const column of given) findColumn(row, 'choices', column, [])
    return given
  }
  const list = findColumn(row, 'choices', given, choiceLists)
  if (list !== undefined) return list
  const has = (name: string): boolean => row.fields.has(name)
  const runOf = (name: (i: number) => string | undefined): string[] => {
    const run: string[] = []
    for (let i = 0; has(name(i) ?? ''); i++) run.push(name(i)!)
    return run
  }
  const runs = [
    ...numbered.flatMap((stem) => [runOf((i) => `${stem}${i}`), runOf((i) => `${stem}${i + 1}`)]),
    runOf((i) => letters[i]),
  ]
  const run = runs.find((names) => names.length >= 2)
  if (run !== undefined) return run
  throw new DatasetError(
    'column-missing',
    `there is no column for the choices (looked for "choices", "options", "endings", "ending0", "choice1", "A", …); ` +
      `${columnsHint(row)}. ${columnAdvice('choices')}`,
    row.place,
  )
}

interface Choices {
  readonly texts: readonly string[]
  /** What labels call them, where they have names of their own. */
  readonly keys?: readonly unknown[]
}

function listedChoices(row: Row, column: string): Choices {
  const value = row.fields.get(column)
  const isTexts = (list: unknown): list is readonly string[] =>
    Array.isArray(list) && list.every((item) => typeof item === 'string')
  if (isTexts(value)) return { texts: value }
  if (isObject(value) && isTexts(value.text)) {
    const keys: unknown = value.label
    if (Array.isArray(keys) && keys.length === value.text.length) return { texts: value.text, keys }
    if (keys === undefined) return { texts: value.text }
  }
  throw wrongValue(row, column, 'a list of texts, or { text: […], label: […] }', value)
}

const separateChoices = (row: Row, columns: readonly string[]): Choices => ({
  texts: columns.map((column) => textOf(row, column)),
})

function indexOfLabel(
  row: Row,
  column: string,
  count: number,
  keys: readonly unknown[] | undefined,
  firstChoice: number,
): number {
  const value = row.fields.get(column)
  const own = keys?.indexOf(value) ?? -1
  if (own !== -1) return own
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d{1,9}$/.test(value))
  const letter = typeof value === 'string' && /^[A-Za-z]$/.test(value) ? value.toUpperCase().charCodeAt(0) - 65 : -1
  const index = keys !== undefined ? -1 : isNumber ? Number(value) - firstChoice : letter
  if (Number.isInteger(index) && index >= 0 && index < count) return index
  const range =
    keys === undefined
      ? `a number from ${firstChoice} to ${firstChoice + count - 1} or a letter up to ${letters[count - 1] ?? 'the last'}`
      : `one of the choices' labels`
  const hint =
    isNumber && Number(value) === count && firstChoice === 0 ? ' If labels begin with 1, set firstChoice: 1.' : ''
  throw new DatasetError(
    'data-malformed',
    `${JSON.stringify(column)} should be ${range}, but is ${describeValue(value)}.${hint}`,
    row.place,
  )
}
