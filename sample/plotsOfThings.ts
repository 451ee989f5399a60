// Plots about things: lost and found, counted, bought, built, broken, given.

import { a, capital, count, type Teller } from './teller.js'
import { COLOURS, DAYS, FRUIT, HIDING, NUMBERS, PETS, THINGS } from './words.js'

export type Plot = (t: Teller) => string[]

/** A thing is lost in one place, looked for in others, and found by someone; it keeps its colour and its owner. */
export const lostThing: Plot = (t) => {
  const [p, friend] = t.pair()
  const item = t.pick(THINGS)
  const colour = t.pick(COLOURS)
  const [home, wrong, right] = t.some(3, t.places)
  const hiding = t.pick(HIDING)
  const use = item.use.replace('{his}', p.his)
  return [
    t.open(
      t.one(
        `${p.name} lost ${p.his} ${colour} ${item.one}.`,
        `${p.name} could not find ${p.his} ${colour} ${item.one}.`,
      ),
    ),
    t.maybe(0.4, t.scene()),
    t.one(`Without the ${item.one}, ${p.he} could not ${use}.`, `${p.He} needed it because ${p.he} wanted to ${use}.`),
    t.one(`First ${p.he} looked ${home!.at}.`, `${p.He} began to look for it ${home!.at}.`),
    t.one(`There were only ${home!.see} there.`, `${p.He} saw ${home!.see}, but no ${item.one}.`),
    `Then ${p.he} went to ${wrong!.name}, but the ${item.one} was not there either.`,
    t.maybe(0.5, t.remark()),
    t.one(`${p.He} was sad and sat down.`, `${p.He} was tired and almost began to cry.`),
    t.one(
      `"What are you looking for?" asked ${friend.name}.`,
      `${friend.name} saw ${p.him} and asked, "What is wrong?"`,
    ),
    t.one(
      `"I have lost my ${item.one}," said ${p.name}. "It is ${colour}."`,
      `"My ${colour} ${item.one} is gone," said ${p.name}.`,
    ),
    t.one(
      `${friend.name} thought for a moment. "Were you ${right!.at} yesterday?" ${friend.he} asked.`,
      `"I saw something ${colour} ${right!.at}," said ${friend.name}.`,
    ),
    t.one(`They ran to ${right!.name} together.`, `So they went to ${right!.name} together.`),
    t.one(`There it was, ${hiding}.`, `${capital(hiding)} lay the ${colour} ${item.one}.`),
    t.one(
      `${p.name} was happy because ${p.he} had found ${p.his} ${item.one}.`,
      `${p.name} picked up ${p.his} ${item.one} and thanked ${friend.him}.`,
    ),
    t.maybe(0.6, t.one(`Now ${p.he} could ${use} again.`, `"Thank you," ${p.he} said. "You have good eyes."`)),
  ]
}

/** Adding and taking away, where the sums are right. */
export const counting: Plot = (t) => {
  const [p, friend] = t.pair()
  const fruit = t.pick(FRUIT)
  const first = t.between(1, 6)
  const more = t.between(1, 4)
  const less = t.between(1, Math.min(3, first + more))
  const sum = first + more
  const left = sum - less
  const colour = t.pick(COLOURS)
  const them = (n: number): string => (n === 1 ? 'it' : 'them')
  const place = t.pick(t.places)
  return [
    t.open(`${p.name} went to ${place.name} with a ${t.one('small', 'round', 'new')} ${colour} basket.`),
    t.one(
      `There ${first === 1 ? 'was' : 'were'} ${count(first, fruit)} in it.`,
      `${p.He} had ${count(first, fruit)} in it.`,
    ),
    t.maybe(0.4, t.remark()),
    `${t.one(`${capital(place.at)} ${p.he} met ${friend.name}.`, `${friend.name} was already there.`)}`,
    t.one(
      `${friend.He} gave ${p.him} ${count(more, fruit)}.`,
      `${friend.name} had ${count(more, fruit)} and gave ${them(more)} to ${p.him}.`,
    ),
    t.one(`"How many do you have now?" asked ${friend.name}.`, `"Can you count them?" asked ${friend.name}.`),
    `"${capital(NUMBERS[first]!)} and ${NUMBERS[more]} make ${NUMBERS[sum]}," said ${p.name}. "I have ${count(sum, fruit)}."`,
    t.one('They sat down in the shade.', 'They sat down on a flat stone.', 'They were hungry, so they sat down.'),
    t.one(
      `They ate ${count(less, fruit)} together.`,
      `On the way home, ${p.he} lost ${count(less, fruit)} because there was a hole in the basket.`,
    ),
    left === 0
      ? `Now the ${colour} basket was empty.`
      : t.one(
          `Now there ${left === 1 ? 'was' : 'were'} only ${count(left, fruit)} left in the ${colour} basket.`,
          `${capital(NUMBERS[sum]!)} less ${NUMBERS[less]} is ${NUMBERS[left]}, so ${count(left, fruit)} ${left === 1 ? 'was' : 'were'} left.`,
        ),
    left === 0
      ? t.one(
          `${p.name} laughed. "We can fill it again tomorrow," ${p.he} said.`,
          `"It is light now," said ${p.name}, "and I am not hungry any more."`,
        )
      : t.one(
          `${p.name} took ${them(left)} home to ${p.his} ${t.relative().name}.`,
          `In the evening, ${p.he} put ${them(left)} on the kitchen table.`,
        ),
  ]
}

