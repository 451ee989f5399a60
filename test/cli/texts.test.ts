// texts on the command line: from labelled data to a text that a model is trained further on, and what is refused.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bertkin, scratch } from './testing/commandLine.js'

beforeAll(() => {
  writeFileSync(join(scratch, 'train.csv'), 'text,label\n"I loved it, twice.",good\nDull.,bad\nDull.,bad\n')
  writeFileSync(join(scratch, 'similar.tsv'), 'sentence1\tsentence2\tscore\nA dog.\tA cat.\t2.5\n')
  writeFileSync(join(scratch, 'names.conll'), 'Tom B-PER\nbarks O\n\nHe O\n')
  writeFileSync(join(scratch, 'torn.jsonl'), '{"text":"Fine.","label":"good"}\n{"text":\n')
  writeFileSync(join(scratch, 'empty.jsonl'), '')
  writeFileSync(join(scratch, 'mine.txt'), 'not to be lost')
})

describe.concurrent('texts', () => {
  it.each([
    ['a file', 'text-classification', ['train.csv'], 'I loved it, twice.\n\nDull.\n', '2 documents, of 3 examples'],
    [
      'pairs with numbers',
      'text-classification',
      ['similar.tsv', '--problem-type', 'regression'],
      'A dog.\nA cat.\n',
      '1 document, of 1 example',
    ],
    ['words', 'token-classification', ['names.conll'], 'Tom barks\n\nHe\n', '2 documents, of 2 examples'],
  ])('of %s', async (what, task, args, text, said) => {
    const out = `${what.replaceAll(' ', '-')}.txt`
    expect(await bertkin(['texts', task, ...args, '--out', out])).toMatchObject({
      code: 0,
      stdout: `${out}: ${said}\n`,
    })
    expect(readFileSync(join(scratch, out), 'utf8')).toBe(text)
  })

  it.each([
    ['a file that is not there', ['nowhere.csv', '--out', 'x.txt'], 'nowhere.csv'],
    ['a file without examples', ['empty.jsonl', '--out', 'x.txt'], 'empty.jsonl'],
    ['a torn line', ['torn.jsonl', '--out', 'x.txt'], 'torn.jsonl:2: not JSON'],
    ['a column that is not there', ['train.csv', '--columns', 'text=body', '--out', 'x.txt'], '"body"'],
    ['to write over a file', ['train.csv', '--out', 'mine.txt'], 'mine.txt is there already'],
    ['to write over its own data', ['train.csv', '--out', 'train.csv'], 'train.csv is there already'],
    ['a folder that is not there', ['train.csv', '--out', 'none/x.txt'], 'none/x.txt'],
    ['no file', ['train.csv'], '--out'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await bertkin(['texts', 'text-classification', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n').length).toBeLessThan(3)
    expect(readFileSync(join(scratch, 'mine.txt'), 'utf8')).toBe('not to be lost')
  })
})
