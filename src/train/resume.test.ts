// N steps are k steps, a new process, and N − k steps: parameters, optimizer, data, masks, dropout and counters, to the
// last bit. And what is damaged or does not fit is told, not trained on.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sequence } from '../model/index.js'
import type { Objective } from '../objective/index.js'
import { Runtime } from '../runtime/index.js'
import {
  AdamW,
  constantSchedule,
  type ExampleBatch,
  Lamb,
  openTraining,
  restoreParameters,
  restoreTraining,
  saveTraining,
  Trainer,
  type TrainerOptions,
} from './index.node.js'
import { SENTENCES, tinyElectra, tinyMaskedLm } from './testing/tinyTraining.js'

let runtime: Runtime
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-resume-'))
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 2 })
})
afterAll(() => {
  runtime.dispose()
  rmSync(scratch, { recursive: true, force: true })
})

/** A data stream with a place: other sentences in every step. */
async function* examples(from = 0): AsyncGenerator<ExampleBatch<Sequence>> {
  for (let i = from; ; i++) yield { examples: SENTENCES.slice(i % 4), position: { next: i + 1 } }
}
const placeOf = (position: unknown): number => (position as { next: number } | undefined)?.next ?? 0

/** Makes steps until `steps`; returns what each told. */
async function trainTo(trainer: Trainer<Sequence>, steps: number) {
  const reports = []
  if (trainer.state.step < steps) {
    for await (const { seconds: _, ...report } of trainer.train(examples(placeOf(trainer.state.position)))) {
      reports.push(report)
      if (report.step >= steps) break
    }
  }
  return reports
}

/** Everything that must be equal. */
const contents = (trainer: Trainer<Sequence>) => ({
  values: Buffer.from(trainer.parameters.values.slice().buffer),
  optimizer: Object.entries(trainer.optimizerTensors).map(([name, { data }]) => [
    name,
    Buffer.from(data.slice().buffer),
  ]),
  state: trainer.state,
})

const cases: readonly (readonly [string, () => Objective<Sequence>, TrainerOptions])[] = [
  ['masked LM with AdamW', tinyMaskedLm, { steps: 9, seed: 3, learningRate: 0.01 }],
  ['replaced token detection in micro-batches', tinyElectra, { steps: 9, seed: 4, microBatchSize: 2 }],
  [
    'masked LM with LAMB',
    tinyMaskedLm,
    { steps: 9, learningRate: 0.02, optimizer: (slots) => new Lamb(slots, { biasCorrection: false }) },
  ],
]

describe.each(cases)('%s', (name, objective, options) => {
  it('goes on as if nothing had happened, stopped once or after every step', async () => {
    using whole = await Trainer.create(objective(), runtime, options)
    const expected = await trainTo(whole, 9)
    for (const [stop, stops] of [
      ['once', [4]],
      ['often', [1, 2, 5, 8]],
    ] as const) {
      const directory = join(scratch, name, stop)
      const reports = []
      for (const until of [...stops, 9]) {
        using trainer = await Trainer.create(objective(), runtime, { ...options })
        const checkpoint = await openTraining(directory)
        if (checkpoint) await restoreTraining(trainer, checkpoint)
        reports.push(...(await trainTo(trainer, until)))
        if (until < 9) await saveTraining(directory, trainer)
        else expect(contents(trainer)).toEqual(contents(whole))
      }
      expect(reports).toEqual(expected)
    }
  })
})

describe('steps that are not finite', () => {
  const blowUp: TrainerOptions = { steps: 40, schedule: constantSchedule({ warmup: 0 }), learningRate: 1e30 }

  it('are counted on after a resume, and ten in a row still end it', async () => {
    const directory = join(scratch, 'blown')
    {
      using trainer = await Trainer.create(tinyMaskedLm(), runtime, blowUp)
      await trainTo(trainer, 6)
      expect(trainer.state.skippedInARow).toBeGreaterThan(2)
      await saveTraining(directory, trainer)
    }
    using trainer = await Trainer.create(tinyMaskedLm(), runtime, blowUp)
    const checkpoint = (await openTraining(directory))!
    await restoreTraining(trainer, checkpoint)
    expect(trainer.state).toEqual(checkpoint.state)
    await expect(trainTo(trainer, 40)).rejects.toMatchObject({ code: 'not-finite' })
    const before = 6 - checkpoint.state.skippedInARow
    expect(trainer.state).toMatchObject({ step: before + 10, skippedInARow: 10, optimizerSteps: before })
  })
})

