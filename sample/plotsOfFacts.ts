// Plots that tell what is so: animals, trades, opposites, days; in the present, or across past, present and future.

import type { Plot } from './plotsOfThings.js'
import { a, capital, list, type Teller } from './teller.js'
import { ANIMALS, type Animal, COLOURS, DAYS, FARM_ANIMALS, NUMBERS, OPPOSITES, WORKS } from './words.js'

/** What an animal says, eats, where it lives and what its young are called; then compared with another. */
export const animalFacts: Plot = (t) => {
  const [p, q] = t.pair()
  const [x, y] = t.some(2, ANIMALS) as [Animal, Animal]
  return [
    t.one(`${p.name} knows a lot about ${x.many}.`, `${p.name} has a book about ${x.many} and ${y.many}.`),
    t.one(`"Tell me about ${x.many}," says ${q.name}.`, `"What do you know about ${x.many}?" asks ${q.name}.`),
    t.one(
      `"${capital(a(x.one))} lives in a ${x.home}," says ${p.name}.`,
      `"The ${x.home} is the home of a ${x.one}," says ${p.name}.`.replace('of a owl', 'of an owl'),
    ),
    t.one(
      `"${capital(x.many)} eat ${x.eats}, and when they are hungry, they ${x.say[0]}."`,
      `"It eats ${x.eats}, and it ${x.say[1]} when it is hungry."`,
    ),
    `"A young ${x.one} is called ${a(x.young.one)}."`,
    t.one(`"Do ${x.many} ${y.say[0]}?" asks ${q.name}.`, `"Does ${a(x.one)} ${y.say[0]}?" asks ${q.name}.`),
    x.say[0] === y.say[0]
      ? ''
      : t.one(
          `"No, they do not," says ${p.name}. "${capital(x.many)} ${x.say[0]}, but ${y.many} ${y.say[0]}."`,
          `${p.name} laughs. "No, ${a(x.one)} ${x.say[1]}, and ${a(y.one)} ${y.say[1]}."`,
        ),
    t.maybe(0.5, t.remark('present')),
    x.size === y.size
      ? `"${capital(x.many)} live in one place, and ${y.many} live in another," ${p.he} says, "but both of them have ${x.young.one === y.young.one ? x.young.many : 'young ones'}."`
      : `"${capital(a(x.one))} is ${x.size === 'large' ? 'larger' : 'smaller'} than ${a(y.one)}," ${p.he} says.`,
    t.one(`"And where does ${a(y.one)} live?" asks ${q.name}.`, `"Now tell me about the ${y.one}," says ${q.name}.`),
    `"${capital(a(y.one))} lives in a ${y.home} and eats ${y.eats}."`,
    t.one(
      `Now ${q.name} knows a lot about ${x.many}, too.`,
      `${q.name} closes ${q.his} eyes and thinks of a young ${y.one}.`,
      `"I would like to be ${a(x.one)}," says ${q.name}, "but I do not like ${x.eats}."`,
    ),
  ]
}

/** A round on the farm: each animal in its home, with its sound and its food, in order. */
export const farmRound: Plot = (t) => {
  const p = t.person()
  const relative = t.relative(!p.female)
  const [x, y, z] = t.some(
    3,
    FARM_ANIMALS.filter((n) => !['pond', 'yard'].includes(n.home)),
  ) as [Animal, Animal, Animal]
  return [
    `${p.name}'s ${relative.name} had a farm with ${x.many}, ${y.many} and ${z.many}.`,
    t.open(`${relative.he} was away, so ${p.name} had to feed the animals.`, 'morning'),
    t.maybe(0.5, t.scene()),
    t.one(
      `${p.He} got up at ${NUMBERS[t.between(5, 7)]} o'clock, when it was still dark.`,
      `${p.He} put on ${p.his} boots and took a big bucket.`,
    ),
    `First ${p.he} went to the ${x.home}, because the ${x.one} ${x.say[2]}.`,
    t.one(
      `${p.He} gave it ${x.eats}, and then it was quiet.`,
      `It wanted ${x.eats}, and ${p.name} had enough ${x.eats} for it.`,
    ),
    `Then the ${y.one} ${y.say[2]} in the ${y.home}.`,
    t.one(
      `"You do not like ${x.eats}," said ${p.name}. "You like ${y.eats}."`,
      `"Wait," said ${p.name}. "I am coming with the ${y.eats}."`,
    ),
    t.maybe(0.4, t.remark()),
    `Last of all, ${p.he} came to the ${z.home}, where the ${z.one} was waiting.`,
    t.one(`It ${z.say[2]} loudly and ate all the ${z.eats}.`, `The ${z.one} ${z.say[2]} because it was so hungry.`),
    t.one(
      `Next to the ${z.one} lay ${NUMBERS[t.between(2, 5)]} little ${z.young.many}.`,
      `There ${p.he} found a ${t.one('small', 'new')} ${z.young.one}, which had been born in the night.`,
    ),
    t.one(
      `In the evening, ${p.his} ${relative.name} came back and thanked ${p.him}.`,
      `"You have not forgotten anybody," said ${p.his} ${relative.name} in the evening.`,
    ),
  ]
}

