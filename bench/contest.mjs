// Fair timings: contestants take turns, so that what else the machine does falls on all of them alike.

import { setTimeout as pause } from 'node:timers/promises'

/** Threads of an engine that has just worked look for more work for a while. */
const QUIET = 60

/**
 * Runs contestants in turns, each round in another order.
 *
 * @param {readonly {name: string, run(): Promise<number>}[]} contestants
 * @param {{rounds: number, seconds: number}} limits so many rounds, or for so long, but three at least
 * @returns {Promise<Map<string, number[]>>} seconds of each round, by name
 */
export async function contest(contestants, { rounds, seconds }) {
  const times = new Map(contestants.map(({ name }) => [name, []]))
  const started = performance.now()
  for (let round = 0; round < rounds; round++) {
    if (round >= 3 && performance.now() - started > 1000 * seconds) break
    const first = round % contestants.length
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      await pause(QUIET)
      const taken = await contestant.run()
      times.get(contestant.name).push(taken)
    }
  }
  return times
}

/** @param {readonly number[]} values @param {number} share 0.5: the median */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

export const median = (values) => quantile(values, 0.5)
