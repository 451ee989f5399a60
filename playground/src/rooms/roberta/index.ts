// RoBERTa: the same model as BERT, with other gaps each time, and what it learns from them.

import '../../styles/roberta.css'
import { h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { textField } from '../../widgets/fields.js'
import { epochDefaults, epochs } from './epochs.js'
import { gapDefaults, gaps } from './gaps.js'

const TEXT = 'She was born in London and studied at the University of Paris.'

export const mount: MountRoom = (page, { engine }) => {
  const state = stateOf('roberta', { ...epochDefaults, ...gapDefaults, text: TEXT, gaps: '2,9' })
  const { element: field, box } = textField('A sentence, for both experiments', state.values.text, (text) => show(text))
  function show(text: string): void {
    if (box.value !== text) box.value = text
    state.set({ text })
    masked.redraw()
    filled.redraw()
  }
  const masked = epochs(engine, state)
  const filled = gaps(engine, state, show)
  page.append(
    h('h1', {}, 'RoBERTa: the same model, other gaps each time'),
    h(
      'p',
      { class: 'lead' },
      'RoBERTa is BERT, layer for layer. Only its training is different: whenever a text comes round, other words are hidden. It also reads ten times as much, reads longer texts instead of pairs, and spells with bytes.',
    ),
    field,
    masked.element,
    filled.element,
  )
  filled.redraw()
  return undefined
}
