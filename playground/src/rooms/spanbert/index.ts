// SpanBERT: gaps are stretches, rebuilt from what stands beside them; and so are answers.

import '../../styles/spanbert.css'
import { h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { boundary, boundaryDefaults } from './boundary.js'
import { lengthDefaults, lengths } from './lengths.js'
import { question, questionDefaults } from './question.js'

export const mount: MountRoom = (page, { engine }) => {
  const state = stateOf('spanbert', { ...lengthDefaults, ...boundaryDefaults, ...questionDefaults })
  const rebuilt = boundary(engine, state)
  page.append(
    h('h1', {}, 'SpanBERT: whole stretches, from their edges'),
    h(
      'p',
      { class: 'lead' },
      'BERT hides single words. SpanBERT hides whole stretches, and learns to rebuild each from the two words beside it. So it becomes good at tasks about stretches of text, such as finding answers.',
    ),
    lengths(state, (length, random) => rebuilt.put(length, random.uniform())),
    rebuilt.element,
    question(engine, state),
  )
  return undefined
}
