// What pickles are made of, and what is said of those that are made of anything else.

import { CheckpointError, shown } from './error.js'

/** A tuple; lists (and sets) are arrays. */
export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A dictionary as it was written: key, value, key, value … Nothing is looked up in it before it is wanted. */
export class Dict {
  readonly entries: PickleValue[] = []
}

/** Whatever a PickleWorld makes. */
export abstract class PickleObject {
  /** What messages call it. */
  abstract readonly name: string
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tuple
  | Dict
  | PickleObject
  | PickleValue[]

/**
 * The one error for whatever a file asks to be called or set up beyond what weights need.
 *
 * @param what a name, or what is to be done with a thing
 */
export const unsafe = (fileName: string, what: string): CheckpointError =>
  new CheckpointError(
    'file-unsafe',
    `${fileName} asks for ${/^[\w.<> -]{1,120}$/.test(what) ? what : shown(what)}, which weights do not need. Nothing in the file was executed. Use a safetensors file, or weights from a source you trust.`,
  )

export const malformedTorch = (
  fileName: string,
  problem: string,
  code: 'file-malformed' | 'file-truncated' = 'file-malformed',
): CheckpointError =>
  new CheckpointError(
    code,
    `${fileName} is not a valid PyTorch file of weights: ${problem}. Download or save it again.`,
  )
