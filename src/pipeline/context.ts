// What every task is given (a tokenizer, a model, and how to behave), and the one way in which texts become tokens.

import { BertkinError } from '../errors.js'
import { type Model, maxSequenceLength } from '../model/index.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import type { BatchLimits } from './batching.js'

/** How a pipeline behaves, whatever its task. */
export interface Behaviour extends BatchLimits {
  /** Told, in a sentence, about what was done differently than asked for. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void
}

/** A tokenizer and a model that belong together, and how to behave. */
export interface TaskContext extends Behaviour {
  readonly model: Model
  readonly tokenizer: Tokenizer
}

/** Options that all tasks have. */
export interface TextOptions {
  /** Cut texts that are longer than the model can take, and say so through `onWarning`. Default: false, an error. */
  readonly truncation?: boolean
}

/** Tells the caller something that is no error. */
export function warn({ onWarning }: Behaviour, message: string): void {
  if (onWarning) onWarning(message)
  else console.warn(message)
}

/**
 * Encodes a text for the model.
 *
 * @throws {BertkinError} `sequence-too-long` without `truncation`; `token-out-of-range` if tokenizer and model do not
 *   belong together; `option-invalid` if `text` is not a string
 */
export function encodeText(context: TaskContext, text: string, { truncation = false }: TextOptions): Encoding {
  checkText(text)
  const most = maxSequenceLength(context.model.config)
  const encoding = truncation ? truncated(context, text, mostTokens(context)) : context.tokenizer.encode(text)
  if (encoding.length > most) {
    const message = `${excerpt(text)} has ${encoding.length} tokens, the model takes ${most}`
    throw new BertkinError(
      'sequence-too-long',
      `${message}: shorten it, or pass truncation: true (--truncation) to cut it`,
    )
  }
  checkIds(context, encoding)
  return encoding
}

/**
 * Refuses what is no text.
 *
 * @throws {BertkinError} `option-invalid`
 */
export function checkText(text: unknown): asserts text is string {
  if (typeof text === 'string') return
  throw new BertkinError('option-invalid', `a text must be a string, not ${text === null ? 'null' : typeof text}`)
}

/** How many tokens a sequence may have, special ones included: what both the model and the tokenizer allow. */
export function mostTokens({ model, tokenizer }: TaskContext): number {
  const most = maxSequenceLength(model.config)
  return Math.min(most, tokenizer.modelMaxLength ?? most)
}

/**
 * Refuses tokens that the model has no rows for.
 *
 * @throws {BertkinError} `token-out-of-range`
 */
export function checkIds({ model }: TaskContext, encoding: Encoding): void {
  const { vocabSize } = model.config
  const stranger = encoding.ids.findIndex((id) => id >= vocabSize)
  if (stranger >= 0) throw outOfRange(encoding.tokens[stranger]!, encoding.ids[stranger]!, vocabSize)
}

/**
 * Encodes two texts that belong together for the model. Where truncation is allowed, the longer one gives way first.
 *
 * @throws {BertkinError} as `encodeText`, of both texts together
 */
export function encodePair(
  context: TaskContext,
  text: string,
  pair: string,
  { truncation = false }: TextOptions,
): Encoding {
  checkText(text)
  checkText(pair)
  const { model, tokenizer } = context
  const whole = tokenizer.encode(text, { pair })
  const maxLength = truncation ? mostTokens(context) : maxSequenceLength(model.config)
  if (whole.length <= maxLength) {
    checkIds(context, whole)
    return whole
  }
  const what = `${excerpt(text)} and ${excerpt(pair)} have ${whole.length} tokens together`
  if (!truncation) {
    const message = `${what}, the model takes ${maxLength}`
    throw new BertkinError(
      'sequence-too-long',
      `${message}: shorten them, or pass truncation: true (--truncation) to cut them`,
    )
  }
  const cut = tokenizer.encode(text, { pair, truncation: { maxLength } })
  const [first, second] = [0, 1].map((sequence) => tokensOf(whole, sequence) - tokensOf(cut, sequence))
  const lost = [first && `the last ${first} of the first`, second && `the last ${second} of the second`]
  warn(context, `${what}, more than ${maxLength}: ${lost.filter(Boolean).join(' and ')} were cut off`)
  checkIds(context, cut)
  return cut
}

const tokensOf = ({ sequenceIds }: Encoding, sequence: number): number =>
  sequenceIds.filter((owner) => owner === sequence).length

function truncated(context: TaskContext, text: string, maxLength: number): Encoding {
  const encoding = context.tokenizer.encode(text, { truncation: { maxLength } })
  if (encoding.length === maxLength && encoding.overflowing.length > 0) {
    warn(context, `${excerpt(text)} is longer than ${maxLength} tokens: what follows them was cut off`)
  }
  return encoding
}

/** The error for a token that the model has no row for. */
export const outOfRange = (token: string, id: number, vocabSize: number): BertkinError =>
  new BertkinError(
    'token-out-of-range',
    `the tokenizer gives "${token}" the id ${id}, but the model knows ${vocabSize} ids: they do not belong together`,
  )

/** The beginning of a text, quoted, for messages. */
export const excerpt = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

/**
 * Refuses misspelt options, which plain JavaScript would pass over.
 *
 * @throws {BertkinError} `option-invalid`
 */
export function checkOptionNames(task: string, options: object, known: readonly string[]): void {
  const stranger = Object.keys(options).find((name) => !known.includes(name))
  if (stranger === undefined) return
  throw new BertkinError('option-invalid', `${task} has no option "${stranger}"; it has ${known.join(', ')}`)
}
