// ALBERT's exercise with two pieces of text: are they in order, or swapped?

import { fill, h } from '../../dom.js'
import type { Engine } from '../../engine.js'
import type { UrlState } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { bars } from '../../widgets/bars.js'
import { textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'

export const orderDefaults = {
  first: 'Anna Berg (born 12 March 1961) is a Swedish writer. She grew up in a small village on the coast.',
  second: 'She studied in London and published her first novel in 1989. It won several awards.',
  model: 'albert',
}

/** Closer to even odds than this, it has no opinion. */
const UNSURE = 0.1

function verdictOf(inOrder: number): string {
  if (Math.abs(inOrder - 0.5) < UNSURE) return 'It cannot tell: to it, one order is about as likely as the other.'
  return inOrder > 0.5 ? 'It thinks they are in order.' : 'It thinks they were swapped.'
}

interface Question {
  readonly text: string
  readonly text_pair: string
  readonly model: string
}

export function order(engine: Engine, state: UrlState<typeof orderDefaults>): HTMLElement {
  const answers = h('div', { class: 'order-answer' })
  const { message, ask } = asking<Question>(answers, async ({ model, ...pair }, onLoading, turn) => {
    const judge = await engine.pipeline('sentence-order', model, onLoading)
    const { label, score } = await judge(pair)
    if (turn.isOld()) return
    const inOrder = label === 'in_order' ? score : 1 - score
    fill(
      answers,
      h('p', { class: 'verdict' }, verdictOf(inOrder)),
      bars(
        [
          { name: 'in order', share: inOrder },
          { name: 'swapped', share: 1 - inOrder },
        ],
        'The order of the two pieces',
      ),
    )
  })
  const first = textField('First piece', state.values.first, (text) => change({ first: text }), { rows: 3 })
  const second = textField('Second piece', state.values.second, (text) => change({ second: text }), { rows: 3 })
  function change(changes: Partial<typeof orderDefaults>): void {
    state.set(changes)
    const { first: text, second: text_pair, model } = state.values
    if (first.box.value !== text) first.box.value = text
    if (second.box.value !== text_pair) second.box.value = text_pair
    ask({ text, text_pair, model })
  }
  const swap = (): void => change({ first: state.values.second, second: state.values.first })
  change({})
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'order-title' },
    h('h2', { id: 'order-title' }, 'In order, or swapped?'),
    h(
      'p',
      {},
      'BERT was asked whether the second text follows the first or comes from elsewhere: the topic gives that away. ',
      h('strong', {}, 'ALBERT gets two pieces that follow each other, and half of the time they are swapped'),
      '. Topic does not help; only how texts hang together does.',
    ),
    h(
      'div',
      { class: 'pair' },
      first.element,
      h('button', { type: 'button', onclick: swap }, 'Swap them'),
      second.element,
    ),
    message,
    answers,
    modelPicker(engine, {
      shipped: ['albert'],
      value: state.values.model,
      example: 'a model saved as AlbertForPreTraining',
      onChange: (model) => change({ model }),
    }),
  )
}
