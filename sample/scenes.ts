// What the stories say in passing: the seasons' weather and views, and remarks about things nearby.

import { type Noun, noun } from './words.js'

export interface Season {
  readonly name: string
  readonly weather: readonly string[]
  /** Whole sentences in the past. */
  readonly scene: readonly string[]
}

export const SEASONS: readonly Season[] = [
  {
    name: 'spring',
    weather: ['mild', 'fresh', 'sunny', 'rainy'],
    scene: [
      'The trees were full of blossoms.',
      'The birds were building their nests.',
      'The snow had melted, so the river was high.',
      'The first flowers were open.',
      'The days were getting longer.',
      'The fields were green again.',
    ],
  },
  {
    name: 'summer',
    weather: ['hot', 'warm', 'bright', 'sunny'],
    scene: [
      'The sun was hot, and the grass was dry.',
      'The bees were busy in the clover.',
      'The corn in the fields was high.',
      'The children swam in the lake every day.',
      'The evenings were long and light.',
      'Nobody needed a coat.',
    ],
  },
  {
    name: 'autumn',
    weather: ['windy', 'foggy', 'grey', 'cool'],
    scene: [
      'The leaves were red and yellow.',
      'The wind shook the trees, and the leaves fell down.',
      'The apples were ripe.',
      'The birds were flying south.',
      'The days were getting shorter.',
      'There was fog over the fields.',
    ],
  },
  {
    name: 'winter',
    weather: ['cold', 'snowy', 'frosty', 'icy'],
    scene: [
      'There was snow on the roofs.',
      'The lake was frozen, so the boats could not move.',
      'The trees had no leaves.',
      'Smoke came from every chimney.',
      'The nights were long and dark.',
      'Everybody wore warm gloves.',
    ],
  },
]

/** A remark's subject: a head, a phrase after it with one noun or with several, and what can be said of both numbers. */
export interface Remark {
  readonly head: Noun
  readonly near: { readonly one: string; readonly many: string }
  readonly said: readonly string[]
}

const remark = (head: Noun, one: string, many: string, ...said: readonly string[]): Remark => ({
  head,
  near: { one, many },
  said,
})

export const REMARKS: readonly Remark[] = [
  remark(noun('key'), 'to the old house', 'to the cellar rooms', 'rusty', 'heavy', 'on the table'),
  remark(noun('window'), 'of the cottage', 'between the doors', 'clean', 'dark', 'open', 'very small'),
  remark(noun('leaf', 'leaves'), 'on the branch', 'between the pages', 'green', 'dry', 'as thin as paper'),
  remark(noun('flower'), 'in the vase', 'among the stones', 'fresh', 'white', 'still closed'),
  remark(noun('boat'), 'near the bridge', 'between the rocks', 'empty', 'ready', 'full of nets'),
  remark(noun('book'), 'on the shelf', 'about the stars', 'old', 'heavy', 'full of pictures'),
  remark(noun('road'), 'to the village', 'between the hills', 'long', 'muddy', 'safe'),
  remark(noun('light'), 'behind the curtain', 'above the tables', 'bright', 'yellow', 'still on'),
  remark(noun('child', 'children'), 'by the gate', 'with the balloons', 'quiet', 'cheerful', 'late'),
  remark(noun('apple'), 'in the basket', 'under the leaves', 'ripe', 'sweet', 'almost red'),
  remark(noun('letter'), 'from the sailor', 'with the blue stamps', 'short', 'in the drawer', 'three weeks old'),
  remark(noun('roof'), 'of the barn', 'over the stables', 'red', 'new', 'covered with straw'),
  remark(noun('stone'), 'in the river', 'under the trees', 'smooth', 'round', 'slippery'),
  remark(noun('picture'), 'on the wall', 'of the mountains', 'beautiful', 'crooked', 'framed in gold'),
  remark(noun('bench', 'benches'), 'under the tree', 'beside the roses', 'empty', 'wooden', 'in the shade'),
  remark(noun('box', 'boxes'), 'beside the chair', 'with the toys', 'closed', 'full', 'too heavy to lift'),
  remark(noun('fence'), 'around the garden', 'behind the houses', 'low', 'freshly painted', 'broken'),
  remark(
    noun('woman', 'women'),
    'with the basket',
    'from the islands',
    'friendly',
    'on the way to the market',
    'in a hurry',
  ),
  remark(noun('man', 'men'), 'beside the cart', 'with the fishing nets', 'tired', 'strong', 'from the next village'),
  remark(noun('clock'), 'above the door', 'between the windows', 'slow', 'wrong', 'made of brass'),
  remark(noun('wheel'), 'of the wagon', 'behind the barrels', 'broken', 'made of wood', 'covered with mud'),
  remark(noun('shoe'), 'under the bed', 'with the silver buckles', 'dusty', 'brown', 'too small'),
]
