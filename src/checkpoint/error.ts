// The checkpoint room's error class.

import { BertkinError } from '../errors.js'

/**
 * Raised for every problem with a checkpoint: files that are missing, malformed or cut off, configurations that
 * contradict themselves, weights that do not fit, folders that cannot be written. The message is one line that says
 * what is wrong and what to do about it; `cause` holds the lower-level error, where there is one.
 *
 * @example
 * try {
 *   await openWeights(await openFolder('models/electra'))
 * } catch (error) {
 *   if (error instanceof CheckpointError && error.code === 'file-truncated') console.error('download it again')
 * }
 */
export class CheckpointError extends BertkinError {
  override readonly name = 'CheckpointError'
}

/** A stranger's value for a message: on one line, and not too long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
