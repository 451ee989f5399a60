// Probabilities as bars, with their numbers.

import { h } from '../dom.js'

export interface Bar {
  readonly name: string
  /** From 0 to 1. */
  readonly share: number
  readonly title?: string
}

/** `12.3 %`, and two significant digits of what is small. */
export const percent = (share: number): string => {
  const value = 100 * share
  if (value >= 10 || value === 0) return `${value.toFixed(value >= 99.95 ? 0 : 1)} %`
  return value < 0.05 ? '< 0.1 %' : `${value.toFixed(1)} %`
}

/** @param onChoose makes each bar's name a button */
export const bars = (items: readonly Bar[], label: string, onChoose?: (index: number) => void): HTMLElement =>
  h(
    'ol',
    { class: 'bars', 'aria-label': label },
    items.map(({ name, share, title }, i) =>
      h(
        'li',
        { title },
        onChoose
          ? h('button', { type: 'button', class: 'token name', onclick: () => onChoose(i) }, name)
          : h('span', { class: 'name' }, name),
        h('span', { class: 'track', 'aria-hidden': 'true' }, h('span', { style: `--share: ${share}` })),
        h('span', { class: 'number' }, percent(share)),
      ),
    ),
  )
