// The first room: what all of them have in common, and what each does differently, a sentence each.

import { h } from '../dom.js'
import { type MountRoom, rooms } from '../room.js'

/** What a newcomer should remember of each. */
const differences = [
  {
    kin: 'bert',
    name: 'BERT',
    year: 2018,
    what: 'Hides 15 % of the words of a text and learns to guess them from both sides.',
    more: 'It also tells whether a second text follows the first or comes from elsewhere. The others start from here.',
    room: 'roberta',
    doing: 'Hide words, and have them guessed',
  },
  {
    kin: 'roberta',
    name: 'RoBERTa',
    year: 2019,
    what: 'The same model, trained better: other words are hidden each time a text comes round.',
    more: 'No second text to judge, far more data, and a vocabulary of bytes to which nothing is unknown.',
    room: 'roberta',
    doing: 'See the gaps change, epoch by epoch',
  },
  {
    kin: 'albert',
    name: 'ALBERT',
    year: 2019,
    what: 'The same depth with far fewer weights: all layers share one set, and the table of words is narrow.',
    more: 'And a harder exercise with two pieces of text: are they in order, or were they swapped?',
    room: 'albert',
    doing: 'Watch the weights shrink',
  },
  {
    kin: 'electra',
    name: 'ELECTRA',
    year: 2020,
    what: 'Fills no gaps: it looks for fakes. A small generator swaps words, and the model judges every one.',
    more: 'So it learns from all the words of a text instead of 15 %, and needs less computing for the same skill.',
    room: 'electra',
    doing: 'Fool the detective',
  },
  {
    kin: 'spanbert',
    name: 'SpanBERT',
    year: 2019,
    what: 'Hides whole stretches of words, and rebuilds each from the two words beside it.',
    more: 'Answers to questions are such stretches, which is what it is good at.',
    room: 'spanbert',
    doing: 'Draw spans, ask a passage',
  },
] as const

export const mount: MountRoom = (page) => {
  page.append(
    h('h1', {}, 'Five readers, one family'),
    h(
      'p',
      { class: 'lead' },
      'BERT and its kin read a whole sentence at once, through the same stack of attention layers. They differ in ',
      h('em', {}, 'what they practise'),
      ' while they learn, and in ',
      h('em', {}, 'what they save on'),
      '. Each room shows one such difference. You can change everything in it, and the address always holds what you see.',
    ),
    h('ul', { class: 'family' }, differences.map(card), ownCard()),
    h(
      'p',
      { class: 'note' },
      'In ',
      link('tokens'),
      ' you see what they read, and in ',
      link('attention'),
      ' where each of them looks. Models run in this browser: what you type stays here. Those that come with the page are small and have read little, so they are often wrong; every room also takes published ones.',
    ),
  )
  return undefined
}

const card = ({ kin, name, year, what, more, room, doing }: (typeof differences)[number]): HTMLElement =>
  h(
    'li',
    { class: `card kin-${kin}` },
    h('h2', {}, name, ' ', h('small', {}, year)),
    h('p', {}, h('strong', {}, what)),
    h('p', { class: 'note' }, more),
    h('p', { class: 'go' }, h('a', { href: `#/${room}` }, doing)),
  )

const ownCard = (): HTMLElement =>
  h(
    'li',
    { class: 'card' },
    h('h2', {}, 'Yours'),
    h('p', {}, h('strong', {}, 'Knows nothing yet: choose what it practises, and watch it learn from a text.')),
    h('p', { class: 'note' }, 'A small one takes a minute or two, and is yours to keep.'),
    h('p', { class: 'go' }, h('a', { href: '#/train' }, 'Train one')),
  )

const link = (id: string): HTMLElement => h('a', { href: `#/${id}` }, rooms.find((room) => room.id === id)!.title)
