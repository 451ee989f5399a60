// One point of growth.mjs: a step's time, the memory beyond that of the empty process, and what both may be expected from.

import { createConfig } from '../dist/checkpoint/index.js'
import { maskedLm } from '../dist/objective/index.js'
import { Random } from '../dist/random.js'
import { Runtime } from '../dist/runtime/index.js'
import { AdamW, TrainingStep } from '../dist/train/index.js'
import { givenMasking, maskedSequences } from './batches.mjs'
import { median } from './contest.mjs'

const [HIDDEN, INNER, HEADS] = [256, 1024, 4]
const STEPS = 7

const { sequence, batch, layers, vocabSize } = JSON.parse(process.argv[2])
const config = createConfig({
  ...{ modelType: 'bert', vocabSize, hiddenSize: HIDDEN, intermediateSize: INNER, numHiddenLayers: layers },
  ...{ numAttentionHeads: HEADS, maxPositionEmbeddings: 512 },
})
const sequences = maskedSequences(batch, vocabSize, { length: sequence })
const objective = maskedLm(config, givenMasking(sequences))
const runtime = await Runtime.open({ threads: 2 })
const emptyKilobytes = process.resourceUsage().maxRSS
const step = await TrainingStep.create(objective, runtime, { seed: 1 })
const optimizer = new AdamW(step.store.slots)

const times = []
for (let i = 0; i < STEPS; i++) {
  const prepared = objective.prepare(sequences, new Random(i))
  const started = performance.now()
  await step.run([prepared], optimizer, { learningRate: 1e-4, maximalNorm: 1, dropoutSeed: i })
  times.push((performance.now() - started) / 1000)
}

const tokens = batch * sequence
const predictions = sequences.reduce((sum, { positions }) => sum + positions.length, 0)
/** What a step holds at once: what the backward pass reads of the forward one, and four numbers for each parameter. */
const numbers =
  layers * (tokens * (12 * HIDDEN + 4 * INNER) + 4 * batch * HEADS * sequence ** 2) +
  4 * predictions * vocabSize +
  4 * step.store.values.length

console.log(
  JSON.stringify({
    seconds: median(times.slice(2)),
    megabytes: (process.resourceUsage().maxRSS - emptyKilobytes) / 1000,
    operations: runtime.flops / STEPS,
    numbers,
  }),
)
process.exit(0)
