// Plots about animals, weather, journeys, days and people.

import type { Plot } from './plotsOfThings.js'
import { a, capital, count, list, type Teller, the } from './teller.js'
import { ANIMALS, COLOURS, DAYS, FARM_ANIMALS, NUMBERS, OPPOSITES, ORDER, PLACES, REMARKS, WORKS } from './words.js'

const OUTDOORS = ['the hill', 'the lake', 'the meadow', 'the park', 'the river', 'the beach']

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

/** Questions at school: sounds, homes, opposites, days and numbers; every answer is right or is put right. */
export const school: Plot = (t) => {
  const teacher = t.person()
  const title = teacher.female ? 'Mrs. Miller' : 'Mr. Miller'
  const [p, q] = t.pair()
  const question = (): [string, string, string] => {
    const [x, y] = t.some(
      2,
      ANIMALS.filter((n) => n.young.one !== 'cub' && n.young.one !== 'foal'),
    )
    const day = t.between(0, 6)
    const [m, n] = [t.between(1, 7), t.between(1, 7)]
    const [big, small] = t.some(2, t.random.below(2) ? t.pick(OPPOSITES) : [...t.pick(OPPOSITES)].reverse())
    return t.pick<[string, string, string]>([
      [`What does ${a(x!.one)} do?`, `${capital(a(x!.one))} ${y!.say[1]}`, `${capital(a(x!.one))} ${x!.say[1]}`],
      [`Where does ${a(x!.one)} live?`, `It lives in a ${y!.home}`, `${capital(a(x!.one))} lives in a ${x!.home}`],
      [`What do we call a young ${x!.one}?`, `It is ${a(y!.young.one)}`, `A young ${x!.one} is ${a(x!.young.one)}`],
      [
        `What do ${x!.many} eat?`,
        `They eat ${x!.eats === 'stones' ? 'wood' : 'stones'}`,
        `${capital(x!.many)} eat ${x!.eats}`,
      ],
      [
        `Which day comes after ${DAYS[day]}?`,
        `It is ${DAYS[(day + 3) % 7]}`,
        `After ${DAYS[day]} comes ${DAYS[(day + 1) % 7]}`,
      ],
      [
        `How much is ${NUMBERS[m]} and ${NUMBERS[n]}?`,
        `It is ${NUMBERS[m + n > 12 ? m + n - 1 : m + n + 1]}`,
        `${capital(NUMBERS[m]!)} and ${NUMBERS[n]} make ${NUMBERS[m + n]}`,
      ],
      [
        `What is the opposite of ${big}?`,
        `It is ${t.pick(OPPOSITES.flat().filter((w) => w !== big && w !== small))}`,
        `The opposite of ${big} is ${small}`,
      ],
    ])
  }
  const [one, two, three] = [question(), question(), question()]
  return [
    t.open(`the children sat in the school and listened to ${title}.`, 'morning'),
    t.maybe(0.5, t.scene()),
    t.one(`${title} liked to ask questions.`, `"Today I will ask you ${NUMBERS[3]} questions," ${teacher.he} said.`),
    `"${one[0]}" ${teacher.he} asked.`,
    t.one(`"${one[2]}," said ${p.name}.`, `${p.name} raised ${p.his} hand. "${one[2]}," ${p.he} said.`),
    t.one(`"That is right," said ${title}.`, `"Very good, ${p.name}," said ${title}.`),
    `"${two[0]}"`,
    `"${two[1]}," said ${q.name}.`,
    t.one(`Everybody laughed, because that was wrong.`, `"No, ${q.name}, that is wrong," said ${title}.`),
    t.one(`"Think again," ${teacher.he} said kindly.`, `${q.name} thought for a moment.`),
    `"${two[2]}," said ${q.name}, and this time ${q.he} was right.`,
    t.maybe(0.4, t.remark()),
    ...(three[0] !== one[0] && three[0] !== two[0]
      ? [`"And now the last question," said ${title}. "${three[0]}"`, `"${three[2]}," said all the children together.`]
      : []),
    t.one('Then the bell rang, and everybody ran out into the yard.', `"You have learned a lot today," said ${title}.`),
  ]
}

