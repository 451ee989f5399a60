import { describe, expect, test } from 'vitest'
import { type ConllOptions, conllRows } from './conllRows.js'
import { memoryFile } from './dataFile.js'
import { DatasetError } from './place.js'
import { all, errorOf } from './testing/rows.js'

const read = async (text: string, options?: ConllOptions): Promise<unknown[]> =>
  (await all(conllRows(memoryFile('f', text), options))).map(({ place, fields, lines }) => [
    place.line,
    fields.get('words'),
    fields.get('labels'),
    lines,
  ])

describe('CoNLL', () => {
  test('has a word a line, and a blank line after each sentence', async () => {
    const expected = [
      [1, ['Tom', 'sleeps'], ['B-PER', 'O'], [1, 2]],
      [5, ['#x'], ['O'], [5]],
    ]
    expect(await read('Tom\tB-PER\nsleeps\tO\n\n\t\n#x\tO')).toEqual(expected)
    expect(await read('Tom\tB-PER\r\nsleeps\tO\r\n\r\n\r\n#x\tO\r\n')).toEqual(expected)
    expect(await read('\uFEFFTom B-PER\nsleeps  O \n\n \n#x O\n\n\n')).toEqual(expected)
  })

  test('takes the last of several columns, or another', async () => {
    const text =
      '-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n-DOCSTART- -X- -X- O\nPeter NNP B-NP B-PER\n'
    expect(await read(text)).toEqual([
      [3, ['EU', 'rejects'], ['B-ORG', 'O'], [3, 4]],
      [6, ['Peter'], ['B-PER'], [6]],
    ])
    expect((await read(text, { labelColumn: 1 }))[0]).toEqual([3, ['EU', 'rejects'], ['NNP', 'VBZ'], [3, 4]])
    expect((await read(text, { wordColumn: -4, labelColumn: -2 }))[1]).toEqual([6, ['Peter'], ['B-NP'], [6]])
  })

  test('may have words with spaces and, if asked, comments', async () => {
    const text = '# id 1\nNew York\tB-LOC\n'
    expect(await read(text, { commentPrefix: '# ' })).toEqual([[2, ['New York'], ['B-LOC'], [2]]])
  })

  test.each<[string, ConllOptions, string]>([
    ['Tom\tO\nsleeps\n', {}, 'f:2: expected 2 columns separated by tabs, as in the first line with a word; found 1'],
    ['Tom O\nNew York O\n', {}, 'f:2: expected 2 columns separated by spaces'],
    ['Tom\n', {}, 'f:1: expected a word and its label'],
    ['Tom\tO\n\tO\n', {}, 'f:2: the word is empty'],
    ['Tom\tO\nx\t\n', {}, 'f:2: the label is empty'],
    ['Tom\tO\n', { labelColumn: 2 }, 'f:1: labelColumn is 2, but there are 2 columns'],
    ['Tom\tO\n', { wordColumn: -3 }, 'f:1: wordColumn is -3'],
    [
      `a\tO\n${'x\t'.repeat(100_000)}O\n`,
      {},
      'f:2: expected 2 columns separated by tabs, as in the first line with a word; found 100001',
    ],
  ])('%# is refused with its place', async (text, options, message) => {
    const error = await errorOf(read(text, options))
    expect(error).toBeInstanceOf(DatasetError)
    expect(error.message).toContain(message)
    expect(error.message.length).toBeLessThan(300)
  })
})
