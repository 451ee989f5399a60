// From scores to entities, on scores made by hand.

import { describe, expect, test } from 'vitest'
import { Tokenizer } from '../tokenizer/index.js'
import {
  type Grouped,
  grouped,
  groupName,
  labelledTokens,
  labelledWords,
  merged,
  probabilities,
  type ScoredToken,
  scoredTokens,
} from './entities.js'
import { tinyTokenizer } from './testing/tinyCheckpoint.js'

const tokenizer = tinyTokenizer()
const labels = ['O', 'B-X', 'I-X', 'B-Y']

/** Tokens one after the other, `##` for those that continue a word. */
const tokensOf = (...rows: readonly [word: string, ...scores: number[]][]): ScoredToken[] => {
  let at = 0
  return rows.map(([word, ...scores], i) => {
    const isSubword = word.startsWith('##')
    const start = at + (isSubword || i === 0 ? 0 : 1)
    at = start + word.length - (isSubword ? 2 : 0)
    return { word, start, end: at, index: i + 1, isSubword, scores: Float32Array.from(scores) }
  })
}

const words = (tokens: readonly ScoredToken[], vote: 'first' | 'average' | 'max') =>
  labelledWords(tokens, labels, vote, tokenizer).map(({ entity, score, word }) => [
    entity,
    Number(score.toFixed(4)),
    word,
  ])

describe('labels', () => {
  test('of equal scores the first label counts', () => {
    const [only] = labelledTokens(tokensOf(['cat', 0.1, 0.4, 0.4, 0.1]), labels)
    expect(only).toEqual({ entity: 'B-X', score: Math.fround(0.4), index: 1, word: 'cat', start: 0, end: 3 })
  })

  test('a word takes its first token’s label, its tokens’ mean, or its surest token’s', () => {
    const tokens = tokensOf(['walk', 0.6, 0.2, 0.2, 0], ['##ing', 0.05, 0.15, 0.1, 0.7], ['cat', 0, 0, 1, 0])
    expect(words(tokens, 'first')).toEqual([
      ['O', 0.6, 'walking'],
      ['I-X', 1, 'cat'],
    ])
    expect(words(tokens, 'average')[0]).toEqual(['B-Y', 0.35, 'walking'])
    expect(words(tokens, 'max')[0]).toEqual(['B-Y', 0.7, 'walking'])
    expect(words([], 'max')).toEqual([])
  })

  test('of equally sure tokens the first one speaks; means are of 32 bits', () => {
    const tokens = tokensOf(['walk', 0, 0.9, 0.1, 0], ['##ed', 0.9, 0, 0.1, 0], ['##s', 0.3, 0.3, 0.3, 0.1])
    expect(words(tokens, 'max')).toEqual([['B-X', 0.9, 'walkeds']])
    const [mean] = labelledWords(tokens, labels, 'average', tokenizer)
    expect(mean!.entity).toBe('O')
    expect(mean!.score).toBe(Math.fround(Math.fround(Math.fround(0.9) + Math.fround(0.3)) / 3))
  })

  test('a subword at the very beginning begins a word', () => {
    expect(words(tokensOf(['##ing', 1, 0, 0, 0], ['cat', 1, 0, 0, 0]), 'first').map(([, , word]) => word)).toEqual([
      '##ing',
      'cat',
    ])
  })
})

describe('groups', () => {
  const entitiesOf = (...names: readonly string[]) =>
    names.map((entity, i) => ({ entity, score: (i + 1) / 10, word: `w${i}`, start: 3 * i, end: 3 * i + 2 }))
  const groupsOf = (...names: readonly string[]): [string, string][] =>
    grouped(entitiesOf(...names), tokenizer).map(({ entity_group, word }) => [entity_group, word])

  test('neighbours of one kind are joined, unless the later begins an entity', () => {
    expect(groupsOf('B-X', 'I-X', 'I-X', 'B-X', 'I-Y', 'O', 'O', 'I-X')).toEqual([
      ['X', 'w0 w1 w2'],
      ['X', 'w3'],
      ['Y', 'w4'],
      ['O', 'w5 w6'],
      ['X', 'w7'],
    ])
  })

  test('labels without B- and I- are joined as they are; a group is called by what follows the first hyphen', () => {
    expect(groupsOf('X', 'I-X', 'X')).toEqual([['X', 'w0 w1 w2']])
    expect(groupsOf('geo-a', 'geo-b', 'B-geo-a', 'I-geo-a', 'B-')).toEqual([
      ['a', 'w0'],
      ['b', 'w1'],
      ['geo-a', 'w2 w3'],
      ['', 'w4'],
    ])
    expect(groupName('O')).toBe('O')
  })

  test('a group has the mean score, and reaches from its first to its last part', () => {
    expect(grouped(entitiesOf('B-X', 'I-X'), tokenizer)).toEqual([
      { entity_group: 'X', score: Math.fround(0.15), word: 'w0 w1', start: 0, end: 5 },
    ])
    expect(grouped([], tokenizer)).toEqual([])
  })
})