/** Who does what in a village, and to whom one goes for what: names and trades stay together. */
export const village: Plot = (t) => {
  const people = [t.person(), t.person(), t.person()]
  const works = t.some(3, WORKS)
  const [p, q, r] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]]
  const [v, w, x] = works as [(typeof works)[0], (typeof works)[0], (typeof works)[0]]
  const child = t.person()
  const asked = t.between(0, 2)
  return [
    `In ${child.name}'s village everybody has work.`,
    t.one(
      `${p.name} is ${a(v.name)}, ${q.name} is ${a(w.name)}, and ${r.name} is ${a(x.name)}.`,
      `The ${v.name} is called ${p.name}, the ${w.name} is called ${q.name}, and the ${x.name} is called ${r.name}.`,
    ),
    `${p.name} ${v.does[1]} ${v.where}, and for this ${p.he} needs ${v.needs}.`,
    `${q.name} does not ${v.does[0]}, because ${q.he} is ${a(w.name)}.`,
    `${q.He} ${w.does[1]} ${w.where}.`,
    t.one(
      `${r.name} cannot work without ${x.needs}.`,
      `${r.name} works from ${NUMBERS[t.between(5, 8)]} o'clock until ${NUMBERS[t.between(9, 12)]} o'clock.`,
    ),
    t.maybe(0.6, t.remark('present')),
    `One day a stranger comes and asks, "Who can give me ${works[asked]!.gives}?"`,
    t.one(
      `"You must go to ${people[asked]!.name}," says ${child.name}. "${people[asked]!.He} is the ${works[asked]!.name}."`,
      `"The ${works[asked]!.name} can," says ${child.name}. "${people[asked]!.His} name is ${people[asked]!.name}."`,
    ),
    t.one(
      `"Where can I find ${people[asked]!.him}?" asks the stranger.`,
      `"And where is ${people[asked]!.he} now?" asks the stranger.`,
    ),
    `"${capital(works[asked]!.where)}, of course," says ${child.name}.`,
    t.one(
      `The stranger finds ${people[asked]!.name} and gets ${works[asked]!.gives}.`,
      `${people[asked]!.name} is friendly and gives the stranger ${works[asked]!.gives}.`,
    ),
    t.one(
      `When ${child.name} is older, ${child.he} wants to be ${a(t.pick(works).name)}, too.`,
      `"Everybody needs the others," says ${child.name}.`,
    ),
  ]
}

const TWO_OF: readonly (readonly [string, number])[] = [
  ['box', 0],
  ['cup', 1],
  ['rope', 2],
  ['coat', 3],
  ['bag', 4],
  ['towel', 5],
  ['lamp', 6],
  ['pillow', 7],
  ['bottle', 8],
  ['sled', 9],
  ['chair', 10],
  ['umbrella', 11],
  ['shirt', 13],
  ['bell', 14],
  ['bowl', 15],
  ['belt', 16],
]

