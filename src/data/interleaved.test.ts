// Several corpora side by side: nothing is lost, all kinds of text come all the time, and any place can be resumed from.

import { describe, expect, it } from 'vitest'
import { Random } from '../random.js'
import type { Corpus, CorpusDocument, CorpusPosition } from './corpus.js'
import { type BlocksPosition, interleaved, memoryCorpus, parseBlocksPosition } from './index.js'

async function all(corpus: Corpus, from?: CorpusPosition): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = []
  for await (const document of corpus.documents(from)) documents.push(document)
  return documents
}

/** Documents of about `length` characters, which say whose they are. */
const corpusOf = (name: string, count: number, length: number, random = new Random(3)): Corpus =>
  memoryCorpus(Array.from({ length: count }, (_, i) => [`${name}${i}`, 'x'.repeat(1 + random.below(2 * length))]))

const names = (documents: readonly CorpusDocument[]): string[] => documents.map(({ lines }) => lines[0]!)

describe('corpora side by side', () => {
  const parts = [corpusOf('novel', 30, 400), corpusOf('article', 300, 80), corpusOf('note', 7, 10)]

  it('give every document once, each corpus in its order, and count on', async () => {
    const documents = await all(interleaved(parts))
    for (const part of parts) {
      const own = names(await all(part))
      expect(names(documents).filter((name) => own.includes(name))).toEqual(own)
    }
    expect(documents).toHaveLength(337)
    expect(documents.map(({ position }) => position.document)).toEqual(documents.map((_, i) => i + 1))
  })

  it('are read in proportion to their sizes, whatever the script', async () => {
    // The same number of characters; in UTF-8, which sizes are in, the first has three times as many bytes.
    const corpus = interleaved([
      memoryCorpus(Array.from({ length: 300 }, () => ['語'.repeat(100)])),
      memoryCorpus(Array.from({ length: 100 }, () => ['é😀'.repeat(50)])),
      memoryCorpus(Array.from({ length: 200 }, () => ['x'.repeat(100)])),
    ])
    const documents = names(await all(corpus))
    for (const quarter of [0, 150, 300, 450].map((start) => documents.slice(start, start + 150))) {
      expect(quarter.filter((text) => text.startsWith('語')).length).toBeCloseTo(75, -1)
      expect(quarter.filter((text) => text.startsWith('é')).length).toBeCloseTo(25, -1)
    }
  })

  it('go on after any document as if nothing had happened', async () => {
    const corpus = interleaved(parts)
    const documents = await all(corpus)
    for (const i of [...documents.keys()].filter((i) => i % 7 === 0 || i > 330)) {
      const position = JSON.parse(JSON.stringify(documents[i]!.position)) as CorpusPosition
      expect(await all(corpus, position)).toEqual(documents.slice(i + 1))
    }
  })

  it('pass over one without text, but not over all', async () => {
    const empty: Corpus = {
      byteLength: 4,
      async *documents() {
        yield* memoryCorpus([['']]).documents() // throws
      },
    }
    expect(names(await all(interleaved([empty, memoryCorpus([['a']])])))).toEqual(['a'])
    await expect(all(interleaved([empty, empty]))).rejects.toMatchObject({ code: 'text-empty' })
  })

  it('are closed when reading stops', async () => {
    const closed: string[] = []
    const open = (name: string): Corpus => ({
      byteLength: 10,
      async *documents() {
        try {
          for (let i = 1; ; i++) yield { lines: ['x'], position: { file: name, offset: i, document: i } }
        } finally {
          closed.push(name)
        }
      },
    })
    for await (const { position } of interleaved([open('a'), open('b')]).documents()) if (position.document === 2) break
    expect(closed).toEqual(['a', 'b'])
  })

  it('refuse sizes they do not know, and places of other corpora', async () => {
    const unknown: Corpus = { documents: () => memoryCorpus([['a']]).documents() }
    expect(() => interleaved([unknown])).toThrow(expect.objectContaining({ code: 'option-invalid' }))
    const [document] = await all(interleaved(parts.slice(1)))
    const resume = all(interleaved(parts), document!.position)
    await expect(resume).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('2 corpora'),
    })
    await expect(all(interleaved(parts), { file: '', offset: 1, document: 1 })).rejects.toThrow('of no corpora')
  })
})

describe('a saved place', () => {
  const saved = (parts: unknown): unknown => ({
    ...{ epoch: 0, seed: 1, shuffleWindow: 4 },
    place: {
      ...{ window: 0, index: 0 },
      start: {
        corpus: { file: 'a', offset: 1, document: 2, parts },
        packer: { random: [1, 2, 3, 4], pending: [], target: 8 },
      },
    },
  })
  const place = { file: 'a', offset: 1, document: 1 }

  it('of several corpora is read as it was written', () => {
    const value = saved([
      { position: place, bytes: 9 },
      { position: null, bytes: 0 },
    ]) as BlocksPosition
    expect(parseBlocksPosition(value, 'x')).toBe(value)
  })

  it.each([
    [3],
    [[3]],
    [[{ position: place, bytes: -1 }]],
    [[{ position: { ...place, offset: 0.5 }, bytes: 1 }]],
    [[{ position: 'a', bytes: 1 }]],
  ])('is refused with parts %j', (parts) => {
    expect(() => parseBlocksPosition(saved(parts), 'x')).toThrow(expect.objectContaining({ code: 'file-malformed' }))
  })
})
