// How the model fills the same gaps at every evaluation: what it says now, and what it said before.

import { h } from '../../dom.js'
import { percent } from '../../widgets/bars.js'
import type { SamplesAt } from './session.js'

/** So many sentences, and so many evaluations of each. */
const SENTENCES = 5
const HISTORY = 6
const CONTEXT = 44
const TITLE = 'samples-title'

export function samplesTable(all: readonly SamplesAt[]): HTMLElement {
  const last = all.at(-1)
  if (!last || last.samples.length === 0) {
    return h(
      'p',
      { class: 'note' },
      'At every evaluation you will see here how it fills gaps in sentences that it has not read.',
    )
  }
  const shown = everyFew(all, HISTORY)
  return h(
    'div',
    { class: 'scrolls', tabindex: 0, role: 'group', 'aria-label': 'Samples over time' },
    h('p', { id: TITLE }, 'The same gaps, filled over time: its first guess, and how sure it is'),
    h(
      'table',
      { class: 'samples', 'aria-labelledby': TITLE },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'sentence'),
          shown.map(({ step }) => h('th', { scope: 'col' }, `step ${step}`)),
        ),
      ),
      h(
        'tbody',
        {},
        last.samples.slice(0, SENTENCES).map(({ before, after, meant }, row) =>
          h(
            'tr',
            {},
            h(
              'th',
              { scope: 'row' },
              before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before,
              h('mark', {}, meant),
              after.length > CONTEXT ? `${after.slice(0, CONTEXT)}…` : after,
            ),
            shown.map(({ samples }) => {
              const guess = samples[row]?.guesses[0]
              if (!guess) return h('td', {}, '–')
              const isRight = guess.token.trim().toLowerCase() === meant.trim().toLowerCase()
              return h(
                'td',
                { class: isRight ? 'right' : '' },
                h('b', {}, guess.token.trim()),
                isRight && h('span', { class: 'visually-hidden' }, ' (right)'),
                h('small', {}, percent(guess.score)),
              )
            }),
          ),
        ),
      ),
    ),
  )
}

/** The last, and so many before it at equal distances. */
function everyFew<T>(all: readonly T[], most: number): T[] {
  const distance = Math.ceil(all.length / most)
  return all.filter((_, i) => (all.length - 1 - i) % distance === 0)
}
