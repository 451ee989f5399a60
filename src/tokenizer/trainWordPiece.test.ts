import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'
import { trainWordPiece } from './trainWordPiece.js'

const lines = ['Hug hug pug pun bun hugs, hug!', 'pug bun pun hugs hug', 'the bunny hugs the pug', 'Ünïcode 漢字 漢字']

describe('trainWordPiece', () => {
  it('learns the most frequent pairs first and gives the usual ids', async () => {
    const tokenizer = await trainWordPiece(lines, { vocabSize: 60 })
    const token = (id: number): string | undefined => tokenizer.idToToken(id)
    expect([0, 1, 2, 3, 4].map(token)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'])
    const first = [...Array(tokenizer.vocabSize).keys()]
      .map(token)
      .find((it) => it !== undefined && /^(##)?\p{L}{2}/u.test(it))
    expect(first).toBe('##ug')
    expect(tokenizer.encode('Hugs').tokens).toEqual(['[CLS]', 'hugs', '[SEP]'])
    expect(tokenizer.encode('漢').tokens).toEqual(['[CLS]', '漢', '[SEP]'])
  })

  it('makes files that give the same ids here and in the reference library', async () => {
    const tokenizer = await trainWordPiece(lines, { vocabSize: 40, minFrequency: 1 })
    const files = tokenizer.toFiles()
    const again = Tokenizer.fromFiles(files)
    const reference = Reference.fromString(files['tokenizer.json'] ?? '')
    for (const line of [...lines, 'bugs [MASK] unknown § pugs']) {
      const { ids } = tokenizer.encode(line)
      expect(again.encode(line).ids).toEqual(ids)
      expect((await reference.encode(line)).getIds()).toEqual([...ids])
    }
  })

  it('is deterministic, takes async texts and reports progress', async () => {
    async function* stream(): AsyncGenerator<string> {
      for (const line of lines) yield line
    }
    const phases = new Set<string>()
    const a = await trainWordPiece(stream(), { vocabSize: 50, onProgress: ({ phase }) => phases.add(phase) })
    const b = await trainWordPiece(lines, { vocabSize: 50 })
    expect(a.toFiles()).toEqual(b.toFiles())
    expect([...phases]).toEqual(['count', 'merge'])
  })

  it('keeps the most frequent characters', async () => {
    const tokenizer = await trainWordPiece(['aaab aab', 'zzzz'], { vocabSize: 30, limitAlphabet: 2, minFrequency: 9 })
    expect(tokenizer.tokenToId('a')).toBe(5)
    expect(tokenizer.tokenToId('z')).toBe(6)
    expect(tokenizer.tokenToId('b')).toBeUndefined()
  })

  it('refuses options that make no sense', async () => {
    await expect(trainWordPiece(lines, { vocabSize: 5 })).rejects.toThrow(/vocabSize/)
    await expect(trainWordPiece(lines, { vocabSize: 99, specialTokens: ['[PAD]'] })).rejects.toThrow(/\[UNK\]/)
    await expect(trainWordPiece([], { vocabSize: 99 })).rejects.toThrow(/no word/)
  })
})
