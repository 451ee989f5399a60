// train-tokenizer on the command line: the three kinds, and what is refused.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bertkin, jsonLines, scratch, text20 } from './testing/commandLine.js'

beforeAll(() => {
  writeFileSync(join(scratch, 'text.txt'), text20)
  writeFileSync(join(scratch, 'empty.txt'), ' \n')
  mkdirSync(join(scratch, 'mine'))
  writeFileSync(join(scratch, 'mine', 'letter.txt'), 'not to be lost')
})

describe.concurrent('train-tokenizer', () => {
  it.each([
    ['wordpiece', 'vocab.txt', '[CLS]'],
    ['unigram', 'tokenizer.json', '[CLS]'],
    ['byte-level-bpe', 'merges.txt', '<s>'],
  ])('%s leaves files that tokenize', async (type, file, first) => {
    const args = ['train-tokenizer', 'text.txt', '--type', type, '--vocab-size', '400', '--out', type]
    expect(await bertkin(args)).toMatchObject({ code: 0, stdout: `${type}: 400 entries\n` })
    const [encoding] = jsonLines(await bertkin(['tokenize', type, 'She went home.', '--json'])) as {
      tokens: string[]
    }[]
    expect(encoding!.tokens[0]).toBe(first)
    expect(encoding!.tokens.length).toBeGreaterThan(4)
    expect((await bertkin([...args.slice(0, -1), join(type, file)])).code).toBe(1) // a file is no folder
  })

  it.each([
    ['text that is not there', ['nowhere.txt', '--out', 'x'], 'nowhere.txt does not exist'],
    ['a text without words', ['empty.txt', '--out', 'x'], 'no'],
    [
      'a vocabulary too small for its letters',
      ['text.txt', '--type', 'byte-level-bpe', '--vocab-size', '200', '--out', 'x'],
      '261',
    ],
    ['a folder of other files', ['text.txt', '--out', 'mine'], 'could lose them'],
    ['another kind', ['text.txt', '--type', 'letters', '--out', 'x'], 'Allowed choices'],
    ['no folder', ['text.txt'], '--out'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await bertkin(['train-tokenizer', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
  })
})
