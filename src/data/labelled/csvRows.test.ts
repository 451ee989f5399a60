import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Random } from '../../random.js'
import { type CsvOptions, csvRows } from './csvRows.js'
import { memoryFile } from './dataFile.js'
import { DatasetError } from './place.js'
import { all, errorOf, fieldsOf } from './testing/rows.js'

const read = (text: string, options?: CsvOptions): Promise<[string, unknown][][]> =>
  fieldsOf((file) => csvRows(file, options), text)
const values = async (text: string, options?: CsvOptions): Promise<unknown[][]> =>
  (await read(text, options)).map((row) => row.map(([, value]) => value))
const messageOf = async (text: string, options?: CsvOptions): Promise<string> => {
  const error = await errorOf(read(text, options))
  expect(error).toBeInstanceOf(DatasetError)
  return error.message
}

describe('csv', () => {
  test('names values by the header line', async () => {
    expect(await read('text,label\ngood,1\nbad,0\n')).toEqual([
      [
        ['text', 'good'],
        ['label', '1'],
      ],
      [
        ['text', 'bad'],
        ['label', '0'],
      ],
    ])
  })

  test('reads quoted separators, quotes and line breaks as they are', async () => {
    const text = 'a,b\r\n"x, ""y""","one\r\ntwo\n\nthree"\r\n"",""""\r\n'
    expect(await values(text)).toEqual([
      ['x, "y"', 'one\r\ntwo\n\nthree'],
      ['', '"'],
    ])
  })

  test('knows the line where a record begins', async () => {
    const rows = await all(csvRows(memoryFile('f', 'a,b\n"1\n2\n3",x\n\n4,y\n')))
    expect(rows.map(({ place }) => place)).toEqual([
      { file: 'f', line: 2 },
      { file: 'f', line: 6 },
    ])
  })

  test('drops a byte order mark, skips empty lines, and needs no line end at the end', async () => {
    expect(await read('\uFEFFa,b\r\n\r\n1,2\r\n\n3,')).toEqual([
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '3'],
        ['b', ''],
      ],
    ])
    expect(await read('\uFEFF"a",b\n1,2')).toEqual([
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ])
  })

  test('takes a quote inside an unquoted field as it is', async () => {
    expect(await values('a,b\n5" pipe,it"s"\n')).toEqual([['5" pipe', 'it"s"']])
  })

  test('reads other separators, and files without quoting or header', async () => {
    expect(await values('a;b\n1,5;x\n', { delimiter: ';' })).toEqual([['1,5', 'x']])
    expect(await values('a\tb\n"Hi" he said\t"\n', { delimiter: '\t', quote: '' })).toEqual([['"Hi" he said', '"']])
    expect(await read('x,y\n', { header: ['a', 'b'] })).toEqual([
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ])
  })

  test('leaves out columns without a name', async () => {
    expect(await read(',text\n0,x\n')).toEqual([[['text', 'x']]])
  })

  test('is not impressed by __proto__ and constructor', async () => {
    const [row] = await read('__proto__,constructor\nx,y\n')
    expect(row).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  test('reads a line of 100,000 columns', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`)
    const [row] = await read(`${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`)
    expect(row!.length).toBe(100_000)
    expect(row!.at(-1)).toEqual(['c99999', '99999'])
    expect(await messageOf(`a,b\n${names.join(',')}\n`)).toMatch(
      /^data:2: expected 2 fields \("a", "b"\), found 100000\./,
    )
  })
})

describe('csv that is not', () => {
  test.each([
    ['a,b\n1,2\n3\n', 'data:3: expected 2 fields ("a", "b"), found 1'],
    ['a,b\n1,2,3\n', 'data:2: expected 2 fields ("a", "b"), found 3'],
    ['a,b\nx,"y" z\n', 'data:2: after a closing quote comes " z", not a comma'],
    ['a,b\n"x\ny"z,1\n', 'data:3: after a closing quote comes "z,1"'],
    ['a,b\n1,2\n3,"x\ny\n', 'data:3: the quote that opens a field here is never closed'],
    ['a,b\n1,"', 'data:2: the quote that opens a field here is never closed'],
    ['a,b\n1\r2,3\n', 'data:2: a carriage return stands inside a field'],
    ['a,b,a\n1,2,3\n', 'data:1: the column "a" occurs twice'],
  ])('%j is refused with its place', async (text, message) => {
    expect(await messageOf(text)).toContain(message)
  })

  test('a quote that swallows a whole file is found before memory is full', async () => {
    const line = `${'x'.repeat(1022)}\n`
    expect(await messageOf(`a\n"${line.repeat(20_000)}`)).toMatch(/^data:2: the quote/)
  })

  test.each([{ delimiter: '' }, { delimiter: ';;' }, { delimiter: '"' }, { quote: '\n' }])(
    'options %j are refused',
    async (options) => {
      expect(await errorOf(read('a\n1\n', options))).toMatchObject({ code: 'option-invalid' })
    },
  )
})

const python = process.env.BERTKIN_PYTHON

test.skipIf(python === undefined)('csv agrees with Python’s (needs BERTKIN_PYTHON)', async () => {
  const random = new Random(11)
  const pieces = ['a', 'é', '😀', ',', '"', '\n', '\r\n', ' ', '\t', "'", '']
  const field = (): string =>
    Array.from({ length: random.below(5) }, () => pieces[random.below(pieces.length)]!).join('')
  const tables = Array.from({ length: 200 }, () =>
    Array.from({ length: 1 + random.below(4) }, () => [`${field()}x`, field(), field()]),
  )
  const script = `
import csv, io, json, sys
out = []
for rows in json.load(sys.stdin):
    f = io.StringIO(newline='')
    w = csv.writer(f, lineterminator='\\n', quoting=csv.QUOTE_ALL if len(rows) % 2 else csv.QUOTE_MINIMAL)
    w.writerow(['a', 'b', 'c'])
    w.writerows(rows)
    assert list(csv.reader(io.StringIO(f.getvalue(), newline='')))[1:] == rows
    out.append(f.getvalue())
print(json.dumps(out))`
  const written = JSON.parse(
    execFileSync(python!, ['-c', script], { input: JSON.stringify(tables), encoding: 'utf8' }),
  ) as string[]
  for (const [i, text] of written.entries()) expect(await values(text)).toEqual(tables[i])
})
