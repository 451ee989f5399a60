import { expect, test } from 'vitest'
import type { Corpus } from './corpus.js'
import { splitHeldOut } from './heldOut.js'
import { documentsOfText, memoryCorpus } from './memoryCorpus.js'

async function texts(corpus: Corpus): Promise<string[]> {
  const lines: string[] = []
  for await (const document of corpus.documents()) lines.push(document.lines.join(' '))
  return lines
}
const numbers = Array.from({ length: 1000 }, (_, i) => String(i))
const corpus = memoryCorpus(numbers.map((text) => [text]))

test('the two parts share nothing and are all there is, an exact share, whatever the seed', async () => {
  const seen = new Set<string>()
  for (const seed of [0, 1, 2]) {
    const { train, heldOut } = splitHeldOut(corpus, { every: 20, seed })
    const [kept, held] = [await texts(train), await texts(heldOut)]
    expect(held.length).toBe(50)
    expect([...kept, ...held].sort()).toEqual([...numbers].sort())
    expect(await texts(splitHeldOut(corpus, { every: 20, seed }).heldOut)).toEqual(held)
    seen.add(held.join())
    // No fixed stride: the hash moves within each run.
    expect(new Set(held.map((text) => Number(text) % 20)).size).toBeGreaterThan(10)
  }
  expect(seen.size).toBe(3)
})

test('a part resumes with the same documents', async () => {
  const { train } = splitHeldOut(corpus, { every: 3, seed: 5 })
  const all = await texts(train)
  let i = 0
  for await (const { position } of train.documents()) {
    i++
    if (i % 97 !== 0) continue
    const rest: string[] = []
    for await (const { lines } of train.documents(position)) rest.push(lines.join(' '))
    expect(rest).toEqual(all.slice(i))
  }
})

test('bad options and empty corpora are refused', () => {
  expect(() => splitHeldOut(corpus, { every: 1 })).toThrow(/every must be/)
  expect(() => memoryCorpus([[' ', ''], []])).toThrow(expect.objectContaining({ code: 'text-empty' }))
})

test('documentsOfText splits at blank lines', () => {
  expect(documentsOfText('\uFEFF\na\r\nb\r\n\r\n \r\nc\n')).toEqual([['a', 'b'], ['c']])
})
