// Whole fine-tunings against PyTorch: the same start, the same batches, the loss of every step; and what was saved opens
// there without a parameter missing or left over.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { type ModelType, openFolder } from '../checkpoint/index.js'
import { readConfig } from '../model/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import { removeTemporaryFolders, temporaryFolder, writeTinyCheckpoint } from '../pipeline/testing/tinyCheckpoint.js'
import { epochBatches, type FinetuningOptions, type FinetuningTaskName, finetune, finetuningTasks } from './index.js'

afterAll(removeTemporaryFolders)

const python = process.env.BERTKIN_PYTHON
const reason = python ? '' : ' (skipped: BERTKIN_PYTHON names no Python with torch and transformers)'
const script = fileURLToPath(new URL('testing/referenceTraining.py', import.meta.url))

const TEXTS = [
  'the cat sat',
  'a big dog walked .',
  'paris is the capital of france !',
  'on the mat',
  'walking dogs',
  'is',
]
const examples = {
  'text-classification': TEXTS.map((text, i) => ({ text, label: ['x', 'y', 'z'][i % 3]! })),
  'token-classification': TEXTS.map((text) => {
    const words = text.split(' ')
    return { words, labels: words.map((word) => (word.length > 3 ? 'B-L' : 'O')) }
  }),
  'question-answering': TEXTS.map((context, i) => ({
    id: String(i),
    question: 'the dog',
    context,
    answers: i % 2 ? [] : [{ text: context.split(' ')[0]!, start: 0 }],
  })),
  'multiple-choice': TEXTS.map((question, i) => ({ question, choices: TEXTS.slice(0, 2 + (i % 3)), label: i % 2 })),
}

// Every task, and every kin: a process of Python each takes its time.
const cases: readonly (readonly [ModelType, FinetuningTaskName])[] = [
  ['electra', 'text-classification'],
  ['roberta', 'token-classification'],
  ['bert', 'question-answering'],
  ['albert', 'multiple-choice'],
  ['electra', 'multiple-choice'],
]
// RoBERTa's segments are all 0 in its own checkpoints; this one has two.
describe.skipIf(!python)(`losses are PyTorch’s${reason}`, () => {
  it.each(cases)('%s, %s', async (modelType: ModelType, task) => {
    const folder = await temporaryFolder()
    const config = {
      hiddenDropoutProb: 0,
      attentionProbsDropoutProb: 0,
      classifierDropout: 0,
      summaryLastDropout: 0,
      typeVocabSize: 2,
      initializerRange: 0.3,
    }
    const model = await writeTinyCheckpoint(join(folder, 'start'), { modelType, config })
    const hyper = {
      learningRate: 3e-3,
      epochs: 5,
      batchSize: 4,
      warmup: 0.2,
      weightDecay: 0.1,
      layerDecay: 1,
      embeddingRate: 1,
      seed: 7,
    }
    const options = { model, train: { examples: examples[task], columns: {} }, heldOutShare: 0, threads: 1, ...hyper }
    const begin = async (more: object, reporter = {}) =>
      finetune(task, { ...options, ...more } as unknown as FinetuningOptions<FinetuningTaskName>, reporter)
    // With its new head, so that both begin with the same one.
    const headed = join(folder, 'headed')
    await begin({ out: headed, learningRate: 0, epochs: 1 })
    const losses: number[] = []
    const step = ({ loss }: { loss: number }) => void losses.push(loss)
    const { plan } = await begin({ model: headed, out: join(folder, 'out') }, { step })
    expect(plan.fresh).toEqual([])

    const tokenizer = await loadTokenizer(headed)
    const context = { tokenizer, config: await readConfig(await openFolder(headed)), maxLength: plan.maxLength }
    const features = finetuningTasks[task].features(examples[task] as never, context)
    const batches: object[] = []
    for await (const { examples: chosen } of epochBatches<object>(features, hyper)) batches.push(chosen)
    const job = { ...hyper, steps: plan.steps, warmup: Math.ceil(hyper.warmup * plan.steps), batches }
    const plain = (_: string, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value)
    await writeFile(join(folder, 'batches.json'), JSON.stringify(job, plain))
    const { stdout } = await promisify(execFile)(python!, [script, headed, task, join(folder, 'batches.json')])
    const expected = JSON.parse(stdout) as number[]
    expect(losses).toHaveLength(10)
    expect(Math.abs(expected[0]! - expected.at(-1)!)).toBeGreaterThan(0.05) // there is something to agree on
    for (const [i, loss] of losses.entries()) expect(loss, `step ${i + 1}`).toBeCloseTo(expected[i]!, 4)
  })
})
