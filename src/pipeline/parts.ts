// Inputs of which the model reads several sequences each: the windows of a long text, the sentences of a comparison.

import { answerWindow, type BatchItem, type BatchLimits, type Inputs, inBatches } from './batching.js'

/**
 * As `inBatches`, for inputs that are made of parts: the parts of all inputs that were read together share calls of the
 * model, within the same budget.
 *
 * @param prepare makes an input's parts ready, or throws
 * @param read gives what the model has to say of each part
 * @param answer puts together what was said of an input's parts, which come in their order
 * @throws {BertkinError} `option-invalid` for impossible limits; and what `prepare`, `read` and `answer` throw
 *
 * @example
 * const words = (text: string) => ({ parts: text.split(' ').map((word) => ({ word, length: word.length, outputs: 0 })) })
 * const shout = async (parts: readonly { word: string }[]) => parts.map(({ word }) => word.toUpperCase())
 * for await (const answer of inBatchesOfParts(['a b', 'c'], words, shout, (_, found) => found.join())) console.log(answer)
 */
export async function* inBatchesOfParts<Input, Item extends { readonly parts: readonly BatchItem[] }, Found, Answer>(
  inputs: Inputs<Input>,
  prepare: (input: Input) => Item,
  read: (parts: readonly Item['parts'][number][]) => Promise<Found[]>,
  answer: (item: Item, found: readonly Found[]) => Answer,
  { batchTokens = 4096, ...limits }: BatchLimits = {},
): AsyncGenerator<Answer, void, undefined> {
  // An input has no length of its own, so that all inputs read together come together; their parts are batched.
  const whole = (input: Input) => ({ item: prepare(input), length: 0, outputs: 0 })
  const answerAll = async (wholes: readonly ReturnType<typeof whole>[]): Promise<Answer[]> => {
    const parts: Item['parts'][number][] = wholes.flatMap(({ item }) => item.parts)
    const found = await answerWindow(parts, read, batchTokens)
    let end = 0
    return wholes.map(({ item }) => {
      const start = end
      end += item.parts.length
      return answer(item, found.slice(start, end))
    })
  }
  yield* inBatches(inputs, whole, answerAll, { batchTokens, ...limits })
}
