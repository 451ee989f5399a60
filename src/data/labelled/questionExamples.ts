// Rows as questions about a context. Whatever the answers' offsets count, what comes out counts UTF-16 units and has been
// held against the context.

import {
  collectExamples,
  columnAdvice,
  type Dataset,
  type ExampleOptions,
  type ExampleReader,
  findColumn,
  pickColumn,
  type QuestionExample,
} from './example.js'
import { isObject } from './jsonRows.js'
import { DatasetError } from './place.js'
import { columnsHint, describeValue, excerpt, type Row, textOf, wrongValue } from './row.js'

/** How rows become QuestionExamples. */
export interface QuestionExampleOptions extends ExampleOptions {
  readonly columns?: {
    readonly id?: string
    readonly question?: string
    readonly context?: string
    /** Answers in one column: a list of { text, answer_start }, or { text: […], answer_start: […] }. */
    readonly answers?: string
    /** Where a row has one answer in two columns, as in csv: its text (empty if there is none) and its start. */
    readonly answerText?: string
    readonly answerStart?: string
  }
}

/**
 * Makes rows into questions. Columns that are not named in the options are looked for: id (else the row's number),
 * question, context, and answers, or else answer_text (or answer) with answer_start.
 *
 * Offsets count code points in files written by Python, and UTF-16 units in others; the one that finds the answer in the
 * context is taken, code points first. Without answers a question is unanswerable, and `is_impossible` must agree.
 *
 * @throws DatasetError 'column-missing' with the columns there are; 'data-malformed' with the place, for an empty question
 *   or context, an id that occurred before, an answer that is empty or does not stand where its start says, or an
 *   is_impossible that contradicts the answers
 * @example
 * const rows = squadRows(memoryFile('dev.json', '{"data": []}'))
 * for (const { question, answers } of (await questionExamples(rows)).examples) console.log(question, answers[0]?.text)
 */
export function questionExamples(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: QuestionExampleOptions = {},
): Promise<Dataset<QuestionExample>> {
  return collectExamples(rows, (first) => questionReader(first, options), options)
}

function questionReader(first: Row, { columns = {} }: QuestionExampleOptions): ExampleReader<QuestionExample> {
  const id = findColumn(first, 'id', columns.id, ['id', 'qid'])
  const question = pickColumn(first, 'question', columns.question, ['question'])
  const context = pickColumn(first, 'context', columns.context, ['context', 'passage'])
  const answers = answersReader(first, columns)
  const seen = new Set<string>()
  let count = 0
  return {
    columns: { ...(id === undefined ? {} : { id }), question, context, ...answers.columns },
    read(row) {
      count++
      const own = id === undefined ? String(count) : idOf(row, id)
      if (seen.has(own)) {
        const message = `the id ${excerpt(JSON.stringify(own))} occurs a second time. Ids tell questions apart.`
        throw new DatasetError('data-malformed', message, row.place)
      }
      const text = nonEmpty(row, context)
      const example = {
        id: own,
        question: nonEmpty(row, question),
        context: text,
        answers: answers.read(row).map((answer) => placeAnswer(answer, text, row)),
        place: row.place,
      }
      assertPossible(example, row)
      seen.add(own)
      return example
    },
  }
}

function idOf(row: Row, column: string): string {
  const value = row.fields.get(column)
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value)
  throw wrongValue(row, column, 'an id (a text or a number)', value)
}

function nonEmpty(row: Row, column: string): string {
  const text = textOf(row, column)
  if (text.trim() !== '') return text
  throw new DatasetError('data-malformed', `the ${JSON.stringify(column)} is empty.`, row.place)
}

/** As a file has it: the offset's unit is not known yet. */
interface RawAnswer {
  readonly text: string
  readonly start: number
}

interface AnswersReader {
  readonly columns: Readonly<Record<string, string>>
  read(row: Row): readonly RawAnswer[]
}

