// The short form of `npm run soak:memory`: the training loop keeps nothing of the steps it has made.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { Sequence } from '../model/index.js'
import { Runtime } from '../runtime/index.js'
import { type ExampleBatch, Trainer } from './index.js'
import { SENTENCES, tinyMaskedLm } from './testing/tinyTraining.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function* batches(): AsyncGenerator<ExampleBatch<Sequence>> {
  for (let i = 0; ; i++) yield { examples: SENTENCES.slice(i % 5), position: { i } }
}

it('training for longer takes no more heap', async () => {
  using runtime = await Runtime.open({ threads: 1 })
  using trainer = await Trainer.create(tinyMaskedLm(), runtime, { steps: 1500, microBatchSize: 3 })
  const heap: number[] = []
  for await (const { step } of trainer.train(batches())) {
    if (step % 300 !== 0) continue
    collect()
    heap.push(process.memoryUsage().heapUsed)
  }
  expect(heap).toHaveLength(5)
  // A step's report alone, kept, would be 300 times some 500 bytes each time; what else makes the heap grow does so once.
  const growth = heap.slice(1).map((bytes, i) => bytes - heap[i]!)
  expect(Math.min(...growth)).toBeLessThan(75_000)
})
