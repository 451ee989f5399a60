// A panel that asks a model: it says that it loads, that it is asked, or what went wrong, and always shows the newest answer.

import { fill, h } from '../dom.js'
import { type OnLoading, problemText } from '../engine.js'
import { latest, type Turn } from '../latest.js'

export interface Asking<Input> {
  /** Where loading and problems are shown. */
  readonly message: HTMLElement
  ask(input: Input): void
  /** Asks the last question again. */
  again(): void
}

/**
 * @param answers where answers are shown: dimmed while a newer one is on its way
 * @param work asks and shows; it must not show anything once its turn is old
 */
export function asking<Input>(
  answers: HTMLElement,
  work: (input: Input, onLoading: OnLoading, turn: Turn) => Promise<void>,
): Asking<Input> {
  const message = h('div', { class: 'asking', 'aria-live': 'polite' })
  let last: { readonly input: Input } | undefined
  const onLoading: OnLoading = (text, share) => {
    if (text === undefined) fill(message, 'Computing …')
    else fill(message, h('span', {}, text, ' '), h('progress', { max: 1, value: share, 'aria-label': 'loading' }))
  }
  const run = latest<Input>(async (input, turn) => {
    answers.setAttribute('aria-busy', 'true')
    try {
      await work(input, onLoading, turn)
      if (!turn.isOld()) fill(message)
    } catch (error) {
      if (!turn.isOld()) {
        const retry = h('button', { type: 'button', onclick: () => run(input) }, 'Try again')
        fill(message, h('p', { class: 'problem', role: 'alert' }, problemText(error), ' ', retry))
      }
    } finally {
      if (!turn.isOld()) answers.setAttribute('aria-busy', 'false')
    }
  })
  const ask = (input: Input): void => {
    last = { input }
    run(input)
  }
  return {
    message,
    ask,
    again: () => {
      if (last) ask(last.input)
    },
  }
}
