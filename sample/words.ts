// The words of the sample stories, with the facts that stay true in all of them: what a thing is for, what an animal
// says and where it lives, what people do all day.

export interface Noun {
  readonly one: string
  readonly many: string
}

export const noun = (one: string, many = `${one}s`): Noun => ({ one, many })

// Names that are no other word when written in lower case.
export const GIRLS = (
  'Anna Mary Lucy Emma Clara Nora Ella Ruth Alice Julia Kate Maya Nina Sara Tess Vera Zoe Hana Leila Ida Martha Helen ' +
  'Laura Sofia'
).split(' ')
export const BOYS = (
  'Tom Ben Sam Jack Max Leo Paul Peter Henry Oscar Adam David Eric Felix George Hugo Ivan Karl Luke Noah Omar Simon ' +
  'Tim Martin'
).split(' ')

export const COLOURS = ['red', 'blue', 'green', 'yellow', 'white', 'black', 'brown', 'grey', 'orange', 'purple']
export const NUMBERS = 'no one two three four five six seven eight nine ten eleven twelve thirteen fourteen'.split(' ')
export const ORDER = ['first', 'second', 'third', 'fourth', 'fifth']
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** A small thing, and what nobody can do without it ("{his}" stands for the owner's pronoun). */
export interface Thing extends Noun {
  readonly use: string
}

const thing = (one: string, use: string, many?: string): Thing => ({ ...noun(one, many), use })

export const THINGS: readonly Thing[] = [
  thing('lantern', 'see the path at night'),
  thing('kite', 'play on the windy hill'),
  thing('ball', 'play with the other children'),
  thing('key', 'open the garden gate'),
  thing('hat', 'work in the hot sun'),
  thing('scarf', 'keep {his} neck warm', 'scarves'),
  thing('book', 'finish the story'),
  thing('drum', 'march in the parade'),
  thing('whistle', 'call the dog home'),
  thing('umbrella', 'stay dry in the rain'),
  thing('basket', 'carry the eggs home'),
  thing('bell', 'call the goats in the evening'),
  thing('cup', 'drink {his} milk'),
  thing('bucket', 'fetch water from the well'),
  thing('rope', 'tie the boat to the post'),
  thing('brush', 'paint the fence', 'brushes'),
  thing('pencil', 'draw a picture of the harbour'),
  thing('flute', 'play the new song'),
  thing('map', 'find the way to the lake'),
  thing('spoon', 'eat {his} soup'),
  thing('purse', 'pay for the bread'),
  thing('blanket', 'sleep in the cold room'),
  thing('toy boat', 'play at the pond'),
  thing('needle', 'mend {his} shirt'),
  thing('ladder', 'reach the apples at the top'),
]

/** Places to go: with the preposition for being there, and what can be seen there. */
export interface Place {
  readonly name: string
  readonly at: string
  readonly see: string
}

const place = (at: string, name: string, see: string): Place => ({ name: `the ${name}`, at: `${at} the ${name}`, see })

export const PLACES: readonly Place[] = [
  place('in', 'garden', 'rows of beans and cabbages'),
  place('in', 'forest', 'tall pines and soft moss'),
  place('by', 'river', 'clear water and smooth stones'),
  place('by', 'lake', 'two swans and an old boat'),
  place('in', 'barn', 'dry hay and a broken cart'),
  place('at', 'market', 'tables full of fruit and cheese'),
  place('at', 'harbour', 'fishing boats and hungry gulls'),
  place('on', 'beach', 'white sand and empty shells'),
  place('on', 'hill', 'sheep and yellow flowers'),
  place('in', 'meadow', 'long grass and butterflies'),
  place('at', 'station', 'trains and people with heavy bags'),
  place('in', 'library', 'long shelves full of books'),
  place('in', 'attic', 'dusty boxes and old clothes'),
  place('at', 'mill', 'sacks of flour and a big wheel'),
  place('in', 'park', 'wooden benches and a fountain'),
  place('in', 'orchard', 'apple trees and a stone wall'),
]

/** Where a thing can lie hidden, wherever one is. */
export const HIDING = [
  'under an old coat',
  'behind a wooden box',
  'between two stones',
  'beneath a pile of leaves',
  'next to a broken chair',
  'inside an empty barrel',
  'behind an open door',
  'under a bench',
  'on top of a low wall',
  'in the shadow of a wheel',
]

export interface Animal extends Noun {
  readonly young: Noun
  /** The sound: base form, third person, past. */
  readonly say: readonly [string, string, string]
  readonly home: string
  readonly eats: string
  readonly size: 'small' | 'large'
}

const animal = (
  names: Noun,
  young: Noun,
  say: readonly [string, string, string],
  home: string,
  eats: string,
  size: 'small' | 'large',
): Animal => ({ ...names, young, say, home, eats, size })

const s = (base: string, past = `${base}ed`, third = `${base}s`): [string, string, string] => [base, third, past]

export const ANIMALS: readonly Animal[] = [
  animal(noun('dog'), noun('puppy', 'puppies'), s('bark'), 'kennel', 'meat', 'small'),
  animal(noun('cat'), noun('kitten'), s('meow'), 'basket', 'fish', 'small'),
  animal(noun('cow'), noun('calf', 'calves'), s('moo'), 'barn', 'grass', 'large'),
  animal(noun('horse'), noun('foal'), s('neigh'), 'stable', 'hay', 'large'),
  animal(noun('pig'), noun('piglet'), s('grunt'), 'sty', 'turnips', 'large'),
  animal(noun('sheep', 'sheep'), noun('lamb'), s('bleat'), 'fold', 'clover', 'large'),
  animal(noun('duck'), noun('duckling'), s('quack'), 'pond', 'worms', 'small'),
  animal(noun('hen'), noun('chick'), s('cluck'), 'henhouse', 'corn', 'small'),
  animal(noun('owl'), noun('owlet'), s('hoot'), 'hollow tree', 'mice', 'small'),
  animal(noun('goose', 'geese'), noun('gosling'), s('honk'), 'yard', 'barley', 'small'),
  animal(noun('wolf', 'wolves'), noun('cub'), s('howl'), 'den', 'meat', 'large'),
  animal(noun('bear'), noun('cub'), s('growl'), 'cave', 'berries and honey', 'large'),
  animal(noun('mouse', 'mice'), noun('baby mouse', 'baby mice'), s('squeak'), 'hole', 'cheese', 'small'),
  animal(noun('frog'), noun('tadpole'), s('croak'), 'pond', 'flies', 'small'),
  animal(noun('lion'), noun('cub'), s('roar'), 'den', 'meat', 'large'),
  animal(noun('donkey'), noun('foal'), s('bray'), 'stable', 'thistles', 'large'),
]

/** Animals of a farm, whose young can be lost and found. */
export const FARM_ANIMALS = ANIMALS.filter((a) =>
  'dog cat cow horse sheep duck hen goose pig donkey'.split(' ').includes(a.one),
)

export const PETS: readonly Noun[] = ['dog', 'cat', 'goat', 'donkey', 'rabbit', 'parrot', 'pony'].map((name) =>
  noun(name, name === 'pony' ? 'ponies' : `${name}s`),
)

export interface Work {
  readonly name: string
  readonly where: string
  /** What they do: base form, third person, past. */
  readonly does: readonly [string, string, string]
  readonly needs: string
  readonly gives: string
}

const work = (
  name: string,
  where: string,
  base: string,
  third: string,
  past: string,
  needs: string,
  gives: string,
): Work => ({
  name,
  where,
  does: [base, third, past],
  needs,
  gives,
})

export const WORKS: readonly Work[] = [
  work('baker', 'in the bakery', 'bake bread', 'bakes bread', 'baked bread', 'a hot oven', 'a warm roll'),
  work(
    'farmer',
    'on the farm',
    'milk the cows',
    'milks the cows',
    'milked the cows',
    'a clean bucket',
    'a jug of milk',
  ),
  work('miller', 'at the mill', 'grind corn', 'grinds corn', 'ground corn', 'a strong wind', 'a small bag of flour'),
  work(
    'teacher',
    'at the school',
    'teach the children',
    'teaches the children',
    'taught the children',
    'a piece of chalk',
    'a book with pictures',
  ),
  work('carpenter', 'in the workshop', 'make tables', 'makes tables', 'made tables', 'a sharp saw', 'a wooden horse'),
  work(
    'gardener',
    'in the garden',
    'water the flowers',
    'waters the flowers',
    'watered the flowers',
    'a long hose',
    'a bunch of flowers',
  ),
  work(
    'shepherd',
    'on the hill',
    'look after the sheep',
    'looks after the sheep',
    'looked after the sheep',
    'a good dog',
    'a ball of wool',
  ),
  work('tailor', 'in the shop', 'sew coats', 'sews coats', 'sewed coats', 'a fine needle', 'a silver button'),
  work(
    'blacksmith',
    'in the forge',
    'make horseshoes',
    'makes horseshoes',
    'made horseshoes',
    'a heavy hammer',
    'an iron nail',
  ),
  work('cook', 'in the kitchen of the inn', 'cook soup', 'cooks soup', 'cooked soup', 'a large pot', 'a bowl of soup'),
  work(
    'beekeeper',
    'among the hives',
    'collect honey',
    'collects honey',
    'collected honey',
    'a thick veil',
    'a jar of honey',
  ),
  work(
    'clockmaker',
    'in the clock shop',
    'repair clocks',
    'repairs clocks',
    'repaired clocks',
    'a tiny screwdriver',
    'an old brass wheel',
  ),
  work(
    'painter',
    'in a bright room',
    'paint pictures',
    'paints pictures',
    'painted pictures',
    'a soft brush',
    'a picture of a ship',
  ),
  work('potter', 'at the wheel', 'shape bowls', 'shapes bowls', 'shaped bowls', 'a lump of clay', 'a little clay bird'),
  work(
    'shoemaker',
    'in the narrow shop',
    'mend boots',
    'mends boots',
    'mended boots',
    'a strong thread',
    'a pair of laces',
  ),
]

/** What can be counted, given and eaten. */
export const FRUIT: readonly Noun[] = [
  noun('apple'),
  noun('pear'),
  noun('plum'),
  noun('cherry', 'cherries'),
  noun('peach', 'peaches'),
  noun('nut'),
  noun('egg'),
  noun('cookie'),
  noun('carrot'),
  noun('orange'),
  noun('bun'),
  noun('fig'),
]

/** Opposites: the two adjectives, and a thing that can be either. */
export const OPPOSITES: readonly (readonly [string, string])[] = [
  ['big', 'small'],
  ['hot', 'cold'],
  ['long', 'short'],
  ['old', 'new'],
  ['heavy', 'light'],
  ['wet', 'dry'],
  ['dark', 'bright'],
  ['hard', 'soft'],
  ['full', 'empty'],
  ['fast', 'slow'],
  ['high', 'low'],
  ['open', 'closed'],
  ['early', 'late'],
  ['clean', 'dirty'],
  ['loud', 'quiet'],
  ['deep', 'shallow'],
  ['wide', 'narrow'],
  ['strong', 'weak'],
  ['rich', 'poor'],
]
