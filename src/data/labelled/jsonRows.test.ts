import { describe, expect, test } from 'vitest'
import { Random } from '../../random.js'
import { memoryFile } from './dataFile.js'
import { jsonLineRows, jsonRows } from './jsonRows.js'
import { jsonFault } from './jsonSyntax.js'
import { DatasetError } from './place.js'
import { all, errorOf, fieldsOf } from './testing/rows.js'

const lines = (text: string): Promise<[string, unknown][][]> => fieldsOf(jsonLineRows, text)
const array = (text: string, field?: string): Promise<[string, unknown][][]> =>
  fieldsOf((file) => jsonRows(file, field === undefined ? {} : { field }), text)

describe('JSON lines', () => {
  test('are objects, with blank lines between them at will', async () => {
    expect(await lines('{"a": 1, "b": [2]}\r\n\n  \n{"a": null}')).toEqual([
      [
        ['a', 1],
        ['b', [2]],
      ],
      [['a', null]],
    ])
  })

  test('keep columns with names that objects have already', async () => {
    const [row] = await lines('{"__proto__": {"text": "x"}, "toString": 1}')
    expect(row!.map(([name]) => name)).toEqual(['__proto__', 'toString'])
    const [{ fields } = { fields: new Map() }] = await all(
      jsonLineRows(memoryFile('f', '{"__proto__": {"text": "x"}}')),
    )
    expect(fields.get('text')).toBeUndefined()
  })

  test.each([
    ['{"a": 1}\n{"a": 1,}\n', 'data:2: not JSON: column 9: expected a key in double quotes, found "}"'],
    ['{"a": 1}\n{"a": 1\n', 'data:2: not JSON: column 8: expected a comma or }, found the end of the text'],
    ['{"a": 1} {"a": 2}\n', 'data:1: not JSON: column 10: expected the end of the text'],
    ["{'a': 1}\n", 'data:1: not JSON: column 2: expected a key in double quotes'],
    ['{"a": NaN}\n', 'data:1: not JSON: column 7: expected a value, found "NaN}"'],
    ['\n[1, 2]\n', 'data:2: expected an object with named columns, found a list of 2'],
    ['"text"\n', 'data:1: expected an object with named columns, found the text "text".'],
  ])('%j is refused with its place', async (text, message) => {
    const error = await errorOf(lines(text))
    expect(error).toBeInstanceOf(DatasetError)
    expect(error.message).toContain(message)
  })

  test('absurd nesting is refused, not built', async () => {
    const error = await errorOf(lines(`{"a": ${'['.repeat(1_000_000)}`))
    expect(error.message).toContain('nested more than 64 deep')
  })
})

describe('a JSON array', () => {
  test('has its elements’ lines', async () => {
    const text = '[\n {"a": 1},\n\n {"a":\n  2}, {"a": 3}]\n'
    const rows = await all(jsonRows(memoryFile('f', text)))
    expect(rows.map(({ place, fields }) => [place.line, place.item, fields.get('a')])).toEqual([
      [2, '[0]', 1],
      [4, '[1]', 2],
      [5, '[2]', 3],
    ])
  })

  test('may be in an object, under data or another key', async () => {
    expect(await array('{"version": 1, "data": [{"a": 1}]}')).toEqual([[['a', 1]]])
    expect(await array('{"rows": [{"a": 1}]}', 'rows')).toEqual([[['a', 1]]])
    const error = await errorOf(array('{"rows": [], "n": 1}'))
    expect(error.message).toContain('under "data"; found an object with the keys "rows", "n"')
    expect((await errorOf(array('{"rows": []}', 'toString'))).message).toContain('under "toString"')
  })

  test('may be lines after all', async () => {
    expect(await array('{"a": 1}\n{"a": 2}\n')).toEqual([[['a', 1]], [['a', 2]]])
    const rows = await all(jsonRows(memoryFile('f', '{"a": 1}\n{"a": 2}\n')))
    expect(rows.map(({ place }) => place.line)).toEqual([1, 2])
  })

  test.each([
    ['[{"a": 1},\n{"a": 2]', 'data:2: not JSON: column 8: expected a comma or }, found "]"'],
    ['[{"a": 1},\n\n7]', 'data:1 ([1]): expected an object with named columns, found the number 7'],
    ['', 'data:1: not JSON: column 1: expected a value, found the end of the text'],
    ['[{"a": "x\ny"}]', 'data:1: not JSON: column 10: expected no bare control character in a string'],
    ['[{"a": "\\x"}]', 'data:1: not JSON: column 9: expected an escape sequence'],
    ['7', 'found the number 7'],
  ])('%j is refused with its place', async (text, message) => {
    expect((await errorOf(array(text))).message).toContain(message)
  })
})

test('what the walk accepts is what JSON.parse accepts', () => {
  const random = new Random(3)
  const seeds = ['{"a": [1, -2.5e+3, "x\\u00e9\\n", true, null], "b": {}}', '[[], [[""]], 0, "\u2028 😀"]', ' [0.1] ']
  const characters = '{}[]",:\\0123456789.eE+-tfn u\u0000\t\n'
  const disagreements: string[] = []
  let valid = 0
  for (let i = 0; i < 20_000; i++) {
    const text = [...seeds[random.below(seeds.length)]!]
    for (let k = random.below(3); k > 0; k--) {
      text.splice(random.below(text.length), random.below(2), characters[random.below(characters.length)]!)
    }
    const json = text.join('')
    let parses = true
    try {
      JSON.parse(json)
    } catch {
      parses = false
    }
    if ((jsonFault(json) === undefined) !== parses) disagreements.push(json)
    valid += Number(parses)
  }
  expect(disagreements).toEqual([])
  expect(valid).toBeGreaterThan(1000)
})
