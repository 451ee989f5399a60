// Small pictures of all heads, a row for each layer: which of them is shown large is chosen here.

import { h } from '../../dom.js'
import { colour } from '../../theme.js'
import { makeRoving } from '../../widgets/roving.js'
import { HABITS, habitOf, headMatrix, type Looks } from './heads.js'

const PIXELS = 56

export function headMap(
  looks: Looks,
  chosen: { readonly layer: number; readonly head: number },
  onChoose: (layer: number, head: number) => void,
): HTMLElement {
  const ink = colour('kin-ink')
  const row = (layer: number): HTMLElement =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, layer + 1),
      Array.from({ length: looks.heads }, (_, head) => {
        const habit = habitOf(looks, layer, head)
        const isChosen = layer === chosen.layer && head === chosen.head
        return h(
          'td',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'thumbnail',
              'aria-pressed': String(isChosen),
              'aria-label': `Layer ${layer + 1}, head ${head + 1}: ${HABITS[habit]}`,
              onclick: () => onChoose(layer, head),
            },
            thumbnail(looks, layer, head, ink),
            h('small', {}, HABITS[habit]),
          ),
        )
      }),
    )
  const table = h(
    'table',
    { class: 'heads' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'layer')),
        Array.from({ length: looks.heads }, (_, head) => h('th', { scope: 'col' }, `head ${head + 1}`)),
      ),
    ),
    h(
      'tbody',
      {},
      Array.from({ length: looks.layers }, (_, layer) => row(layer)),
    ),
  )
  const element = h('div', { class: 'scrolls' }, table)
  makeRoving(element, 'button')
  return element
}

function thumbnail(looks: Looks, layer: number, head: number, ink: string): HTMLCanvasElement {
  const canvas = h('canvas', { width: PIXELS, height: PIXELS, 'aria-hidden': 'true' })
  const context = canvas.getContext('2d')
  if (!context) return canvas
  const n = looks.tokens.length
  const matrix = headMatrix(looks, layer, head)
  const cell = PIXELS / n
  context.fillStyle = ink
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      context.globalAlpha = Math.sqrt(matrix[i * n + j]!) // faint looks are seen, too
      context.fillRect(j * cell, i * cell, cell + 0.3, cell + 0.3)
    }
  }
  return canvas
}
