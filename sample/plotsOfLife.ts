// Plots about animals, weather, journeys, letters and the night.

import type { Plot } from './plotsOfThings.js'
import { a, capital, count, list, the } from './teller.js'
import { ANIMALS, COLOURS, DAYS, FARM_ANIMALS, NUMBERS, ORDER, PLACES, WORKS } from './words.js'

export const OUTDOORS = ['the hill', 'the lake', 'the meadow', 'the park', 'the river', 'the beach']

/** A young animal is lost and finds home by its mother's voice. */
export const lostYoung: Plot = (t) => {
  const p = t.person()
  const animal = t.pick(FARM_ANIMALS)
  const young = animal.young.one
  const [say, , said] = animal.say
  const place = t.pick(t.places)
  const other = t.pick(FARM_ANIMALS.filter((x) => x !== animal && x.young.one !== young))
  const count = t.between(2, 5)
  return [
    `On ${p.name}'s farm there was ${a(animal.one)} with ${NUMBERS[count]} ${animal.young.many}.`,
    `They all lived ${animal.home === 'pond' ? 'by' : 'in'} the ${animal.home}.`,
    t.open(`one ${young} ran away.`),
    t.maybe(0.4, t.scene()),
    `It ran as far as ${place.name} and saw ${place.see}.`,
    t.one(`But it did not see its mother, so it was afraid.`, `Then it was cold and hungry, and it wanted to go home.`),
    t.one(
      `It met ${a(other.one)}. "Are you my mother?" asked the ${young}.`,
      `"Can you help me?" it asked ${a(other.one)}.`,
    ),
    `"No," said the ${other.one}. "I am ${a(other.one)}, and my children are ${other.young.many}."`,
    `"What does your mother do when she calls you?" asked the ${other.one}.`,
    t.one(
      `"She ${animal.say[1]}," said the ${young}.`,
      `"I only know that she ${animal.say[1]} loudly," said the ${young}.`,
    ),
    t.one(`So they both listened.`, `"Then be quiet and listen," said the ${other.one}.`),
    t.one(`Far away, the ${animal.one} ${said}.`, `Soon they heard how the ${animal.one} ${said} on the farm.`),
    t.one(`"I can hear her ${say}!" cried the ${young}.`, `"That is her!" cried the ${young}.`),
    t.one(`It ran home as fast as it could.`, `The ${young} followed the sound until it saw the farm.`),
    `Now ${p.name} had ${NUMBERS[count]} ${animal.young.many} again, and the ${animal.one} was happy.`,
    t.maybe(0.4, `${p.He} closed the gate so that no ${young} could run away again.`),
  ]
}

/** Weather and what follows from it: cause before effect, and "because" the other way round. */
export const weather: Plot = (t) => {
  const [p, q] = t.pair()
  const w = t.pick([
    {
      did: 'It rained all night',
      so: 'the road was wet',
      slip: 'slipped on the wet road and fell into a puddle',
      result: 'were dirty',
      wash: 'The rain had stopped, and the sun came out',
      end: 'By noon the road was dry again',
    },
    {
      did: 'It snowed all night',
      so: 'the village was white',
      slip: 'fell into the deep snow',
      result: 'were cold and wet',
      wash: 'A warm fire was burning in the kitchen',
      end: 'In the evening the snow lay as high as the windows',
    },
    {
      did: 'A strong wind blew all night',
      so: 'there were branches on the road',
      slip: 'fell over a long branch',
      result: 'had a hole',
      wash: 'The wind was already getting weaker',
      end: 'By noon the air was still again',
    },
    {
      did: 'It was very cold in the night',
      so: 'there was ice on the puddles',
      slip: 'slipped on the ice',
      result: 'were wet at the knees',
      wash: 'The stove in the kitchen was hot',
      end: 'By noon the ice had melted in the sun',
    },
  ])
  const place = t.pick(t.places)
  const relative = t.relative()
  return [
    `${w.did}, so ${w.so} in the morning.`,
    `${p.name} and ${q.name} wanted to go to ${place.name}.`,
    t.one(
      `"Be careful," said ${p.name}'s ${relative.name}.`,
      `"Put on your boots," said ${p.name}'s ${relative.name}.`,
    ),
    t.one(`${p.name} listened, but ${q.name} did not.`, `${p.name} walked slowly, but ${q.name} ran ahead.`),
    t.maybe(0.5, t.remark()),
    `After ${t.between(2, 9) < 5 ? 'a few steps' : 'a short way'}, ${q.name} ${w.slip}.`,
    t.one(`"Did you hurt yourself?" asked ${p.name}.`, `${p.name} helped ${q.him} up. "Are you hurt?" ${p.he} asked.`),
    t.one(
      `"No," said ${q.name}, "but look at my trousers!"`,
      `"I am fine," said ${q.name}, "but my trousers are not."`,
    ),
    `${q.His} trousers ${w.result} because ${q.he} had fallen.`,
    `So they went back to the house, and ${q.name} ${t.one('changed', 'put on other trousers', `borrowed some trousers from ${p.name}'s ${t.relative().name}`)}.`,
    `${w.wash}.`,
    t.one(
      `They drank hot tea with honey.`,
      `They ate bread and butter and waited.`,
      `${p.name} laughed, and then ${q.name} laughed, too.`,
    ),
    `${w.end}.`,
    t.one(
      `The next time, ${q.name} walked as slowly as ${p.name}.`,
      `"Tomorrow we will go to ${place.name}," said ${q.name}, "and I will walk slowly."`,
    ),
  ]
}

