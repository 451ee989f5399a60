import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BertkinError } from '../../errors.js'
import { Random } from '../../random.js'
import { dataFile } from './dataFile.node.js'
import { formatOf } from './datasetFormats.js'
import { assertLabelsKnown, collectLabels } from './labels.js'
import { parquetRows } from './parquetRows.node.js'
import { DatasetError } from './place.js'
import { readDataset } from './readDataset.node.js'
import * as parquet from './testing/parquetFiles.js'
import { all, errorOf } from './testing/rows.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}
const messageOf = async (run: Promise<unknown>): Promise<string> => (await errorOf(run)).message

describe('a data file', () => {
  test('has lines across chunks, without its byte order mark', async () => {
    const random = new Random(5)
    const lines = Array.from({ length: 3000 }, () => 'aé😀'.repeat(random.below(100)))
    const path = await file('long.txt', `\uFEFF${lines.join('\n')}\n`)
    expect((await all(dataFile(path).lines())).map(({ text }) => text)).toEqual(lines)
    expect((await dataFile(path).text()).trimEnd()).toBe(lines.join('\n').trimEnd())
  })

  test('is UTF-8, or is refused with the line', async () => {
    const path = await file('latin1.csv', Buffer.from('text,label\nfine,a\nna\xefve,b\n', 'latin1'))
    const error = await errorOf(readDataset('text-classification', path))
    expect(error).toMatchObject({ code: 'text-not-utf8', place: { file: path, line: 3 } })
    expect(error.message).toContain('byte 0xef at offset 20')
    const binary = await file('binary.jsonl', '{"text": "a"}\n\0\n')
    expect(await errorOf(readDataset('text-classification', binary))).toMatchObject({ code: 'column-missing' })
    expect(await errorOf(all(dataFile(binary).lines()))).toMatchObject({ code: 'text-binary', place: { line: 2 } })
    const utf16 = await file('utf16.csv', Buffer.from('\uFEFFtext,label\n', 'utf16le'))
    expect(await messageOf(readDataset('text-classification', utf16))).toContain('is UTF-16')
  })

  test('without a line end in 64 MiB is none of lines', async () => {
    const path = await file('endless.csv', Buffer.alloc(2 ** 26 + 2 ** 19, 'x'))
    expect(await messageOf(readDataset('text-classification', path))).toContain(':1: this line is longer than 64 MiB')
    await rm(path)
  })
})

