// Batches of epochs: everything once, in another order each time, and resumed anywhere.

import { expect, it } from 'vitest'
import { type EpochPosition, epochBatches } from './epochs.js'

const items = Array.from({ length: 11 }, (_, i) => i)
const options = { batchSize: 4, epochs: 3, seed: 5 }

async function read(from?: EpochPosition, settings = options) {
  const batches: { examples: readonly number[]; position: EpochPosition }[] = []
  for await (const batch of epochBatches(items, settings, from)) batches.push(batch)
  return batches
}

it('gives every example once an epoch, in another order each time', async () => {
  const batches = await read()
  expect(batches.map(({ examples }) => examples.length)).toEqual([4, 4, 3, 4, 4, 3, 4, 4, 3])
  const epochs = [0, 3, 6].map((start) => batches.slice(start, start + 3).flatMap(({ examples }) => examples))
  for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(items)
  expect(new Set(epochs.map(String)).size).toBe(3)
  expect(await read()).toEqual(batches)
  expect(await read(undefined, { ...options, seed: 6 })).not.toEqual(batches)
})

it('goes on after any batch as if it had not stopped', async () => {
  const batches = await read()
  for (const [i, { position }] of batches.entries()) {
    const saved = JSON.parse(JSON.stringify(position)) as EpochPosition
    expect(await read(saved)).toEqual(batches.slice(i + 1))
  }
})
