// Tokens: one text as three tokenizers cut it, side by side. What is pointed at lights up in all of them.

import '../../styles/tokens.css'
import { fill, h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { textField } from '../../widgets/fields.js'
import { makeRoving } from '../../widgets/roving.js'
import { Lane } from './lane.js'
import { charactersOf, hex, type Piece, type Range, utf8 } from './pieces.js'

const SHOWN_BYTES = 32

export const mount: MountRoom = (page, { engine }) => {
  const state = stateOf('tokens', { text: 'Unbelievably good ramen 😋 at Café Zoë, 1997!', also: '' })
  const lanes = new Map([
    ['electra', new Lane('ELECTRA and BERT', 'electra', look)],
    ['albert', new Lane('ALBERT', 'albert', look)],
    ['roberta', new Lane('RoBERTa', 'roberta', look)],
  ])
  const lanesElement = h(
    'div',
    { class: 'lanes' },
    [...lanes.values()].map(({ element }) => element),
  )
  const characters = h('div', { class: 'characters', role: 'group', 'aria-label': 'Characters of the text' })
  const detail = h('div', { class: 'detail' })
  let marks: { readonly range: Range; readonly element: HTMLElement }[] = []

  const { element: field } = textField('A text', state.values.text, (text) => {
    state.set({ text })
    show(text)
  })
  page.append(
    h('h1', {}, 'Text becomes numbers'),
    h(
      'p',
      { class: 'lead' },
      'A model does not read letters, but numbers: a text is cut into pieces of a fixed list, and each piece has a number. Here are the three ways in which the kin cut. SpanBERT cuts as BERT does, but keeps capitals. Point at a piece or a character, or tap it, or walk with Tab and the arrow keys.',
    ),
    field,
    h('h2', { class: 'visually-hidden' }, 'Characters'),
    characters,
    detail,
    lanesElement,
    another(),
  )

  function show(text: string): void {
    marks = charactersOf(text).map(({ character, start, end }) => {
      const range = { start, end }
      const point = (): void => look(range)
      const props = { type: 'button', onpointerenter: point, onfocus: point, onclick: point }
      return { range, element: h('button', { ...props, 'aria-label': nameOf(character) }, visible(character)) }
    })
    fill(
      characters,
      marks.map(({ element }) => element),
    )
    makeRoving(characters, 'button')
    for (const lane of lanes.values()) lane.show(text)
    describe(undefined)
  }

  function look(range: Range, piece?: Piece): void {
    for (const { range: own, element } of marks) {
      element.classList.toggle('on', own.start < range.end && range.start < own.end)
    }
    for (const lane of lanes.values()) lane.light(range, piece)
    describe(range, piece)
  }

  function describe(range: Range | undefined, piece?: Piece): void {
    if (!range) {
      fill(
        detail,
        h('p', { class: 'note' }, 'Nothing is pointed at yet. Here you will see the characters, bytes and ids.'),
      )
      return
    }
    if (piece?.isSpecial) {
      fill(detail, h('p', {}, h('code', {}, piece.token), ` has the id ${piece.id}. ${SPECIAL}`))
      return
    }
    const text = state.values.text.slice(range.start, range.end)
    const bytes = piece?.bytes ?? utf8(text)
    const more = bytes.length > SHOWN_BYTES ? ' …' : ''
    const inLane = ({ title, pieces }: Lane): HTMLElement[] => {
      const own = pieces.filter(({ start, end }) => start < range.end && range.start < end)
      const ids = own.map(({ token, id }) => [h('code', {}, token), ` ${id}  `])
      return [h('dt', {}, title), h('dd', {}, ids.length > 0 ? ids : 'nothing: it was cleaned away')]
    }
    fill(
      detail,
      h(
        'dl',
        {},
        h('dt', {}, 'Characters'),
        h('dd', {}, h('code', {}, text), ` from ${range.start} to ${range.end}`),
        h('dt', {}, 'Bytes'),
        h('dd', {}, h('code', {}, hex(bytes.subarray(0, SHOWN_BYTES)) + more), ` (${bytes.length})`),
        [...lanes.values()].map(inLane),
      ),
    )
  }

  function open(name: string, lane: Lane, onRemove?: () => void): void {
    engine.tokenizer(name).then(
      (tokenizer) => lane.open(tokenizer, state.values.text),
      (error: unknown) => lane.fail(error, onRemove),
    )
  }

  /** A fourth tokenizer, of any model. */
  function another(): HTMLElement {
    const box = h('input', { type: 'text', id: 'another-tokenizer', placeholder: 'google-bert/bert-base-cased' })
    box.value = state.values.also
    const key = 'also'
    const remove = (): void => {
      lanes.get(key)?.element.remove()
      lanes.delete(key)
      state.set({ also: '' })
    }
    const add = (): void => {
      const name = box.value.trim()
      remove()
      if (name === '') return
      state.set({ also: name })
      const lane = new Lane(name, 'bert', look)
      lanes.set(key, lane)
      lanesElement.append(lane.element)
      open(name, lane, remove)
    }
    if (box.value !== '') add()
    const submit = (event: SubmitEvent): void => {
      event.preventDefault()
      add()
    }
    return h(
      'form',
      { class: 'row another', onsubmit: submit },
      h('label', { for: box.id }, 'Another tokenizer, by its model’s id on the hub'),
      box,
      h('button', { type: 'submit' }, 'Compare'),
    )
  }

  for (const [name, lane] of lanes) if (name !== 'also') open(name, lane)
  show(state.values.text)
  return undefined
}

const SPECIAL =
  'The tokenizer adds it: models are trained to find one at the beginning and one at the end of every text.'

const visible = (character: string): string =>
  character === ' ' ? '␣' : character === '\n' ? '⏎' : character === '\t' ? '⇥' : character

/** Begins with what is seen, so that it can be asked for by voice. */
const nameOf = (character: string): string => {
  const name = character === ' ' ? ' space' : character === '\n' ? ' line break' : ''
  return visible(character) + name
}