function answersReader(first: Row, columns: NonNullable<QuestionExampleOptions['columns']>): AnswersReader {
  const wantsTwo = columns.answerText !== undefined || columns.answerStart !== undefined
  const answers = wantsTwo ? undefined : findColumn(first, 'answers', columns.answers, ['answers'])
  if (answers !== undefined) return { columns: { answers }, read: (row) => answersOf(row, answers) }
  const text = findColumn(first, 'answerText', columns.answerText, ['answer_text', 'answer'])
  const start = findColumn(first, 'answerStart', columns.answerStart, ['answer_start'])
  if (text === undefined || start === undefined) {
    throw new DatasetError(
      'column-missing',
      `there is no column for the answers (looked for "answers", or "answer_text" with "answer_start"); ` +
        `${columnsHint(first)}. ${columnAdvice('answers')}`,
      first.place,
    )
  }
  return {
    columns: { answerText: text, answerStart: start },
    read(row) {
      const value = row.fields.get(text)
      if (value === '' || value === null) return []
      return [{ text: textOf(row, text), start: offsetOf(row.fields.get(start), row, start) }]
    },
  }
}

function answersOf(row: Row, column: string): readonly RawAnswer[] {
  const value = row.fields.get(column)
  const read = (text: unknown, start: unknown): RawAnswer => {
    if (typeof text !== 'string') throw wrongValue(row, column, 'answers with a "text"', text)
    return { text, start: offsetOf(start, row, column) }
  }
  if (Array.isArray(value)) {
    return value.map((answer: unknown) => {
      if (!isObject(answer)) throw wrongValue(row, column, 'a list of { text, answer_start }', value)
      return read(answer.text, answer.answer_start)
    })
  }
  if (isObject(value) && Array.isArray(value.text) && Array.isArray(value.answer_start)) {
    const { text: texts, answer_start: starts } = value
    if (texts.length === starts.length) return texts.map((text: unknown, i) => read(text, starts[i]))
    const message = `${JSON.stringify(column)} has ${texts.length} texts but ${starts.length} starts.`
    throw new DatasetError('data-malformed', message, row.place)
  }
  if (value === undefined && row.fields.get('is_impossible') === true) return []
  throw wrongValue(row, column, 'a list of { text, answer_start }, or { text: […], answer_start: […] }', value)
}

function offsetOf(value: unknown, row: Row, column: string): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  const message = `${JSON.stringify(column)}: expected an answer_start of 0 or more, found ${describeValue(value)}.`
  throw new DatasetError('data-malformed', message, row.place)
}

/** The answer with its start in UTF-16 units. */
function placeAnswer({ text, start }: RawAnswer, context: string, row: Row): RawAnswer {
  if (text === '') {
    throw new DatasetError('data-malformed', 'an answer is empty. Leave it out if there is none.', row.place)
  }
  const units = codePointsToUnits(context, start)
  if (context.startsWith(text, units)) return { text, start: units }
  if (context.startsWith(text, start)) return { text, start }
  const there = JSON.stringify(context.slice(units, units + Math.min(text.length, 40)))
  const found = context.indexOf(text)
  const hint = found === -1 ? 'It occurs nowhere in the context.' : `Its first occurrence is at ${found}.`
  throw new DatasetError(
    'data-malformed',
    `the answer ${excerpt(JSON.stringify(text))} does not stand at ${start}, where the context has ${there}. ${hint}`,
    row.place,
  )
}

/** The UTF-16 offset of the code point number `count`; beyond the end, the rest counts one each. */
function codePointsToUnits(text: string, count: number): number {
  let units = 0
  for (let points = 0; points < count; points++) {
    if (units >= text.length) return units + count - points
    units += text.codePointAt(units)! > 0xffff ? 2 : 1
  }
  return units
}

function assertPossible({ answers }: QuestionExample, row: Row): void {
  const impossible = row.fields.get('is_impossible')
  if (impossible === undefined || impossible === null) return
  const said = impossible === true || impossible === 'true' || impossible === 'True'
  if (!said && impossible !== false && impossible !== 'false' && impossible !== 'False') {
    throw wrongValue(row, 'is_impossible', 'true or false', impossible)
  }
  if (said === (answers.length === 0)) return
  const message = said
    ? `is_impossible is true, but there are ${answers.length} answers.`
    : 'is_impossible is false, but there is no answer.'
  throw new DatasetError('data-malformed', `${message} Correct the one or the other.`, row.place)
}
