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
      'BERT has twelve layers with weights of their own. ALBERT has one set of weights, and goes through it twelve times: the same depth, a tenth of the size. It also practises a harder question about two texts than BERT.',
    ),
    counter(state),
    order(engine, state),
  )
  return undefined
}
