// What a plot tells with: seeded choices, people with their pronouns, articles and plurals, seasons and asides.

import type { Random } from '../src/random.js'
import { REMARKS, SEASONS, type Season } from './scenes.js'
import { BOYS, GIRLS, type Noun, NUMBERS, PLACES, type Place } from './words.js'

/** Someone in a story, with the pronouns that stay the same throughout it. */
export interface Person {
  readonly name: string
  readonly female: boolean
  /** boy or girl */
  readonly child: string
  readonly he: string
  readonly him: string
  readonly his: string
  readonly himself: string
  readonly He: string
  readonly His: string
}

const RELATIVES: readonly (readonly [string, boolean])[] = [
  ['mother', true],
  ['father', false],
  ['grandmother', true],
  ['grandfather', false],
  ['sister', true],
  ['brother', false],
  ['aunt', true],
  ['uncle', false],
]

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** With its indefinite article: by first letter, which is right for all words of these stories. */
export function a(text: string): string {
  return `${/^[aeiou]/i.test(text) ? 'an' : 'a'} ${text}`
}

/** The same with the definite article: "a map" → "the map". */
export function the(text: string): string {
  return text.replace(/^an? /, 'the ')
}

/** A number and a noun that agrees with it: "one apple", "three apples", "no apples". */
export function count(n: number, noun: Noun): string {
  return `${NUMBERS[n]} ${n === 1 ? noun.one : noun.many}`
}

/** Words in a list: "a", "a and b", "a, b and c". */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

export class Teller {
  readonly season: Season
  readonly #names = new Set<string>()

  constructor(readonly random: Random) {
    this.season = this.pick(SEASONS)
  }

  /** The places of which what can be seen there fits the season. */
  get places(): readonly Place[] {
    return PLACES.filter(
      (place) => this.season.name !== 'winter' || !/beans|moss|swans|flowers|butterflies/.test(place.see),
    )
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)]!
  }

  /** One of several ways to say it. */
  one(...ways: readonly string[]): string {
    return this.pick(ways)
  }

  /** The sentence, or nothing. */
  maybe(share: number, sentence: string): string {
    return this.random.uniform() < share ? sentence : ''
  }

  /** Some of the items, all different, in random order. */
  some<T>(n: number, items: readonly T[]): T[] {
    return this.random.shuffle([...items]).slice(0, n)
  }

  between(low: number, high: number): number {
    return low + this.random.below(high - low + 1)
  }

  /** Someone whose name is new in this story. */
  person(female = this.random.uniform() < 0.5): Person {
    let name = this.pick(female ? GIRLS : BOYS)
    while (this.#names.has(name)) name = this.pick(female ? GIRLS : BOYS)
    this.#names.add(name)
    return who(name, female)
  }

  /** Two people that a pronoun can tell apart. */
  pair(): [Person, Person] {
    const first = this.person()
    return [first, this.person(!first.female)]
  }

  /** A relative; `name` is the word ("mother"), to be used with a possessive. `female` to have one or the other. */
  relative(female?: boolean): Person {
    const [name, isFemale] = this.pick(RELATIVES.filter(([, f]) => female === undefined || f === female))
    return who(name, isFemale)
  }

  /** "One cold winter morning", "On a windy autumn day": without a comma, in the story's season. */
  when(part = this.pick(['morning', 'afternoon', 'day'])): string {
    const weather = this.pick(this.season.weather)
    const day = `${weather} ${this.season.name} ${part}`
    return this.one(`One ${day}`, `On ${a(day)}`, `It was ${a(day)} when`)
  }

  /** The opening clause and the sentence after it: "One cold day, Tom …" or "It was a cold day when Tom …". */
  open(sentence: string, part?: string): string {
    const when = this.when(part)
    return when.endsWith(' when') ? `${when} ${sentence}` : `${when}, ${sentence}`
  }

  /** A sentence about the season, in the past. */
  scene(): string {
    return this.pick(this.season.scene)
  }

  /** A remark whose verb has to agree with a noun further back: "The keys to the old house were rusty." */
  remark(tense: 'past' | 'present' = 'past'): string {
    const { head, near, said } = this.pick(REMARKS)
    const plural = this.random.uniform() < 0.5
    // Mostly the other number in between, so that the nearest noun misleads.
    const nearPlural = this.random.uniform() < 0.7 ? !plural : plural
    const be = tense === 'past' ? (plural ? 'were' : 'was') : plural ? 'are' : 'is'
    return `The ${plural ? head.many : head.one} ${nearPlural ? near.many : near.one} ${be} ${this.pick(said)}.`
  }
}

function who(name: string, female: boolean): Person {
  const [he, him, his] = female ? ['she', 'her', 'her'] : ['he', 'him', 'his']
  return {
    name,
    female,
    he: he!,
    him: him!,
    his: his!,
    child: female ? 'girl' : 'boy',
    himself: female ? 'herself' : 'himself',
    He: capital(he!),
    His: capital(his!),
  }
}
