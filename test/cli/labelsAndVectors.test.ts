// token-classification, feature-extraction and sentence-similarity on the command line: what they print, and what they
// refuse.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, jsonLines, scratch } from './testing/commandLine.js'

const labels = ['O', 'B-PER', 'I-PER', 'LOC']
const text = 'The cats 🐈 walked, on a mat.'
const long = `the${' cat'.repeat(40)}`

beforeAll(async () => {
  await writeTinyCheckpoint(join(scratch, 'ner'), { head: 'token-classification', config: { id2label: labels } })
  await writeTinyCheckpoint(join(scratch, 'bert'))
  await writeTinyCheckpoint(join(scratch, 'run/generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(join(scratch, 'run/discriminator'), { modelType: 'electra', head: 'pretraining' })
  await writeTinyCheckpoint(join(scratch, 'broken'), { head: 'base', without: /layer\.0\.output\.dense/ })
  writeFileSync(join(scratch, 'texts.txt'), `${text}\n\nthe cat\n`)
})

interface Place {
  readonly start: number
  readonly end: number
  readonly word: string
  readonly entity: string
  readonly entity_group: string
}

/** What a command refuses: one line, and nothing on standard output. */
async function expectRefused(args: readonly string[], message: string, stdin = ''): Promise<void> {
  const { code, stdout, stderr } = await bertkin(args, { stdin })
  expect(stderr).toContain(message)
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
}

describe.concurrent('token-classification', () => {
  it('answers as JSON: every token with its place, unless its label is ignored', async () => {
    const all = await bertkin(['token-classification', 'ner', text, '--json', '--ignore-labels', ''])
    const [tokens] = jsonLines(all) as [Place[]]
    expect(all.stderr).toBe('')
    expect(tokens.map(({ word }) => word)).toEqual([
      'the',
      'cat',
      '##s',
      '🐈',
      'walk',
      '##ed',
      ',',
      'on',
      'a',
      'mat',
      '.',
    ])
    expect(text.slice(tokens[3]!.start, tokens[3]!.end)).toBe('🐈')
    const [kept] = jsonLines(await bertkin(['token-classification', 'ner', text, '--json'])) as [Place[]]
    expect(kept).toEqual(tokens.filter(({ entity }) => entity !== 'O'))
    const ignored = ['--ignore-labels', 'O', 'I-PER', 'LOC']
    const [persons] = jsonLines(await bertkin(['token-classification', 'ner', text, '--json', ...ignored])) as [Place[]]
    expect(persons).toEqual(tokens.filter(({ entity }) => entity === 'B-PER'))
  })

  it('reads a file and standard input alike, and joins tokens to entities', async () => {
    const options = ['--aggregation-strategy', 'first', '--json', '--ignore-labels', '']
    const fromFile = await bertkin(['token-classification', 'ner', '--file', 'texts.txt', ...options])
    const fromInput = await bertkin(['token-classification', 'ner', ...options], { stdin: `${text}\nthe cat` })
    const answers = jsonLines(fromFile) as Place[][]
    expect(answers).toHaveLength(2)
    for (const { entity_group } of answers.flat()) expect(['O', 'PER', 'LOC']).toContain(entity_group)
    expect(fromInput.stdout).toBe(fromFile.stdout)
  })

  it('shows the text and what was found in it', async () => {
    const { stdout } = await bertkin(['token-classification', 'ner', text, '--ignore-labels', ''])
    const [shown, ...lines] = stdout.trimEnd().split('\n')
    expect(shown).toBe(text)
    expect(lines).toHaveLength(11)
    for (const line of lines) expect(line).toMatch(/^ {2}(O|B-PER|I-PER|LOC) +0\.\d{4} {2}\S+$/)
    const nothing = await bertkin(['token-classification', 'ner', 'the', '--ignore-labels', ...labels])
    expect(nothing.stdout).toBe('the\n  nothing found\n\n')
  })

  it('cuts long texts and says so, reads them whole with a stride, refuses them when told to', async () => {
    const command = ['token-classification', 'ner', long, '--json', '--aggregation-strategy', 'simple']
    const cut = await bertkin([...command, '--ignore-labels', ''])
    expect(cut.stderr).toMatch(/^warning: [^\n]+ cut off\n$/)
    expect((jsonLines(cut)[0] as Place[]).at(-1)!.end).toBe(3 + 13 * 4)
    const whole = await bertkin([...command, '--stride', '3', '--ignore-labels', ''])
    expect(whole.stderr).toBe('')
    expect((jsonLines(whole)[0] as Place[]).at(-1)!.end).toBe(long.length)
    await expectRefused([...command, '--no-truncation'], 'has 43 tokens, the model takes 16')
  })

  it.each([
    ['a stride without a strategy', ['ner', 'a', '--stride', '3'], 'stride needs an aggregation_strategy'],
    ['a stride as long as a window', ['ner', 'a', '--stride', '14', '--aggregation-strategy', 'max'], 'from 0 to 13'],
    ['a model for another task', ['bert', 'a'], 'needs BertForTokenClassification'],
    ['no such folder', ['nowhere', 'a'], 'nowhere'],
  ] as const)('refuses %s', async (_, args, message) => {
    await expectRefused(['token-classification', ...args], message)
  })
})

describe.concurrent('feature-extraction', () => {
  it('answers as JSON: the vectors of all tokens, or one', async () => {
    const [tokens] = jsonLines(await bertkin(['feature-extraction', 'bert', 'the cat', '--json'])) as [number[][]]
    expect(tokens.map(({ length }) => length)).toEqual([8, 8, 8, 8])
    const pooled = await bertkin(['feature-extraction', 'bert', 'the cat', 'dog', '--json', '--pooling', 'cls'])
    const [first, other] = jsonLines(pooled) as [number[], number[]]
    first.forEach((value, i) => {
      expect(value).toBeCloseTo(tokens[0]![i]!, 5)
    })
    expect(other).toHaveLength(8)
    const options = ['--json', '--pooling', 'mean', '--normalize']
    const [unit] = jsonLines(await bertkin(['feature-extraction', 'run', 'the cat', ...options])) as [number[]]
    expect(Math.hypot(...unit)).toBeCloseTo(1, 6)
  })

  it('shows shapes, and how vectors begin and end', async () => {
    const some = String.raw`(-?\d+\.\d{4} ){3}…( -?\d+\.\d{4}){3}`
    const { stdout } = await bertkin(['feature-extraction', 'bert', 'the cat'])
    expect(stdout).toMatch(new RegExp(`^the cat\n  \\[4, 8\\]\n  first  ${some}\n  last   ${some}\n\n$`))
    const pooled = await bertkin(['feature-extraction', 'bert', 'the cat', '--pooling', 'mean'])
    expect(pooled.stdout).toMatch(new RegExp(`^the cat\n  \\[8\\]  ${some}\n\n$`))
  })

  it('refuses long texts unless told to cut them, and incomplete checkpoints', async () => {
    await expectRefused(['feature-extraction', 'bert', long], '--truncation')
    const cut = await bertkin(['feature-extraction', 'bert', long, '--truncation', '--json'])
    expect(jsonLines(cut)[0]).toHaveLength(16)
    await expectRefused(['feature-extraction', 'broken', 'a'], 'The checkpoint is incomplete')
  })
})

describe.concurrent('sentence-similarity', () => {
  it('answers as JSON, in the order of the sentences, wherever they come from', async () => {
    const args = ['sentence-similarity', 'bert', 'the cat']
    const ended = await bertkin([...args, 'a dog sat', 'the cat', '--json'])
    const [scores] = jsonLines(ended) as [number[]]
    expect(scores).toHaveLength(2)
    expect(scores[1]).toBeCloseTo(1, 6)
    const fromInput = await bertkin([...args, '--json'], { stdin: 'a dog sat\n\nthe cat\n' })
    expect(fromInput.stdout).toBe(ended.stdout)
    const fromFile = await bertkin([...args, '--json', '--file', 'texts.txt'])
    expect((jsonLines(fromFile)[0] as number[])[1]).toBeCloseTo(1, 6)
  })

  it('shows the closest first', async () => {
    const { stdout } = await bertkin(['sentence-similarity', 'bert', 'the cat', 'a big dog sat on paris!', 'the cat'])
    const [source, ...lines] = stdout.trimEnd().split('\n')
    expect(source).toBe('the cat')
    expect(lines[0]).toMatch(/^ {3}1\.0000 {2}█{20} {2}the cat$/)
    expect(lines[1]).toMatch(/^ {2}[ -]?[01]\.\d{4} {2}█* +a big dog sat on paris!$/)
  })

  it('refuses what has no sentences, and sentences that are too long', async () => {
    await expectRefused(['sentence-similarity', 'bert', 'the cat'], 'there is no text in standard input')
    await expectRefused(['sentence-similarity', 'bert', 'the cat', 'a', '--file', 'texts.txt'], 'not both')
    await expectRefused(['sentence-similarity', 'bert', 'the cat', long], '--truncation')
  })
})
