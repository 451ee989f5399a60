// What a run writes about itself, and goes on writing after a resume.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import type { TrainedModel } from '../objective/index.js'
import { parseRunFacts } from '../report/index.js'
import type { StepReport } from '../train/index.js'
import { RunJournal, writeReport } from './runJournal.js'

const scratch = mkdtempSync(join(tmpdir(), 'bertkin-journal-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const facts = { ...parseRunFacts(''), title: 'bert, tiny' }
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

  // Killed there, it goes on from a checkpoint of step 2.
  const resumed = await RunJournal.resume(scratch, 2, { language: 'fr' })
  for (const step of [3, 4]) await resumed.step(report(step), step % 2 === 0, { peak_share: 0.4 })
  expect(lines('metrics.jsonl').at(-1)).toMatchObject({ step: 4, tokens: 400, seconds: 2, peak_share: 0.4 })
  const { 'README.md': card } = await resumed.cardFiles(model)
  expect(card).toContain('language: "fr"')
  expect(card).toContain('(bert, tiny), for 4 steps')
  expect(card).toContain('| 400 |')
  expect(readFileSync(await writeReport(scratch), 'utf8')).toContain('bert, tiny')
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
  expect(await journal.cardFiles(model)).toHaveProperty('README.md')
  writeFileSync(join(scratch, 'README.md'), 'Mine.')
  expect(await journal.cardFiles(model)).toEqual({})
})