/** A visit by train or bus: the hours of one day in order. */
export const journey: Plot = (t) => {
  const p = t.person()
  const host = t.relative(!p.female)
  const by = t.pick(['train', 'bus', 'coach', 'cart'])
  const start = t.between(6, 9)
  const hours = t.between(1, 3)
  const gift = t.pick(WORKS)
  const place = t.pick(t.places)
  const colour = t.pick(COLOURS)
  return [
    `${p.name}'s ${host.name} lived in ${t.one('another town', 'a village by the sea', 'a little house in the mountains')}.`,
    t.open(`${p.name} went to visit ${host.him}.`, 'day'),
    t.maybe(0.5, t.scene()),
    t.one(`${p.He} took ${gift.gives} with ${p.him}.`, `In ${p.his} bag was ${gift.gives} for ${p.his} ${host.name}.`),
    `The ${by} left at ${NUMBERS[start]} o'clock in the morning, and the journey took ${count(hours, { one: 'hour', many: 'hours' })}.`,
    t.one(`${p.name} sat by a window and looked out.`, `A man with ${a(colour)} hat sat next to ${p.him}.`),
    t.one(
      t.remark(),
      `The trees and houses went by like pictures in a book.`,
      'There were fields on the left and hills on the right.',
    ),
    `At ${NUMBERS[start + hours]} o'clock ${p.name} arrived.`,
    t.one(`${p.His} ${host.name} was waiting for ${p.him} and waved.`, `"There you are!" said ${p.his} ${host.name}.`),
    `${p.name} gave ${host.him} ${the(gift.gives)}, and ${host.he} was very pleased.`,
    `At noon they ate ${t.one('soup', 'potatoes and fish', 'pancakes', 'noodles')} together.`,
    `In the afternoon they went to ${place.name}, where they saw ${place.see}.`,
    t.maybe(0.4, `"When I was young, I came here every ${t.pick(DAYS)}," said ${p.his} ${host.name}.`),
    t.one(
      `In the evening ${p.name} was tired, but ${p.he} was happy.`,
      `In the evening it was dark, and the stars were bright.`,
    ),
    t.one(`"Come again soon," said ${p.his} ${host.name}.`, `The next morning ${p.he} went home by ${by}.`),
  ]
}

/** Three in a race: who was faster than whom, and so who came first, second and third. */
export const race: Plot = (t) => {
  const [p, q] = t.pair()
  const r = t.person()
  const place = t.pick(PLACES.filter((x) => OUTDOORS.includes(x.name)))
  const runners = t.some(3, [p, q, r])
  const [first, second, third] = runners as [typeof p, typeof p, typeof p]
  const prize = t.pick(WORKS).gives
  const why = t.one(
    'had lost a shoe',
    'had stopped to look at a butterfly',
    'had started too late',
    'had eaten too much cake',
  )
  return [
    t.open(`${list([p.name, q.name, r.name])} wanted to know who was the fastest.`),
    t.one(`So they had a race ${place.at}.`, `They went to ${place.name} to have a race.`),
    t.maybe(0.5, t.scene()),
    t.one(`The prize was ${prize}.`, `The winner was going to get ${prize}.`),
    t.one(
      `"One, two, three, go!" called ${p.name}'s ${t.relative().name}.`,
      'They stood in a row and waited for the bell.',
    ),
    t.maybe(0.5, t.remark()),
    `At the beginning, ${t.pick([second.name, third.name])} was in front.`,
    `But ${first.name} was faster than ${second.name}, and ${second.name} was faster than ${third.name}.`,
    `So ${first.name} was the ${ORDER[0]}, ${second.name} was the ${ORDER[1]}, and ${third.name} was the ${ORDER[2]}.`,
    t.one(`${third.name} was last because ${third.he} ${why}.`, `${third.name} was slow because ${third.he} ${why}.`),
    t.one(`${first.name} won ${the(prize)}.`, `"You have won," said ${second.name} to ${first.name}.`),
    t.one(
      `${first.He} shared it with the others.`,
      `"Next time I will win," said ${third.name}.`,
      `${third.name} laughed. "Somebody has to be last," ${third.he} said.`,
    ),
    t.maybe(
      0.5,
      `Then they ${t.one('drank cold water', 'went home', 'lay down in the shade')}, and nobody wanted to run any more.`,
    ),
  ]
}

