import { describe, expect, it } from 'vitest'
import { countCharacters, coveringCharacters, endOf, spell } from './wordText.js'

describe('the characters of a vocabulary', () => {
  const counts = countCharacters([
    ['aab', 2],
    ['b漢😀', 3],
    ['\ud800', 9],
  ]) // prettier-ignore

  it('are the most frequent ones that cover the wanted share', () => {
    expect(coveringCharacters(counts, 1)).toEqual(['b', 'a', '漢', '😀'])
    expect(coveringCharacters(counts, 0.6)).toEqual(['b', 'a'])
    expect(coveringCharacters(counts, 0.5)).toEqual(['b', 'a'])
    expect(coveringCharacters(counts, 0.3)).toEqual(['b'])
  })
})

describe('spell', () => {
  it('writes numbers between zeros, and cuts words at characters that have none', () => {
    const text = spell(
      [
        ['ab', 2],
        ['axbb', 3],
        ['x', 4],
        ['', 1],
        ['b', 1],
      ],
      ['a', 'b'],
    ) // prettier-ignore
    expect([...text.codes]).toEqual([0, 1, 2, 0, 1, 0, 2, 2, 0, 2, 0])
    expect([...text.starts]).toEqual([1, 4, 6, 9])
    expect([...text.counts]).toEqual([2, 3, 3, 1])
    expect([0, 1, 2, 3].map((word) => endOf(text, word))).toEqual([3, 5, 8, 10])
  })

  it('cuts words that are too long', () => {
    const text = spell([['a'.repeat(10_000), 2]], ['a'])
    expect(text.starts.length).toBe(3)
    expect(text.codes.reduce((sum, code) => sum + code, 0)).toBe(10_000)
    expect(Math.max(...Array.from(text.starts, (start, word) => endOf(text, word) - start))).toBe(4096)
  })
})