/** Money at the market: two prices, one choice, the right change. */
export const market: Plot = (t) => {
  const p = t.person()
  const [item, other] = t.some(2, THINGS)
  const [colour, otherColour] = t.some(2, COLOURS)
  const price = t.between(2, 6)
  const money = price + t.between(1, 5)
  const otherPrice = money + t.between(1, 3)
  const coin = { one: 'coin', many: 'coins' }
  const seller = t.one('an old man', 'a friendly woman', 'a tall man', 'a young woman')
  const female = seller.includes('woman')
  const day = t.pick(DAYS)
  return [
    t.one(`Every ${day} there was a market in the village.`, `It was ${day}, and ${day} was market day.`),
    `${p.name} had ${count(money, coin)} in ${p.his} pocket.`,
    t.maybe(0.5, t.scene()),
    t.maybe(
      0.5,
      t.one(t.remark(), 'There were many people between the tables.', 'The baskets on the table were full of fruit.'),
    ),
    `${capital(seller)} was selling ${a(`${colour} ${item!.one}`)} and ${a(`${otherColour} ${other!.one}`)}.`,
    `"How much is the ${other!.one}?" asked ${p.name}.`,
    `"It costs ${count(otherPrice, coin)}," said the ${female ? 'woman' : 'man'}.`,
    t.one(
      `That was too much, because ${p.name} had only ${NUMBERS[money]}.`,
      `${p.name} shook ${p.his} head. ${capital(NUMBERS[otherPrice]!)} is more than ${NUMBERS[money]}.`,
    ),
    t.one(`"And the ${item!.one}?" ${p.he} asked.`, `Then ${p.he} pointed at the ${colour} ${item!.one}.`),
    `"The ${item!.one} is cheaper," said the ${female ? 'woman' : 'man'}. "It costs only ${count(price, coin)}."`,
    t.one(
      `${p.name} paid ${female ? 'her' : 'him'} and took the ${item!.one}.`,
      `So ${p.name} bought the ${colour} ${item!.one} and thanked ${female ? 'her' : 'him'}.`,
    ),
    `${p.He} had ${count(money - price, coin)} left.`,
    t.one(
      `Now ${p.he} could ${item!.use.replace('{his}', p.his)}.`,
      `${p.He} carried the ${colour} ${item!.one} home and showed it to everybody.`,
    ),
  ]
}

/** Something is built, fails for a reason, is mended, and works. */
export const building: Plot = (t) => {
  const [p, helper] = t.pair()
  const relative = t.relative(!p.female)
  const make = t.pick(
    [
      {
        what: 'birdhouse',
        put: 'in the old pear tree',
        need: 'boards and nails',
        fail: 'fell down because the rope was thin',
        mend: 'took a thicker rope',
        end: 'In the spring, a pair of birds lived in it.',
      },
      {
        what: 'raft',
        put: 'on the pond',
        need: 'logs and rope',
        fail: 'came apart because the knots were loose',
        mend: 'tied every knot again',
        end: 'It carried them across the pond and back.',
      },
      {
        what: 'kite',
        put: 'into the air',
        need: 'paper and string',
        fail: 'dropped like a stone because it had no tail',
        mend: 'made a long tail for it',
        end: 'The wind lifted it higher than the church tower.',
      },
      {
        what: 'cart',
        put: 'on the hill',
        need: 'boxes and wheels',
        fail: 'stopped because one wheel was crooked',
        mend: 'straightened the wheel',
        end: 'It rolled down the hill faster than a horse.',
      },
      {
        what: 'bench',
        put: 'under the oak',
        need: 'planks and screws',
        fail: 'rocked because one leg was shorter than the others',
        mend: 'cut the other legs to the same length',
        end: 'Three people could sit on it side by side.',
      },
      {
        what: 'snow house',
        put: 'behind the barn',
        need: 'snow and water',
        fail: 'fell in because the walls were too thin',
        mend: 'made the walls thick and strong',
        end: 'It stood there until the sun grew warm again.',
      },
    ].filter(({ what }) => what !== 'snow house' || t.season.name === 'winter'),
  )
  const colour = t.pick(COLOURS)
  const paint = make.what !== 'snow house'
  return [
    t.open(`${p.name} and ${helper.name} decided to build ${a(make.what)}.`),
    t.maybe(0.5, t.scene()),
    `They needed ${make.need}, so they went to ${p.name}'s ${relative.name}.`,
    t.one(
      `"You can take what you need," ${relative.he} said.`,
      `${capital(relative.he)} gave them everything and wished them luck.`,
    ),
    `${p.name} ${t.one('did the heavy work', 'held everything in place')}, and ${helper.name} ${t.one('measured', 'gave good advice', 'brought the tools')}.`,
    paint
      ? `They painted it ${colour} and put it ${make.put}.`
      : `They worked ${make.put} until their gloves were wet.`,
    `But the ${make.what} ${make.fail}.`,
    t.one(`"It will never work," said ${helper.name}.`, `${helper.name} was angry and wanted to stop.`),
    t.one(`"We must try again," said ${p.name}.`, `"Wait," said ${p.name}. "I know what is wrong."`),
    `So they ${make.mend}.`,
    t.maybe(0.4, t.remark()),
    t.one('This time everything held.', 'The second time it was much better.', 'Now it was as good as new.'),
    make.end,
    t.one(
      `"We built it ourselves," said ${helper.name} proudly.`,
      paint ? `Everybody in the village knew the ${colour} ${make.what}.` : 'The neighbours came to look at it.',
    ),
  ]
}

