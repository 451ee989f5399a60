// Text that a data set is read from, wherever it lies: a file, or a string in memory.

/** A line without its newline; a carriage return before that is still there. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** A text with a name for error messages. A byte order mark is never part of it. */
export interface DataFile {
  readonly name: string
  lines(): AsyncIterable<Line>
  text(): Promise<string>
}

/**
 * A data file in memory, for browsers and for text that came from somewhere else.
 *
 * @param name what error messages call it
 * @example
 * for await (const row of csvRows(memoryFile('train.csv', 'text,label\ngood,1\n'))) console.log(row.fields.get('text'))
 */
export function memoryFile(name: string, content: string): DataFile {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content
  return {
    name,
    text: async () => text,
    async *lines(): AsyncGenerator<Line> {
      let start = 0
      for (let number = 1; start < text.length; number++) {
        const newline = text.indexOf('\n', start)
        const end = newline === -1 ? text.length : newline
        yield { number, text: text.slice(start, end) }
        start = end + 1
      }
    },
  }
}
