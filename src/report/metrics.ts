// metrics.jsonl: numbers by step. A line is what was measured at one moment; a name's values over all lines are a series.

import { jsonLines } from './jsonLines.js'

/** A value at a step. */
export type Point = readonly [step: number, value: number]

/** The values of each name, in order of steps. */
export type Metrics = ReadonlyMap<string, readonly Point[]>

/**
 * Reads metrics.jsonl. Where a run was resumed from an earlier step, what it had written of later ones is dropped; numbers
 * that were not finite (null) are left out.
 *
 * @example
 * const metrics = parseMetrics('{"step": 10, "train_loss": 5.1}\n{"step": 20, "train_loss": 4.7}\n')
 * metrics.get('train_loss') // [[10, 5.1], [20, 4.7]]
 */
export function parseMetrics(text: string): Metrics {
  const series = new Map<string, Point[]>()
  let latest = Number.NEGATIVE_INFINITY
  for (const { step, ...values } of jsonLines(text)) {
    if (typeof step !== 'number' || !Number.isFinite(step)) continue
    if (step < latest) for (const points of series.values()) dropFrom(points, step)
    latest = step
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'number') continue
      const points = series.get(name) ?? []
      if (points.length === 0) series.set(name, points)
      if (points.at(-1)?.[0] === step) points.pop()
      points.push([step, value])
    }
  }
  return series
}

function dropFrom(points: Point[], step: number): void {
  while (points.length > 0 && points.at(-1)![0] >= step) points.pop()
}

/**
 * A name's last value.
 *
 * @example
 * lastValue(parseMetrics('{"step": 10, "loss": 5.1}'), 'loss') // 5.1
 */
export const lastValue = (metrics: Metrics, name: string): number | undefined => metrics.get(name)?.at(-1)?.[1]

/**
 * The last step that anything is known of; 0 if nothing is.
 *
 * @example
 * lastStep(parseMetrics('{"step": 10, "loss": 5.1}')) // 10
 */
export const lastStep = (metrics: Metrics): number =>
  Math.max(0, ...[...metrics.values()].map((points) => points.at(-1)?.[0] ?? 0))
