import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { UnigramTraining, type UnigramTrainingOptions } from './unigramTraining.js'

const settings: UnigramTrainingOptions = {
  size: 60,
  characterCoverage: 1,
  maxPieceLength: 16,
  seedSize: 1_000_000,
  shrinkingFactor: 0.75,
  subIterations: 2,
  exclude: new Set(),
}
const train = (
  words: readonly (readonly [string, number])[],
  options: Partial<UnigramTrainingOptions> = {},
): [piece: string, score: number][] => {
  const run = new UnigramTraining(words, { ...settings, ...options }).run()
  let step = run.next()
  while (step.done !== true) step = run.next()
  return step.value
}

const text = readFileSync(new URL('../../sample/stories.txt', import.meta.url), 'utf8').slice(0, 100_000)
const counts = new Map<string, number>()
for (const word of text.split(/\s+/)) counts.set(`▁${word}`, (counts.get(`▁${word}`) ?? 0) + 1)
const words = [...counts]

describe('UnigramTraining', () => {
  it('ends with as many pieces as wanted, the likeliest first, all characters among them', () => {
    for (const size of [60, 100, 300]) {
      const pieces = train(words, { size })
      expect(pieces.length).toBe(size)
      expect(new Set(pieces.map(([piece]) => piece)).size).toBe(size)
      expect(pieces).toEqual([...pieces].sort((a, b) => b[1] - a[1]))
      for (const [, score] of pieces) expect(score).toBeLessThan(0)
      const single = new Set(pieces.map(([piece]) => piece).filter((piece) => [...piece].length === 1))
      expect(single).toEqual(new Set(words.flatMap(([word]) => [...word])))
    }
  })

  it('gives each piece the probability with which the fitted text uses it', () => {
    const pieces = train(words, { size: 300 })
    const total = pieces.reduce((sum, [, score]) => sum + Math.exp(score), 0)
    // Somewhat below 1: digamma takes a little from each, and the last pieces were dropped with theirs.
    expect(total).toBeLessThan(1)
    expect(total).toBeGreaterThan(0.95)
    expect(pieces.slice(0, 40).map(([piece]) => piece)).toEqual(expect.arrayContaining(['▁the', '▁a', '.', 's']))
  })

  it('is the same for the same words', () => {
    expect(train(words)).toEqual(train(words))
  })

  it('gives fewer pieces if the words have no more', () => {
    const pieces = train([
      ['▁ab', 5],
      ['▁abc', 1],
    ]) // prettier-ignore
    expect(pieces.map(([piece]) => piece).sort()).toEqual(['a', 'b', 'c', '▁', '▁ab'])
  })

  it('makes no piece of a special token', () => {
    const all = train(words, { size: 100 })
    const exclude = new Set(['▁the', 's'])
    const others = train(words, { size: 98, exclude }).map(([piece]) => piece)
    expect(all.map(([piece]) => piece)).toEqual(expect.arrayContaining(['▁the', 's']))
    expect(others.length).toBe(98)
    expect(others.filter((piece) => exclude.has(piece))).toEqual([])
  })

  it('keeps pieces as short, and begins with as few, as it is told', () => {
    expect(Math.max(...train(words, { size: 300, maxPieceLength: 3 }).map(([piece]) => [...piece].length))).toBe(3)
    expect(train(words, { size: 300, seedSize: 100 }).length).toBeLessThanOrEqual(100)
  })

  it('leaves out characters beyond the coverage, and half surrogate pairs', () => {
    const pieces = train(
      [
        ['▁aaaab', 99],
        ['▁aabb', 9],
        ['▁😀😀', 9],
        ['▁z\ud800', 1],
      ],
      { characterCoverage: 0.99 },
    ) // prettier-ignore
    const characters = pieces.map(([piece]) => piece).join('')
    expect(characters).toContain('😀')
    expect(characters).not.toMatch(/z|\ud800(?![\udc00-\udfff])/)
  })

  it('takes one huge word', () => {
    const pieces = train([['abcab'.repeat(20_000), 1]], { size: 5 })
    expect(pieces.length).toBe(5)
    expect(pieces.every(([, score]) => Number.isFinite(score))).toBe(true)
  })

  it('refuses fewer pieces than there are characters', () => {
    expect(() => train([['abcdef', 1]], { size: 5 })).toThrow(/6 different characters/)
  })
})