/** A theft in the kitchen; the traces point at one of three. */
export const whoAteIt: Plot = (t) => {
  const p = t.person()
  const relative = t.relative(!p.female)
  const food = t.pick(['cheese', 'fish', 'cream', 'butter', 'cake', 'jam'])
  const thieves = [
    { who: 'cat', trace: 'there was white milk on its whiskers', looks: 'licked its paws' },
    { who: 'dog', trace: 'there were crumbs on its nose', looks: 'looked at the floor' },
    { who: 'goat', trace: 'there was a piece of the paper in its beard', looks: 'went on chewing' },
    { who: 'parrot', trace: 'there was a green feather on the table', looks: 'said nothing at all' },
    { who: 'monkey', trace: 'there were small hand prints on the plate', looks: 'hid behind the curtain' },
  ]
  const [guilty, x, y] = t.some(3, thieves) as [(typeof thieves)[0], (typeof thieves)[0], (typeof thieves)[0]]
  const suspects = t.some(3, [guilty.who, x.who, y.who])
  return [
    `${capital(relative.name === 'mother' ? 'mother' : `${p.name}'s ${relative.name}`).replace('Mother', `${p.name}'s mother`)} put the ${food} on the kitchen table.`,
    t.one(`"It is for the evening," ${relative.he} said.`, `"Nobody may touch it before supper," ${relative.he} said.`),
    t.open(`the ${food} was gone.`, 'afternoon').replace(/^It was (.*) when the/, 'On $1 the'),
    t.maybe(0.4, t.scene()),
    t.one('The plate was empty.', 'Only the empty plate was left.'),
    t.one(
      `"Did you eat it?" asked ${p.name}'s ${relative.name}.`,
      `"Who has eaten the ${food}?" asked ${p.name}'s ${relative.name}.`,
    ),
    t.one(`"No, it was not me," said ${p.name}.`, `"I was in the garden all the time," said ${p.name}.`),
    `There were three animals in the house: ${list(suspects.map(a))}.`,
    `The ${x.who} was asleep ${t.one('in the barn', 'under the stairs', 'in the sun')}, so it was not the ${x.who}.`,
    `The ${y.who} had been outside since the morning, so it was not the ${y.who} either.`,
    t.maybe(0.4, t.remark()),
    t.one('Then they looked more closely.', `"Look!" cried ${p.name}.`),
    `${capital(guilty.trace)}.`,
    `"So it was the ${guilty.who}!" said ${p.name}.`,
    `The ${guilty.who} ${guilty.looks}.`,
    t.one(
      `${p.name}'s ${relative.name} was angry at first, but then ${relative.he} laughed.`,
      `From that day on, the ${food} stood in the cupboard, and the cupboard was closed.`,
    ),
  ]
}

/** Someone is ill, for a reason, and gets well day by day. */
export const illness: Plot = (t) => {
  const [p, q] = t.pair()
  const doctor = t.person()
  const start = t.between(0, 6)
  const day = (n: number): string => DAYS[(start + n) % 7]!
  const why = t.pick(
    [
      ['had eaten too many green apples', 'stomach', 'only tea and dry bread'],
      ['had walked home in the rain without a coat', 'throat', 'hot milk with honey'],
      ['had played in the snow without a hat', 'ears', 'hot tea with lemon'],
      ['had read all night by a small candle', 'eyes', 'carrots and a lot of sleep'],
    ].filter(([reason]) => !reason!.includes('snow') || t.season.name === 'winter'),
  )
  return [
    `On ${day(0)}, ${p.name} was ill and stayed in bed.`,
    `${p.His} ${why[1]} hurt because ${p.he} ${why[0]}.`,
    t.maybe(0.4, t.scene()),
    t.one(
      `${p.His} ${t.relative().name} called the doctor.`,
      `The doctor came at ${NUMBERS[t.between(8, 11)]} o'clock.`,
    ),
    `The doctor's name was ${doctor.name}, and ${doctor.he} had a black bag.`,
    t.one(`"What is the matter?" asked the doctor.`, `"Where does it hurt?" ${doctor.he} asked.`),
    `"My ${why[1]} ${why[1]!.endsWith('s') ? 'hurt' : 'hurts'}," said ${p.name}.`,
    `"Then you need ${why[2]}," said the doctor, "and you must stay in bed for three days."`,
    t.maybe(0.4, t.remark()),
    `On ${day(1)}, ${q.name} came to visit ${p.him}.`,
    t.one(
      `${q.He} read ${p.him} a long story about ${a(t.pick(ANIMALS).one)}.`,
      `${q.He} brought ${p.him} a picture of ${a(t.pick(ANIMALS).one)}.`,
    ),
    `On ${day(2)}, ${p.name} was already a little better.`,
    `On ${day(3)}, ${p.he} got up and ${p.his} ${why[1]} did not hurt any more.`,
    t.one(
      `"I will never do that again," said ${p.name}.`,
      `${p.name} and ${q.name} went outside, and everything was good again.`,
    ),
  ]
}