describe('windows', () => {
  const at = (start: number, end: number, score = 0.5): Grouped => ({ entity_group: 'X', score, word: '', start, end })
  const text = 'a'.repeat(30)

  test('of two that overlap the longer stays, of two as long the likelier', () => {
    expect(merged([at(0, 4), at(10, 14), at(2, 8), at(12, 16, 0.6)], text)).toEqual([at(2, 8), at(12, 16, 0.6)])
    expect(merged([at(2, 6), at(2, 6, 0.4), at(0, 2)], text)).toEqual([at(0, 2), at(2, 6)])
    expect(merged([], text)).toEqual([])
  })

  test('what is kept is what the next is compared with', () => {
    expect(merged([at(0, 5), at(4, 10), at(6, 9), at(9, 12)], text)).toEqual([at(4, 10)])
    expect(merged([at(0, 5), at(4, 6), at(5, 9)], text)).toEqual([at(0, 5), at(5, 9)])
  })

  test('lengths are counted in characters, not in UTF-16 units', () => {
    // five letters against four characters of five units
    expect(merged([at(0, 5, 0.1), at(4, 9, 0.9)], 'abcde 🙂 z')).toEqual([at(0, 5, 0.1)])
  })

  test('an entity without extent is there once', () => {
    expect(merged([at(3, 3), at(5, 7)], text)).toEqual([at(3, 3), at(5, 7)])
  })
})

describe('tokens', () => {
  const scored = (text: string, own = tokenizer) =>
    scoredTokens(text, own.encode(text), own, () => Float32Array.of(1)).map(({ word, start, end, isSubword }) => [
      word,
      text.slice(start, end),
      isSubword,
    ])

  test('are subwords if their text has another length; unknown ones are words, and their own text', () => {
    expect(scored('Walking 🐈 cat!')).toEqual([
      ['walk', 'Walk', false],
      ['##ing', 'ing', true],
      ['🐈', '🐈', false],
      ['cat', 'cat', false],
      ['!', '!', false],
    ])
  })

  test('are subwords by spaces where the tokenizer has no mark for them', () => {
    const json = JSON.parse(tokenizer.toFiles()['tokenizer.json']!)
    const model = { ...json.model, continuing_subword_prefix: '', vocab: { ...json.model.vocab, ing: 25 } }
    const unmarked = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify({ ...json, model }) })
    expect(scored('walking cat,dog', unmarked)).toEqual([
      ['walk', 'walk', false],
      ['ing', 'ing', true],
      ['cat', 'cat', false],
      [',', ',', true],
      ['dog', 'dog', true],
    ])
  })

  test('that the template added are left out, those that the text spells out are not', () => {
    expect(scored('a [SEP]').map(([word]) => word)).toEqual(['a', '[SEP]'])
    expect(scored('')).toEqual([])
  })
})

describe('probabilities', () => {
  test('are the softmax', () => {
    expect([...probabilities(Float32Array.of(1, 1))]).toEqual([0.5, 0.5])
    const [low, high] = probabilities(Float32Array.of(-1000, 1000))
    expect([low, high]).toEqual([0, 1])
  })

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY]])('of a logit of %s are refused', (logit) => {
    expect(() => probabilities(Float32Array.of(0, logit))).toThrow(expect.objectContaining({ code: 'not-finite' }))
  })
})