/** A letter and its answer: days of the week, who wrote to whom. */
export const letter: Plot = (t) => {
  const [p, q] = t.pair()
  const start = t.between(0, 6)
  const later = t.between(1, 3)
  const day = (n: number): string => DAYS[(start + n) % 7]!
  const news = t.pick(t.places)
  const colour = t.pick(COLOURS)
  const animal = t.pick(FARM_ANIMALS)
  const sent = t.one('a dry flower', 'a small shell', 'a drawing of a ship', 'a leaf from the orchard')
  return [
    `${p.name} had a friend in another country, and ${p.his} friend's name was ${q.name}.`,
    `On ${day(0)}, ${p.name} wrote a letter to ${q.name}.`,
    t.maybe(0.4, t.scene()),
    t.one(
      `"Our ${animal.one} has ${NUMBERS[t.between(2, 6)]} ${animal.young.many}," ${p.he} wrote.`,
      `"Last week I was ${news.at} and saw ${news.see}," ${p.he} wrote.`,
    ),
    `${p.He} put ${sent} into the letter and closed it.`,
    `The envelope was ${colour}.`,
    `On ${day(1)}, which is the day after ${day(0)}, the postman took the ${colour} envelope with him.`,
    t.one(`It travelled by train and by ship.`, `It travelled over the mountains and across the sea.`),
    t.maybe(0.5, t.remark()),
    `${capital(NUMBERS[later]!)} ${later === 1 ? 'week' : 'weeks'} later, ${q.name} found ${a(`${colour} envelope`)} at ${q.his} door.`,
    t.one(`${q.He} opened it and was delighted with ${the(sent)}.`, `${q.He} read the letter twice and laughed.`),
    `${q.He} sat down at once and wrote an answer to ${p.name}.`,
    t.one(
      `"I will come and see you in ${t.pick(['spring', 'summer', 'autumn', 'winter'])}," ${q.he} wrote.`,
      `"Thank you for your letter," ${q.he} wrote. "I read it every evening."`,
    ),
    `So ${p.name} had written a letter, and ${q.name} had answered it.`,
  ]
}

/** A noise at night: fear, a light, and a harmless cause that fits the sound. */
export const nightNoise: Plot = (t) => {
  const [p, q] = t.pair()
  const cause = t.pick([
    ...ANIMALS.filter((x) => ['cat', 'owl', 'mouse', 'frog', 'goose'].includes(x.one)).map((x) => ({
      heard: x.say[2],
      was: a(x.one),
      by: x.one,
    })),
    { heard: 'knocked', was: 'a branch in the wind', by: 'branch' },
    { heard: 'dripped', was: 'a hole in the roof', by: 'hole' },
    { heard: 'creaked', was: 'an old door', by: 'door' },
  ])
  const where = t.pick(['in the attic', 'in the cellar', 'under the window', 'behind the stove', 'in the kitchen'])
  const light = t.pick(['lamp', 'candle', 'lantern'])
  return [
    t.one(
      `One ${t.season.name} night, ${p.name} could not sleep.`,
      `It was a dark ${t.season.name} night, and ${p.name} lay awake.`,
      `${p.name} woke up in the middle of the night.`,
    ),
    t.maybe(
      0.5,
      t.one('The moon was behind the clouds, so the room was dark.', 'The wind was strong, and the sky was black.'),
    ),
    `Something ${cause.heard} ${where}.`,
    t.one(`${p.name} was afraid and pulled the blanket over ${p.his} head.`, `${p.His} heart was beating fast.`),
    t.one(
      `"Wake up, ${q.name}," ${p.he} said. "I can hear something."`,
      `${p.He} woke ${q.name}, who was sleeping in the other bed.`,
    ),
    t.one(`"It is only a dream," said ${q.name}.`, `"Go back to sleep," said ${q.name}.`),
    `But then it ${cause.heard} again, and ${q.name} heard it, too.`,
    `${q.name} lit a ${light}, because it was too dark to see anything.`,
    `${p.name} went first, and ${q.name} followed ${p.him} with the ${light}.`,
    t.maybe(0.6, t.remark()),
    t.one(`The steps were cold under their feet.`, `They walked as quietly as two cats.`),
    t.one(`Slowly they looked ${where}.`, `"One, two, three!" said ${p.name}, and they looked ${where}.`),
    `It was only ${cause.was}!`,
    t.one(
      `They laughed so loudly that everybody in the house woke up.`,
      `"We were afraid of ${cause.was}," said ${p.name} and laughed.`,
    ),
    t.one(
      `Then they went back to bed and slept until the morning.`,
      `${q.name} blew out the ${light}, and soon they were both asleep.`,
    ),
  ]
}

export const LIFE: readonly Plot[] = [lostYoung, weather, journey, race, letter, nightNoise]
