import { readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'
import { trainUnigram } from './trainUnigram.js'

const lines = [
  'Hug hug pug pun bun hugs, hug!',
  'pug bun pun hugs hug',
  'the bunny hugs the pug',
  'Ünïcode 漢字 漢字 😀😀',
]
const read = (name: string): string[] =>
  readFileSync(new URL(`../../sample/${name}`, import.meta.url), 'utf8').split('\n')

/** How many tokens the texts have, and their log-likelihood under the trained scores, which are made to sum to 1. */
function measure(tokenizer: Tokenizer, texts: readonly string[]): { tokens: number; likelihood: number } {
  const { vocab } = JSON.parse(tokenizer.toFiles()['tokenizer.json'] ?? '').model as { vocab: [string, number][] }
  const scores = vocab.map(([, score]) => score)
  const total = scores.slice(5).reduce((sum, score) => sum + Math.exp(score), 0)
  let tokens = 0
  let likelihood = 0
  for (const text of texts) {
    for (const id of tokenizer.encodeIds(text)) {
      expect(id).not.toBe(tokenizer.specialTokens.unk?.id)
      tokens++
      likelihood += scores[id]! - Math.log(total)
    }
  }
  return { tokens, likelihood }
}

describe('trainUnigram', () => {
  // What the Python package tokenizers 0.23.2 (UnigramTrainer with its defaults, ALBERT's normalizers without a charsmap,
  // WhitespaceSplit and Metaspace) makes of sample/stories.txt, and how its tokens fit sample/held-out.txt.
  it.each([
    [300, 23_912, -105_761.9],
    [600, 18_173, -91_052.7],
    [1000, 16_118, -85_400.0],
  ])('with %i tokens fits unseen text as well as the reference library', async (vocabSize, tokens, likelihood) => {
    const tokenizer = await trainUnigram(read('stories.txt'), { vocabSize, characterCoverage: 1 })
    expect(tokenizer.vocabSize).toBe(vocabSize)
    const found = measure(tokenizer, read('held-out.txt'))
    expect(found.tokens).toBeLessThan(1.01 * tokens)
    expect(found.likelihood).toBeGreaterThan(1.01 * likelihood)
    // Nor can it be much better: then something is not counted. These stories use few words, of which the reference does
    // not begin with all.
    expect(found.likelihood).toBeLessThan(0.85 * likelihood)
  })

  it('gives ALBERT’s special tokens the first ids', async () => {
    const tokenizer = await trainUnigram(lines, { vocabSize: 40 })
    const first = [0, 1, 2, 3, 4].map((id) => tokenizer.idToToken(id))
    expect(first).toEqual(['<pad>', '<unk>', '[CLS]', '[SEP]', '[MASK]'])
    expect(tokenizer.encode('Hug', { pair: 'HÜG ☃' }).tokens).toEqual(
      ['[CLS]', '▁hug', '[SEP]', '▁hug', '▁', '☃', '[SEP]'], // prettier-ignore
    )
    expect(tokenizer.encode('☃').ids.at(-2)).toBe(1)
    expect(tokenizer.encode('hug [MASK]!').ids).toContain(4)
  })

  it('makes files that give the same ids here and in the reference library', async () => {
    const stories = read('stories.txt').slice(0, 2000)
    for (const options of [{}, { lowercase: false }, { stripAccents: false }]) {
      const tokenizer = await trainUnigram([...stories, ...lines], { vocabSize: 400, modelMaxLength: 128, ...options })
      const files = tokenizer.toFiles()
      const again = Tokenizer.fromFiles(files)
      expect(again.modelMaxLength).toBe(128)
      expect(again.toFiles()).toEqual(files)
      const reference = Reference.fromString(files['tokenizer.json'] ?? '')
      for (const line of [...read('held-out.txt').slice(0, 500), ...lines, "``two''  [MASK] ½ ﬁve Ñandú ☃▁a ", '']) {
        const { ids } = tokenizer.encode(line)
        expect(again.encode(line).ids).toEqual(ids)
        expect((await reference.encode(line)).getIds()).toEqual([...ids])
        expect(await reference.decode([...ids], true)).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
      }
    }
  })

  it('is deterministic, takes async texts and reports progress', async () => {
    async function* stream(): AsyncGenerator<string> {
      for (const line of lines) yield line
    }
    const seen: { phase: string; done: number; total: number | undefined }[] = []
    const a = await trainUnigram(stream(), { vocabSize: 40, onProgress: (progress) => seen.push(progress) })
    const b = await trainUnigram(lines, { vocabSize: 40 })
    expect(a.toFiles()).toEqual(b.toFiles())
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['count', 'prune'])
    expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total)
  })

  it('never makes a token of what is special, and takes other special tokens', async () => {
    const texts = ['<unk> <unk> ( a ( a <s>']
    const tokenizer = await trainUnigram(texts, { vocabSize: 30, specialTokens: ['<unk>', '(', '▁<s>', '<unk>'] })
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id))
    expect(tokens.slice(0, 3)).toEqual(['<unk>', '(', '▁<s>'])
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(tokenizer.encode('a').tokens[0]).toMatch(/a$/)
    Reference.fromString(tokenizer.toFiles()['tokenizer.json'] ?? '')
  })

  it('gives fewer tokens if the text has no more, and refuses what makes no sense', async () => {
    expect((await trainUnigram(['ab ab'], { vocabSize: 1000 })).vocabSize).toBe(9)
    await expect(trainUnigram(lines, { vocabSize: 20 })).rejects.toThrow(/different characters/)
    await expect(trainUnigram(lines, { vocabSize: 5 })).rejects.toThrow(/vocabSize/)
    await expect(trainUnigram(lines, { vocabSize: 99, specialTokens: ['[UNK]'] })).rejects.toThrow(/<unk>/)
    await expect(trainUnigram(lines, { vocabSize: 99, characterCoverage: 0 })).rejects.toThrow(/characterCoverage/)
    await expect(trainUnigram(lines, { vocabSize: 99, shrinkingFactor: 1 })).rejects.toThrow(/shrinkingFactor/)
    await expect(trainUnigram(lines, { vocabSize: 99, maxPieceLength: 0 })).rejects.toThrow(/maxPieceLength/)
    await expect(trainUnigram(lines, { vocabSize: 99, maxPieceLength: 999 })).rejects.toThrow(/maxPieceLength/)
    await expect(trainUnigram(lines, { vocabSize: 99, subIterations: 0.5 })).rejects.toThrow(/subIterations/)
    await expect(trainUnigram([' ', ''], { vocabSize: 99 })).rejects.toThrow(/no word/)
  })
})