/** Two things that differ in colour and in one quality; the quality is asked for, the colour answers. */
export const chooseOne: Plot = (t) => {
  const [p, q] = t.pair()
  const [thing, index] = t.pick(TWO_OF)
  const [x, y] = t.some(2, OPPOSITES[index]!) as [string, string]
  const [cx, cy] = t.some(2, COLOURS) as [string, string]
  const wanted = t.random.below(2) === 0
  const [want, colour, not] = wanted ? [x, cx, cy] : [y, cy, cx]
  const second = t.one('by mistake', 'because {he} did not listen', 'because it was nearer').replace('{he}', q.he)
  return [
    t.one(
      `There were two ${thing}${thing === 'box' ? 'es' : 's'} in ${p.name}'s house.`,
      `${p.name} had two ${thing}${thing === 'box' ? 'es' : 's'}, ${a(cx)} one and ${a(cy)} one.`,
    ),
    `The ${cx} ${thing} was ${x}, but the ${cy} ${thing} was ${y}.`,
    t.maybe(0.5, t.scene()),
    t.open(`${q.name} came to help ${p.him}.`),
    t.one(
      `"Please find the ${want} ${thing} for me," said ${p.name}.`,
      `"I need the ${want} ${thing}," said ${p.name}. "Can you see it?"`,
    ),
    t.maybe(0.4, t.remark()),
    t.one(`At first ${q.name} chose the ${not} one ${second}.`, `${q.name} looked at the ${not} ${thing} first.`),
    `"No," said ${p.name}, "the ${not} one is ${want === x ? y : x}."`,
    t.one(`Then ${q.name} pointed at the ${colour} one.`, `So ${q.name} went to the other one, which was ${colour}.`),
    `"Yes, that is right," said ${p.name}. "The ${colour} ${thing} is ${want}."`,
    t.one(
      `"${capital(x)} is the opposite of ${y}," said ${q.name}.`,
      `"If it is ${x}, it is not ${y}," said ${q.name}.`,
    ),
    t.one(
      `They used the ${colour} ${thing} and left the ${not} one where it was.`,
      `After that, ${q.name} never took a ${want === x ? y : x} ${thing} for a ${want} one.`.replace(
        /\ba (?=[aeiou])/g,
        'an ',
      ),
    ),
  ]
}

/** What somebody does: past, after "is", after "will", and what comes of it. */
const DOINGS: readonly (readonly [string, string, string, string])[] = [
  ['swam in the lake', 'swimming in the lake', 'swim in the lake', 'wet hair'],
  ['wrote a poem', 'writing a poem', 'write a poem', 'ink on {his} fingers'],
  ['caught two fish', 'catching fish', 'catch some fish', 'a smell of the sea about {him}'],
  ['drew a map', 'drawing a map', 'draw a map', 'a blunt pencil'],
  ['sang in the choir', 'singing in the choir', 'sing in the choir', 'a tired voice'],
  ['dug a deep hole', 'digging a deep hole', 'dig a deep hole', 'dirty hands'],
  ['rode the old mare', 'riding the old mare', 'ride the old mare', 'straw on {his} coat'],
  ['drove to the town', 'driving to the town', 'drive to the town', 'many new things to tell'],
  ['baked a pie', 'baking a pie', 'bake a pie', 'flour on {his} nose'],
  ['washed the clothes', 'washing the clothes', 'wash the clothes', 'clean hands'],
  ['chopped wood', 'chopping wood', 'chop wood', 'sore arms'],
  ['picked blackberries', 'picking blackberries', 'pick blackberries', 'purple fingers'],
  ['swept the stairs', 'sweeping the stairs', 'sweep the stairs', 'dust in {his} hair'],
  ['danced at a wedding', 'dancing at a wedding', 'dance at a wedding', 'tired feet'],
  ['told a long joke', 'telling a long joke', 'tell a long joke', 'a wide smile'],
]

