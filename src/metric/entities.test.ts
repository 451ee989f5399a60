import { describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import { entitiesOf, entityScores } from './entities.js'

const spans = (tags: string): string[] =>
  entitiesOf(tags.split(' ')).map(({ type, start, end }) => `${type} ${start}-${end}`)

describe('entities', () => {
  test.each<[string, string[]]>([
    ['B-PER I-PER O B-LOC', ['PER 0-2', 'LOC 3-4']],
    ['B-PER B-PER I-PER', ['PER 0-1', 'PER 1-3']],
    ['O I-PER I-PER O', ['PER 1-3']],
    ['I-PER I-LOC B-LOC', ['PER 0-1', 'LOC 1-2', 'LOC 2-3']],
    ['B-PER I-LOC I-LOC', ['PER 0-1', 'LOC 1-3']],
    ['O O', []],
    ['S-PER S-PER B-LOC I-LOC E-LOC', ['PER 0-1', 'PER 1-2', 'LOC 2-5']],
    ['E-PER I-PER E-PER E-PER', ['PER 0-1', 'PER 1-3', 'PER 3-4']],
    ['S-PER I-PER', ['PER 0-1', 'PER 1-2']],
    ['B-LOC L-LOC U-LOC', ['LOC 0-2', 'LOC 2-3']],
    ['B-creative-work I-creative-work', ['creative-work 0-2']],
    ['PER PER O LOC', ['PER 0-2', 'LOC 3-4']],
    ['B I O I', ['_ 0-2', '_ 3-4']],
    ['Bird B-__proto__', ['Bird 0-1', '__proto__ 1-2']],
  ])('%s', (tags, expected) => {
    expect(spans(tags)).toEqual(expected)
  })

  test('are those of the transition table that conlleval and seqeval use', () => {
    // A chunk ends between two tags, or starts with the second one, in these cases besides a change of type.
    const ends = ['EB', 'EI', 'EE', 'ES', 'EO', 'SB', 'SI', 'SE', 'SS', 'SO', 'BB', 'BS', 'BO', 'IB', 'IS', 'IO']
    const starts = ['EE', 'EI', 'SE', 'SI', 'OE', 'OI']
    const chunksOf = (tags: readonly string[]): string[] => {
      const chunks: string[] = []
      let [previous, previousType, begin] = ['O', '', 0]
      for (const [i, tag] of [...tags, 'O'].entries()) {
        const [prefix = '', type = ''] = tag.split('-')
        const changes = previousType !== type
        if (ends.includes(previous + prefix) || (previous !== 'O' && changes))
          chunks.push(`${previousType} ${begin}-${i}`)
        if ('BS'.includes(prefix) || starts.includes(previous + prefix) || (prefix !== 'O' && changes)) begin = i
        previous = prefix
        previousType = type
      }
      return chunks
    }
    const random = new Random(8)
    const alphabet = ['O', ...['B', 'I', 'E', 'S'].flatMap((prefix) => [`${prefix}-X`, `${prefix}-Y`])]
    for (let i = 0; i < 3000; i++) {
      const tags = Array.from({ length: random.below(12) }, () => alphabet[random.below(alphabet.length)]!)
      expect(entitiesOf(tags).map(({ type, start, end }) => `${type} ${start}-${end}`)).toEqual(chunksOf(tags))
    }
  })
})

describe('scores of entities', () => {
  test('the example of seqeval’s README', () => {
    const references = [
      ['O', 'O', 'O', 'B-MISC', 'I-MISC', 'I-MISC', 'O'],
      ['B-PER', 'I-PER', 'O'],
    ]
    const predictions = [
      ['O', 'O', 'B-MISC', 'I-MISC', 'I-MISC', 'I-MISC', 'O'],
      ['B-PER', 'I-PER', 'O'],
    ]
    const { labels, micro, macro, weighted, accuracy } = entityScores(predictions, references)
    expect(accuracy).toBe(0.8)
    expect(labels).toEqual([
      { label: 'MISC', precision: 0, recall: 0, f1: 0, support: 1 },
      { label: 'PER', precision: 1, recall: 1, f1: 1, support: 1 },
    ])
    for (const average of [micro, macro, weighted])
      expect(average).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5, support: 2 })
  })

  test('by hand: averages differ', () => {
    // PER: 2 found of 3, 2 of 2 right. LOC: 1 of 1 found, 1 of 3 right. ORG: only predicted.
    const references = [
      ['B-PER', 'O', 'B-PER', 'O', 'B-PER', 'O'],
      ['B-LOC', 'I-LOC', 'O', 'O'],
    ]
    const predictions = [
      ['B-PER', 'O', 'I-PER', 'O', 'O', 'B-LOC'],
      ['B-LOC', 'I-LOC', 'B-LOC', 'B-ORG'],
    ]
    const { labels, micro, macro, weighted } = entityScores(predictions, references)
    expect(labels.map(({ label, precision, recall }) => [label, precision, recall])).toEqual([
      ['LOC', 1 / 3, 1],
      ['ORG', 0, 0],
      ['PER', 1, 2 / 3],
    ])
    expect(micro).toEqual({ precision: 3 / 6, recall: 3 / 4, f1: 6 / 10, support: 4 })
    expect(macro.f1).toBeCloseTo((0.5 + 0 + 0.8) / 3, 12)
    expect(weighted.f1).toBeCloseTo((0.5 * 1 + 0.8 * 3) / 4, 12)
  })

  test('entities end with their sentence', () => {
    expect(entityScores([['B-A'], ['I-A']], [['B-A'], ['I-A']]).micro.support).toBe(2)
  })

  test('at the edges', () => {
    const nothing = entityScores([['O'], []], [['O'], []])
    expect(nothing).toMatchObject({ labels: [], micro: { f1: 0 }, macro: { f1: 0 }, weighted: { f1: 0 }, accuracy: 1 })
    expect(entityScores([['B-A']], [['O']]).micro).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 })
    expect(() => entityScores([['O']], [['O', 'O']])).toThrow('Sentence 0 has 2 words but 1 predictions')
    expect(() => entityScores([], [])).toThrow('at least one pair')
  })
})
