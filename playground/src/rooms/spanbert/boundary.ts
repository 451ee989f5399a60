// A gap rebuilt: each hidden token from the two tokens beside the gap and its place in it, and from the whole text.

import type { InfillCandidate, InfilledSpan } from 'bertkin/pipeline'
import type { Tokenizer } from 'bertkin/tokenizer'
import { fill, h } from '../../dom.js'
import type { Engine } from '../../engine.js'
import { clamp, type UrlState } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { bars } from '../../widgets/bars.js'
import { textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'
import { makeRoving } from '../../widgets/roving.js'
import { type Word, wordButtons, wordsOf } from '../../widgets/words.js'

export const boundaryDefaults = {
  text: 'He was born in the United States of America in 1924.',
  from: 6,
  length: 2,
  place: 0,
  model: 'spanbert',
}
const CANDIDATES = 5
/** Gaps of more tokens are seldom rebuilt. */
const LONG = 3

/** The words of a gap. */
interface Gap {
  readonly from: number
  readonly to: number
}

interface Question {
  readonly text: string
  readonly model: string
  readonly words: readonly Word[]
  readonly gap: Gap
}

export interface Boundary {
  readonly element: HTMLElement
  /** Puts a gap of so many words into the sentence; `place` from 0 to below 1 says where. */
  put(length: number, place: number): void
}

export function boundary(engine: Engine, state: UrlState<typeof boundaryDefaults>): Boundary {
  const sentence = h('div', {})
  const answers = h('div', { class: 'rebuilt' })

  const { message, ask } = asking<Question>(answers, async ({ text, model, words, gap }, onLoading, turn) => {
    const tokenizer = await engine.tokenizer(model)
    const rebuild = await engine.pipeline('span-infilling', model, onLoading)
    const masked = withMasks(text, words, gap, tokenizer)
    const { spans } = await rebuild(masked.text, { top_k: CANDIDATES })
    if (turn.isOld()) return
    const beside = { left: words[gap.from - 1]?.text, right: words[gap.to]?.text }
    show(spans[0]!, masked.originals, beside)
  })

  function show(span: InfilledSpan, originals: readonly string[], beside: Beside): void {
    const chosen = clamp(Math.round(state.values.place), 0, span.tokens.length - 1)
    const choose = (place: number): void => {
      state.set({ place })
      show(span, originals, beside)
      answers.querySelectorAll<HTMLElement>('.places button')[place]?.focus()
    }
    const places = h(
      'div',
      { class: 'places', role: 'group', 'aria-label': 'Places in the gap' },
      span.tokens.map((_, i) =>
        h(
          'button',
          { type: 'button', class: 'place', 'aria-pressed': String(i === chosen), onclick: () => choose(i) },
          h('small', {}, `place ${i + 1}`),
          originals[i] ?? '',
        ),
      ),
    )
    makeRoving(places, 'button')
    const token = span.tokens[chosen]!
    const original = originals[chosen] ?? ''
    fill(
      answers,
      h(
        'div',
        { class: 'formula scrolls' },
        neighbour(beside.left, 'left neighbour'),
        places,
        neighbour(beside.right, 'right neighbour'),
      ),
      beside.left &&
        beside.right &&
        h(
          'p',
          {},
          '“',
          h('b', {}, original),
          '” is guessed from ',
          h('b', {}, beside.left),
          ' on the left, ',
          h('b', {}, beside.right),
          ' on the right, and the number of its place, ',
          h('b', {}, chosen + 1),
          '; the other words are not looked at.',
        ),
      h(
        'div',
        { class: 'columns' },
        head('From the boundary alone', token.span_boundary, original),
        head('From its own place, as BERT', token.masked_lm, original),
        head('Both together', token.both, original),
      ),
      h('p', {}, 'The whole gap, rebuilt: ', h('mark', {}, span.infill)),
      span.tokens.length > LONG &&
        h(
          'p',
          { class: 'note' },
          'Each place is guessed without knowing what the others become, and this model is small: so long a gap seldom makes a sentence. It is an exercise for learning, not a way to write.',
        ),
    )
  }

  function redraw(): void {
    const { text, model } = state.values
    const words = wordsOf(text)
    const gap = gapOf(state.values, words.length)
    const begin = (from: number): void => {
      state.set({ from, place: 0 })
      redraw()
      sentence.querySelectorAll('button')[from]?.focus()
    }
    const hidden = new Set(Array.from({ length: gap.to - gap.from }, (_, i) => gap.from + i))
    const row = wordButtons(words, hidden, 'Words: press one where the gap is to begin', begin)
    row.children[gap.from - 1]?.classList.add('beside')
    row.children[gap.to]?.classList.add('beside')
    fill(sentence, row)
    if (words.length > 0) ask({ text, model, words, gap })
  }

  const field = textField('A sentence', state.values.text, (text) => {
    state.set({ text, place: 0 })
    redraw()
  })
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'boundary-title' },
    h('h2', { id: 'boundary-title' }, 'Rebuilt from its two neighbours'),
    h(
      'p',
      {},
      'Beside guessing from the whole text, SpanBERT must rebuild a gap from ',
      h('strong', {}, 'the two tokens beside it and a place number'),
      '. So a token learns to hold what the stretch next to it is about. Draw a gap above, or press the word where it is to begin.',
    ),
    field.element,
    sentence,
    message,
    answers,
    modelPicker(engine, {
      shipped: ['spanbert'],
      value: state.values.model,
      example: 'a model saved with SpanBERT’s boundary head',
      onChange: (model) => {
        state.set({ model })
        redraw()
      },
    }),
  )
  redraw()
  return {
    element,
    put(length, place) {
      const count = wordsOf(state.values.text).length
      const able = Math.min(length, Math.max(1, count - 2))
      const from = 1 + Math.floor(place * Math.max(1, count - 1 - able)) // a neighbour on either side
      state.set({ from, length: able, place: 0 })
      redraw()
    },
  }
}

