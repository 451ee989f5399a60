import { describe, expect, it } from 'vitest'
import { findRepeats } from './repeats.js'
import { spell } from './wordText.js'

const alphabet = ['a', 'b', 'c']

/** What {@link findRepeats} finds, by stretch. */
function repeatsOf(words: readonly (readonly [string, number])[], longest: number): [string, number][] {
  const text = spell(words, alphabet)
  const run = findRepeats(text, longest)
  let step = run.next()
  while (step.done !== true) step = run.next()
  const { starts, lengths, counts } = step.value
  const stretch = (start: number, length: number): string =>
    Array.from(text.codes.subarray(start, start + length), (code) => alphabet[code - 1]).join('')
  return Array.from(starts, (start, i): [string, number] => [stretch(start, lengths[i]!), counts[i]!]).sort()
}

/** The same, by looking at every stretch of every word. */
function slowRepeats(words: readonly (readonly [string, number])[], longest: number): [string, number][] {
  const places = new Map<string, { followers: Set<string>; times: number; count: number; whole: number }>()
  for (const [w, [word, count]] of words.entries()) {
    for (let start = 0; start < word.length; start++) {
      for (let end = start + 2; end <= Math.min(word.length, start + longest); end++) {
        const stretch = word.slice(start, end)
        const place = places.get(stretch) ?? { followers: new Set(), times: 0, count: 0, whole: 0 }
        // A word's end is like no other end; and no further than `longest` is looked.
        place.followers.add(end === word.length || end - start === longest ? `${w} ${end}` : word[end]!)
        place.times++
        place.count += count
        if (end - start === word.length) place.whole += count
        places.set(stretch, place)
      }
    }
  }
  return [...places]
    .filter(([, { followers, times, whole }]) => (times > 1 && followers.size > 1) || whole > 1)
    .map(([stretch, { count }]): [string, number] => [stretch, count])
    .sort()
}

describe('findRepeats', () => {
  it('finds what repeats, and words that are seen twice', () => {
    const words = [
      ['abc', 1],
      ['abcc', 3],
      ['bb', 1],
      ['ca', 2],
    ] as const // prettier-ignore
    expect(repeatsOf(words, 8)).toEqual([
      ['abc', 4],
      ['abcc', 3],
      ['bc', 4],
      ['ca', 2],
    ]) // prettier-ignore
  })

  it('finds what a slow search finds, in random words', () => {
    let state = 7
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return (state >>> 8) % below
    }
    for (let round = 0; round < 300; round++) {
      const longest = 2 + random(9)
      const words = new Map(
        Array.from({ length: 1 + random(12) }, (): [string, number] => [
          Array.from({ length: 1 + random(14) }, () => alphabet[random(1 + random(3))]).join(''),
          1 + random(3),
        ]),
      )
      expect(repeatsOf([...words], longest)).toEqual(slowRepeats([...words], longest))
    }
  })
})
