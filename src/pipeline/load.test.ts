// Finding tokenizers and models in folders.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Folder } from '../checkpoint/index.js'
import { loadTokenizer, modelFolderFor } from './load.js'
import { removeTemporaryFolders, temporaryFolder, tinyTokenizer, VOCABULARY } from './testing/tinyCheckpoint.js'

afterAll(removeTemporaryFolders)

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** A folder that is not on a disk. */
const memoryFolder = (files: Readonly<Record<string, string>>): Folder => ({
  name: 'memory',
  open: async (name) => {
    const bytes = files[name] === undefined ? undefined : new TextEncoder().encode(files[name])
    return bytes && { byteLength: bytes.length, slice: async (start, end) => bytes.slice(start, end) }
  },
  readText: async (name) => files[name],
})

test('a tokenizer is read from tokenizer.json, or from vocab.txt with its settings', async () => {
  const text = 'The CAT walked.'
  const expected = tinyTokenizer().encode(text).tokens
  const whole = await loadTokenizer(await folderWith(tinyTokenizer().toFiles()))
  expect(whole.encode(text).tokens).toEqual(expected)
  expect(whole.modelMaxLength).toBe(16)
  const vocabulary = { 'vocab.txt': VOCABULARY.join('\n'), 'tokenizer_config.json': '{"do_lower_case": false}' }
  const cased = await loadTokenizer(await folderWith(vocabulary))
  expect(cased.encode('The cat').tokens).toEqual(['[CLS]', '[UNK]', 'cat', '[SEP]'])
  expect((await loadTokenizer(memoryFolder(vocabulary))).vocabSize).toBe(VOCABULARY.length)
})

test('a tokenizer is read from vocab.json and merges.txt, with the tokens added to it', async () => {
  const files = {
    'vocab.json': '{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6, "<mask>": 7}',
    'merges.txt': '#version: 0.2\na b\n',
    'added_tokens.json': '{"<new>": 8}',
  }
  for (const folder of [await folderWith(files), memoryFolder(files)]) {
    const encoding = (await loadTokenizer(folder)).encode('ab<new>ba')
    expect(encoding.tokens).toEqual(['<s>', 'ab', '<new>', 'b', 'a', '</s>'])
  }
  await expect(loadTokenizer(memoryFolder({ 'vocab.json': '{}' }))).rejects.toMatchObject({
    code: 'tokenizer-malformed',
    message: expect.stringMatching(/merges\.txt/),
  })
})

test.each([
  ['no folder at all', undefined, 'file-missing'],
  ['an empty folder', {}, 'file-missing'],
  ['a tokenizer of another kind', { 'sentencepiece.bpe.model': '' }, 'tokenizer-unsupported'],
  ['an empty spiece.model', { 'spiece.model': '' }, 'tokenizer-malformed'],
  ['a spiece.model that is cut short', { 'spiece.model': '\n\x0a\n\x03abc' }, 'tokenizer-malformed'],
  ['a tokenizer.json that is not JSON', { 'tokenizer.json': '{' }, 'tokenizer-malformed'],
])('%s is refused with a message', async (_, files, code) => {
  const folder = files ? await folderWith(files) : '/nowhere/at/all'
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(/.{20}/) })
})

test('a run’s folder leads to the model asked for, a checkpoint’s to itself', async () => {
  const files = { 'generator/config.json': '1', 'discriminator/config.json': '2' }
  for (const run of [await folderWith(files), memoryFolder(files)]) {
    const generator = await modelFolderFor('generator', run)
    expect(generator.name).toMatch(/generator$/)
    expect(await generator.readText('config.json')).toBe('1')
    expect(await (await modelFolderFor('discriminator', run)).readText('config.json')).toBe('2')
  }
  const checkpoint = await folderWith({ ...files, 'config.json': '3' })
  expect(await (await modelFolderFor('generator', checkpoint)).readText('config.json')).toBe('3')
})

test('a folder without any model is refused', async () => {
  for (const folder of [await folderWith({}), memoryFolder({}), await folderWith({ 'generator/vocab.txt': '' })]) {
    await expect(modelFolderFor('generator', folder)).rejects.toMatchObject({ code: 'file-missing' })
  }
})