/** Yesterday, today and tomorrow; each with its tense and its day of the week. */
export const threeDays: Plot = (t) => {
  const [p, q] = t.pair()
  const [x, y, z, other] = t.some(4, DOINGS) as [
    (typeof DOINGS)[0],
    (typeof DOINGS)[0],
    (typeof DOINGS)[0],
    (typeof DOINGS)[0],
  ]
  const start = t.between(0, 6)
  const day = (n: number): string => DAYS[(start + n) % 7]!
  const his = (text: string, who = p): string => text.replace('{his}', who.his).replace('{him}', who.him)
  return [
    `Today is ${day(1)}, so yesterday was ${day(0)}, and tomorrow will be ${day(2)}.`,
    `Yesterday ${p.name} ${x[0]}.`,
    t.one(`In the evening ${p.he} had ${his(x[3])}.`, `That was why ${p.he} had ${his(x[3])} on ${day(0)} evening.`),
    `Today ${p.he} is ${y[1]}.`,
    t.one(
      `${q.name} is not with ${p.him}, because ${q.he} is ${other[1]}.`,
      `${q.name} is ${other[1]} at the same time.`,
    ),
    t.maybe(0.6, t.remark('present')),
    t.one(`"What did you do on ${day(0)}?" asks ${q.name}.`, `"What were you doing yesterday?" asks ${q.name}.`),
    `"I ${x[0].replace('{his}', 'my')}," says ${p.name}.`,
    t.one(`"And what are you doing now?"`, `"And today?" asks ${q.name}.`),
    `"Now I am ${y[1]}."`,
    t.one(
      `"What will you do tomorrow?" asks ${q.name}.`,
      `"Tomorrow is ${day(2)}," says ${q.name}. "What will we do?"`,
    ),
    t.one(`"On ${day(2)} I will ${z[2]}," says ${p.name}.`, `"Tomorrow we will ${z[2]} together," says ${p.name}.`),
    t.one(
      `${q.name} has ${his(other[3], q)}, and ${p.name} has ${his(y[3])}.`,
      `"Then you will have ${his(z[3])
        .replace(/\b(his|her)\b(?= (fingers|coat|nose|hair))/, 'your')
        .replace(/about (him|her)/, 'about you')}," says ${q.name} and laughs.`,
    ),
  ]
}

/** One day from waking up to sleep, with its meals and hours in order. */
export const oneDay: Plot = (t) => {
  const [p, q] = t.pair()
  const [x, y] = t.some(2, DOINGS) as [(typeof DOINGS)[0], (typeof DOINGS)[0]]
  const wake = t.between(5, 7)
  const colour = t.pick(COLOURS)
  const wear = t.one('shirt', 'dress', 'jacket', 'sweater')
  const shirt = wear === 'dress' && !p.female ? 'coat' : wear
  return [
    `${p.name} woke up at ${NUMBERS[wake]} o'clock and ${t.one('opened the window', 'looked at the clock', 'jumped out of bed')}.`,
    t.scene(),
    `${p.He} washed ${p.his} face and put on ${a(`${colour} ${shirt}`)}.`,
    `At ${NUMBERS[wake + 1]} o'clock ${p.he} had breakfast: ${list(t.some(2, ['bread', 'an egg', 'milk', 'porridge', 'jam', 'a slice of ham']))}.`,
    `In the morning, ${p.he} ${x[0]}.`,
    t.maybe(0.5, t.remark()),
    `Lunch was at ${t.one('noon', "twelve o'clock")}, and there ${t.one('was rice', 'was vegetable soup', 'were dumplings', 'were sausages')}.`,
    `In the afternoon, ${q.name} came, and they ${y[0]}.`,
    t.one(
      `"I like your ${colour} ${shirt}," said ${q.name}.`,
      `"Is your ${shirt} new?" asked ${q.name}. "I like ${colour} things."`,
    ),
    t.one(
      `At ${NUMBERS[t.between(5, 6)]} o'clock ${q.name} had to go home, so ${p.name} said goodbye.`,
      `They said goodbye before it was dark.`,
    ),
    `After supper, ${p.name} was tired, because ${p.he} had got up at ${NUMBERS[wake]}.`,
    t.one(
      `${p.He} took off the ${colour} ${shirt} and went to bed.`,
      `${p.He} hung the ${colour} ${shirt} over a chair and lay down.`,
    ),
    `At ${NUMBERS[t.between(8, 9)]} o'clock ${p.he} was asleep.`,
  ]
}

export const FACTS: readonly ((t: Teller) => string[])[] = [
  animalFacts,
  farmRound,
  village,
  chooseOne,
  threeDays,
  oneDay,
]
