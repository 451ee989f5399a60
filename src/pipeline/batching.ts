// Inputs in, answers out, in the same order: texts of like length share a call of the model, so that little of it is
// spent on padding, and no call is larger than a budget.

import { BertkinError } from '../errors.js'

/** Where a task's inputs come from: texts, pairs of texts, questions with their passages. */
export type Inputs<Input> = Iterable<Input> | AsyncIterable<Input>

export interface BatchLimits {
  /** The most tokens in one call of the model, padding included; a longer text goes alone. Default: 4096. */
  readonly batchTokens?: number
  /**
   * How many texts are read before the first of them is answered; within them, texts of like length meet. 1 answers each
   * text as soon as it is read. Default: 64.
   */
  readonly batchWindow?: number
}

/** An input made ready: how many tokens it has, and for how many of them it wants a row of outputs. */
export interface BatchItem {
  readonly length: number
  readonly outputs: number
}

// A row of logits over a vocabulary is 120 kB; this many stay below 64 MB.
const MOST_OUTPUTS = 512

/**
 * Answers inputs in batches, in the order in which they came. If one is refused, those before it are still answered.
 *
 * @param prepare makes an input ready, or throws
 * @param answer answers inputs that were made ready, in their order
 * @throws {BertkinError} `option-invalid` for impossible limits; and what `prepare` and `answer` throw
 *
 * @example
 * const item = (text: string) => ({ text, length: text.length, outputs: 0 })
 * const shout = async (items: readonly { text: string }[]) => items.map(({ text }) => text.toUpperCase())
 * for await (const answer of inBatches(['a', 'b'], item, shout)) console.log(answer)
 */
export async function* inBatches<Input, Item extends BatchItem, Answer>(
  inputs: Inputs<Input>,
  prepare: (input: Input) => Item,
  answer: (items: readonly Item[]) => Promise<Answer[]>,
  { batchTokens = 4096, batchWindow = 64 }: BatchLimits = {},
): AsyncGenerator<Answer, void, undefined> {
  checkPositive('batchTokens', batchTokens)
  checkPositive('batchWindow', batchWindow)
  let window: Item[] = []
  let refused: { readonly error: unknown } | undefined
  for await (const input of inputs) {
    try {
      window.push(prepare(input))
    } catch (error) {
      refused = { error }
      break
    }
    if (window.length >= batchWindow) {
      yield* await answerWindow(window, answer, batchTokens)
      window = []
    }
  }
  yield* await answerWindow(window, answer, batchTokens)
  if (refused) throw refused.error
}

/**
 * Answers items that were made ready, in calls within the budget.
 *
 * @returns their answers, in their order
 *
 * @example
 * const items = ['ccc', 'a'].map((text) => ({ text, length: text.length, outputs: 0 }))
 * await answerWindow(items, async (batch) => batch.map(({ text }) => text.toUpperCase()), 4096) // ['CCC', 'A']
 */
export async function answerWindow<Item extends BatchItem, Answer>(
  window: readonly Item[],
  answer: (items: readonly Item[]) => Promise<Answer[]>,
  batchTokens: number,
): Promise<Answer[]> {
  const answers = new Map<number, Answer>()
  for (const batch of planBatches(window, batchTokens)) {
    const found = await answer(batch.map((index) => window[index]!))
    batch.forEach((index, i) => {
      answers.set(index, found[i]!)
    })
  }
  return window.map((_, index) => answers.get(index)!)
}

/**
 * Which items go together: shortest first, each batch at most `batchTokens` with its padding.
 *
 * @returns batches of indices
 *
 * @example
 * const items = [5, 2, 2].map((length) => ({ length, outputs: 1 }))
 * planBatches(items, 6) // [[1, 2], [0]]
 */
export function planBatches(items: readonly BatchItem[], batchTokens: number): number[][] {
  const order = items.map((_, index) => index).sort((a, b) => items[a]!.length - items[b]!.length || a - b)
  const batches: number[][] = []
  let outputs = 0
  for (const index of order) {
    const item = items[index]!
    const batch = batches.at(-1)
    // Shortest first: the newcomer is the longest, and all are padded to it.
    if (batch && (batch.length + 1) * item.length <= batchTokens && outputs + item.outputs <= MOST_OUTPUTS) {
      batch.push(index)
      outputs += item.outputs
    } else {
      batches.push([index])
      outputs = item.outputs
    }
  }
  return batches
}

function checkPositive(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new BertkinError('option-invalid', `${name} must be a positive whole number, not ${value}`)
}
