// Where in a data set something stands, and the error that says so.

import { BertkinError, type ErrorCode } from '../../errors.js'

/** A place in labelled data: a file, the line in it counted from 1, and what is there (`row 17`, `data[0].paragraphs[2]`). */
export interface Place {
  readonly file: string
  /** Undefined where a file has no lines (parquet) or is one example as a whole. */
  readonly line?: number
  readonly item?: string
}

/**
 * Raised for labelled data that cannot be used: lines that are not in their format, missing columns, values of the wrong
 * type, unknown labels. The message is one line: the place, what was expected, what was found, what to do.
 *
 * @example
 * try {
 *   await readDataset('text-classification', 'train.csv')
 * } catch (error) {
 *   if (error instanceof DatasetError) console.error(error.place?.file, error.place?.line, error.message)
 * }
 */
export class DatasetError extends BertkinError {
  override readonly name = 'DatasetError'

  /** @param place where it is; put in front of the message */
  constructor(
    code: ErrorCode,
    message: string,
    readonly place?: Place,
    options?: ErrorOptions,
  ) {
    super(code, place === undefined ? message : `${describePlace(place)}: ${message}`, options)
  }
}

/**
 * A place as people and editors write it.
 *
 * @example
 * describePlace({ file: 'dev.json', line: 3, item: 'data[0]' }) // 'dev.json:3 (data[0])'
 */
export function describePlace({ file, line, item }: Place): string {
  return `${file}${line === undefined ? '' : `:${line}`}${item === undefined ? '' : ` (${item})`}`
}
