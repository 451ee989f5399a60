// Pretraining without a disk: what comes of it is a checkpoint, the same for the same seed, and it can be ended and judged.

import { expect, it } from 'vitest'
import { fileSetOf, folderOfFiles } from '../checkpoint/index.js'
import { pipeline } from '../pipeline/index.js'
import type { MaskSample } from '../report/index.js'
import { pretrainTexts, type TextPretrainingOptions, type TextPretrainingPlan } from './index.js'

const sentence = (i: number): string =>
  `${['Tom', 'Anna', 'Zoe'][i % 3]} has a ${['dog', 'cat', 'lantern', 'sled'][i % 4]} by the ${['river', 'barn'][i % 2]}.`
const text = Array.from({ length: 60 }, (_, i) => `${sentence(i)} It is night.\n${sentence(i + 1)}`).join('\n\n')

const small: TextPretrainingOptions = {
  ...{ texts: [text], size: 'micro', vocabSize: 120, maxLength: 24, steps: 6, batchSize: 4 },
  ...{ evaluateEvery: 3, heldOutEvery: 10, evaluationSequences: 4 },
}

it('leaves a checkpoint that a pipeline opens, and tells how it went', async () => {
  const steps: number[] = []
  let plan: TextPretrainingPlan | undefined
  let samples: readonly MaskSample[] = []
  const { files, evaluations, end } = await pretrainTexts(
    { ...small, recipe: 'bert' },
    {
      planned(given) {
        plan = given
      },
      step: ({ step }) => steps.push(step),
      evaluation(_, __, given) {
        samples = given
      },
    },
  )
  expect(steps).toEqual([1, 2, 3, 4, 5, 6])
  expect(plan).toMatchObject({ recipe: 'bert', steps: 6, documents: 60, isJudged: true })
  expect(evaluations.map(({ step }) => step)).toEqual([3, 6])
  expect(end).toBe('steps')
  expect(samples[0]!.before + samples[0]!.meant + samples[0]!.after).toMatch(/(has a|It is night)/)
  const folder = folderOfFiles(await fileSetOf('run', files))
  using fill = await pipeline('fill-mask', folder)
  expect((await fill('Tom has a [MASK].')).flat()).toHaveLength(5)
})

it('is the same for the same seed, and leaves two models of ELECTRA', async () => {
  const run = async () => {
    const { files } = await pretrainTexts({ ...small, steps: 3 })
    const set = await fileSetOf('run', files)
    return { names: Object.keys(set.files), bytes: await set.files['generator/model.safetensors']!.arrayBuffer() }
  }
  const [once, again] = [await run(), await run()]
  expect(once.names).toContain('discriminator/config.json')
  expect(new Uint8Array(once.bytes)).toEqual(new Uint8Array(again.bytes))
})

it('ends when it is asked to, with what it has come to', async () => {
  let made = 0
  const { end, step, evaluations } = await pretrainTexts(
    { ...small, steps: 1000 },
    {
      step: () => made++,
      isAskedToEnd: () => made === 2,
    },
  )
  expect({ end, step }).toEqual({ end: 'asked', step: 2 })
  expect(evaluations).toHaveLength(1)
})

it('refuses texts without any text, and options that a recipe has not', async () => {
  await expect(pretrainTexts({ texts: [' \n'] })).rejects.toMatchObject({ code: 'text-empty' })
  await expect(pretrainTexts({ ...small, sharing: 'none' })).rejects.toMatchObject({ code: 'option-invalid' })
})
