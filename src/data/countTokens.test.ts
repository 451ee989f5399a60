import { expect, test } from 'vitest'
import { countTokens } from './countTokens.js'
import { memoryCorpus } from './memoryCorpus.js'

const encodeIds = (text: string) => text.split(' ').map(Number)
const corpus = memoryCorpus([['1 2', '2'], ['3 3 3'], ['1 4'], ['5']])

test('tokens are counted in all documents, or in every so many-th', async () => {
  expect([...(await countTokens(corpus, encodeIds, { vocabSize: 6 }))]).toEqual([0, 2, 2, 3, 1, 1])
  expect([...(await countTokens(corpus, encodeIds, { vocabSize: 6, every: 2 }))]).toEqual([0, 2, 2, 0, 1, 0])
  expect([...(await countTokens(corpus, encodeIds, { vocabSize: 3 }))]).toEqual([0, 2, 2])
})
