// From a distribution over labels for every token to entities: how tokens become words, and words become groups. What
// transformers' TokenClassificationPipeline does, its float32 arithmetic included, since labels may tie in it.

import { BertkinError } from '../errors.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'

/** A stretch of text with a label. */
export interface Labelled {
  /** With its `B-` or `I-`. */
  readonly entity: string
  readonly score: number
  readonly word: string
  readonly start: number
  readonly end: number
}

/** Neighbours of one kind as one entity. */
export interface Grouped extends Omit<Labelled, 'entity'> {
  /** Without its `B-` or `I-`. */
  readonly entity_group: string
}

/** A token and the probabilities of its labels. */
export interface ScoredToken extends Omit<Labelled, 'entity' | 'score'> {
  /** Its place among the sequence's tokens. */
  readonly index: number
  readonly scores: Float32Array
  /** Whether it goes on with the word of the token before it. */
  readonly isSubword: boolean
}

/** How a word's tokens agree on its label. */
export type WordVote = 'first' | 'average' | 'max'

/**
 * The tokens of an encoding with their scores, without the special tokens that the template added.
 *
 * @param scores by the token's place in the encoding
 */
export function scoredTokens(
  text: string,
  encoding: Encoding,
  tokenizer: Tokenizer,
  scores: (index: number) => Float32Array,
): ScoredToken[] {
  const { ids, offsets, specialTokensMask } = encoding
  const unknown = tokenizer.specialTokens.unk?.id
  const isSubword = subwordRule(tokenizer)
  return Array.from(ids.keys())
    .filter((index) => specialTokensMask[index] === 0)
    .map((index) => {
      const [start, end] = offsets[index]!
      const isUnknown = ids[index] === unknown
      const word = isUnknown ? text.slice(start, end) : (tokenizer.idToToken(ids[index]!) ?? '')
      const token = { word, start, end, index, scores: scores(index) }
      return { ...token, isSubword: !isUnknown && isSubword(token, text) }
    })
}

type SubwordRule = (token: Pick<ScoredToken, 'word' | 'start' | 'end'>, text: string) => boolean

/** Whether the tokenizer itself marks tokens that continue a word. */
export const marksSubwords = ({ parts }: Tokenizer): boolean => (parts.model.continuingSubwordPrefix ?? '') !== ''

/** By the length of its mark, where tokens have one; else by there being no space before it. */
const subwordRule = (tokenizer: Tokenizer): SubwordRule =>
  marksSubwords(tokenizer)
    ? ({ word, start, end }, text) => characters(word) !== characters(text.slice(start, end))
    : ({ start }, text) => start > 0 && !text.slice(start - 1, start + 1).includes(' ')

/** Code points, as the reference counts. */
const characters = (text: string): number => [...text].length

/**
 * The softmax of a row of logits, in 32 bits.
 *
 * @throws {BertkinError} `not-finite` if the logits are no numbers: the weights are broken
 */
export function probabilities(logits: Float32Array): Float32Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const exponentials = logits.map((logit) => Math.exp(Math.fround(logit - highest)))
  const sum = exponentials.reduce((total, value) => Math.fround(total + value), 0)
  if (Number.isFinite(sum)) return exponentials.map((value) => value / sum)
  throw new BertkinError('not-finite', 'the model gave logits that are not numbers: are its weights damaged?')
}

/** The place of the highest value; of equal ones the first. */
function highest(values: Float32Array): number {
  let best = 0
  values.forEach((value, i) => {
    if (value > values[best]!) best = i
  })
  return best
}

const label = (scores: Float32Array, labels: readonly string[]): Pick<Labelled, 'entity' | 'score'> => {
  const best = highest(scores)
  return { entity: labels[best]!, score: scores[best]! }
}

/** Every token by itself, under its likeliest label. */
export const labelledTokens = (
  tokens: readonly ScoredToken[],
  labels: readonly string[],
): (Labelled & { index: number })[] =>
  tokens.map(({ scores, index, word, start, end }) => ({ ...label(scores, labels), index, word, start, end }))

/** Every word, under the label that its tokens agree on. */
export function labelledWords(
  tokens: readonly ScoredToken[],
  labels: readonly string[],
  vote: WordVote,
  tokenizer: Tokenizer,
): Labelled[] {
  const words: ScoredToken[][] = []
  for (const token of tokens) {
    const current = words.at(-1)
    if (current && token.isSubword) current.push(token)
    else words.push([token])
  }
  return words.map((word) => ({ ...label(wordScores(word, vote), labels), ...span(word, tokenizer) }))
}

function wordScores(tokens: readonly ScoredToken[], vote: WordVote): Float32Array {
  const all = tokens.map(({ scores }) => scores)
  const [first] = all
  if (vote === 'first') return first!
  if (vote === 'max') return all.reduce((best, next) => (next[highest(next)]! > best[highest(best)]! ? next : best))
  const sum = all.reduce((total, next) => total.map((value, i) => value + next[i]!)) // rounded to 32 bits at each step
  return sum.map((value) => value / all.length)
}

/** Where several tokens or words stand, and what they are together. */
function span(parts: readonly Pick<Labelled, 'word' | 'start' | 'end'>[], { parts: { decoder } }: Tokenizer) {
  const word = decoder.decode(parts.map((part) => part.word))
  return { word, start: parts[0]!.start, end: parts.at(-1)!.end }
}

/** Neighbours of the same kind become one entity, unless the later one begins one (`B-`). */
export function grouped(entities: readonly Labelled[], tokenizer: Tokenizer): Grouped[] {
  const groups: Labelled[][] = []
  for (const entity of entities) {
    const before = groups.at(-1)?.at(-1)
    if (before && !entity.entity.startsWith('B-') && kind(entity) === kind(before)) groups.at(-1)!.push(entity)
    else groups.push([entity])
  }
  return groups.map((group) => ({
    entity_group: groupName(group[0]!.entity),
    score: Math.fround(group.reduce((sum, { score }) => sum + score, 0) / group.length),
    ...span(group, tokenizer),
  }))
}

/** Only `B-` and `I-` are taken off when labels are compared. */
const kind = ({ entity }: Labelled): string => entity.replace(/^[BI]-/, '')

/**
 * A label as a group is called: whatever stands before its first hyphen is taken off.
 *
 * @example
 * groupName('B-PER') // 'PER'
 */
export const groupName = (label: string): string => label.slice(label.indexOf('-') + 1)

/**
 * The entities of overlapping windows as those of one text. Of two that begin within each other the one of more characters
 * stays, of two as long the likelier.
 *
 * @param entities of all windows
 */
export function merged(entities: readonly Grouped[], text: string): Grouped[] {
  const length = ({ start, end }: Grouped): number => characters(text.slice(start, end))
  const isBetter = (a: Grouped, b: Grouped): boolean =>
    length(a) > length(b) || (length(a) === length(b) && a.score > b.score)
  const kept: Grouped[] = []
  for (const entity of [...entities].sort((a, b) => a.start - b.start)) {
    const before = kept.at(-1)
    if (!before || entity.start >= before.end) kept.push(entity)
    else if (isBetter(entity, before)) kept[kept.length - 1] = entity
  }
  return kept
}
