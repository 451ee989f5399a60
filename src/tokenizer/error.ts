// What the tokenizer room raises.
import { BertkinError, type ErrorCode } from '../errors.js'

/** The codes that a {@link TokenizerError} can carry. */
export type TokenizerErrorCode = Extract<
  ErrorCode,
  'tokenizer-malformed' | 'tokenizer-unsupported' | 'truncation-impossible' | 'option-invalid'
>

/**
 * A tokenizer file that cannot be read (`tokenizer-malformed`), that asks for a step not built here
 * (`tokenizer-unsupported`), a truncation that cannot be done (`truncation-impossible`) or a bad option (`option-invalid`).
 *
 * @example
 * try { Tokenizer.fromFiles({ 'vocab.txt': '' }) } catch (error) {
 *   if (error instanceof TokenizerError) console.error(error.code, error.message)
 * }
 */
export class TokenizerError extends BertkinError {
  override readonly name: string = 'TokenizerError'

  constructor(
    override readonly code: TokenizerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}
