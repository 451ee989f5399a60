// Steps from batches: one micro-batch at a time, counted beforehand, and the same from wherever a stream begins.

import { describe, expect, it } from 'vitest'
import type { Sequence } from '../model/index.js'
import type { Objective } from '../objective/index.js'
import { type ExampleBatch, type MicroBatch, prepareSteps } from './index.js'
import { repeat, SENTENCES, tinyElectra } from './testing/tinyTraining.js'

async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const item of stream) if (taken.push(item) >= count) break
  return taken
}

const objective = tinyElectra()

describe('a step in micro-batches', () => {
  it('has the predictions that it counted, and knows where it is', async () => {
    const items = await take(prepareSteps(objective, repeat(SENTENCES), { microBatchSize: 4, seed: 5 }), 6)
    expect(items.map(({ step, index, of }) => [step, index, of])).toEqual([
      [1, 0, 2],
      [1, 1, 2],
      [2, 0, 2],
      [2, 1, 2],
      [3, 0, 2],
      [3, 1, 2],
    ])
    for (const step of [1, 2, 3]) {
      const own = items.filter((item) => item.step === step)
      const sum = own.reduce((total, { batch }) => total + batch.counts.mlm!, 0)
      for (const { counts } of own) expect(counts.mlm).toBe(sum)
      expect(new Set(own.map(({ dropoutSeed }) => dropoutSeed)).size).toBe(1)
    }
    expect(new Set(items.map(({ dropoutSeed }) => dropoutSeed)).size).toBe(3)
  })

  it('masks as one pass over all examples does', async () => {
    // One random stream goes through all micro-batches: that of the step.
    const drawn: number[] = []
    const recording: Pick<Objective<Sequence>, 'prepare'> = {
      prepare(examples, random) {
        drawn.push(random.uint32())
        return objective.prepare(examples, random)
      },
    }
    await take(prepareSteps(recording, repeat(SENTENCES), { microBatchSize: 2 }), 3)
    expect(drawn.slice(3)).toEqual(drawn.slice(0, 3))
    expect(new Set(drawn).size).toBe(3)
  })

  it('is never in memory as a whole', async () => {
    const examples = Array.from({ length: 512 }, (_, i) => SENTENCES[i % SENTENCES.length]!)
    let prepared = 0
    const counting: Pick<Objective<Sequence>, 'prepare'> = {
      prepare(part, random) {
        expect(part).toHaveLength(2)
        prepared++
        return objective.prepare(part, random)
      },
    }
    let taken = 0
    for await (const { of } of prepareSteps(counting, repeat(examples), { microBatchSize: 2 })) {
      taken++
      expect(of).toBe(256)
      // All were looked at once to count them; of the second time only what was asked for.
      expect(prepared).toBe(256 + taken)
      if (taken === 256) break
    }
  })
})

describe('a stream that begins later', () => {
  it('goes on with the same steps, and says where its data goes on', async () => {
    async function* positioned(from: number): AsyncGenerator<ExampleBatch<Sequence>> {
      for (let i = from; ; i++) yield { examples: SENTENCES.slice(i % 3), position: i + 1 }
    }
    const options = { seed: 3, microBatchSize: 3 }
    const whole = await take(prepareSteps(objective, positioned(0), options), 12)
    const cut = whole.findIndex(({ step, index }) => step === 4 && index === 0)
    const later = await take(prepareSteps(objective, positioned(3), { ...options, firstStep: 4 }), 12 - cut)
    expect(later).toEqual(whole.slice(cut))
    const positions = whole.filter(({ index }) => index === 0).map(({ step, position }) => [step, position])
    for (const [step, position] of positions) expect(position).toBe(step)
  })
})

it('an empty batch is refused', async () => {
  const refused = expect.objectContaining({ code: 'option-invalid' })
  await expect(take(prepareSteps(objective, repeat<Sequence>([])), 1)).rejects.toEqual(refused)
})

it('survives cloning, as between threads', async () => {
  const items = await take(prepareSteps(objective, repeat(SENTENCES), { microBatchSize: 4 }), 2)
  expect(items.map((item): MicroBatch => structuredClone(item))).toEqual(items)
})
