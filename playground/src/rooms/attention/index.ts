// Attention: where the heads of a model look in a sentence.

import '../../styles/attention.css'
import { fill, h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { onThemeChange } from '../../theme.js'
import { clamp } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { percent } from '../../widgets/bars.js'
import { textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'
import { HABITS_IN_WORDS, habitOf, type Looks, mostLookedAt } from './heads.js'
import { headLines, visible } from './lines.js'
import { headMap } from './map.js'

interface Question {
  readonly text: string
  readonly model: string
}

const NAMED = 4
/** More tokens than these make pictures that nobody can read. */
const MOST_CHARACTERS = 160

export const mount: MountRoom = (page, { engine }) => {
  const text = 'The king gave the book to his son because he loved him.'
  const state = stateOf('attention', { text, model: 'roberta', layer: 0, head: 0, token: -1 })
  const map = h('div', { class: 'map' })
  const large = h('div', { class: 'large' })
  const answers = h('div', { class: 'looking' }, map, large)
  let looks: Looks | undefined

  const { message, ask } = asking<Question>(answers, async ({ text: sentence, model }, onLoading, turn) => {
    const look = await engine.attentions(model, onLoading)
    const found = await look(sentence, { truncation: true })
    if (turn.isOld()) return
    looks = found
    draw()
  })

  function draw(): void {
    if (!looks) return
    const layer = clamp(Math.round(state.values.layer), 0, looks.layers - 1)
    const head = clamp(Math.round(state.values.head), 0, looks.heads - 1)
    const token = state.values.token >= 0 && state.values.token < looks.tokens.length ? state.values.token : undefined
    const chooseHead = (nextLayer: number, nextHead: number): void => {
      state.set({ layer: nextLayer, head: nextHead })
      redraw(map, () => nextLayer * looks!.heads + nextHead)
    }
    const chooseToken = (next: number): void => {
      state.set({ token: next === token ? -1 : next })
      redraw(large, () => next)
    }
    fill(map, headMap(looks, { layer, head }, chooseHead))
    fill(
      large,
      h('h2', {}, `Layer ${layer + 1}, head ${head + 1}`),
      h('p', { class: 'note summary', 'aria-live': 'polite' }, summary(looks, layer, head, token)),
      headLines(looks, { layer, head, token }, chooseToken),
    )
  }

  /** Draws again, and puts the focus back on the button of that number in this part. */
  function redraw(part: HTMLElement, focused: () => number): void {
    draw()
    part.querySelectorAll('button')[focused()]?.focus()
  }

  const again = (): void => ask({ text: state.values.text, model: state.values.model })
  const { element: field } = textField(
    'A sentence',
    state.values.text,
    (sentence) => {
      state.set({ text: sentence, token: -1 })
      again()
    },
    { most: MOST_CHARACTERS },
  )
  page.append(
    h('h1', {}, 'Attention: where each head looks'),
    h(
      'p',
      { class: 'lead' },
      'In every layer each token gathers what it needs from the others, through several heads: pairs of eyes, each with a habit of its own. Every kin has the same kind of attention; what the heads become depends on what the model had to practise. Pick a head, then a token.',
    ),
    h(
      'section',
      { class: 'card', 'aria-label': 'Attention' },
      field,
      modelPicker(engine, {
        shipped: ['roberta', 'albert', 'electra', 'electra-generator', 'spanbert'],
        value: state.values.model,
        example: 'google/electra-small-discriminator',
        onChange: (model) => {
          state.set({ model })
          again()
        },
      }),
      message,
      answers,
      h(
        'p',
        { class: 'note' },
        'A small picture has a row for each token that looks and a column for each that is looked at; the stronger a dot, the longer the look. In ALBERT all layers have the same weights, and still look elsewhere: what they read has changed.',
      ),
    ),
  )
  again()
  return onThemeChange(draw)
}

function summary(looks: Looks, layer: number, head: number, token: number | undefined): string {
  if (token === undefined) {
    const habit = HABITS_IN_WORDS[habitOf(looks, layer, head)]
    return `Each token looks ${habit}. Choose one on the left to see its lines alone.`
  }
  const most = mostLookedAt(looks, layer, head, token, NAMED).map(
    ({ index, share }) => `“${visible(looks.tokens[index]!)}” ${percent(share)}`,
  )
  return `“${visible(looks.tokens[token]!)}” looks at ${most.join(', ')}.`
}
