// Order, budgets and refusals of batching, without a model.

import { expect, test } from 'vitest'
import { type BatchLimits, type Inputs, inBatches, planBatches } from './batching.js'

const items = (...lengths: number[]) => lengths.map((length) => ({ length, outputs: 1 }))

test('batches hold texts of like length, and stay within the budget', () => {
  expect(planBatches(items(5, 2, 2), 6)).toEqual([[1, 2], [0]])
  expect(planBatches(items(9, 1, 9, 1), 18)).toEqual([
    [1, 3],
    [0, 2],
  ])
  expect(planBatches([], 6)).toEqual([])
})

test('a text longer than the budget goes alone', () => {
  expect(planBatches(items(100, 3), 10)).toEqual([[1], [0]])
})

test('a batch does not ask for more rows of logits than fit into memory', () => {
  const many = Array.from({ length: 4 }, () => ({ length: 300, outputs: 300 }))
  expect(planBatches(many, 4096)).toEqual([[0], [1], [2], [3]])
})

const prepare = (text: string) => {
  if (text === 'bad') throw new Error('refused')
  return { text, length: text.length, outputs: 0 }
}

async function run(texts: Inputs<string>, limits: BatchLimits = {}) {
  const sizes: number[] = []
  const answers: string[] = []
  const answer = async (batch: readonly { text: string }[]) => {
    sizes.push(batch.length)
    return batch.map(({ text }) => text.toUpperCase())
  }
  const error = await (async () => {
    for await (const found of inBatches(texts, prepare, answer, limits)) answers.push(found)
  })().catch((problem: unknown) => problem)
  return { sizes, answers, error }
}

test('answers come in the order of the texts', async () => {
  const { answers, sizes } = await run(['ccc', 'a', 'bb', 'dddd'], { batchTokens: 4 })
  expect(answers).toEqual(['CCC', 'A', 'BB', 'DDDD'])
  expect(sizes).toEqual([2, 1, 1])
})

test('a window of 1 answers each text before the next is read', async () => {
  const log: string[] = []
  async function* source() {
    for (const text of ['a', 'b']) {
      log.push(`read ${text}`)
      yield text
    }
  }
  const answer = async (batch: readonly { text: string }[]) => batch.map(({ text }) => text)
  for await (const found of inBatches(source(), prepare, answer, { batchWindow: 1 })) log.push(`answered ${found}`)
  expect(log).toEqual(['read a', 'answered a', 'read b', 'answered b'])
})

test('texts before a refused one are still answered, and the source is closed', async () => {
  let isClosed = false
  function* source() {
    try {
      yield* ['a', 'b', 'bad', 'c']
    } finally {
      isClosed = true
    }
  }
  const { answers, error } = await run(source())
  expect(answers).toEqual(['A', 'B'])
  expect(error).toEqual(new Error('refused'))
  expect(isClosed).toBe(true)
})

test.each([{ batchTokens: 0 }, { batchTokens: 1.5 }, { batchWindow: -1 }, { batchWindow: Number.NaN }])(
  'impossible limits are refused: %o',
  async (limits) => {
    expect((await run(['a'], limits)).error).toMatchObject({ code: 'option-invalid' })
  },
)
