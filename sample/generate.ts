// The generator of the sample text: seeded, so that it writes the same bytes everywhere. See README.md.

import { Random } from '../src/random.js'
import { FACTS } from './plotsOfFacts.js'
import { LIFE } from './plotsOfLife.js'
import { PEOPLE } from './plotsOfPeople.js'
import * as things from './plotsOfThings.js'
import * as work from './plotsOfWork.js'
import { Teller } from './teller.js'

const PLOTS: readonly things.Plot[] = [
  things.lostThing,
  things.counting,
  things.market,
  things.building,
  things.broken,
  things.birthday,
  work.seasonsOfAPlant,
  work.atWork,
  work.quarrel,
  work.whoseIsIt,
  ...LIFE,
  ...PEOPLE,
  ...FACTS,
]

/** The two files: stories to train on, and other stories to test on. */
export const SAMPLE = {
  'stories.txt': { seed: 1, stories: 1595 },
  'held-out.txt': { seed: 2, stories: 87 },
} as const

/**
 * Stories, each of them lines (one sentence or one turn of a dialogue a line). Every run of as many stories as there
 * are plots has each plot once, in random order.
 *
 * @example
 * const [first] = makeStories(1, 1)
 */
export function makeStories(seed: number, count: number): string[][] {
  const random = new Random(seed)
  const stories: string[][] = []
  while (stories.length < count) {
    for (const plot of random.shuffle([...PLOTS])) {
      stories.push(plot(new Teller(random)).filter((line) => line !== ''))
    }
  }
  return stories.slice(0, count)
}

/** The text of a sample file: blank lines between stories. */
export function sampleText(name: keyof typeof SAMPLE): string {
  const { seed, stories } = SAMPLE[name]
  return `${makeStories(seed, stories)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
