import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'
import { trainByteLevelBpe } from './trainByteLevelBpe.js'

const lines = [
  'Hug hug pug pun bun hugs, hug!',
  'pug bun pun hugs hug',
  'the bunny hugs the pug',
  'Ünïcode 漢字 漢字 👩‍👩',
]
const read = (name: string): string[] =>
  readFileSync(new URL(`../../sample/${name}`, import.meta.url), 'utf8').split('\n')

const digest = (rows: readonly string[]): string => createHash('sha256').update(rows.join('\n')).digest('hex')

/** Digests of the merges and of the vocabulary in order of ids. */
function digests(tokenizer: Tokenizer): [merges: string, vocabulary: string] {
  const { merges = [] } = JSON.parse(tokenizer.toFiles()['tokenizer.json'] ?? '').model as { merges?: string[][] }
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id) ?? '')
  return [digest(merges.map((pair) => pair.join(' '))), digest(tokens)]
}

describe('trainByteLevelBpe', () => {
  // Digests of what the Python package tokenizers 0.23.2 makes of sample/stories.txt, read by lines:
  // ByteLevelBPETokenizer(add_prefix_space=…).train_from_iterator(lines, vocab_size=…, min_frequency=…).
  it('gives the reference library’s vocabulary and merges', async () => {
    const stories = read('stories.txt')
    expect(digests(await trainByteLevelBpe(stories, { vocabSize: 1000 }))).toEqual([
      '49cd8e1ae59f2dd95b3e0692821761e8a56bb738112a196c71081cee9e8de61a',
      '86ad977cd983bbb0f7e778977b01fdfb19cf96cf44d92f64f8fab182ebae5913',
    ])
    const everything = await trainByteLevelBpe(stories, { vocabSize: 100_000, minFrequency: 1, addPrefixSpace: true })
    expect(everything.vocabSize).toBe(2718)
    expect(digests(everything)).toEqual([
      '6425ff4ac09c08eb3a48969a23da4b77048f3372ea37d5fc824221962020fc15',
      '2aff9bf1a103734c0896d36111fe285823fc2159481accd167834df7422aa02a',
    ])
  })

  it('gives RoBERTa’s special tokens and bytes the first ids', async () => {
    const tokenizer = await trainByteLevelBpe(lines, { vocabSize: 300 })
    const first = [0, 1, 2, 3, 4, 5].map((id) => tokenizer.idToToken(id))
    expect(first).toEqual(['<s>', '<pad>', '</s>', '<unk>', '<mask>', '!'])
    expect(tokenizer.idToToken(260)).toBe('Ń')
    expect(tokenizer.encode('hug hug').tokens).toEqual(['<s>', 'hug', 'Ġhug', '</s>'])
    const pair = tokenizer.encode('a <mask>', { pair: 'b' })
    expect(pair.tokens).toEqual(['<s>', 'a', ' <mask>', '</s>', '</s>', 'b', '</s>'])
    const strange = 'Ωmega \u0000\n\t 🦜'
    expect(tokenizer.decode(tokenizer.encodeIds(strange))).toBe(strange)
  })

  it('makes files that give the same ids here and in the reference library', async () => {
    const stories = read('stories.txt').slice(0, 2000)
    for (const addPrefixSpace of [false, true]) {
      const tokenizer = await trainByteLevelBpe(stories, { vocabSize: 600, addPrefixSpace, modelMaxLength: 128 })
      const files = tokenizer.toFiles()
      expect(Object.keys(files)).toEqual(expect.arrayContaining(['tokenizer.json', 'vocab.json', 'merges.txt']))
      const again = Tokenizer.fromFiles(files)
      expect(again.modelMaxLength).toBe(128)
      const { 'tokenizer.json': json = '', ...others } = files
      const apart = Tokenizer.fromFiles(others)
      const reference = Reference.fromString(json)
      for (const line of [...read('held-out.txt').slice(0, 500), ...lines, '  two  <mask> spaces ', '']) {
        const { ids } = tokenizer.encode(line)
        expect(again.encode(line).ids).toEqual(ids)
        expect(apart.encode(line).ids).toEqual(ids)
        expect((await reference.encode(line)).getIds()).toEqual([...ids])
      }
    }
  })

  it('is deterministic, takes async texts and reports progress', async () => {
    async function* stream(): AsyncGenerator<string> {
      for (const line of lines) yield line
    }
    const phases = new Set<string>()
    const a = await trainByteLevelBpe(stream(), { vocabSize: 290, onProgress: ({ phase }) => phases.add(phase) })
    const b = await trainByteLevelBpe(lines, { vocabSize: 290 })
    expect(a.toFiles()).toEqual(b.toFiles())
    expect([...phases]).toEqual(['count', 'merge'])
  })

  it('takes other special tokens, and no template where the two that make it are missing', async () => {
    const tokenizer = await trainByteLevelBpe(lines, { vocabSize: 270, specialTokens: ['<pad>', '<x>', '<pad>'] })
    expect([0, 1, 2].map((id) => tokenizer.idToToken(id))).toEqual(['<pad>', '<x>', '!'])
    expect(tokenizer.specialTokens.pad?.id).toBe(0)
    expect(tokenizer.encode('<x>!').ids).toEqual(Int32Array.of(1, 2))
    const files = tokenizer.toFiles()
    expect(Tokenizer.fromFiles(files).encode('<x>!').ids).toEqual(Int32Array.of(1, 2))
    expect((await Reference.fromString(files['tokenizer.json'] ?? '').encode('<x>!')).getIds()).toEqual([1, 2])
  })

  it('trains on text with half surrogate pairs', async () => {
    const tokenizer = await trainByteLevelBpe(['a\ud800b a\ud800b a\ud800b'], { vocabSize: 300 })
    Reference.fromString(tokenizer.toFiles()['tokenizer.json'] ?? '')
    expect(tokenizer.decode(tokenizer.encodeIds('a\ud800b'))).toBe('a\ufffdb')
  })

  it('refuses options that make no sense', async () => {
    await expect(trainByteLevelBpe(lines, { vocabSize: 260 })).rejects.toThrow(/at least 261/)
    await expect(trainByteLevelBpe(lines, { vocabSize: 3 })).rejects.toThrow(/vocabSize/)
    await expect(trainByteLevelBpe(lines, { vocabSize: 300, minFrequency: -1 })).rejects.toThrow(/minFrequency/)
    await expect(trainByteLevelBpe(lines, { vocabSize: 300, specialTokens: [''] })).rejects.toThrow(/empty/)
    await expect(trainByteLevelBpe([], { vocabSize: 300 })).rejects.toThrow(/no word/)
  })
})
