// Every recipe on the command line, from 20 KB of text to a checkpoint that can be used.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bertkin, jsonLines, scratch, text20 } from './testing/commandLine.js'

const small = [
  ...['--size', 'tiny', '--vocab-size', '400', '--max-length', '24', '--batch-size', '4', '--threads', '1'],
  ...['--steps', '3', '--evaluate-every', '2', '--evaluation-sequences', '8', '--held-out-every', '10'],
] as const
const metrics = (run: string): Record<string, number>[] =>
  readFileSync(join(scratch, run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)

/** What cards say of the optimizer and the masking. */
const OPTIMIZED = {
  bert: [
    ['optimizer', 'adamw'],
    ['adamBetas', '0.9, 0.999'],
    ['clip', '1'],
    ['biasCorrection', 'true'],
    ['schedule', 'linear'],
  ],
  roberta: [
    ['adamBetas', '0.9, 0.98'],
    ['clip', 'none'],
    ['adamEpsilon', '0.000001'],
  ],
  albert: [
    ['optimizer', 'lamb'],
    ['biasCorrection', 'false'],
    ['learningRate', '0.002'],
    ['masking', 'ngram'],
  ],
  spanbert: [
    ['adamEpsilon', '1e-8'],
    ['weightDecay', '0.1'],
    ['masking', 'span'],
  ],
} as const

beforeAll(() => writeFileSync(join(scratch, 'text.txt'), text20))

describe.concurrent('a run', () => {
  it.each([
    ['bert', 'word pieces', 'BertForPreTraining', 'nsp_accuracy', '[MASK]', []],
    ['bert', 'word pieces', 'BertForMaskedLM', 'mlm_accuracy', '[MASK]', ['--sentence-pairs', 'none']],
    ['roberta', 'byte pairs', 'RobertaForMaskedLM', 'mlm_accuracy', '<mask>', ['--masking', 'whole-word']],
    ['albert', 'sentence pieces', 'AlbertForPreTraining', 'sop_accuracy', '[MASK]', ['--sharing', 'attention']],
    ['albert', 'sentence pieces', 'AlbertForPreTraining', 'nsp_accuracy', '[MASK]', ['--sentence-pairs', 'nsp']],
    ['spanbert', 'word pieces', 'BertForMaskedLM', 'sbo_loss', '[MASK]', ['--static-masks', '2']],
  ] as const)('of %s learns %s and leaves %s with its %s', async (recipe, pieces, architecture, metric, mask, more) => {
    const run = [recipe, ...more].join('')
    const ended = await bertkin(['pretrain', 'text.txt', '--recipe', recipe, '--out', run, ...small, ...more])
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(ended.stderr).toContain(`learning a vocabulary of 400 ${pieces}`)
    const lines = metrics(run)
    expect(lines.flatMap((line) => Object.values(line)).every(Number.isFinite)).toBe(true)
    expect(lines[0]).toHaveProperty(metric)
    const samples = readFileSync(join(scratch, run, 'samples.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
    expect(samples.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([2, 3])
    expect(readFileSync(join(scratch, run, 'report.html'), 'utf8')).toContain(architecture)
    const card = readFileSync(join(scratch, run, 'README.md'), 'utf8')
    for (const [setting, value] of OPTIMIZED[recipe]) expect(card).toContain(`| ${setting} | ${value} |`)
    expect(card).not.toContain('discriminatorWeight') // ELECTRA's
    const [report] = jsonLines(await bertkin(['inspect', run, '--json']))
    expect(report).toMatchObject({ architecture, weights: { missing: [] } })
    const answer = await bertkin(['fill-mask', run, `the ${mask} is red.`, '--json'])
    expect(jsonLines(answer)[0]).toHaveLength(5)
  })

  it.each([
    [['--recipe', 'bert', '--sharing', 'all'], 'the recipe bert has no --sharing: leave it out'],
    [['--recipe', 'spanbert', '--sentence-pairs', 'sop'], 'the recipe spanbert has no --sentence-pairs'],
    [['--recipe', 'roberta', '--vocab-size', '200'], 'vocabSize must be at least 261'],
    [['--masking', 'letters'], "option '--masking <name>' argument 'letters' is invalid"],
  ])('with %j is refused in one line', async (more, message) => {
    const { code, stdout, stderr } = await bertkin(['pretrain', 'text.txt', '--out', 'refused', ...small, ...more])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.match(/^error: /gm)).toHaveLength(1)
  })

  it.each(['bert', 'albert', 'roberta', 'spanbert'])('of %s on a line, and on two words, works', async (recipe) => {
    for (const [i, text] of ['one two three four\n', 'one\n\ntwo\n'].entries()) {
      const [file, run] = [`${recipe}${i}.txt`, `odd-${recipe}${i}`]
      writeFileSync(join(scratch, file), text)
      const ended = await bertkin(['pretrain', file, '--recipe', recipe, '--out', run, ...small])
      expect(ended.stderr).not.toMatch(/error|NaN/)
      expect(ended.code).toBe(0)
      expect(
        metrics(run)
          .flatMap((line) => Object.values(line))
          .every(Number.isFinite),
      ).toBe(true)
    }
  })
})
