import { describe, expect, test } from 'vitest'
import type { DatasetError } from './place.js'
import { errorOf, rowsOf } from './testing/rows.js'
import { type TextExampleOptions, textExamples } from './textExamples.js'

type Rows = ReturnType<typeof rowsOf>
const labelsOf = async (rows: Rows, options?: TextExampleOptions): Promise<unknown[]> =>
  (await textExamples(rows, options)).examples.map(({ label }) => label)
const messageOf = async (rows: Rows, options?: TextExampleOptions): Promise<string> =>
  (await errorOf(textExamples(rows, options))).message

describe('columns', () => {
  test.each<[string[], Record<string, string>]>([
    [['text', 'label'], { text: 'text', label: 'label' }],
    [['id', 'text', 'category'], { text: 'text', label: 'category' }],
    [['sentence', 'label'], { text: 'sentence', label: 'label' }],
    [['sentence1', 'sentence2', 'label'], { text: 'sentence1', textPair: 'sentence2', label: 'label' }],
    [['premise', 'hypothesis', 'label'], { text: 'premise', textPair: 'hypothesis', label: 'label' }],
    [['question', 'sentence', 'label'], { text: 'question', textPair: 'sentence', label: 'label' }],
    [['question', 'text', 'sentence', 'label'], { text: 'text', label: 'label' }],
    [['text', 'text_pair', 'gold_label'], { text: 'text', textPair: 'text_pair', label: 'gold_label' }],
  ])('%j are found', async (names, columns) => {
    const row = Object.fromEntries(names.map((name) => [name, `x ${name}`]))
    const dataset = await textExamples(rowsOf(row))
    expect(dataset.columns).toEqual(columns)
    const [example] = dataset.examples
    expect(example!.text).toBe(`x ${columns.text}`)
    expect(example!.textPair).toBe(columns.textPair && `x ${columns.textPair}`)
    expect(example!.label).toBe(`x ${columns.label}`)
    expect(example!.place).toEqual({ file: 'data', line: 1 })
  })

  test('named in the options count alone', async () => {
    const rows = rowsOf({ sentence1: 'a', sentence2: 'b', label: 'c', other: 'd' })
    const { examples } = await textExamples(rows, { columns: { text: 'sentence2', label: 'other' } })
    expect(examples).toMatchObject([{ text: 'b', label: 'd' }])
    expect('textPair' in examples[0]!).toBe(false)
  })

  test('that are not there are refused with those that are', async () => {
    expect(await messageOf(rowsOf({ a: 'x', label: 'y' }))).toMatch(
      /^data:1: there is no column for the text \(looked for "text", .*\); the columns are "a", "label"\. Name it: columns\.text, or --columns text=NAME/,
    )
    expect(await messageOf(rowsOf({ text: 'x', b: 'y' }))).toContain('no column for the label')
    expect(await messageOf(rowsOf({ text: 'x', b: 'y' }), { columns: { label: 'c' } })).toContain(
      'there is no column "c" (columns.label); the columns are "text", "b"',
    )
    expect(await messageOf(rowsOf({ text: 'x', label: 'y' }, { text: 'x' }))).toContain(
      'data:2: there is no "label" here; the columns are "text"',
    )
  })
})

describe('labels', () => {
  const texts = (...labels: unknown[]): Rows => rowsOf(...labels.map((label) => ({ text: 'x', label })))

  test('are texts, or integers by name or by digits', async () => {
    expect(await labelsOf(texts('good', 3, true))).toEqual(['good', '3', 'true'])
    expect(await labelsOf(texts(1, '0', 'good'), { labelNames: ['bad', 'good'] })).toEqual(['good', 'bad', 'good'])
    const declared = { ...texts(1)[0]!, labelNames: new Map([['label', ['bad', 'good']]]) }
    expect(await textExamples([declared])).toMatchObject({ examples: [{ label: 'good' }], labelNames: ['bad', 'good'] })
  })

  test.each<[unknown, string]>([
    [2, 'the label 2 is none of the declared ones: "bad", "good"'],
    [-1, 'the label -1 is none of the declared ones'],
    ['fine', 'the label "fine" is none of the declared ones'],
  ])('%j is not a declared one', async (label, message) => {
    expect(await messageOf(texts(label), { labelNames: ['bad', 'good'] })).toContain(message)
  })

  test.each<[unknown, string]>([
    [1.5, "is a fraction. For regression, set problemType: 'regression'"],
    ['', 'the label is empty'],
    [null, '"label" should be a label, but is null'],
    [['a'], "set problemType: 'multi_label_classification'"],
    [{}, 'expected a label: a text or an integer'],
  ])('%j is refused', async (label, message) => {
    expect(await messageOf(texts('fine', label))).toContain(message)
    expect(await messageOf(texts('fine', label))).toMatch(/^data:2: /)
  })

  test('of a regression are numbers', async () => {
    const options = { problemType: 'regression' } as const
    expect(await labelsOf(texts(3.5, '4.25', -1, '1e-3'), options)).toEqual([3.5, 4.25, -1, 0.001])
    for (const wrong of ['', 'x', Number.NaN, null, '1,5', 'Infinity']) {
      expect(await messageOf(texts(wrong), options)).toContain('data:1: "label" should be a number')
    }
  })

  test('may be several', async () => {
    const options = { problemType: 'multi_label_classification' } as const
    expect(await labelsOf(texts(['a', 'b'], [], 'b, a,a', '', [0]), options)).toEqual([
      ['a', 'b'],
      [],
      ['b', 'a'],
      [],
      ['0'],
    ])
    expect(await labelsOf(texts('a|b'), { ...options, labelSeparator: '|' })).toEqual([['a', 'b']])
    expect(await messageOf(texts('a,,b'), options)).toContain('the label is empty')
    expect(await messageOf(texts(3), options)).toContain('should be a list of labels')
  })

  test('may have a column each', async () => {
    const rows = rowsOf({ text: 'x', rude: '1', loud: '0' }, { text: 'y', rude: 0, loud: true })
    const options = { columns: { label: ['rude', 'loud'] } }
    expect(await labelsOf(rows, options)).toEqual([['rude'], ['loud']])
    expect(await messageOf(rowsOf({ text: 'x', rude: '1', loud: '2' }), options)).toContain('"loud" should be 1 or 0')
    expect(await messageOf(rows, { ...options, problemType: 'regression' })).toContain(
      'multi_label_classification only',
    )
  })

  test('that mark unlabelled rows can be left out', async () => {
    expect(await labelsOf(texts('a', '-', -1, 'b'), { skipLabels: ['-', '-1'] })).toEqual(['a', 'b'])
  })
})

describe('texts', () => {
  test('must be there, one of two at least', async () => {
    expect(await messageOf(rowsOf({ text: ' \n', label: 'a' }))).toContain('data:1: there is no text in "text"')
    expect(await messageOf(rowsOf({ text: 7, label: 'a' }))).toContain('"text" should be text, but is the number 7')
    const half = await textExamples(rowsOf({ sentence1: '', sentence2: 'x', label: 'a' }))
    expect(half.examples).toMatchObject([{ text: '', textPair: 'x' }])
  })

  test('that cannot be used are left out if somebody listens', async () => {
    const errors: DatasetError[] = []
    const rows = rowsOf({ text: 'x', label: 'a' }, { text: null, label: 'a' }, { text: 'y', label: 'b' })
    const { examples } = await textExamples(rows, { onInvalid: (error) => errors.push(error) })
    expect(examples.map(({ text }) => text)).toEqual(['x', 'y'])
    expect(errors.map(({ place }) => place?.line)).toEqual([2])
  })
})
