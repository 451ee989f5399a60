import { expect, it } from 'vitest'
import { Trie } from './trie.js'

const units = (text: string): Uint16Array => Uint16Array.from(text, (character) => character.charCodeAt(0))

it('finds the longest stored beginning, also after growing', () => {
  const trie = new Trie()
  for (let i = 0; i < 5000; i++) trie.add(`word${i}`, i)
  trie.add('', 9)
  trie.add('wo', 7777)
  for (const i of [0, 12, 4999]) {
    const text = units(`xword${i}!`)
    expect(trie.longest(text, 1, text.length)).toBe(true)
    expect([trie.value, trie.end]).toEqual([i, text.length - 1])
  }
  expect(trie.longest(units('work'), 0, 4) && trie.value).toBe(7777)
  expect(trie.longest(units('w'), 0, 1)).toBe(false)
})
