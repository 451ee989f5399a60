// Static against dynamic masking: which tokens of a sentence are hidden, epoch by epoch, with the library's own masking.

import { type Masked, type Masking, Random, staticMasking, tokenMasking } from 'bertkin/objective'
import type { Tokenizer } from 'bertkin/tokenizer'
import { fill, h } from '../../dom.js'
import { type Engine, problemText } from '../../engine.js'
import { clamp, type UrlState } from '../../urlState.js'
import { slider } from '../../widgets/fields.js'
import { wordsOf } from '../../widgets/words.js'

export const epochDefaults = { epochs: 6, copies: 2, seed: 1 }
const MOST_EPOCHS = 12
const MOST_COPIES = 6
const MODEL = 'roberta'
const STATIC = 'Static: as BERT was trained'
const DYNAMIC = 'Dynamic: as RoBERTa was trained'

export type Fate = 'masked' | 'random' | 'kept'

/** What became of each hidden token of an epoch, by its place. */
export const fatesOf = ({ ids, positions, labels }: Masked, maskId: number): Map<number, Fate> =>
  new Map(
    Array.from(positions, (position, i): [number, Fate] => {
      if (ids[position] === maskId) return [position, 'masked']
      return [position, ids[position] === labels[i] ? 'kept' : 'random']
    }),
  )

/** The same sentence in each epoch: masked once and for all in each of the copies, and masked anew. */
export function maskEpochs(
  tokenizer: Tokenizer,
  text: string,
  { epochs, copies, seed }: Readonly<typeof epochDefaults>,
): { readonly tokens: string[]; readonly fixed: Map<number, Fate>[]; readonly fresh: Map<number, Fate>[] } {
  const maskTokenId = tokenizer.specialTokens.mask!.id
  const { vocabSize, specialIds } = tokenizer
  const dynamic = tokenMasking({ vocabSize, maskTokenId, specialTokenIds: specialIds })
  const still = staticMasking(dynamic, { seed })
  const { ids, tokens } = tokenizer.encode(text)
  const each = (masking: Masking) =>
    Array.from({ length: epochs }, (_, epoch) =>
      fatesOf(masking(ids, new Random(seed, epoch), epoch % copies), maskTokenId),
    )
  return { tokens, fixed: each(still), fresh: each(dynamic) }
}

export function epochs(
  engine: Engine,
  state: UrlState<typeof epochDefaults & { text: string }>,
): { readonly element: HTMLElement; redraw(): void } {
  const tables = h('div', { class: 'columns epochs' })
  const verdict = h('p', { class: 'verdict', 'aria-live': 'polite' })
  let tokenizer: Tokenizer | undefined

  const settings = () => ({
    epochs: clamp(Math.round(state.values.epochs), 1, MOST_EPOCHS),
    copies: clamp(Math.round(state.values.copies), 1, MOST_COPIES),
    seed: state.values.seed,
  })
  const epochSlider = slider(
    'Epochs: how often the text is read',
    settings().epochs,
    { min: 1, max: MOST_EPOCHS },
    (value) => change({ epochs: value }),
  )
  const copySlider = slider(
    'Copies of the text with masks of their own',
    settings().copies,
    { min: 1, max: MOST_COPIES },
    (value) => change({ copies: value }),
  )
  function change(changes: Partial<typeof epochDefaults>): void {
    state.set(changes)
    redraw()
  }
  const step = (): void => {
    const next = Math.min(settings().epochs + 1, MOST_EPOCHS)
    epochSlider.set(next)
    change({ epochs: next })
  }

  /** Words without fates, as high as the tables will be: they come with the tokenizer, and must not move the page. */
  function outline(): void {
    const words = ['', ...wordsOf(state.values.text).map(({ text }) => text), '']
    const empty = Array.from({ length: settings().epochs }, () => new Map<number, Fate>())
    fill(tables, table(STATIC, words, empty, 'bert'), table(DYNAMIC, words, empty, 'roberta'))
  }

  const further = h('button', { type: 'button', class: 'primary', onclick: step }, 'Next epoch')

  function redraw(): void {
    further.disabled = settings().epochs === MOST_EPOCHS
    if (!tokenizer) {
      outline()
      return
    }
    const { tokens, fixed, fresh } = maskEpochs(tokenizer, state.values.text, settings())
    const shown = tokens.map((token) => token.replace(/^Ġ/, ''))
    fill(tables, table(STATIC, shown, fixed, 'bert'), table(DYNAMIC, shown, fresh, 'roberta'))
    const { epochs: count } = settings()
    verdict.textContent = `After ${count} ${count === 1 ? 'epoch' : 'epochs'} of ${tokens.length - 2} tokens, static masking has practised ${practised(fixed)} and dynamic masking ${practised(fresh)}.`
  }
  outline()
  engine.tokenizer(MODEL).then(
    (opened) => {
      tokenizer = opened
      redraw()
    },
    (error: unknown) => fill(tables, h('p', { class: 'problem', role: 'alert' }, problemText(error))),
  )

  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'epochs-title' },
    h('h2', { id: 'epochs-title' }, 'Hidden once, or hidden anew'),
    h(
      'p',
      {},
      'BERT’s texts were masked once, before training (in ten copies; here there are fewer), and then read over and over with the same gaps. ',
      h('strong', {}, 'RoBERTa draws the gaps anew each time'),
      ', so that in the end nearly every word has been a question.',
    ),
    h('div', { class: 'fields' }, epochSlider.element, copySlider.element),
    h(
      'div',
      { class: 'row' },
      further,
      h('button', { type: 'button', onclick: () => change({ seed: state.values.seed + 1 }) }, 'Roll the dice again'),
    ),
    verdict,
    tables,
    h(
      'ul',
      { class: 'legend fates' },
      h('li', {}, h('span', { class: 'fate masked' }), 'hidden (80 %)'),
      h('li', {}, h('span', { class: 'fate random' }), 'another word in its place (10 %)'),
      h('li', {}, h('span', { class: 'fate kept' }), 'left, but still a question (10 %)'),
    ),
  )
  return { element, redraw }
}

const practised = (epochs: readonly Map<number, Fate>[]): number =>
  new Set(epochs.flatMap((fates) => [...fates.keys()])).size

const NAMES: Readonly<Record<Fate, string>> = { masked: 'hidden', random: 'replaced', kept: 'left' }

function table(
  caption: string,
  tokens: readonly string[],
  epochs: readonly Map<number, Fate>[],
  kin: string,
): HTMLElement {
  const cell = (fate: Fate | undefined): HTMLElement =>
    h('td', {}, fate && h('span', { class: `fate ${fate}` }, h('span', { class: 'visually-hidden' }, NAMES[fate])))
  const last = tokens.length - 1
  return h(
    'div',
    { class: `scrolls kin-${kin}`, tabindex: 0, role: 'group', 'aria-label': caption },
    h(
      'table',
      { class: 'fates' },
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'token'),
          epochs.map((_, i) => h('th', { scope: 'col' }, i + 1)),
        ),
      ),
      h(
        'tbody',
        {},
        tokens.flatMap((token, row) =>
          row === 0 || row === last
            ? []
            : [
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, token),
                  epochs.map((fates) => cell(fates.get(row))),
                ),
              ],
        ),
      ),
    ),
  )
}
