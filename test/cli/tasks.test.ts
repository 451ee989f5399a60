// The commands that use a model: where they take texts from, what they print, and what `inspect` counts.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { VOCABULARY, writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, jsonLines, scratch } from './testing/commandLine.js'

beforeAll(async () => {
  await writeTinyCheckpoint(join(scratch, 'bert'))
  await writeTinyCheckpoint(join(scratch, 'run/generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(join(scratch, 'run/discriminator'), { modelType: 'electra', head: 'pretraining' })
  writeFileSync(join(scratch, 'texts.txt'), '\uFEFFthe [MASK] sat\r\n\n \na big [MASK].\n')
})

describe.concurrent('fill-mask', () => {
  it('answers as JSON, a text a line', async () => {
    const ended = await bertkin(['fill-mask', 'bert', 'the [MASK] sat', 'a [MASK] [MASK]', '--json', '--top-k', '2'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const [one, two] = jsonLines(ended)
    const candidate = {
      score: expect.any(Number),
      token: expect.any(Number),
      token_str: expect.any(String),
      sequence: expect.any(String),
    }
    expect(one).toEqual([candidate, candidate])
    expect(two).toEqual([
      [candidate, candidate],
      [candidate, candidate],
    ])
  })

  it('gives every token of the vocabulary, the probabilities summing to 1', async () => {
    const [answer] = jsonLines(await bertkin(['fill-mask', 'bert', 'the [MASK] sat', '--json', '--top-k', '25']))
    const candidates = answer as { score: number; token: number; sequence: string; token_str: string }[]
    expect(candidates.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5)
    expect(candidates.map(({ token }) => token).sort((a, b) => a - b)).toEqual(VOCABULARY.map((_, id) => id))
    expect(candidates.find(({ token }) => token === 6)).toMatchObject({ token_str: 'cat', sequence: 'the cat sat' })
  })

  it('reads a file and standard input alike', async () => {
    const fromFile = await bertkin(['fill-mask', 'bert', '--file', 'texts.txt', '--json'])
    const fromInput = await bertkin(['fill-mask', 'bert', '--json'], { stdin: 'the [MASK] sat\n\na big [MASK].' })
    const fromArguments = await bertkin(['fill-mask', 'bert', '--json', 'the [MASK] sat', 'a big [MASK].'])
    expect(jsonLines(fromFile)).toHaveLength(2)
    expect(fromInput.stdout).toBe(fromFile.stdout)
    expect(fromArguments.stdout).toBe(fromFile.stdout)
  })

  it('computes in eight bits where it is asked to: nearly the same, and not quite', async () => {
    const command = ['fill-mask', 'bert', 'the [MASK] sat', '--json', '--top-k', '25']
    const scores = async (args: readonly string[]) => {
      const [answer] = jsonLines(await bertkin(args)) as { score: number; token: number }[][]
      return answer!.sort((a, b) => a.token - b.token).map(({ score }) => score)
    }
    const [exact, rounded] = [await scores(command), await scores([...command, '--int8'])]
    const distance = Math.hypot(...exact.map((score, i) => score - rounded[i]!))
    expect(distance).toBeGreaterThan(0)
    expect(distance).toBeLessThan(0.15 * Math.hypot(...exact))
  })

  it('shows a table for people, without colours in a pipe', async () => {
    const { stdout } = await bertkin(['fill-mask', 'run', 'the [MASK] sat', '--top-k', '3'])
    expect(stdout).toMatch(/^the \[MASK\] sat\n( {2}\S+ +0\.\d{4} +█*\n){3}\n$/)
  })

  it('ranks targets, and warns of those that are no tokens', async () => {
    const ended = await bertkin(['fill-mask', 'bert', 'the [MASK]', '--json', '--targets', 'dog', 'walking'])
    const [answer] = jsonLines(ended)
    expect((answer as { token_str: string }[]).map(({ token_str }) => token_str).sort()).toEqual(['dog', 'walk'])
    expect(ended.stderr).toBe('warning: the target "walking" is not a token; "walk" stands for it\n')
  })

  it('cuts long texts when told to', async () => {
    const long = `[MASK]${' cat'.repeat(40)}`
    const cut = await bertkin(['fill-mask', 'bert', long, '--truncation', '--json'])
    expect(cut.code).toBe(0)
    expect(cut.stderr).toMatch(/^warning: [^\n]+ cut off\n$/)
    const refused = await bertkin(['fill-mask', 'bert', long])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('--truncation')
  })

  it('answers the texts before a bad one', async () => {
    const ended = await bertkin(['fill-mask', 'bert', '--json'], { stdin: 'a [MASK]\nno\nthe [MASK]\n' })
    expect(ended.code).toBe(1)
    expect(jsonLines(ended)).toHaveLength(1)
    expect(ended.stderr).toBe('error: there is no [MASK] in "no": put [MASK] where a word is to be found\n')
  })
})

describe.concurrent('replaced-token-detection', () => {
  it('answers as JSON: tokens and words with their places', async () => {
    const text = 'The cats walked!'
    const [answer] = jsonLines(await bertkin(['replaced-token-detection', 'run', text, '--json']))
    const { tokens, words } = answer as Record<'tokens' | 'words', { word: string; start: number; end: number }[]>
    expect(tokens!.map(({ word }) => word)).toEqual(['The', 'cat', 's', 'walk', 'ed', '!'])
    expect(words!.map(({ start, end }) => text.slice(start, end))).toEqual(['The', 'cats', 'walked', '!'])
    const verdict = { score: expect.any(Number), replaced: expect.any(Boolean) }
    expect(tokens![4]).toEqual({ token: '##ed', word: 'ed', start: 13, end: 15, ...verdict })
    expect(words![2]).toEqual({ word: 'walked', start: 9, end: 15, ...verdict })
  })

  it('calls everything replaced above a threshold of 0, nothing above 1', async () => {
    const all = await bertkin(['replaced-token-detection', 'run', 'the cat', '--threshold', '0'])
    expect(all.stdout).toMatch(/^the cat\n {2}replaced {2}the {2}[01]\.\d{4}\n {2}replaced {2}cat {2}[01]\.\d{4}\n\n$/)
    const none = await bertkin(['replaced-token-detection', 'run', 'the cat', '--threshold', '1'])
    expect(none.stdout).toContain('nothing looks replaced')
  })

  it('has no words for an empty text', async () => {
    const ended = await bertkin(['replaced-token-detection', 'run', '', '--json'])
    expect(jsonLines(ended)).toEqual([{ tokens: [], words: [] }])
  })
})

describe.concurrent('tokenize', () => {
  it('answers as JSON: ids, tokens, offsets in UTF-16 units', async () => {
    const ended = await bertkin(['tokenize', 'bert', 'The cats 😀 sat.', '--json'])
    expect(jsonLines(ended)).toEqual([
      {
        ids: [2, 5, 6, 24, 1, 8, 13, 3],
        tokens: ['[CLS]', 'the', 'cat', '##s', '[UNK]', 'sat', '.', '[SEP]'],
        type_ids: [0, 0, 0, 0, 0, 0, 0, 0],
        offsets: [
          [0, 0],
          [0, 3],
          [4, 7],
          [7, 8],
          [9, 11],
          [12, 15],
          [15, 16],
          [0, 0],
        ],
        word_ids: [null, 0, 1, 1, 2, 3, 4, null],
      },
    ])
  })

  it('takes a second segment', async () => {
    const [answer] = jsonLines(await bertkin(['tokenize', 'bert', 'the cat', '--pair', 'sat', '--json']))
    expect(answer).toMatchObject({ ids: [2, 5, 6, 3, 8, 3], type_ids: [0, 0, 0, 0, 1, 1] })
  })

  it('shows tokens above their ids, also for a run’s folder', async () => {
    const { stdout } = await bertkin(['tokenize', 'run', 'the cats'])
    expect(stdout.split('\n').map((line) => line.split(/ +/).filter(Boolean))).toEqual([
      ['[CLS]', 'the', 'cat', '##s', '[SEP]'],
      ['2', '5', '6', '24', '3'],
      [],
    ])
  })

  it('takes a line of 10 MB', async () => {
    const ended = await bertkin(['tokenize', 'bert', '--json'], { stdin: 'cat '.repeat(2_500_000) })
    expect(ended.code).toBe(0)
    expect((jsonLines(ended)[0] as { ids: number[] }).ids).toHaveLength(2_500_002)
  })
})

// 25 tokens, width 8, 2 layers, inner width 16, 16 positions, 2 types; counted by hand.
const groups = [
  { name: 'word embeddings', tensors: 1, parameters: 25 * 8 },
  { name: 'position, type embeddings and their norm', tensors: 4, parameters: 16 * 8 + 2 * 8 + 2 * 8 },
  { name: 'attention, 2 layers', tensors: 20, parameters: 2 * (4 * (8 * 8 + 8) + 2 * 8) },
  { name: 'feed-forward, 2 layers', tensors: 12, parameters: 2 * (8 * 16 + 16 + 16 * 8 + 8 + 2 * 8) },
  { name: 'head', tensors: 5, parameters: 8 * 8 + 8 + 2 * 8 + 25 },
]

describe.concurrent('inspect', () => {
  it('counts a checkpoint’s parameters, as JSON', async () => {
    expect(jsonLines(await bertkin(['inspect', 'bert', '--json']))).toEqual([
      {
        model: 'bert',
        architecture: 'BertForMaskedLM',
        config: expect.objectContaining({ model_type: 'bert', vocab_size: 25, hidden_size: 8, num_hidden_layers: 2 }),
        groups,
        parameters: 1673,
        classes: expect.objectContaining({ BertForMaskedLM: 1673 }),
        encoder: { model: expect.any(Number) },
        weights: { missing: [], unexpected: [] },
      },
    ])
  })

  it('shows them as a table, with a total', async () => {
    const { stdout } = await bertkin(['inspect', 'bert'])
    expect(stdout).toMatch(/^BertForMaskedLM {2}bert\n/)
    expect(stdout).toMatch(/^hidden_size +8$/m)
    expect(stdout).toMatch(/^attention, 2 layers +20 +608 +36\.3 %$/m)
    expect(stdout).toMatch(/^total +42 +1,673$/m)
  })

  it('shows the two models of a run', async () => {
    const reports = jsonLines(await bertkin(['inspect', 'run', '--json']))
    expect(reports).toMatchObject([
      { architecture: 'ElectraForMaskedLM', model: 'run/generator' },
      { architecture: 'ElectraForPreTraining', model: 'run/discriminator' },
    ])
  })

  it('is content with a configuration', async () => {
    writeFileSync(join(scratch, 'config.json'), '{"model_type": "bert", "architectures": ["BertModel"]}')
    const { code, stdout } = await bertkin(['inspect', '.'])
    expect(code).toBe(0)
    expect(stdout).toContain('There are no weights in this folder')
    expect(stdout).toMatch(/^total .*109,482,240$/m)
  })

  it('says what ALBERT saves', async () => {
    const sizes = { hidden_size: 768, num_attention_heads: 12, intermediate_size: 3072 }
    const folder = join(scratch, 'albert')
    mkdirSync(folder)
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'albert', ...sizes }))
    const { stdout } = await bertkin(['inspect', 'albert'])
    expect(stdout).toMatch(/^attention, one set of weights +10 +2,363,904 /m)
    expect(stdout).toMatch(/^AlbertForPreTraining +11,813,810$/m)
    expect(stdout).toMatch(/^with parameters of its own in every layer +89,650,176$/m)
    expect(stdout).toMatch(/^with embeddings as wide as the layers +31,114,752$/m)
    expect(stdout).toMatch(/^with both +109,081,344$/m)
  })
})
