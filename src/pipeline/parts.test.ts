// Inputs of several sequences: order, budget and sharing of calls, without a model.

import { expect, test } from 'vitest'
import type { BatchLimits } from './batching.js'
import { inBatchesOfParts } from './parts.js'

async function run(texts: readonly string[], limits: BatchLimits = {}) {
  const calls: string[][] = []
  const words = (text: string) => {
    if (text === 'bad') throw new Error('refused')
    const parts = text === '' ? [] : text.split(' ').map((word) => ({ word, length: word.length, outputs: 0 }))
    return { text, parts }
  }
  const shout = async (parts: readonly { word: string }[]) => {
    calls.push(parts.map(({ word }) => word))
    return parts.map(({ word }) => word.toUpperCase())
  }
  const answers: string[] = []
  const answer = ({ text }: { text: string }, found: readonly string[]): string => `${text}: ${found.join(' ')}`
  const error = await (async () => {
    for await (const one of inBatchesOfParts(texts, words, shout, answer, limits)) answers.push(one)
  })().catch((problem: unknown) => problem)
  return { calls, answers, error }
}

test('every input gets what was said of its own parts, in their order', async () => {
  const { answers } = await run(['ccc a bb', '', 'dd', 'a ccc'], { batchTokens: 4 })
  expect(answers).toEqual(['ccc a bb: CCC A BB', ': ', 'dd: DD', 'a ccc: A CCC'])
})

test('parts of several inputs share calls, and no call is above the budget', async () => {
  const { calls } = await run(['ccc a bb', 'dd', 'a'], { batchTokens: 4 })
  expect(calls).toEqual([['a', 'a'], ['bb', 'dd'], ['ccc']])
})

test('inputs are answered window by window, those before a refused one too', async () => {
  const { calls, answers, error } = await run(['a b', 'c', 'd', 'bad', 'e'], { batchWindow: 2 })
  expect(calls).toEqual([['a', 'b', 'c'], ['d']])
  expect(answers).toEqual(['a b: A B', 'c: C', 'd: D'])
  expect(error).toEqual(new Error('refused'))
})

test('inputs without parts need no call', async () => {
  expect(await run(['', ''])).toMatchObject({ calls: [], answers: [': ', ': '] })
})

test('impossible limits are refused', async () => {
  expect((await run(['a'], { batchTokens: 0 })).error).toMatchObject({ code: 'option-invalid' })
})
