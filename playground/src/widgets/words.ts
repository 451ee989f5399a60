// A sentence as a row of words that can be pressed.

import { h } from '../dom.js'
import { makeRoving } from './roving.js'

export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Words and marks of punctuation, each with its place. */
export const wordsOf = (text: string): Word[] =>
  Array.from(text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu), (match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))

/** The text with other words in some places; `undefined` leaves a word as it is. */
export function withWords(
  text: string,
  words: readonly Word[],
  instead: (index: number) => string | undefined,
): string {
  let result = ''
  let end = 0
  words.forEach((word, i) => {
    result += text.slice(end, word.start) + (instead(i) ?? word.text)
    end = word.end
  })
  return result + text.slice(end)
}

/** Numbers from the address: `3,5`. Those beyond `count` are left out. */
export const indexesFrom = (list: string, count: number): Set<number> =>
  new Set(
    list
      .split(',')
      .filter((part) => /^\d+$/.test(part))
      .map(Number)
      .filter((index) => index < count),
  )

/** The words as buttons that stay pressed. */
export function wordButtons(
  words: readonly Word[],
  pressed: ReadonlySet<number>,
  label: string,
  onPress: (index: number) => void,
): HTMLElement {
  const row = h(
    'div',
    { class: 'sentence', role: 'group', 'aria-label': label },
    words.map(({ text }, i) =>
      h(
        'button',
        { type: 'button', class: 'word', 'aria-pressed': String(pressed.has(i)), onclick: () => onPress(i) },
        text,
      ),
    ),
  )
  makeRoving(row, 'button')
  return row
}
