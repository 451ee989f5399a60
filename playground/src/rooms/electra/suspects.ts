// The words of a text, coloured by suspicion. Each is a button that turns into a field, to write another word.

import type { DetectedWord } from 'bertkin'
import { h } from '../../dom.js'
import { percent } from '../../widgets/bars.js'
import { makeRoving } from '../../widgets/roving.js'

/**
 * @param asWritten what stood there in the original, where that was something else
 * @param edit told what is to stand there
 */
export function suspects(
  words: readonly DetectedWord[],
  asWritten: (word: DetectedWord) => string | undefined,
  edit: (word: DetectedWord, written: string) => void,
): HTMLElement {
  const row = h('div', { class: 'suspects', role: 'group', 'aria-label': 'The words as they are judged' })
  for (const word of words) row.append(suspect(word, asWritten(word), (written) => edit(word, written)))
  makeRoving(row, 'button')
  return row
}

function suspect(word: DetectedWord, original: string | undefined, edit: (written: string) => void): HTMLElement {
  const { score } = word
  const share = percent(score)
  const was = original === undefined ? '' : `was ${original}`
  const button = h(
    'button',
    {
      type: 'button',
      class: score > 0.5 ? 'suspect accused' : 'suspect',
      style: `--score: ${score}`,
      onclick: () => open(),
    },
    h('span', { class: 'text' }, word.word),
    h('small', {}, share, h('span', { class: 'visually-hidden' }, ' suspicious')),
    h('small', { class: 'was' }, was),
  )
  function open(): void {
    const box = h('input', {
      type: 'text',
      class: 'rewriting',
      'aria-label': `Instead of ${word.word}`,
      size: word.word.length + 2,
    })
    box.value = word.word
    let isOver = false
    const close = (written: string | undefined): void => {
      if (isOver) return
      isOver = true
      box.replaceWith(button)
      button.focus()
      const text = written?.trim()
      if (text && text !== word.word) edit(text)
    }
    box.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') close(box.value)
      if (key === 'Escape') close(undefined)
    })
    box.addEventListener('blur', () => close(box.value))
    button.replaceWith(box)
    box.focus()
    box.select()
  }
  return button
}
