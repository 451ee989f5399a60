// bertkin, as a contestant.

import { openFolder, openWeights } from '../../dist/checkpoint/index.js'
import { loadTokenizer, pipeline } from '../../dist/index.js'
import { readConfig } from '../../dist/model/index.js'
import { maskedLm } from '../../dist/objective/index.js'
import { Random } from '../../dist/random.js'
import { Runtime } from '../../dist/runtime/index.js'
import { AdamW, TrainingStep } from '../../dist/train/index.js'
import { beginnings, bestTokens, linesOf, serve, spans } from './serve.mjs'

serve({
  async 'fill-mask'({ folder, texts, threads }) {
    const fill = await pipeline('fill-mask', folder, { threads, prepack: true })
    return { answer: bestTokens(await fill(texts)), run: () => fill(texts) }
  },

  async 'question-answering'({ folder, questions, threads }) {
    const ask = await pipeline('question-answering', folder, { threads, prepack: true })
    return { answer: spans(await ask(questions)), run: () => ask(questions) }
  },

  async embeddings({ folder, texts, threads }) {
    const embed = await pipeline('feature-extraction', folder, { threads, prepack: true })
    const run = () => embed(texts, { pooling: 'mean' })
    return { answer: beginnings(await run()), run }
  },

  async tokenize(job) {
    const { folder, offsets } = job
    const tokenizer = await loadTokenizer(folder)
    const lines = await linesOf(job)
    const run = async () => {
      let count = 0
      for (const line of lines) {
        if (offsets) {
          const encoding = tokenizer.encode(line, { addSpecialTokens: false })
          count += encoding.ids.length + 0 * encoding.offsets.length
        } else count += tokenizer.encodeIds(line).length
      }
      return count
    }
    return { answer: await run(), run }
  },

  async 'train-masked-lm'({ folder, sequences, threads }) {
    // Masked already: the same rows for all contestants.
    const masking = (ids) => sequences.find((sequence) => sequence.ids === ids)
    const examples = sequences.map(({ ids }) => ({ ids }))
    return trainingOf(folder, threads, (config) => maskedLm(config, masking), examples)
  },
})

/** A step of training: forward, backward, clipping, AdamW. */
async function trainingOf(folder, threads, objectiveOf, examples) {
  const opened = await openFolder(folder)
  const objective = objectiveOf(await readConfig(opened))
  const step = await TrainingStep.create(objective, await Runtime.open({ threads }))
  const weights = await openWeights(opened)
  for (const { path, start } of step.store.slots) step.store.values.set(await weights.readFloat32(path), start)
  const optimizer = new AdamW(step.store.slots, { weightDecay: 0.01 })
  let seed = 0
  const run = () => {
    const batch = objective.prepare(examples, new Random(1))
    return step.run([batch], optimizer, { learningRate: 1e-5, maximalNorm: 1, dropoutSeed: seed++ })
  }
  return { answer: (await run()).loss, run }
}
