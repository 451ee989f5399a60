// Sliders for an encoder's shape, and the bars of its parameters: ALBERT's beside BERT's.

import { fill, h } from '../../dom.js'
import type { UrlState } from '../../urlState.js'
import { clamp } from '../../urlState.js'
import { choices, slider } from '../../widgets/fields.js'
import {
  albertConfig,
  bertConfig,
  millions,
  PARTS,
  type Part,
  SHARINGS,
  type Shape,
  type Sharing,
  type Sizes,
  sizesOf,
  total,
} from './sizes.js'

export const shapeDefaults = { layers: 12, width: 768, embedding: 128, sharing: 'all' }

const WIDTHS = { min: 128, max: 4096, step: 64 }
const LABELS: Readonly<Record<Part, string>> = {
  words: 'word table',
  attention: 'attention',
  'feed-forward': 'feed-forward',
  rest: 'summary of the text',
}
const SHARING_LABELS: Readonly<Record<Sharing, string>> = {
  all: 'everything',
  attention: 'attention only',
  ffn: 'feed-forward only',
  none: 'nothing',
}
/** What the paper's sizes have in common. */
const PAPER = { embedding: 128, sharing: 'all' } as const
/** The paper's sizes. */
const PRESETS: readonly (readonly [name: string, shape: Shape])[] = [
  ['base', { layers: 12, width: 768, ...PAPER }],
  ['large', { layers: 24, width: 1024, ...PAPER }],
  ['xlarge', { layers: 24, width: 2048, ...PAPER }],
  ['xxlarge', { layers: 12, width: 4096, ...PAPER }],
]

export function counter(state: UrlState<typeof shapeDefaults>): HTMLElement {
  const bars = h('div', { class: 'sizes' })
  const stacks = h('div', { class: 'stacks' })
  const verdict = h('p', { class: 'verdict', 'aria-live': 'polite' })

  const presets = PRESETS.map(([name, preset]) =>
    h('button', { type: 'button', onclick: () => change(preset) }, `ALBERT-${name}`),
  )

  const shape = (): Shape => {
    const { layers, width, embedding, sharing } = state.values
    const inSteps = WIDTHS.step * Math.round(clamp(width, WIDTHS.min, WIDTHS.max) / WIDTHS.step)
    return {
      layers: clamp(Math.round(layers), 1, 24),
      width: inSteps,
      embedding: clamp(Math.round(embedding), 16, inSteps),
      sharing: SHARINGS.find((mode) => mode === sharing) ?? 'all',
    }
  }
  const change = (changes: Partial<Shape>): void => {
    state.set(changes)
    const { layers, width, embedding, sharing } = shape()
    state.set({ embedding })
    controls.layers.set(layers)
    controls.width.set(width)
    controls.embedding.set(embedding, width)
    controls.sharing.set(sharing)
    draw()
  }
  const now = shape()
  const controls = {
    layers: slider('Layers', now.layers, { min: 1, max: 24 }, (layers) => change({ layers })),
    width: slider('Width of the layers', now.width, WIDTHS, (width) => change({ width })),
    embedding: slider('Width of the word table', now.embedding, { min: 16, max: now.width, step: 16 }, (embedding) =>
      change({ embedding }),
    ),
    sharing: choices(
      'Layers share',
      SHARINGS.map((mode) => [mode, SHARING_LABELS[mode]] as const),
      now.sharing,
      (sharing) => change({ sharing }),
    ),
  }

  function draw(): void {
    const at = shape()
    const [albert, bert] = [sizesOf(albertConfig(at)), sizesOf(bertConfig(at))]
    const most = Math.max(total(albert), total(bert))
    fill(bars, sizeBar('ALBERT', 'albert', albert, most), sizeBar('BERT', 'bert', bert, most), legend())
    presets.forEach((button, i) => {
      const [, preset] = PRESETS[i]!
      const isPresent = (Object.keys(preset) as (keyof Shape)[]).every((part) => at[part] === preset[part])
      button.setAttribute('aria-pressed', String(isPresent))
    })
    const ratio = total(bert) / total(albert)
    verdict.textContent =
      ratio >= 1.05
        ? `ALBERT has ${millions(total(albert))} weights, a BERT of this shape ${millions(total(bert))}: ${ratio.toFixed(1)} times as many.`
        : `Without its two savings ALBERT is as large as BERT: ${millions(total(albert))}.`
    fill(stacks, stack('ALBERT', at.layers, at.sharing), stack('BERT', at.layers, 'none'))
  }
  draw()

  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'albert-counter' },
    h('h2', { id: 'albert-counter' }, 'Where the parameters are'),
    h(
      'p',
      {},
      'Two savings: ',
      h('strong', {}, 'all layers use the same weights'),
      ', and ',
      h('strong', {}, 'words are looked up in a narrow table'),
      ' and widened afterwards. Move the sliders and see which of them matters when.',
    ),
    h('div', { class: 'row', role: 'group', 'aria-label': 'Sizes of the paper' }, presets),
    h('div', { class: 'fields' }, controls.layers.element, controls.width.element, controls.embedding.element),
    controls.sharing.element,
    verdict,
    bars,
    stacks,
    h(
      'p',
      { class: 'note' },
      'Smaller is not faster: shared weights are still computed with once in every layer. What is saved is memory, and what has to be learnt.',
    ),
  )
}

function sizeBar(name: string, kin: string, sizes: Sizes, most: number): HTMLElement {
  const parts = PARTS.map((part) => `${LABELS[part]} ${millions(sizes[part])}`).join(', ')
  return h(
    'div',
    { class: `size kin-${kin}`, role: 'img', 'aria-label': `${name}: ${millions(total(sizes))} parameters; ${parts}` },
    h('b', {}, name),
    h(
      'div',
      { class: 'stretch' },
      PARTS.map((part) =>
        h('span', {
          class: `part-${part}`,
          style: `width: ${(100 * sizes[part]) / most}%`,
          title: `${LABELS[part]}: ${millions(sizes[part])}`,
        }),
      ),
    ),
    h('span', { class: 'sum' }, millions(total(sizes))),
  )
}

const legend = (): HTMLElement =>
  h(
    'ul',
    { class: 'legend' },
    PARTS.map((part) => h('li', {}, h('span', { class: `part-${part}` }), LABELS[part])),
  )

/** The layers, from the first on: halves of one colour have the same weights. What is shared has the first layer's. */
function stack(name: string, layers: number, sharing: Sharing): HTMLElement {
  const half = (part: 'attention' | 'ffn', layer: number): HTMLElement => {
    const owner = sharing === 'all' || sharing === part ? 0 : layer
    const hue = (25 + (360 * owner) / layers) % 360
    return h('span', { class: part, style: `--hue: ${hue}` })
  }
  const isOwn = sharing === 'none'
  const what = isOwn ? 'each with weights of its own' : `which share ${SHARING_LABELS[sharing]}`
  return h(
    'figure',
    { class: 'stack', role: 'img', 'aria-label': `${name}: ${layers} layers, ${what}` },
    h(
      'div',
      {},
      Array.from({ length: layers }, (_, layer) => h('div', {}, half('attention', layer), half('ffn', layer))),
    ),
    h('figcaption', {}, `${name}: ${layers} × (attention, feed-forward); one colour, one set of weights`),
  )
}