/** A house described in the present: agreement, colours and rooms; nothing happens but habits. */
export const houseNow: Plot = (t) => {
  const [p, q] = t.pair()
  const [wall, roof, door] = t.some(3, COLOURS)
  const job = t.pick(WORKS)
  const other = t.pick(WORKS.filter((w) => w !== job))
  const animal = t.pick(FARM_ANIMALS)
  const rooms = t.between(3, 8)
  return [
    `${p.name} and ${q.name} live in a ${t.one('little', 'tall', 'narrow')} house ${t.one('near the harbour', 'on a hill', 'at the end of the village', 'behind the church')}.`,
    `The walls of the house are ${wall}, the roof is ${roof}, and the door is ${door}.`,
    t.one(
      `It has ${NUMBERS[rooms]} rooms and a ${t.one('large', 'dark', 'cold')} cellar.`,
      `There are ${NUMBERS[rooms]} windows on the ground floor.`,
    ),
    t.remark('present'),
    `${p.name} is ${a(job.name)}, and ${q.name} is ${a(other.name)}.`,
    `Every day ${p.he} ${job.does[1]}, and ${q.he} ${other.does[1]}.`,
    t.maybe(0.5, `${p.name} needs ${job.needs} for ${p.his} work.`),
    t.one(`Their ${animal.one} lives in the ${animal.home}.`, `They have ${a(animal.one)}, which eats ${animal.eats}.`),
    `When the ${animal.one} is hungry, it ${animal.say[1]}.`,
    t.maybe(0.6, t.remark('present')),
    t.one(
      `In summer, they open all the windows because it is hot.`,
      `In winter, they light the stove because it is cold.`,
    ),
    t.one(
      `On Sundays they do not work, so they sleep until ${NUMBERS[t.between(8, 10)]} o'clock.`,
      `On ${t.pick(DAYS)}s, friends come to the ${door} door and knock.`,
    ),
    t.one(
      `The house with the ${door} door is never empty for long.`,
      `Everybody in the village knows the house with the ${roof} roof.`,
    ),
    t.maybe(0.5, `${q.name} says that ${q.he} does not want to live anywhere else.`),
  ]
}

/** Two opposites need each other. */
export const opposites: Plot = (t) => {
  const [p, q] = t.pair()
  const place = t.pick(PLACES.filter((x) => OUTDOORS.includes(x.name)))
  const pair = t.pick([
    { p: 'tall', q: 'short', can: 'reach the highest branch', other: 'crawl through the smallest hole' },
    { p: 'strong', q: 'quick', can: 'lift the heaviest stone', other: 'catch the fastest ball' },
    { p: 'loud', q: 'quiet', can: 'call across the whole valley', other: 'walk past a sleeping dog' },
    { p: 'young', q: 'old', can: 'run up every hill', other: 'tell a hundred stories' },
    { p: 'brave', q: 'careful', can: 'jump over the widest ditch', other: 'see every danger' },
  ])
  const colour = t.pick(COLOURS)
  const toy = t.pick(['ball', 'hat', 'cap', 'kite'])
  return [
    `${p.name} was ${pair.p}, and ${q.name} was ${pair.q}.`,
    `${p.name} could ${pair.can}, but ${q.name} could not.`,
    `${q.name} could ${pair.other}, but ${p.name} could not.`,
    t.one(`"It is better to be ${pair.p}," said ${p.name}.`, `"It is not good to be ${pair.q}," thought ${q.name}.`),
    t.open(`the two of them were ${place.at}.`),
    t.maybe(0.5, t.scene()),
    t.one(
      `A gust of wind took ${p.name}'s ${colour} ${toy} and carried it over a wall.`,
      `${p.name}'s ${colour} ${toy} flew over a high wall.`,
    ),
    t.one(
      `Behind the wall there was a garden, and the gate was closed.`,
      `Nobody had the key to the gate in the wall.`,
    ),
    t.maybe(0.5, t.remark()),
    `"I can help you, because I am ${pair.q}," said ${q.name}.`,
    t.one(
      `"And I can help you, because I am ${pair.p}," said ${p.name}.`,
      `"Then let us do it together," said ${p.name}.`,
    ),
    `${p.name} held the ladder, and ${q.name} climbed over the wall.`,
    `Soon ${q.he} came back with the ${colour} ${toy}.`,
    t.one(
      `"It is good to be ${pair.p}," said ${p.name}, "but it is also good to be ${pair.q}."`,
      `From then on, nobody asked who was better, the ${pair.p} one or the ${pair.q} one.`,
    ),
  ]
}

