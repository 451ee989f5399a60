// What a run writes about itself, and goes on writing after a resume.

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import type { TrainedModel } from '../objective/index.js'
import { parseRunFacts } from '../report/index.js'
import type { StepReport } from '../train/index.js'
import { RunJournal } from './runJournal.js'
import { writeReport } from './runReport.js'

const scratch = mkdtempSync(join(tmpdir(), 'bertkin-journal-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const facts = {
  ...{ ...parseRunFacts(''), title: 'bert, tiny' },
  models: [{ folder: '', architecture: 'BertForMaskedLM', parameters: [] }],
}
const report = (step: number): StepReport => ({
  ...{ step, loss: 9 - step, parts: { mlm: 9 - step }, learningRate: 1e-3, gradientNorm: 1 },
  ...{ tokenCount: 100, seconds: 0.5, applied: true },
})
const lines = (name: string): Record<string, unknown>[] =>
  readFileSync(join(scratch, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const config = createConfig({ modelType: 'bert', vocabSize: 99, hiddenSize: 24, numAttentionHeads: 2 })
const model: TrainedModel = { folder: '', config, head: 'masked-lm', parameterName: (path) => path }
const sample = { before: '', after: '', meant: 'a', probability: 0.5, guesses: [] }

it('counts tokens and seconds over all steps, also over a resume', async () => {
  const journal = await RunJournal.start(scratch, facts)
  for (const step of [1, 2, 3, 4]) await journal.step(report(step), step % 2 === 0)
  await journal.evaluation(4, { loss: 5, mlm_loss: Number.NaN }, [sample])
  expect(lines('metrics.jsonl')).toEqual([
    expect.objectContaining({ step: 2, train_mlm_loss: 7, tokens: 200, seconds: 1, tokens_per_second: 200 }),
    expect.objectContaining({ step: 4, tokens: 400, seconds: 2 }),
    { step: 4, loss: 5, mlm_loss: null },
  ])

  // Killed there, while it wrote, it goes on from a checkpoint of step 2.
  appendFileSync(join(scratch, 'metrics.jsonl'), '{"step": 6, "lo')
  appendFileSync(join(scratch, 'samples.jsonl'), '{"step": 6, "sam')
  const now = { ...facts, title: 'of no account', settings: { minutes: 9 } }
  const resumed = await RunJournal.resume(scratch, 2, now, { language: 'fr' })
  for (const step of [3, 4, 5, 6]) await resumed.step(report(step), step % 2 === 0, { peak_share: 0.4 })
  await resumed.evaluation(6, { loss: 7 }, [sample])
  expect(lines('metrics.jsonl').map(({ step, tokens }) => [step, tokens])).toEqual([
    ...[
      [2, 200],
      [4, 400],
      [4, undefined],
    ],
    ...[
      [6, 600],
      [6, undefined],
    ],
  ])
  expect(lines('metrics.jsonl')[3]).toMatchObject({ seconds: 3, peak_share: 0.4 })
  expect(lines('samples.jsonl').map(({ step }) => step)).toEqual([4, 6])
  expect(readFileSync(await writeReport(scratch), 'utf8')).toContain('bert, tiny')
  expect(JSON.parse(readFileSync(join(scratch, 'run.json'), 'utf8'))).toMatchObject({
    title: 'bert, tiny',
    settings: { minutes: 9 },
  })

  // Steps that were not written down are known from the checkpoint.
  const spent = { tokens: 512, stepSeconds: 2.5 }
  const exact = await RunJournal.resume(scratch, 5, now, {}, spent)
  await exact.step(report(6), false)
  expect(exact.spent).toEqual({ tokens: 612, stepSeconds: 3 })
})

it('writes of the weights that it is asked for on their cards', async () => {
  const journal = await RunJournal.resume(scratch, 6, facts, { language: 'fr' })
  const card = async (step: number) => (await journal.cardFiles([model], step)).get(model)!['README.md']!
  const last = await card(6)
  expect(last).toContain('language: "fr"')
  expect(last).toContain('(bert, tiny), for 6 steps.')
  expect(last).toContain('| 600 |')
  expect(last).toContain('| `loss` | 7 | 6 |')
  const best = await card(4)
  expect(best).toContain('(bert, tiny), for 4 steps: the best on held-out text of a run of 6.')
  expect(best).toContain('| 400 |')
  expect(best).toContain('| `loss` | 5 | 4 |')
})

it('sets aside what an earlier run wrote', async () => {
  await RunJournal.start(scratch, facts)
  const names = readdirSync(scratch)
  expect(names).toEqual(
    expect.arrayContaining(['metrics.earlier.jsonl', 'samples.earlier.jsonl', 'earlier', 'run.json']),
  )
  expect(names).not.toContain('metrics.jsonl')
  expect(readdirSync(join(scratch, 'earlier')).length).toBeGreaterThan(0)
})

it('leaves a card alone that somebody has written', async () => {
  const journal = await RunJournal.start(scratch, facts)
  expect((await journal.cardFiles([model], 0)).get(model)).toHaveProperty('README.md')
  writeFileSync(join(scratch, 'README.md'), 'Mine.')
  expect((await journal.cardFiles([model], 0)).get(model)).toEqual({})
})
