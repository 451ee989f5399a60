// sentence-order and span-infilling on the command line: where pairs and gaps come from, what is printed, and what is
// refused.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, jsonLines, scratch } from './testing/commandLine.js'

beforeAll(async () => {
  await writeTinyCheckpoint(join(scratch, 'albert'), { modelType: 'albert', head: 'pretraining' })
  await writeTinyCheckpoint(join(scratch, 'spanbert'), { head: 'span-boundary' })
  await writeTinyCheckpoint(join(scratch, 'bert'))
})

const verdict = { label: expect.stringMatching(/^(in_order|swapped)$/), score: expect.any(Number) }

describe.concurrent('sentence-order', () => {
  it('judges two texts, or the pairs of many lines', async () => {
    const given = await bertkin(['sentence-order', 'albert', 'the cat sat', 'on the mat', '--json'])
    expect(given).toMatchObject({ code: 0, stderr: '' })
    expect(jsonLines(given)).toEqual([verdict])
    const line = '{"text": "the cat sat", "text_pair": "on the mat"}'
    writeFileSync(join(scratch, 'pairs.jsonl'), `${line}\n${line}\n`)
    const filed = await bertkin(['sentence-order', 'albert', '--file', 'pairs.jsonl', '--json'])
    expect(filed.stdout).toBe(given.stdout.repeat(2))
  })

  it('shows both probabilities to people', async () => {
    const { stdout } = await bertkin(['sentence-order', 'albert', 'the cat sat', 'on the mat'])
    expect(stdout).toMatch(/^the cat sat\non the mat\n {2}(in order|swapped)\n {2}in order +\d/)
    expect(stdout).toMatch(/^ {2}swapped +\d\.\d{4}/m)
  })

  it.each([
    ['one text', ['albert', 'the cat'], 'sentence-order takes two texts, not 1'],
    ['three texts', ['albert', 'a', 'b', 'c'], 'sentence-order takes two texts, not 3'],
    ['an empty text', ['albert', 'a', ''], 'has no words'],
    ['texts and a file', ['albert', 'a', 'b', '--file', 'x'], 'not both'],
    ['another model', ['bert', 'a', 'b'], 'sentence-order needs AlbertForPreTraining'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await bertkin(['sentence-order', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)])
  })

  it('refuses lines that are no pairs', async () => {
    const { code, stderr } = await bertkin(['sentence-order', 'albert'], { stdin: 'the cat sat\n' })
    expect(code).toBe(1)
    expect(stderr).toContain('text_pair')
  })
})

describe.concurrent('span-infilling', () => {
  it('fills gaps', async () => {
    const ended = await bertkin(['span-infilling', 'spanbert', 'the [MASK] [MASK] the mat', '--json', '--top-k', '2'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const [answer] = jsonLines(ended) as [{ sequence: string; spans: { tokens: { both: unknown[] }[] }[] }]
    expect(answer.spans.map(({ tokens }) => tokens.map(({ both }) => both.length))).toEqual([[2, 2]])
  })

  it('shows what each head says', async () => {
    const { stdout } = await bertkin(['span-infilling', 'spanbert', '[MASK] sat on the [MASK] .'])
    expect(stdout).toMatch(/^.* sat on the .*\nboth +its own place +the boundaries\n/)
    expect(stdout).toMatch(/–$/m) // a gap at the beginning has no boundaries
  })

  it.each([
    ['no gap', ['spanbert', 'the cat'], 'there is no [MASK]'],
    ['a model without the head', ['bert', 'the [MASK] sat'], 'boundary head'],
    ['no candidates', ['spanbert', 'a [MASK] a', '--top-k', '0'], '--top-k'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await bertkin(['span-infilling', ...args])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
  })
})