/** The old bridge is down; the long way or the boat. */
export const bridge: Plot = (t) => {
  const p = t.person()
  const ferry = t.person(!p.female)
  const colour = t.pick(COLOURS)
  const market = t.pick(WORKS)
  const coins = t.between(1, 4)
  const { head } = t.pick(
    REMARKS.filter((r) => ['box', 'apple', 'book', 'shoe', 'picture', 'clock'].includes(r.head.one)),
  )
  const load = t.between(2, 6)
  return [
    `${p.name} had to bring ${NUMBERS[load]} ${head.many} to the ${market.name} on the other side of the river.`,
    t.one(
      `There had been a storm, so the old bridge was broken.`,
      `The water was high, and it had carried the bridge away.`,
    ),
    t.open(`${p.name} stood by the river and did not know what to do.`),
    t.maybe(0.4, t.scene()),
    t.one(
      `It was too deep to walk and too cold to swim.`,
      `The next bridge was ${NUMBERS[t.between(5, 12)]} miles away.`,
    ),
    `Then ${ferry.name} came along in ${a(`${colour} boat`)}.`,
    `"Can you take me across?" asked ${p.name}.`,
    `"Yes," said ${ferry.name}, "but it costs ${count(coins, { one: 'coin', many: 'coins' })}."`,
    t.one(
      `${p.name} had no money, so ${p.he} gave ${ferry.him} one of the ${head.many}.`,
      `"I have no money," said ${p.name}, "but you can have one of the ${head.many}."`,
    ),
    t.one(
      `Now there ${load === 2 ? 'was' : 'were'} ${load === 2 ? `one ${head.one}` : `${NUMBERS[load - 1]} ${head.many}`} left.`,
      `${capital(NUMBERS[load]!)} less one is ${NUMBERS[load - 1]}.`,
    ),
    t.maybe(0.4, t.remark()),
    t.one(
      `The ${colour} boat was small, but ${ferry.name} was a good sailor.`,
      `The waves were high, but the ${colour} boat was strong.`,
    ),
    `On the other side, ${p.name} thanked ${ferry.him} and ran to the ${market.name}.`,
    t.one(
      `"You are late," said the ${market.name}, "but you are here."`,
      `The ${market.name} was glad and gave ${p.him} ${market.gives}.`,
    ),
    t.one(
      `In the following week, the people of the village built a new bridge of stone.`,
      `On the way back, ${p.name} sat in the ${colour} boat again.`,
    ),
  ]
}

/** A hungry stranger, soup from what everybody has. */
export const soup: Plot = (t) => {
  const people = [t.person(), t.person(), t.person()]
  const cook = t.person()
  const things = t.some(3, ['carrots', 'onions', 'potatoes', 'beans', 'peas', 'mushrooms', 'leeks', 'cabbage', 'salt'])
  const how = (i: number): string =>
    t
      .one(
        `${people[i]!.name} brought the ${things[i]}.`,
        `${people[i]!.name} had ${things[i]}, so ${people[i]!.he} put them in.`,
      )
      .replace(/(cabbage|salt), so (he|she) put them/, '$1, so $2 put it')
  return [
    t.open(`a stranger came to the village.`, 'evening'),
    `${cook.His} name was ${cook.name}, and ${cook.he} was very hungry.`,
    t.maybe(0.4, t.scene()),
    t.one('But the people of the village closed their doors.', 'But nobody had enough food for a guest.'),
    `${cook.name} put a large pot on the fire and filled it with water.`,
    t.one(
      `"What are you cooking?" asked ${people[0]!.name}.`,
      `${people[0]!.name} looked out of the window and asked what was in the pot.`,
    ),
    t.one(
      `"A wonderful soup," said ${cook.name}, "but there is nothing in it yet."`,
      `"Only water," said ${cook.name}, "but it will be soup if everybody helps."`,
    ),
    how(0),
    t.maybe(0.5, t.remark()),
    how(1),
    how(2),
    `Now the pot was full of ${list(things)}.`,
    t.one('The soup was hot, and it smelled good.', 'Soon the smell of the soup was in every street.'),
    `All of them ate until the pot was empty.`,
    t.one(
      `"Nobody had enough alone, but together we have enough," said ${people[t.between(0, 2)]!.name}.`,
      `When ${cook.name} left the next morning, everybody waved.`,
    ),
  ]
}

export const LIFE: readonly ((t: Teller) => string[])[] = [
  lostYoung,
  weather,
  journey,
  race,
  letter,
  nightNoise,
  school,
  whoAteIt,
  illness,
  houseNow,
  opposites,
  bridge,
  soup,
]
