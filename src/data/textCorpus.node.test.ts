import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import type { Corpus, CorpusDocument } from './corpus.js'
import { firstInvalidByte } from './decodeText.node.js'
import { inspectCorpus } from './inspectCorpus.js'
import { type TextCorpusOptions, textCorpus } from './textCorpus.node.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'text-corpus-'))
})
afterAll(() => rm(folder, { recursive: true }))

let count = 0
async function file(content: string | Uint8Array, name = `text${count++}.txt`): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function all(corpus: Corpus, from?: CorpusDocument['position']): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = []
  for await (const document of corpus.documents(from)) documents.push(document)
  return documents
}

async function linesOf(content: string | Uint8Array, options?: TextCorpusOptions): Promise<(readonly string[])[]> {
  return (await all(await textCorpus([await file(content)], options))).map((document) => document.lines)
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('documents', () => {
  test('are separated by blank lines and file ends', async () => {
    expect(await linesOf('\n\na b\nc\n \t\n\nd')).toEqual([['a b', 'c'], ['d']])
    const both = await textCorpus([await file('a\n'), await file('b\n')])
    expect((await all(both)).map((document) => document.lines)).toEqual([['a'], ['b']])
    expect(both.byteLength).toBe(4)
  })

  test('do not keep a byte order mark, nor carriage returns', async () => {
    expect(await linesOf('\uFEFFa\r\nb\r\n\r\nc\r\n')).toEqual([['a', 'b'], ['c']])
    expect(await linesOf('\uFEFFa\r\nb\r\n\r\nc\r\n', { chunkBytes: 1 })).toEqual([['a', 'b'], ['c']])
  })

  test('are the same whatever the chunk size', async () => {
    const text = 'Ärger über Öl.\n\nπ ≈ 3.14159 😀\nzwei\n\n\nEnde'
    const expected = await linesOf(text)
    for (const chunkBytes of [1, 4, 5, 7, 13]) expect(await linesOf(text, { chunkBytes })).toEqual(expected)
    expect(expected).toEqual([['Ärger über Öl.'], ['π ≈ 3.14159 😀', 'zwei'], ['Ende']])
  })

  test('resume after any of them, across files and inside a cut line', async () => {
    const random = new Random(1)
    const word = (): string => 'añ語😀'.slice(0, 1 + random.below(3)).repeat(1 + random.below(5))
    const text = (): string =>
      Array.from(
        { length: 300 },
        () => word() + (random.uniform() < 0.1 ? '\n\n' : random.uniform() < 0.2 ? '.\n' : ' '),
      ).join('')
    const options = { chunkBytes: 64, maxLineBytes: 50, maxDocumentBytes: 120 }
    const corpus = await textCorpus([await file(text()), await file(text())], options)
    const documents = await all(corpus)
    expect(documents.length).toBeGreaterThan(50)
    for (const [i, document] of documents.entries()) {
      const position = JSON.parse(JSON.stringify(document.position)) as CorpusDocument['position']
      expect(position.document).toBe(i + 1)
      expect(await all(corpus, position)).toEqual(documents.slice(i + 1))
    }
  })

  test('a 10 MB line is cut at sentence ends, and nothing of it is lost', async () => {
    const line = 'The quick brown fox jumps. '.repeat(400_000)
    const documents = await linesOf(line)
    const lines = documents.flat()
    expect(lines.length).toBeGreaterThan(600)
    expect(lines.every((piece) => piece.length <= 16_384 && piece.startsWith('The') && piece.endsWith('.'))).toBe(true)
    expect(lines.join(' ')).toBe(line.trim())
  })

  test('a long line without spaces is cut between characters', async () => {
    const lines = (await linesOf('語'.repeat(100_000))).flat()
    expect(lines.join('')).toBe('語'.repeat(100_000))
  })
})

describe('files', () => {
  test('folders are walked in order; only .txt, no dot files; each file once', async () => {
    const root = join(folder, 'walk')
    await mkdir(join(root, 'b'), { recursive: true })
    for (const name of ['c.txt', 'a.txt', 'b/z.txt', 'b/notes.md', '.hidden.txt']) {
      await writeFile(join(root, name), `${name}\n`)
    }
    await symlink(root, join(root, 'b', 'loop'))
    await symlink(join(root, 'a.txt'), join(root, 'd.txt'))
    const documents = await all(await textCorpus([root, join(root, 'c.txt'), join(root, 'b/notes.md')]))
    expect(documents.map((document) => document.lines[0])).toEqual(['a.txt', 'b/z.txt', 'c.txt', 'b/notes.md'])
  })

  const bad: [string, () => Promise<string>, string, RegExp][] = [
    [
      'Latin-1',
      () => file(latin1('ab\ncafé au lait\n')),
      'text-not-utf8',
      /text.*\.txt is not UTF-8: byte 0xe9 at offset 6.*iconv -f latin1/,
    ],
    ['Latin-1 in a cut line', () => file(latin1(`${'a '.repeat(9000)}é`)), 'text-not-utf8', /0xe9 at offset 18000/],
    ['a cut character at the end', () => file(Buffer.from('ab語').subarray(0, 4)), 'text-not-utf8', /0xe8 at offset 2/],
    ['UTF-16', () => file(Buffer.from('\uFEFFhello', 'utf16le')), 'text-not-utf8', /is UTF-16.*iconv -f utf-16/],
    ['UTF-16 without a mark', () => file(Buffer.from('hello', 'utf16le')), 'text-binary', /NUL byte at offset 1/],
    ['a NUL byte', () => file('abc\nd\0e'), 'text-binary', /not text: it has a NUL byte at offset 5/],
    ['an empty file', () => file(''), 'text-empty', /no text/],
    ['white space only', () => file(' \n\n\t\r\n'), 'text-empty', /no text/],
    [
      'a folder without text',
      async () => {
        await mkdir(join(folder, 'none'))
        return join(folder, 'none')
      },
      'text-empty',
      /no \.txt file in .*none/,
    ],
    ['a missing path', async () => join(folder, 'missing.txt'), 'text-missing', /missing\.txt does not exist/],
    [
      'a link to itself',
      async () => {
        await symlink('self.txt', join(folder, 'self.txt'))
        return join(folder, 'self.txt')
      },
      'text-missing',
      /leads back to itself/,
    ],
    [
      'a pipe',
      async () => {
        execFileSync('mkfifo', [join(folder, 'pipe')])
        return join(folder, 'pipe')
      },
      'text-missing',
      /neither a file nor a folder/,
    ],
  ]
  test.each(bad)('%s is refused', async (_name, path, code, message) => {
    const where = await path()
    const read = async (): Promise<unknown> => inspectCorpus(await textCorpus([where]))
    await expect(read()).rejects.toMatchObject({ name: 'BertkinError', code, message: expect.stringMatching(message) })
  })

  test.skipIf(process.getuid?.() === 0)('a file without permission is refused', async () => {
    const path = await file('text')
    await chmod(path, 0)
    await expect(inspectCorpus(await textCorpus([path]))).rejects.toMatchObject({
      code: 'text-missing',
      message: expect.stringMatching(/permission/),
    })
  })

  test('a position of other files is refused', async () => {
    const corpus = await textCorpus([await file('text')])
    const elsewhere = { file: 'elsewhere.txt', offset: 0, document: 0 }
    await expect(all(corpus, elsewhere)).rejects.toMatchObject({ code: 'option-invalid' })
  })

  test('are closed when reading stops early', async () => {
    const path = await file('a\n\nb\n')
    for (let i = 0; i < 3000; i++) for await (const _ of (await textCorpus([path])).documents()) break
  })
})

test('inspectCorpus counts', async () => {
  const path = await file('One two.\nThree.\n\nFour  five six.\n')
  expect(await inspectCorpus(await textCorpus([path]))).toEqual({
    documents: 2,
    lines: 3,
    words: 6,
    characters: 29,
    longestLine: 15,
    files: [{ file: path, documents: 2 }],
  })
})

test('firstInvalidByte agrees with a strict decoder', () => {
  const random = new Random(7)
  const valid = (bytes: Uint8Array): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      return true
    } catch {
      return false
    }
  }
  const pool = [
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1,
    0xf4, 0xf5, 0xff,
  ]
  for (let i = 0; i < 50_000; i++) {
    const bytes = Uint8Array.from({ length: random.below(6) }, () => pool[random.below(pool.length)]!)
    expect(firstInvalidByte(bytes) === bytes.length).toBe(valid(bytes))
  }
})
