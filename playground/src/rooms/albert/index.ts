// ALBERT: fewer weights, and a harder exercise with two pieces of text.

import '../../styles/albert.css'
import { h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { counter, shapeDefaults } from './counter.js'
import { order, orderDefaults } from './order.js'

export const mount: MountRoom = (page, { engine }) => {
  const state = stateOf('albert', { ...shapeDefaults, ...orderDefaults })
  page.append(
    h('h1', {}, 'ALBERT: the same depth from far fewer weights'),
    h(
      'p',
      { class: 'lead' },
      'BERT’s layers do much the same work one after the other. ALBERT gives all of them one set of weights, and reads it twelve times. It also replaces BERT’s easy question about two texts by a hard one.',
    ),
    counter(state),
    order(engine, state),
  )
  return undefined
}
