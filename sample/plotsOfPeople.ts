// Plots about people: at school, at home, ill, at the river, around a pot of soup.

import { OUTDOORS } from './plotsOfLife.js'
import type { Plot } from './plotsOfThings.js'
import { REMARKS } from './scenes.js'
import { a, capital, count, list } from './teller.js'
import { ANIMALS, COLOURS, DAYS, FARM_ANIMALS, NUMBERS, OPPOSITES, PLACES, WORKS } from './words.js'

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

export const PEOPLE: readonly Plot[] = [school, whoAteIt, illness, houseNow, opposites, bridge, soup]
