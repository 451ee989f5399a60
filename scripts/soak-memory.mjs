// Trains a tiny model for a million steps and watches the memory: it must not grow.
//
//   npm run soak:memory [-- steps]

import { createConfig } from '../dist/checkpoint/index.js'
import { maskedLm } from '../dist/objective/index.js'
import { Runtime } from '../dist/runtime/index.js'
import { Trainer } from '../dist/train/index.node.js'

const [steps = 1_000_000] = process.argv.slice(2).map(Number)
const SAMPLES = 20
/** MB that heap and resident memory may wander between the first and the last quarter, warm-up left out. */
const TOLERANCE = { heap: 2, resident: 16 }

const widths = { hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 1, intermediateSize: 16, embeddingSize: 8 }
const config = createConfig({ modelType: 'bert', vocabSize: 24, maxPositionEmbeddings: 16, ...widths })
const vocabulary = { vocabSize: 24, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }

async function* sentences() {
  // Of many lengths, since shapes are what an engine may remember.
  for (let i = 0; ; i++) {
    const rows = Array.from({ length: 1 + (i % 3) }, (_, r) =>
      Array.from({ length: 2 + ((i + r) % 9) }, (_, k) => 5 + ((i + k) % 19)),
    )
    yield { examples: rows.map((ids) => ({ ids: [2, ...ids, 3] })), position: { epoch: i } }
  }
}

const runtime = await Runtime.open({ threads: 1 })
const trainer = await Trainer.create(maskedLm(config, vocabulary), runtime, { steps, learningRate: 1e-3 })
const samples = []
const started = performance.now()
for await (const { step } of trainer.train(sentences())) {
  if (step % Math.max(1, Math.floor(steps / SAMPLES)) !== 0) continue
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  samples.push({ heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 })
  const perSecond = Math.round((1000 * step) / (performance.now() - started))
  const { heap, resident } = samples.at(-1)
  console.log(`${step} steps, ${perSecond}/s: heap ${heap.toFixed(1)} MB, resident ${resident.toFixed(1)} MB`)
}
trainer.dispose()
runtime.dispose()

const quarter = Math.floor(samples.length / 4)
for (const [what, tolerance] of Object.entries(TOLERANCE)) {
  const mean = (part) => part.reduce((sum, sample) => sum + sample[what] / part.length, 0)
  const growth = mean(samples.slice(-quarter)) - mean(samples.slice(quarter, 2 * quarter))
  console.log(`${what}: ${growth >= 0 ? '+' : ''}${growth.toFixed(2)} MB from the second to the last quarter`)
  if (growth > tolerance) throw new Error(`${what} grew by ${growth.toFixed(1)} MB`)
}
