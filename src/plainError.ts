// Errors as plain data, so that they can cross from one thread to another, or from a worker to its page, and be what they
// were: class, code, message and cause.

import { BertkinError, type ErrorCode } from './errors.js'

/** A class of errors that can be made again of a code and a message. */
export type ErrorClass = new (code: never, message: string) => BertkinError

/** An error as plain data. */
export interface PlainError {
  readonly name: string
  /** Of a {@link BertkinError}. */
  readonly code?: string
  readonly message: string
  readonly stack?: string
  readonly cause?: PlainError
}

/** Causes of causes beyond this are left out. */
const DEEPEST = 5

/**
 * An error as plain data, with what caused it.
 *
 * @example
 * toPlainError(new BertkinError('no-mask', 'there is no [MASK]')) // { name: 'BertkinError', code: 'no-mask', … }
 */
export function toPlainError(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack, cause } = error
  return {
    name,
    message,
    ...(error instanceof BertkinError && { code: error.code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < DEEPEST && { cause: toPlainError(cause, depth + 1) }),
  }
}

/**
 * The error again: of its class, if that is one of `classes`, else a {@link BertkinError} of the same name, or, without a
 * code, an `Error` of it.
 *
 * @example
 * fromPlainError(toPlainError(new CheckpointError('file-missing', 'nothing there')), [CheckpointError])
 */
export function fromPlainError(plain: PlainError, classes: readonly ErrorClass[]): Error {
  const { name, code, message, stack, cause } = plain
  const Known = classes.find((candidate) => candidate.name === name) ?? BertkinError
  // The code comes from this library's own thread.
  const error = code === undefined ? new Error(message) : new Known(code as ErrorCode as never, message)
  const define = (key: string, value: unknown): unknown =>
    Object.defineProperty(error, key, { value, configurable: true, writable: true })
  // Classes whose errors are made of other things keep their name; and a minifier may have renamed the class.
  if (error.name !== name) define('name', name)
  if (cause !== undefined) define('cause', fromPlainError(cause, classes))
  if (stack !== undefined) error.stack = stack
  return error
}
