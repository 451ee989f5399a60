// How long SpanBERT's spans are: a geometric distribution, and spans drawn from it.

import { Random, spanLengths } from 'bertkin/objective'
import { fill, h } from '../../dom.js'
import type { UrlState } from '../../urlState.js'
import { clamp } from '../../urlState.js'
import { percent } from '../../widgets/bars.js'
import { slider } from '../../widgets/fields.js'

export const MOST_WORDS = 10
export const lengthDefaults = { p: 0.2 }

/** Draws a length, in words. */
export function drawLength(p: number, random: Random): number {
  let target = random.uniform()
  const shares = spanLengths(p, MOST_WORDS)
  const index = shares.findIndex((share) => {
    target -= share
    return target < 0
  })
  return index < 0 ? MOST_WORDS : index + 1
}

/** @param onDraw told the length of a span that is to be put in the sentence */
export function lengths(
  state: UrlState<typeof lengthDefaults>,
  onDraw: (length: number, random: Random) => void,
): HTMLElement {
  const random = new Random(Date.now())
  const drawn: number[] = Array.from({ length: MOST_WORDS }, () => 0)
  const histogram = h('div', { class: 'histogram' })
  const verdict = h('p', { class: 'note', 'aria-live': 'polite' })
  const p = (): number => clamp(state.values.p, 0.05, 0.95)

  function draw(times: number): void {
    let length = 1
    for (let i = 0; i < times; i++) {
      length = drawLength(p(), random)
      drawn[length - 1]!++
    }
    if (times === 1) onDraw(length, random)
    redraw()
  }
  function redraw(): void {
    const shares = spanLengths(p(), MOST_WORDS)
    const count = drawn.reduce((sum, n) => sum + n, 0)
    const most = Math.max(...shares, ...drawn.map((n) => (count > 0 ? n / count : 0)))
    fill(
      histogram,
      shares.map((share, i) => {
        const own = count > 0 ? drawn[i]! / count : 0
        const label = `${i + 1} ${i === 0 ? 'word' : 'words'}: expected ${percent(share)}, drawn ${drawn[i]}`
        return h(
          'div',
          { class: 'bin', role: 'img', 'aria-label': label, title: label },
          h(
            'span',
            { class: 'pillars' },
            h('span', { class: 'expected', style: `height: ${(100 * share) / most}%` }),
            h('span', { class: 'drawn', style: `height: ${(100 * own) / most}%` }),
          ),
          h('small', {}, i + 1),
        )
      }),
    )
    const mean = shares.reduce((sum, share, i) => sum + share * (i + 1), 0)
    const ownMean = drawn.reduce((sum, n, i) => sum + n * (i + 1), 0) / count
    verdict.textContent = `${mean.toFixed(1)} words on average; ${count === 0 ? 'none drawn yet' : `${count} drawn, ${ownMean.toFixed(1)} words on average`}.`
  }
  const control = slider(
    'Chance that a span ends after each word (p)',
    p(),
    { min: 0.05, max: 0.95, step: 0.05, show: (value) => value.toFixed(2) },
    (value) => {
      drawn.fill(0)
      state.set({ p: value })
      redraw()
    },
  )
  redraw()
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'lengths-title' },
    h('h2', { id: 'lengths-title' }, 'How long a gap is'),
    h(
      'p',
      {},
      'How many words are hidden in a row? ',
      h('strong', {}, 'SpanBERT hides stretches of whole words'),
      ': after each word a coin decides whether the span ends, up to ten words. Most are short, some are long.',
    ),
    control.element,
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', class: 'primary', onclick: () => draw(1) }, 'Draw a span'),
      h('button', { type: 'button', onclick: () => draw(100) }, 'Draw a hundred lengths'),
    ),
    histogram,
    h('p', { class: 'axis', 'aria-hidden': 'true' }, 'words in a gap'),
    h(
      'ul',
      { class: 'legend' },
      h('li', {}, h('span', { class: 'expected' }), 'expected'),
      h('li', {}, h('span', { class: 'drawn' }), 'drawn'),
    ),
    verdict,
  )
}
