import { describe, expect, it } from 'vitest'
import { splitRoom, truncate, windows } from './truncation.js'

describe('splitRoom', () => {
  it('keeps the shorter whole, else halves, the odd token to the longer', () => {
    // The reference library's own table for room 7.
    const table = [
      [0, 0, 0, 0],
      [0, 2, 0, 2],
      [0, 4, 0, 4],
      [0, 8, 0, 7],
      [2, 0, 2, 0],
      [2, 2, 2, 2],
      [2, 4, 2, 4],
      [2, 8, 2, 5],
      [4, 0, 4, 0],
      [4, 2, 4, 2],
      [4, 4, 3, 4],
      [4, 8, 3, 4],
      [8, 0, 7, 0],
      [8, 2, 5, 2],
      [8, 4, 4, 3],
      [8, 8, 3, 4],
    ] as const // prettier-ignore
    for (const [first, second, a, b] of table) expect(splitRoom(first, second, 7)).toEqual([a, b])
  })
})

describe('windows', () => {
  it('step until the last token is covered', () => {
    expect(windows(10, 10, 3, 'right')).toEqual([[0, 10]])
    expect(windows(30, 8, 2, 'right')).toEqual([
      [0, 8],
      [6, 14],
      [12, 20],
      [18, 26],
      [24, 30],
    ]) // prettier-ignore
    expect(windows(10, 4, 1, 'left')).toEqual([
      [6, 10],
      [3, 7],
      [0, 4],
    ]) // prettier-ignore
  })

  it('refuse a stride that gets nowhere', () => {
    expect(() => windows(10, 4, 4, 'right')).toThrow(/stride of 4/)
    expect(windows(4, 4, 4, 'right')).toEqual([[0, 4]])
  })
})

describe('truncate', () => {
  it('refuses what cannot be done', () => {
    expect(() => truncate(5, undefined, 2, { maxLength: 1 })).toThrow(/2 special tokens/)
    expect(() => truncate(5, undefined, 2, { maxLength: 4, strategy: 'only_second' })).toThrow(/second text/)
    expect(() => truncate(5, 9, 3, { maxLength: 8, strategy: 'only_first' })).toThrow(/first text/)
    expect(() => truncate(5, 9, 3, { maxLength: 1.5 })).toThrow(/maxLength/)
    expect(() => truncate(5, 9, 3, { maxLength: 8, stride: -1 })).toThrow(/stride/)
  })
})
