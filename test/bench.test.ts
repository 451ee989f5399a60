// The bench's own machinery, with contestants that do nothing: turns, medians, and peers that are missing.

import { expect, it } from 'vitest'

interface Runner {
  readonly name: string
  run(): Promise<number>
}
interface Contestant extends Runner {
  prepare(job: object): Promise<unknown>
  stop(): void
}

const bench = (file: string): string => new URL(`../bench/${file}`, import.meta.url).href
const { contest, quantile } = (await import(bench('contest.mjs'))) as {
  contest(contestants: readonly Runner[], limits: { rounds: number; seconds: number }): Promise<Map<string, number[]>>
  quantile(values: readonly number[], share: number): number
}
const { Contestant, Missing } = (await import(bench('contestant.mjs'))) as {
  Contestant: new (name: string, command: readonly string[], environment: Record<string, string>) => Contestant
  Missing: new () => Error
}

it('lets contestants take turns, each round in another order, and three rounds at least', async () => {
  const order: string[] = []
  const runner = (name: string): Runner => ({ name, run: async () => order.push(name) })
  const times = await contest([runner('a'), runner('b')], { rounds: 9, seconds: 0 })
  expect(order.join('')).toBe('abbaab')
  expect([...times]).toEqual([
    ['a', [1, 4, 5]],
    ['b', [2, 3, 6]],
  ])
})

it('has medians and quartiles between the values', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(quantile([7], 0.75)).toBe(7)
})

it('warms a contestant up, and times what comes then', async () => {
  const script = `import { serve } from ${JSON.stringify(bench('peers/serve.mjs'))}
    let runs = 0
    serve({ wait: async ({ first }) => ({
      answer: first,
      run: () => new Promise((done) => setTimeout(done, runs++ === 0 ? 300 : 0)),
    }) })`
  const contestant = new Contestant('one', [process.execPath, '--input-type=module', '-e', script], {})
  try {
    expect(await contestant.prepare({ work: 'wait', first: 'ready' })).toBe('ready')
    expect(await contestant.run()).toBeLessThan(0.3)
    await expect(contestant.prepare({ work: 'sing' })).rejects.toThrow('nothing for sing')
  } finally {
    contestant.stop()
  }
})

it.each([
  ['that is not there', ['/no/such/program'], /ENOENT/],
  ['that dies', [process.execPath, '-e', 'throw new TypeError("no torch")'], /TypeError: no torch/],
  ['that says what it lacks', [process.execPath, '-e', `console.log('{"missing": "a library"}')`], /a library/],
])('tells of a peer %s', async (_, command, reason) => {
  const contestant = new Contestant('one', command, {})
  const failed = contestant.prepare({ work: 'any' })
  await expect(failed).rejects.toThrow(reason)
  await expect(failed).rejects.toBeInstanceOf(Missing)
  contestant.stop()
})
