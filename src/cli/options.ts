// Option values as they come from the command line: numbers checked, with one clear line where they are not numbers.

import { InvalidArgumentError } from 'commander'

/** What stands for a model, in every command that takes one. */
export const MODEL = 'folder or hub id: a checkpoint’s, or the folder of a pretraining run'

/** A whole number of at least `minimum`. */
export const wholeNumber =
  (minimum = 1) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= minimum && text.trim() !== '') return value
    throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`)
  }

/** A number from `minimum` to `maximum`. */
export const numberFrom =
  (minimum: number, maximum = Number.POSITIVE_INFINITY) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isFinite(value) && value >= minimum && value <= maximum && text.trim() !== '') return value
    const upTo = Number.isFinite(maximum) ? ` and at most ${maximum}` : ''
    throw new InvalidArgumentError(`It must be a number of at least ${minimum}${upTo}.`)
  }

/** A language's code: `en`, `pt-BR`. */
export function languageCode(text: string): string {
  if (/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text)) return text
  throw new InvalidArgumentError('It must be a code like en, de or pt-BR.')
}
