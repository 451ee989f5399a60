// Plots about what is planted, made, shared and owned.

import type { Plot } from './plotsOfThings.js'
import { a, capital, list } from './teller.js'
import { COLOURS, DAYS, NUMBERS, THINGS, WORKS } from './words.js'

/** A seed through the four seasons, in order. */
export const seasonsOfAPlant: Plot = (t) => {
  const p = t.person()
  const relative = t.relative(!p.female)
  const plant = t.pick([
    {
      seed: 'an apple tree',
      name: 'tree',
      spring: 'had small white flowers',
      summer: 'gave a little shade',
      autumn: 'carried its first apples',
      few: 'apples',
    },
    {
      seed: 'a row of pumpkins',
      name: 'row of pumpkins',
      spring: 'was only a line of tiny leaves',
      summer: 'grew over the whole path',
      autumn: 'was heavy and orange',
      few: 'pumpkins',
    },
    {
      seed: 'a sunflower',
      name: 'sunflower',
      spring: 'was as small as a finger',
      summer: 'was taller than the fence',
      autumn: 'was full of seeds',
      few: 'seeds',
    },
    {
      seed: 'a grapevine',
      name: 'grapevine',
      spring: 'had soft green leaves',
      summer: 'climbed up the wall of the house',
      autumn: 'was full of sweet grapes',
      few: 'grapes',
    },
    {
      seed: 'a bed of potatoes',
      name: 'bed of potatoes',
      spring: 'was bare and brown',
      summer: 'was green, with white flowers',
      autumn: 'was full of big potatoes',
      few: 'potatoes',
    },
  ])
  return [
    `At the end of winter, ${p.name} planted ${plant.seed} ${t.one('behind the house', 'next to the well', 'in the corner of the garden')}.`,
    t.one(
      `"You have to wait," said ${p.his} ${relative.name}. "After winter comes spring."`,
      `"It needs water and sun," said ${p.his} ${relative.name}, "and most of all it needs time."`,
    ),
    t.one(`In spring, it rained often, so the earth was wet.`, 'In spring, the earth was warm and soft.'),
    `The ${plant.name} ${plant.spring}.`,
    t.maybe(0.4, t.remark()),
    t.one(
      `In summer, it did not rain for ${NUMBERS[t.between(2, 6)]} weeks, and the earth was dry.`,
      'Summer came after spring, and the days were hot.',
    ),
    t.one(
      `So ${p.name} carried water from the well every evening.`,
      `Because it was so hot, ${p.name} watered it every morning.`,
    ),
    `Soon the ${plant.name} ${plant.summer}.`,
    t.one('Then the days grew shorter, and it was autumn.', 'When the swallows flew away, summer was over.'),
    `Now the ${plant.name} ${plant.autumn}.`,
    t.one(
      `${p.name} and ${p.his} ${relative.name} filled ${NUMBERS[t.between(2, 5)]} baskets with ${plant.few}.`,
      `${p.name} counted the ${plant.few} and gave half of them to the neighbours.`,
    ),
    t.one(
      'In winter, snow lay over the garden, and everything slept.',
      'Winter came again, and the garden was white and quiet.',
    ),
    t.one(
      `"Next spring we will plant another one," said ${p.name}.`,
      `${p.name} looked out of the window and waited for spring.`,
    ),
  ]
}

/** Someone at work: where, with what, for whom; and what a child gets for helping. */
export const atWork: Plot = (t) => {
  const p = t.person()
  const master = t.person(!p.female)
  const job = t.pick(WORKS)
  const [base, third, past] = job.does
  const [early, late] = t.pick([
    ['six', 'twelve'],
    ['seven', 'one'],
    ['five', 'eleven'],
    ['eight', 'two'],
  ])
  const other = t.pick(WORKS.filter((w) => w !== job))
  return [
    `${master.name} was ${a(job.name)}.`,
    `Every day ${master.he} ${past} ${job.where}.`,
    t.one(
      `${master.He} got up at ${early} o'clock and worked until ${late}.`,
      `${master.He} began at ${early} in the morning and stopped at ${late}.`,
    ),
    t.maybe(0.4, t.scene()),
    t.open(`${p.name} came to see ${master.him}.`, 'morning'),
    t.one(`"Is it hard to be ${a(job.name)}?" asked ${p.name}.`, `"What do you need for your work?" asked ${p.name}.`),
    t.one(
      `"${capital(a(job.name))} needs ${job.needs} and a lot of patience," said ${master.name}.`,
      `"I need ${job.needs}," said the ${job.name}. "Nobody can ${base} without it."`,
    ),
    t.maybe(0.6, t.remark()),
    t.one(`"May I help you?" asked ${p.name}.`, `"Please let me try," said ${p.name}.`),
    t.one(
      'At first it was difficult, but later it was easy.',
      `${p.name} was slow in the beginning, but ${p.he} learned quickly.`,
      `${p.name} made two mistakes, and ${master.name} showed ${p.him} how to do it.`,
    ),
    t.one(`At ${late} o'clock they were both tired and hungry.`, `When the clock struck ${late}, the work was done.`),
    t.one(
      `The ${job.name} gave ${p.him} ${job.gives}.`,
      `"This is for you," said ${master.name} and gave ${p.him} ${job.gives}.`,
    ),
    t.one(
      `"${capital(a(job.name))} ${third}, and ${a(other.name)} ${other.does[1]}," said ${p.name}. "When I am big, I will be ${a(job.name)}, too."`,
      `${p.name} ran home and told everybody about the ${job.name}.`,
    ),
  ]
}

