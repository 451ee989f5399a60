// Cutting one or two sequences to a length, into windows if they overlap. Semantics of the reference library 0.22 (its
// release 0.23 loses windows beyond the second); "longest first" is not popping tokens one by one but a split at once.
import { TokenizerError } from './error.js'

/** How to cut an encoding that is too long; names as in transformers, but camelCase. */
export interface TruncationOptions {
  /** The most tokens an encoding may have, special tokens included. */
  maxLength: number
  /** Which sequence gives way. Default `longest_first`: both come down to the same length, then share. */
  strategy?: 'longest_first' | 'only_first' | 'only_second'
  /** How many tokens each window repeats of the one before. Default 0. */
  stride?: number
  /** The side that is cut off. Default `right`. */
  side?: 'right' | 'left'
}

/** A stretch of a sequence's tokens: `[start, end)`. */
export type Window = readonly [start: number, end: number]

/**
 * How many tokens each of two sequences keeps under "longest first" with room for `room`: the shorter stays whole if
 * the other fits beside it, else each gets half, and the odd token goes to the longer (to the second if equal).
 *
 * @example
 * splitRoom(10, 4, 9) // [5, 4]
 */
export function splitRoom(first: number, second: number, room: number): [first: number, second: number] {
  if (first + second <= room) return [first, second]
  const shorter = Math.min(first, second)
  if (2 * shorter <= room) return first <= second ? [first, room - first] : [room - second, second]
  const half = Math.floor(room / 2)
  return first <= second ? [half, room - half] : [room - half, half]
}

/**
 * The windows over `length` tokens, each of at most `room`, the first of which is what is kept.
 * Throws `truncation-impossible` if a window would not be longer than what it repeats.
 *
 * @example
 * windows(10, 4, 1, 'right') // [[0, 4], [3, 7], [6, 10]]
 */
export function windows(length: number, room: number, stride: number, side: 'right' | 'left'): Window[] {
  if (length <= room) return [[0, length]]
  // Nothing is kept, and a window of nothing gets nowhere.
  if (room === 0) return [[0, 0]]
  if (stride >= room) {
    throw new TokenizerError(
      'truncation-impossible',
      `a stride of ${stride} leaves no step between windows of ${room} tokens; use a smaller stride or a larger maxLength`,
    )
  }
  const result: Window[] = []
  const step = room - stride
  if (side === 'right') {
    for (let start = 0; ; start += step) {
      const end = Math.min(start + room, length)
      result.push([start, end])
      if (end === length) return result
    }
  }
  for (let end = length; ; end -= step) {
    const start = Math.max(0, end - room)
    result.push([start, end])
    if (start === 0) return result
  }
}

/** The windows of each sequence (of the one, if there is no second). */
export interface Cut {
  readonly first: readonly Window[]
  readonly second: readonly Window[]
}

/**
 * Cuts sequences of `first` and, unless undefined, `second` tokens so that they and `added` special tokens fit.
 * Throws `truncation-impossible` if they cannot, and `option-invalid` for a bad option.
 *
 * @example
 * truncate(10, undefined, 2, { maxLength: 8 }) // { first: [[0, 6], [6, 10]], second: [] }
 */
export function truncate(first: number, second: number | undefined, added: number, options: TruncationOptions): Cut {
  const { maxLength, strategy = 'longest_first', stride = 0, side = 'right' } = options
  checkOptions(maxLength, strategy, stride, side)
  const room = maxLength - added
  if (room < 0) {
    throw new TokenizerError(
      'truncation-impossible',
      `a maxLength of ${maxLength} has no room for the ${added} special tokens; make it larger or pass addSpecialTokens: false`,
    )
  }
  const other = second ?? 0
  const excess = first + other - room
  let keepFirst = first
  let keepSecond = other
  if (excess > 0) {
    if (strategy === 'longest_first' || room === 0) {
      if (second === undefined) keepFirst = room
      else [keepFirst, keepSecond] = splitRoom(first, other, room)
    } else if (strategy === 'only_first') keepFirst = shorten('first', first, excess)
    else if (second === undefined) {
      throw new TokenizerError(
        'truncation-impossible',
        "strategy 'only_second' needs a second text; pass options.pair or use another strategy",
      )
    } else keepSecond = shorten('second', other, excess)
  }
  return {
    first: windows(first, keepFirst, stride, side),
    second: second === undefined ? [] : windows(other, keepSecond, stride, side),
  }
}

function shorten(which: 'first' | 'second', length: number, excess: number): number {
  if (length > excess) return length - excess
  throw new TokenizerError(
    'truncation-impossible',
    `the ${which} text has ${length} tokens but ${excess} would have to go; use 'longest_first' or a larger maxLength`,
  )
}

function checkOptions(maxLength: number, strategy: string, stride: number, side: string): void {
  const invalid = (message: string): never => {
    throw new TokenizerError('option-invalid', message)
  }
  if (!Number.isInteger(maxLength) || maxLength < 0) {
    invalid(`truncation.maxLength must be a whole number of tokens, not ${maxLength}`)
  }
  if (!Number.isInteger(stride) || stride < 0) {
    invalid(`truncation.stride must be a whole number of tokens, not ${stride}`)
  }
  if (strategy !== 'longest_first' && strategy !== 'only_first' && strategy !== 'only_second') {
    invalid(
      `truncation.strategy must be 'longest_first', 'only_first' or 'only_second', not ${JSON.stringify(strategy)}`,
    )
  }
  if (side !== 'right' && side !== 'left') {
    invalid(`truncation.side must be 'right' or 'left', not ${JSON.stringify(side)}`)
  }
}