describe('checkpoints', () => {
  const options: TrainerOptions = { steps: 20 }
  const save = async (directory: string, steps: readonly number[], more = {}): Promise<void> => {
    using trainer = await Trainer.create(tinyMaskedLm(), runtime, options)
    for (const step of steps) {
      await trainTo(trainer, step)
      await saveTraining(directory, trainer, more)
    }
  }

  it('are kept, the last ones and the best, and nothing else is left', async () => {
    const directory = join(scratch, 'kept')
    await save(directory, [1, 2, 3, 4, 5], { keep: 2, best: 2, notes: { mine: [1, 'two'] }, files: { 'a.txt': 'A' } })
    expect(readdirSync(directory).sort()).toEqual(['step-00000002', 'step-00000004', 'step-00000005'])
    const opened = await openTraining(directory)
    expect(opened).toMatchObject({
      state: { step: 5, position: { next: 5 } },
      notes: { mine: [1, 'two'] },
      damaged: [],
    })
    expect(readFileSync(join(opened!.folder, 'a.txt'), 'utf8')).toBe('A')
    using trainer = await Trainer.create(tinyMaskedLm(), runtime, options)
    await restoreParameters(trainer, directory, 2)
    using other = await Trainer.create(tinyMaskedLm(), runtime, options)
    await trainTo(other, 2)
    expect(trainer.parameters.values).toEqual(other.parameters.values)
    await expect(restoreParameters(trainer, directory, 3)).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('are none where there is nothing', async () => {
    expect(await openTraining(join(scratch, 'nowhere'))).toBeUndefined()
  })

  it('of a process that died while it wrote or removed are cleaned up', async () => {
    const directory = join(scratch, 'died')
    await save(directory, [1, 2])
    for (const name of ['.step-00000003.bertkin-new-host-1-abcdefabcdef', '.step-00000001.removed']) {
      await mkdir(join(directory, name))
      writeFileSync(join(directory, name, 'parameters.safetensors'), 'half')
    }
    expect((await openTraining(directory))?.state.step).toBe(2)
    expect(readdirSync(directory).sort()).toEqual(['step-00000001', 'step-00000002'])
  })

  it.each([
    ['parameters.safetensors', 'cut'],
    ['optimizer.safetensors', 'cut'],
    ['optimizer.safetensors', 'gone'],
    ['trainer.json', 'gone'],
    ['trainer.json', 'empty'],
    ['trainer.json', '[]'],
    ['trainer.json', '{"format":99}'],
    ['trainer.json', '{"format":1,"state":{"step":-1}}'],
  ])('with %s %s are passed over for the one before', async (file, damage) => {
    const directory = join(scratch, `damaged ${file} ${damage.replaceAll(/\W/g, '')}`)
    await save(directory, [1, 2])
    const path = join(directory, 'step-00000002', file)
    if (damage === 'cut') truncateSync(path, statSync(path).size - 8)
    else if (damage === 'gone') rmSync(path)
    else writeFileSync(path, damage === 'empty' ? '' : damage)
    const opened = await openTraining(directory)
    expect(opened?.state.step).toBe(1)
    expect(opened?.damaged).toEqual([expect.stringContaining('step-00000002')])
    rmSync(join(directory, 'step-00000001', 'trainer.json'))
    await expect(openTraining(directory)).rejects.toMatchObject({ code: 'file-malformed' })
  })

  it.each<[string, TrainerOptions, () => Objective<Sequence>]>([
    ['learningRate', { ...options, learningRate: 0.1 }, tinyMaskedLm],
    ['seed', { ...options, seed: 9 }, tinyMaskedLm],
    ['microBatchSize', { ...options, microBatchSize: 2 }, tinyMaskedLm],
    ['maximalNorm', { ...options, maximalNorm: Number.POSITIVE_INFINITY }, tinyMaskedLm],
    ['schedule', { ...options, warmup: 5 }, tinyMaskedLm],
    ['optimizer.name', { ...options, optimizer: (slots) => new Lamb(slots) }, tinyMaskedLm],
    ['optimizer.epsilon', { ...options, epsilon: 1e-8 }, tinyMaskedLm],
    ['optimizer.decays', { ...options, optimizer: (slots) => new AdamW(slots, { decays: () => true }) }, tinyMaskedLm],
    ['objective', options, tinyElectra],
    ['models.0.config.hiddenDropoutProb', options, () => tinyMaskedLm({ hiddenDropoutProb: 0.2 })],
  ])(
    'are refused where %s differs, in one line that names it, and nothing is changed',
    async (setting, now, objective) => {
      const directory = join(scratch, 'other settings')
      if ((await openTraining(directory)) === undefined) await save(directory, [1])
      using trainer = await Trainer.create(objective(), runtime, now)
      const before = trainer.parameters.values.slice()
      const restoring = restoreTraining(trainer, (await openTraining(directory))!)
      await expect(restoring).rejects.toMatchObject({
        code: 'resume-mismatch',
        message: expect.stringMatching(
          new RegExp(`^the run was made with another ${setting.replaceAll('.', '\\.')}[^\n]*$`),
        ),
      })
      expect(trainer.parameters.values).toEqual(before)
      expect(trainer.state.step).toBe(0)
    },
  )

  it('of more steps are no other run, where the schedule does not mind', async () => {
    const directory = join(scratch, 'longer')
    const constant = { schedule: constantSchedule({ warmup: 2 }) }
    using short = await Trainer.create(tinyMaskedLm(), runtime, { steps: 3, ...constant })
    await trainTo(short, 3)
    await saveTraining(directory, short)
    using long = await Trainer.create(tinyMaskedLm(), runtime, { steps: 5, ...constant })
    await restoreTraining(long, (await openTraining(directory))!)
    expect((await trainTo(long, 5)).map(({ step }) => step)).toEqual([4, 5])
  })
})

it('micro-batches of another step than the trainer’s are refused', async () => {
  using trainer = await Trainer.create(tinyMaskedLm(), runtime, { steps: 3 })
  await trainTo(trainer, 1)
  trainer.restore({ ...trainer.state, step: 0 })
  const state = { step: 5, skipped: 0, skippedInARow: 0, optimizerSteps: 5, position: undefined }
  trainer.restore(state)
  expect(await trainTo(trainer, 9)).toEqual([]) // all its steps are made
  const again = trainer.trainPrepared(
    (async function* () {
      yield { step: 2, index: 0, of: 1, counts: {}, dropoutSeed: 0, position: undefined, batch: undefined as never }
    })(),
  )
  trainer.restore({ ...state, step: 2, optimizerSteps: 2 })
  await expect(again.next()).rejects.toMatchObject({ code: 'option-invalid' })
})