/** A quarrel over one thing, and how it is shared. */
export const quarrel: Plot = (t) => {
  const [p, q] = t.pair()
  const colour = t.pick(COLOURS)
  const item = t.pick(
    ['sled', 'swing', 'wagon', 'pony', 'rowing boat', 'bicycle'].filter((w) =>
      t.season.name === 'winter' ? w !== 'rowing boat' : w !== 'sled',
    ),
  )
  const place = t.pick(t.places)
  const judge = t.relative()
  return [
    `${p.name} and ${q.name} were ${t.one('neighbours', 'cousins', 'good friends')}.`,
    `Together they had one ${colour} ${item}.`,
    t.open(`both of them wanted to have the ${item} at the same time.`),
    t.maybe(0.4, t.scene()),
    t.one(`"It is mine today," said ${p.name}.`, `"I was here first," said ${p.name}.`),
    t.one(
      `"No, it is mine," said ${q.name}. "You had it ${t.pick(['yesterday', `on ${t.pick(DAYS)}`])}."`,
      `"You are always first," said ${q.name}.`,
    ),
    t.one(`They shouted so loudly that the birds flew away.`, `${p.name} was angry, and ${q.name} was angry, too.`),
    `${q.name} ran to ${place.name} and sat there alone.`,
    t.maybe(0.5, t.remark()),
    t.one(
      `But ${p.name} was not happy, because ${p.he} had nobody to play with.`,
      `Soon ${p.name} was bored without ${q.him}.`,
    ),
    `So ${p.he} went to ${place.name}, too.`,
    t.one(`"I am sorry," ${p.he} said. "I miss you more than the ${item}."`, `"Let us take turns," ${p.he} said.`),
    t.one(
      `${q.name} smiled, and they went back together.`,
      `"I am sorry, too," said ${q.name}, and ${q.he} gave ${p.him} ${q.his} hand.`,
    ),
    t.one(
      `In the morning it was ${p.name}'s turn, and in the afternoon it was ${q.name}'s.`,
      `"Two friends and one ${item} are better than one friend and two ${item === 'pony' ? 'ponies' : `${item}s`}," said ${p.name}'s ${judge.name}.`,
    ),
  ]
}

/** What everybody wears or carries: a list of owners and colours that is asked back. */
export const whoseIsIt: Plot = (t) => {
  const people = [t.person(true), t.person(false), t.person()]
  const [ann, ben] = people as [(typeof people)[0], (typeof people)[0]]
  const colours = t.some(3, COLOURS)
  const item = t.pick(THINGS)
  const where = t.pick(t.places)
  const teller = t.pick(people)
  const index = people.indexOf(teller)
  return [
    t.open(`three children went to ${where.name}.`),
    `They were ${list(people.map((x) => x.name))}.`,
    `Each of them had ${a(item.one)}.`,
    t.one(
      `${ann.name}'s ${item.one} was ${colours[0]}, ${ben.name}'s was ${colours[1]}, and ${people[2]!.name}'s was ${colours[2]}.`,
      `${ann.name} had the ${colours[0]} one, ${ben.name} had the ${colours[1]} one, and the ${colours[2]} one was ${people[2]!.name}'s.`,
    ),
    t.maybe(0.6, t.scene()),
    t.one(`They played until they were tired.`, `They stayed there for ${NUMBERS[t.between(2, 4)]} hours.`),
    t.one('Suddenly it began to rain, and everybody ran home.', 'When the bell rang, they all had to go home quickly.'),
    `But one ${item.one} was left behind.`,
    `${capital(t.pick(['an old farmer', 'a shepherd', 'a fisherman', 'the miller']))} found it the next day.`,
    t.one(`"Whose ${item.one} is this?" he asked.`, `He went from door to door with it.`),
    `"It is ${colours[index]}," said ${people[(index + 1) % 3]!.name}, "so it must be ${teller.name}'s."`,
    `${teller.name} was glad to have ${teller.his} ${item.one} again.`,
    t.maybe(0.5, `${teller.He} never forgot ${teller.his} ${colours[index]} ${item.one} after that.`),
  ]
}