/** Something is broken; the truth is told; it is forgiven. */
export const broken: Plot = (t) => {
  const p = t.person()
  const relative = t.relative(!p.female)
  const item = t.pick(['cup', 'plate', 'vase', 'bowl', 'mirror', 'jug', 'glass lamp'])
  const colour = t.pick(COLOURS)
  const pet = t.pick(PETS)
  return [
    `${p.name}'s ${relative.name} had ${a(`${colour} ${item}`)} that ${relative.he} liked very much.`,
    t.one(
      `It stood on the highest shelf in the kitchen.`,
      `It stood on a small table by the window.`,
      'It was older than the house.',
    ),
    t.open(`${p.name} was playing with the ${pet.one} in the house.`),
    t.maybe(0.3, t.scene()),
    t.one(
      `The ${pet.one} was fast, and ${p.name} ran after it.`,
      `"Catch me!" ${p.he} called, and the ${pet.one} jumped.`,
    ),
    `${p.He} ${t.one('bumped into the furniture', 'slipped on the wet floor', 'turned too quickly')}, so the ${item} fell and broke.`,
    t.one(
      `There were ${colour} pieces all over the floor.`,
      `Now there were ${NUMBERS[t.between(5, 12)]} pieces instead of one ${item}.`,
    ),
    t.one(
      `"I could say that the ${pet.one} did it," thought ${p.name}.`,
      `${p.name} wanted to hide the pieces under the carpet.`,
    ),
    t.one(`But that was not true.`, `But ${p.he} knew that this was wrong.`),
    `When ${p.his} ${relative.name} came home, ${p.he} told ${relative.him} everything.`,
    `"I broke your ${colour} ${item}," ${p.he} said. "I am sorry."`,
    t.one(
      `${p.His} ${relative.name} was sad about the ${item}, but ${relative.he} was glad about the truth.`,
      `"Thank you for telling me," said ${p.his} ${relative.name}. "A ${item} is only a thing."`,
    ),
    t.one(`They glued the pieces together in the evening.`, `The next ${t.pick(DAYS)} they bought a new one together.`),
    t.maybe(
      0.5,
      `From then on, ${p.name} played with the ${pet.one} only in the ${t.one('yard', 'garden', 'meadow')}.`,
    ),
  ]
}

/** A present: what is in the box is guessed wrongly and then rightly. Ages count. */
export const birthday: Plot = (t) => {
  const [p, giver] = t.pair()
  const age = t.between(5, 11)
  const [item, guess] = t.some(2, THINGS)
  const [colour, paper] = t.some(2, COLOURS)
  const relative = t.relative()
  return [
    t.one(
      `Yesterday ${p.name} was ${NUMBERS[age]} years old, but today ${p.he} was ${NUMBERS[age + 1]}.`,
      `It was ${p.name}'s birthday, and ${p.he} was ${NUMBERS[age + 1]} years old now.`,
    ),
    t.maybe(0.5, t.scene()),
    `${p.His} ${relative.name} baked a cake with ${NUMBERS[age + 1]} candles.`,
    t.one(`In the afternoon, the guests came.`, `At three o'clock there was a knock at the door.`),
    `${giver.name} brought a box in ${paper} paper.`,
    t.one(`"Guess what is in it," said ${giver.name}.`, `"You may guess three times," ${giver.he} said.`),
    t.one(
      `"Is it ${a(guess!.one)}?" asked ${p.name}.`,
      `${p.name} shook the box. "I think it is ${a(guess!.one)}," ${p.he} said.`,
    ),
    t.one(
      `"No, it is not ${a(guess!.one)}," said ${giver.name}.`,
      `${giver.name} laughed and shook ${giver.his} head.`,
    ),
    `"Can I use it to ${item!.use.replace('{his}', 'my')}?" asked ${p.name}.`,
    t.one(`"Yes, you can," said ${giver.name}.`, `"Now you are close," said ${giver.name}.`),
    `"Then it is ${a(item!.one)}!" cried ${p.name}.`,
    `${p.He} took off the ${paper} paper and opened the box.`,
    `In it was ${a(`${colour} ${item!.one}`)}.`,
    t.maybe(0.4, t.remark()),
    t.one(
      `${p.name} thanked ${giver.him} and ${t.one('smiled', 'cut the cake')}.`,
      `It was the best present of all, and ${p.name} kept it for many years.`,
    ),
  ]
}