interface Beside {
  readonly left: string | undefined
  readonly right: string | undefined
}

function gapOf({ from, length }: { from: number; length: number }, words: number): Gap {
  const start = clamp(Math.round(from), 0, Math.max(0, words - 1))
  return { from: start, to: Math.min(words, start + clamp(Math.round(length), 1, 10)) }
}

/** The text with a mask for every token of the gap's words, and these tokens. */
export function withMasks(
  text: string,
  words: readonly Word[],
  { from, to }: Gap,
  tokenizer: Tokenizer,
): { readonly text: string; readonly originals: readonly string[] } {
  const [start, end] = [words[from]!.start, words[to - 1]!.end]
  const { tokens, offsets, specialTokensMask } = tokenizer.encode(text)
  const inside = tokens.filter((_, i) => specialTokensMask[i] === 0 && offsets[i]![0] < end && offsets[i]![1] > start)
  const mask = tokenizer.specialTokens.mask?.token ?? '[MASK]'
  const masks = inside.map(() => mask).join(' ')
  return {
    text: text.slice(0, start) + masks + text.slice(end),
    originals: inside,
  }
}

const neighbour = (word: string | undefined, label: string): HTMLElement =>
  h('div', { class: 'neighbour' }, h('small', {}, label), h('b', {}, word ?? '–'))

function head(title: string, candidates: readonly InfillCandidate[] | null, original: string): HTMLElement {
  const none = h('p', { class: 'note' }, 'It says nothing here: there is no token on one side, or the gap is too long.')
  const list = candidates?.map(({ token_str, score }) => ({ name: token_str, share: score }))
  const isFirst = list?.[0]?.name === original
  return h(
    'div',
    {},
    h('h3', {}, title),
    list ? bars(list, title) : none,
    list && h('p', { class: 'note' }, isFirst ? 'Right.' : ' '),
  )
}
