import { expect, it } from 'vitest'
import { unitsToString } from './textBuffer.js'
import { WordTable } from './wordTable.js'

const units = (text: string): Uint16Array => Uint16Array.from(text, (character) => character.charCodeAt(0))

it('numbers words in order of arrival, through growth and clearing', () => {
  const table = new WordTable()
  const add = (text: string): number => table.intern(units(text), 0, text.length)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10_000; i++) expect(add(`word${i}`)).toBe(i)
  }
  const word = table.word(1234)
  expect(unitsToString(word, 0, word.length)).toBe('word1234')
  table.clear()
  expect([add('word7'), add('word1234'), add('word7'), table.size]).toEqual([0, 1, 0, 2])
})
