// bertkin's steps of training: forward, backward, clipping, AdamW.

import { openFolder, openWeights } from '../../dist/checkpoint/index.js'
import { readConfig } from '../../dist/model/index.js'
import {
  maskedLm,
  questionAnswering,
  replacedTokenDetection,
  sentenceOrderPrediction,
  sequenceClassification,
  spanBoundary,
} from '../../dist/objective/index.js'
import { Random } from '../../dist/random.js'
import { Runtime } from '../../dist/runtime/index.js'
import { AdamW, TrainingStep } from '../../dist/train/index.js'
import { givenMasking } from '../batches.mjs'

/** Nothing is special in tokens at random. */
const vocabularyOf = ({ vocabSize }) => ({ vocabSize, maskTokenId: 4, specialTokenIds: new Set([4]) })

/** Objectives by name, of the configurations of their models. */
const OBJECTIVES = {
  'masked-lm': ([config], masking) => maskedLm(config, masking),
  'sentence-order': ([config], masking) => sentenceOrderPrediction(config, masking),
  'replaced-token-detection': ([generator, discriminator], masking) =>
    replacedTokenDetection({ generator, discriminator }, vocabularyOf(generator), { masking }),
  'span-boundary': ([config], masking) => spanBoundary(config, vocabularyOf(config), masking),
  classification: ([config]) => sequenceClassification(config),
  answers: ([config]) => questionAnswering(config),
}

/** A step, and its loss or how many operations its matrix products take; the sequences are masked already. */
export async function training({ folder, folders = [folder], objective: name, sequences, threads, answersFlops }) {
  const opened = await Promise.all(folders.map((one) => openFolder(one)))
  const configs = await Promise.all(opened.map((one) => readConfig(one)))
  const objective = OBJECTIVES[name](configs, givenMasking(sequences))
  const runtime = await Runtime.open({ threads })
  const step = await TrainingStep.create(objective, runtime)
  await readParameters(step.store, objective.models, opened)
  const optimizer = new AdamW(step.store.slots, { weightDecay: 0.01 })
  let seed = 0
  const run = () => {
    const batch = objective.prepare(sequences, new Random(1))
    return step.run([batch], optimizer, { learningRate: 1e-5, maximalNorm: 1, dropoutSeed: seed++ })
  }
  const { loss } = await run()
  return { answer: answersFlops ? runtime.flops : loss, run }
}

/** Every trained model's parameters, from the folder in its place. */
async function readParameters(store, models, folders) {
  const slots = new Map(store.slots.map((slot) => [slot.path, slot]))
  for (const [i, { parameterName }] of models.entries()) {
    const weights = await openWeights(folders[i])
    for (const name of weights.names()) {
      const slot = slots.get(parameterName(name))
      if (slot) store.values.set(await weights.readFloat32(name), slot.start)
    }
  }
}
