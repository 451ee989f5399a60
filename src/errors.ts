// Every error that bertkin raises on purpose: a class a program can test for, a code it can switch on, and a
// message for a person that says what is wrong and what to do about it.

/** The rooms' error codes. A code is stable; the message's wording is not. */
export type ErrorCode =
  // graph
  | 'shape-mismatch'
  | 'dtype-mismatch'
  | 'missing-gradient'
  | 'duplicate-name'
  // runtime
  | 'engine-missing'
  | 'device-unavailable'
  | 'bad-feed'
  | 'disposed'
  // checkpoint
  | 'file-missing'
  | 'file-read'
  | 'file-malformed'
  | 'file-truncated'
  | 'file-unsafe'
  | 'file-write'
  | 'dtype-unsupported'
  | 'parameter-missing'
  | 'parameter-mismatch'
  | 'config-invalid'
  | 'config-unsupported'
  | 'hub-unreachable'
  | 'hub-denied'
  | 'hub-malformed'
  // tokenizer
  | 'tokenizer-malformed'
  | 'tokenizer-unsupported'
  | 'truncation-impossible'
  // data
  | 'text-missing'
  | 'text-empty'
  | 'text-not-utf8'
  | 'text-binary'
  | 'data-malformed'
  | 'data-empty'
  | 'column-missing'
  | 'label-unknown'
  // model, objective, train, pipeline
  | 'sequence-too-long'
  | 'token-out-of-range'
  | 'option-invalid'
  | 'head-mismatch'
  | 'no-mask'
  | 'not-finite'
  | 'resume-mismatch'
  | 'worker-failed'
  | 'cancelled'
  | 'task-unknown'

/**
 * Base of all errors raised by bertkin.
 *
 * @example
 * try { await loadModel('nowhere') } catch (error) {
 *   if (error instanceof BertkinError && error.code === 'file-missing') console.error(error.message)
 * }
 */
export class BertkinError extends Error {
  override readonly name: string = 'BertkinError'

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
