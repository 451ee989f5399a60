// CoNLL's columns: a word a line with its labels behind it, an empty line after each sentence.

import type { DataFile, Line } from './dataFile.js'
import { DatasetError, type Place } from './place.js'
import { describeValue, excerpt, type Row } from './row.js'

/** Which columns of a CoNLL file count. */
export interface ConllOptions {
  /** Column of the word, counted from 0, or from the end if negative; default 0. */
  readonly wordColumn?: number
  /** Column of the label, likewise; default −1, the last. */
  readonly labelColumn?: number
  /** Lines that begin with this are skipped, such as '# '; by default none are, since words may begin with anything. */
  readonly commentPrefix?: string
}

/**
 * Reads sentences in CoNLL's format: rows with the columns `words` and `labels`, two lists of the same length. A row's
 * place is the sentence's first line, and its `lines` are those of the words.
 *
 * Columns are separated by tabs if the first word's line has one, else by runs of spaces. Lines of white space end
 * sentences, and so do `-DOCSTART-` lines, which are no words themselves.
 *
 * @throws DatasetError 'data-malformed' with the line, for one with another number of columns than the first, or an empty
 *   word or label; 'option-invalid' for a column that the file does not have
 * @example
 * const file = memoryFile('train.conll', 'Tom\tB-person\nsleeps\tO\n\n')
 * for await (const { fields } of conllRows(file)) console.log(fields.get('words'), fields.get('labels'))
 */
export async function* conllRows(file: DataFile, options: ConllOptions = {}): AsyncGenerator<Row> {
  let layout: Layout | undefined
  let sentence: Sentence | undefined
  for await (const line of file.lines()) {
    const ends = line.text.trim() === '' || /^-DOCSTART-(\s|$)/.test(line.text)
    if (!ends && options.commentPrefix && line.text.startsWith(options.commentPrefix)) continue
    if (ends) {
      if (sentence !== undefined) yield rowOf(sentence)
      sentence = undefined
    } else {
      const place = { file: file.name, line: line.number }
      layout ??= layoutOf(line, place, options)
      sentence ??= { place, words: [], labels: [], lines: [] }
      addWord(sentence, line, layout, place)
    }
  }
  if (sentence !== undefined) yield rowOf(sentence)
}

interface Layout {
  readonly separator: string | RegExp
  readonly columns: number
  readonly word: number
  readonly label: number
}

interface Sentence {
  readonly place: Place
  readonly words: string[]
  readonly labels: string[]
  readonly lines: number[]
}

const rowOf = ({ place, words, labels, lines }: Sentence): Row => ({
  place,
  fields: new Map([
    ['words', words],
    ['labels', labels],
  ]),
  lines,
})

function layoutOf(line: Line, place: Place, { wordColumn = 0, labelColumn = -1 }: ConllOptions): Layout {
  const separator = line.text.includes('\t') ? '\t' : / +/
  const columns = columnsOf(line.text, separator).length
  if (columns < 2) {
    throw new DatasetError(
      'data-malformed',
      `expected a word and its label, separated by a tab or spaces; found ${describeValue(line.text.trimEnd())}.`,
      place,
    )
  }
  const index = (name: string, column: number): number => {
    const counted = column < 0 ? columns + column : column
    if (Number.isInteger(column) && counted >= 0 && counted < columns) return counted
    throw new DatasetError('option-invalid', `${name} is ${column}, but there are ${columns} columns here.`, place)
  }
  return { separator, columns, word: index('wordColumn', wordColumn), label: index('labelColumn', labelColumn) }
}

function columnsOf(text: string, separator: string | RegExp): string[] {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  return (typeof separator === 'string' ? line : line.trim()).split(separator)
}

function addWord(sentence: Sentence, { text, number }: Line, layout: Layout, place: Place): void {
  const columns = columnsOf(text, layout.separator)
  const [word, label] = [columns[layout.word], columns[layout.label]]
  if (columns.length !== layout.columns) {
    const by = layout.separator === '\t' ? 'tabs' : 'spaces'
    throw new DatasetError(
      'data-malformed',
      `expected ${layout.columns} columns separated by ${by}, as in the first line with a word; found ${columns.length}: ` +
        `${excerpt(JSON.stringify(text.trimEnd()))}. For comment lines, set commentPrefix.`,
      place,
    )
  }
  // A word may be a space of some kind: tweets have such.
  if (word === undefined || word === '' || label === undefined || label.trim() === '') {
    const what = word ? 'label' : 'word'
    throw new DatasetError('data-malformed', `the ${what} is empty. A line is a word and its label, or empty.`, place)
  }
  sentence.words.push(word)
  sentence.labels.push(label.trim())
  sentence.lines.push(number)
}
