// One head, large: the tokens twice, and lines from those that look to those that are looked at.

import { h, s } from '../../dom.js'
import { percent } from '../../widgets/bars.js'
import { makeRoving } from '../../widgets/roving.js'
import { headMatrix, type Looks } from './heads.js'

const ROW = 30
/** Fainter lines are not drawn. */
const LEAST = 0.02

/** @param token the one whose lines alone are shown; undefined for all */
export function headLines(
  looks: Looks,
  { layer, head, token }: { readonly layer: number; readonly head: number; readonly token: number | undefined },
  onChoose: (token: number) => void,
): HTMLElement {
  const n = looks.tokens.length
  const matrix = headMatrix(looks, layer, head)
  const middle = (i: number): number => i * ROW + ROW / 2
  const size = { viewBox: `0 0 100 ${n * ROW}`, preserveAspectRatio: 'none', height: n * ROW }
  const lines = s('svg', { ...size, 'aria-hidden': 'true' })
  for (let i = 0; i < n; i++) {
    if (token !== undefined && i !== token) continue
    for (let j = 0; j < n; j++) {
      const weight = matrix[i * n + j]!
      if (weight < LEAST) continue
      lines.append(s('line', { x1: 0, y1: middle(i), x2: 100, y2: middle(j), 'stroke-opacity': weight }))
    }
  }
  const from = h(
    'div',
    { class: 'from', role: 'group', 'aria-label': 'Tokens that look; choose one' },
    looks.tokens.map((text, i) =>
      h(
        'button',
        {
          ...{ type: 'button', class: 'looker', 'aria-pressed': String(i === token) },
          ...{ onclick: () => onChoose(i), 'aria-label': `${visible(text)}, token ${i + 1}` },
        },
        visible(text),
      ),
    ),
  )
  makeRoving(from, 'button')
  const seen = (j: number): number => (token === undefined ? 0 : matrix[token * n + j]!)
  const to = h(
    'ol',
    { class: 'to', 'aria-label': token === undefined ? 'Tokens' : `Where ${visible(looks.tokens[token]!)} looks` },
    looks.tokens.map((text, j) =>
      h(
        'li',
        { style: `--share: ${seen(j)}` },
        h('span', { class: 'text' }, visible(text)),
        token !== undefined && seen(j) >= LEAST && h('small', {}, percent(seen(j))),
      ),
    ),
  )
  return h('div', { class: 'lines', style: `--row: ${ROW}px` }, from, lines, to)
}

/** Without the sign for a space, which every other token would have. */
export const visible = (token: string): string => token.replace(/^[Ġ▁](?=.)/, '')