describe('readDataset', () => {
  test('picks the format by the name', async () => {
    const rows = [
      { text: 'fine, really', label: 'good' },
      { text: 'two\nlines', label: 'bad' },
    ]
    const paths = [
      await file('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      await file('a.JSON', JSON.stringify(rows)),
      await file('a.csv', 'text,label\r\n"fine, really",good\r\n"two\nlines",bad\r\n'),
      await file('a.tsv', 'text\tlabel\nfine, really\tgood\n"two\nlines"\tbad\n'),
    ]
    for (const path of paths) {
      const { examples } = await readDataset('text-classification', path)
      expect(
        examples.map(({ text, label }) => ({ text, label })),
        path,
      ).toEqual(rows)
    }
    expect((await readDataset('text-classification', paths)).examples.length).toBe(8)
    const renamed = await file('a.data', 'text;label\nx;good\n')
    expect(await readDataset('text-classification', renamed, { format: 'csv', delimiter: ';' })).toMatchObject({
      examples: [{ text: 'x', label: 'good' }],
    })
  })

  test('knows CoNLL in a .txt only where words are labelled', async () => {
    const path = await file('ner.txt', 'Tom B\n')
    expect((await readDataset('token-classification', path)).examples).toMatchObject([{ words: ['Tom'] }])
    expect(await messageOf(readDataset('text-classification', path))).toContain('Set the option format.')
    expect(() => formatOf('a.csv.gz')).toThrow('Unpack it first.')
    expect(() => formatOf('a.constructor')).toThrow(BertkinError)
  })

  test('reads folders of labelled texts', async () => {
    const root = join(folder, 'reviews')
    await file('reviews/good/2.txt', '\uFEFFvery\nfine\n')
    await file('reviews/good/10/1.txt', 'nice')
    await file('reviews/bad/1.txt', 'dull')
    await file('reviews/bad/notes.md', 'no example')
    await file('reviews/README.txt', 'no example')
    const { examples } = await readDataset('text-classification', root)
    expect(examples.map(({ text, label }) => [text, label])).toEqual([
      ['dull', 'bad'],
      ['nice', 'good'],
      ['very\nfine', 'good'],
    ])
    await file('reviews/bad/2.txt', ' \n')
    expect(await messageOf(readDataset('text-classification', root))).toContain('2.txt: there is no text in it')
    expect(await messageOf(readDataset('text-classification', join(root, 'bad')))).toContain('there is no folder in it')
    expect(await messageOf(readDataset('text-classification', root, { format: 'csv' }))).toContain('is a folder')
  })

  test('refuses files that are missing, empty or of no examples', async () => {
    const empties = [
      await file('e.csv', ''),
      await file('e2.csv', 'text,label\n'),
      await file('e.jsonl', '\n'),
      await file('e.json', '[]'),
      await file('e.conll', '\n\n'),
    ]
    for (const path of empties) {
      const error = await errorOf(readDataset('text-classification', path))
      expect(error).toBeInstanceOf(DatasetError)
      expect(error).toMatchObject({ code: 'data-empty', message: `${path}: there are no examples in it.` })
    }
    expect(await errorOf(readDataset('text-classification', join(folder, 'x.csv')))).toMatchObject({
      code: 'text-missing',
    })
    expect(await errorOf(readDataset('text-classification', []))).toMatchObject({ code: 'text-missing' })
    expect(await errorOf(readDataset('fill-mask' as 'multiple-choice', empties))).toMatchObject({
      code: 'task-unknown',
    })
  })

  test('refuses ids that two files share', async () => {
    const question = { id: 7, question: 'q', context: 'c', answers: [] }
    const paths = [await file('q1.jsonl', JSON.stringify(question)), await file('q2.jsonl', JSON.stringify(question))]
    expect(await messageOf(readDataset('question-answering', paths))).toContain(`the id "7" is also in ${paths[0]}`)
  })
})

describe('parquet', () => {
  test('has text, labels with their names, and columns called __proto__', async () => {
    const path = await file('reviews.parquet', parquet.reviews)
    const rows = await all(parquetRows(path))
    expect(rows.map(({ fields }) => [...fields.values()])).toEqual([
      ['naïve 😀', 1, 'a'],
      ['dull', 0, 'b'],
      ['dull again', 0, 'c'],
    ])
    expect(rows[2]!.place).toEqual({ file: path, item: 'row 3' })
    const dataset = await readDataset('text-classification', path)
    expect(dataset.examples.map(({ label }) => label)).toEqual(['good', 'bad', 'bad'])
    expect(collectLabels(dataset)).toEqual(['bad', 'good'])
  })

  test('has lists and structs', async () => {
    const names = await readDataset('token-classification', await file('names.parquet', parquet.names))
    expect(names.examples).toMatchObject([
      { words: ['Tom', 'Thumb', 'sleeps'], labels: ['B-PER', 'I-PER', 'O'] },
      { words: ['Rain'], labels: ['O'] },
    ])
    const questions = await readDataset('question-answering', await file('questions.parquet', parquet.questions))
    expect(questions.examples).toMatchObject([
      { id: 'q1', answers: [{ text: 'Tom', start: 3 }] },
      { id: 'q2', answers: [] },
    ])
  })

  test('that is cut off or something else is refused', async () => {
    for (const length of [0, 5, 11, 300, parquet.reviews.length - 1]) {
      const path = await file('cut.parquet', parquet.reviews.subarray(0, length))
      const error = await errorOf(all(parquetRows(path)))
      expect(error).toMatchObject({ code: 'data-malformed' })
      expect(error.message).toContain('cut.parquet: this parquet file cannot be read: ')
    }
    const text = await file('text.parquet', 'text,label\nthis is no parquet file,x\n')
    expect(await messageOf(all(parquetRows(text)))).toContain('cannot be read')
    expect(await errorOf(all(parquetRows(join(folder, 'none.parquet'))))).toMatchObject({ code: 'text-missing' })
  })

  test('that sends its reader into an endless loop is given up', async () => {
    const bytes = Buffer.from(parquet.questions)
    bytes[11] = 128
    const error = await errorOf(all(parquetRows(await file('endless.parquet', bytes), { seconds: 1 })))
    expect(error).toMatchObject({ code: 'data-malformed' })
    expect(error.message).toContain('it did not come to an end within 1 s')
  })

  test('that is damaged is read or refused, and the process lives', async () => {
    const random = new Random(9)
    let refused = 0
    for (let i = 0; i < 10; i++) {
      const bytes = Buffer.from(parquet.questions)
      bytes[random.below(bytes.length)] = random.below(256)
      try {
        await all(parquetRows(await file('damaged.parquet', bytes), { seconds: 1 }))
      } catch (error) {
        expect(error).toBeInstanceOf(DatasetError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(0)
  })
})

const tasks = resolve(import.meta.dirname, '../../../../shared/tasks')

describe.skipIf(!existsSync(tasks))('real data sets (needs ../shared/tasks)', () => {
  test('banking77, csv', async () => {
    const data = await readDataset('text-classification', join(tasks, 'banking77/train.csv'))
    expect(data.examples.length).toBe(10003)
    expect(data.columns).toEqual({ text: 'text', label: 'category' })
    expect(collectLabels(data).length).toBe(77)
    expect(data.examples.filter(({ text }) => text.includes('\n')).length).toBe(10)
  })

  test('sentence-polarity, jsonl', async () => {
    const [train, dev] = await Promise.all(
      ['train', 'dev'].map((part) =>
        readDataset('text-classification', join(tasks, `sentence-polarity/${part}.jsonl`)),
      ),
    )
    expect([train!.examples.length, dev!.examples.length]).toEqual([8530, 1066])
    expect(collectLabels(train!, { order: 'name' })).toEqual(['negative', 'positive'])
    expect(train!.examples.filter(({ label }) => label === 'positive').length).toBe(4245)
    assertLabelsKnown(dev!, collectLabels(train!))
  })

  test('squad, json', async () => {
    const { examples } = await readDataset('question-answering', join(tasks, 'squad/train.json'))
    expect(examples.length).toBe(7557)
    expect(examples.reduce((sum, { answers }) => sum + answers.length, 0)).toBe(25153)
    const misplaced = examples.filter(({ context, answers }) =>
      answers.some(({ text, start }) => context.slice(start, start + text.length) !== text),
    )
    expect(misplaced).toEqual([])
  })

  test('wnut17, CoNLL', async () => {
    const train = await readDataset('token-classification', join(tasks, 'wnut17/train.conll'))
    const dev = await readDataset('token-classification', join(tasks, 'wnut17/dev.conll'))
    expect([train.examples.length, dev.examples.length]).toEqual([3394, 1009])
    expect(train.examples.reduce((sum, { words }) => sum + words.length, 0)).toBe(62730)
    expect(collectLabels(train).length).toBe(13)
    assertLabelsKnown(dev, collectLabels(train))
  })
})

const python = process.env.BERTKIN_PYTHON

test.skipIf(python === undefined || !existsSync(tasks))(
  'banking77 as Python’s csv has it (needs BERTKIN_PYTHON)',
  async () => {
    const path = join(tasks, 'banking77/train.csv')
    const script =
      'import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))[1:]))'
    const output = execFileSync(python!, ['-c', script, path], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    const { examples } = await readDataset('text-classification', path)
    expect(examples.map(({ text, label }) => [text, label])).toEqual(JSON.parse(output))
  },
)
