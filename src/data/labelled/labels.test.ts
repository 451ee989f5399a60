import { expect, test } from 'vitest'
import { assertLabelsKnown, collectLabels } from './labels.js'

const texts = (...labels: (string | number | string[])[]) => labels.map((label) => ({ text: 'x', label }))

test('labels are collected in the order of appearance, by name, or by number', () => {
  expect(collectLabels(texts('b', 'a', 'b', 'c'))).toEqual(['b', 'a', 'c'])
  expect(collectLabels(texts('b', 'a', 'b', 'C'), { order: 'name' })).toEqual(['C', 'a', 'b'])
  expect(collectLabels(texts('10', '-1', '9'))).toEqual(['-1', '9', '10'])
  expect(collectLabels(texts(['b'], [], ['a', 'b']))).toEqual(['b', 'a'])
  expect(collectLabels([{ words: ['x', 'y'], labels: ['O', 'B'] }])).toEqual(['O', 'B'])
  expect(collectLabels({ examples: texts('b', 'a'), columns: {}, labelNames: ['a', 'b', 'c'] })).toEqual([
    'a',
    'b',
    'c',
  ])
})

test('no labels, or only one, are nothing to learn from', () => {
  expect(() => collectLabels([])).toThrow('There are no labels')
  expect(() => collectLabels(texts(1.5))).toThrow('There are no labels')
  expect(() => collectLabels(texts('a', 'a'))).toThrow('all 2 examples have the label "a"')
  expect(collectLabels(texts(['a'], []))).toEqual(['a'])
})

test('unknown labels are refused with their line', () => {
  const place = { file: 'dev.csv', line: 7 }
  const dev = [{ text: 'x', label: 'a' }, { text: 'y', label: 'z', place }, ...texts('y')]
  expect(() => assertLabelsKnown(dev, ['a', 'b'])).toThrow(
    'dev.csv:7: the label "z" (and 1 more such labels) does not occur in the training data, which has "a", "b".',
  )
  const words = [{ words: ['x', 'y'], labels: ['O', 'Z'], place, lines: [7, 8] }]
  expect(() => assertLabelsKnown(words, ['O'])).toThrow('dev.csv:8: the label "Z" does not')
  expect(() => assertLabelsKnown(texts('a', ['b', 'a'], 3.5), ['a', 'b'])).not.toThrow()
})
