// How many of a text's tokens a model learns from: a masked language model from 15 %, ELECTRA from all.

import { fill, h } from '../../dom.js'

const MASKED_SHARE = 0.15

export function learningStrips(element: HTMLElement, tokens: number): void {
  const masked = Math.max(1, Math.round(MASKED_SHARE * tokens))
  const every = Math.max(1, Math.floor(tokens / masked))
  fill(
    element,
    strip('BERT', 'bert', tokens, (i) => i % every === Math.floor(every / 2) && Math.floor(i / every) < masked, masked),
    strip('ELECTRA', 'electra', tokens, () => true, tokens),
    h(
      'p',
      { class: 'note' },
      'The questions are easier (yes or no instead of which of 30,000), but there are seven times as many. In the paper this reaches the same skill with a quarter of the computing.',
    ),
  )
}

function strip(
  name: string,
  kin: string,
  tokens: number,
  isLearnt: (i: number) => boolean,
  count: number,
): HTMLElement {
  return h(
    'div',
    { class: `strip kin-${kin}` },
    h('p', {}, h('b', {}, name), ` learns from ${count} of ${tokens} tokens`),
    h(
      'div',
      { 'aria-hidden': 'true' },
      Array.from({ length: tokens }, (_, i) => h('span', { class: isLearnt(i) ? 'learnt' : '' })),
    ),
  )
}
