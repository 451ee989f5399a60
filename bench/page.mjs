// Results in words: for the terminal, and as docs/benchmarks.md. What was measured is kept in docs/benchmarks.json, so
// that a part can be measured again without the rest.

import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { writeMeasured } from '../scripts/measuredPart.mjs'
import { median, quantile } from './contest.mjs'
import { here } from './places.mjs'

const PAGE = here('../docs/benchmarks.md')
const RECORD = here('../docs/benchmarks.json')

/**
 * A result as it is kept: times in seconds, quartiles of each.
 *
 * @typedef {{name: string, target?: number, missing?: string, agrees?: boolean, seconds?: number[], ratio?: number}} Row
 * @typedef {{id: string, title: string, date: string, rows: Row[]}} Result
 */

/** @returns {Result} */
export function resultOf({ work, threads, entries }) {
  const [ours] = entries
  return {
    id: work.id,
    title: `${work.title}, ${threads} thread${threads === 1 ? '' : 's'}`,
    date: new Date().toISOString().slice(0, 10),
    rows: entries.map(({ name, target, missing, agrees, seconds, answer }) => {
      if (missing) return { name, target, missing }
      const quartiles = [0.25, 0.5, 0.75].map((share) => Number(quantile(seconds, share).toPrecision(4)))
      // Where both say how many operations they do: in how much of the peer's speed bertkin does its own.
      const operations = work.isShare ? ours.answer / answer : 1
      const ratio = Number(((operations * median(seconds)) / median(ours.seconds)).toFixed(2))
      return { name, target, agrees, seconds: quartiles, ...(target && { ratio }) }
    }),
  }
}

const milliseconds = (seconds) => {
  const ms = 1000 * seconds
  return ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')
}

/** A result for the terminal. */
export function tell({ title, rows }) {
  const lines = rows.map(({ name, seconds, missing, target, ratio, agrees }) => {
    if (missing) return `  ${name.padEnd(28)} missing: ${missing}`
    const [low, middle, high] = seconds.map(milliseconds)
    const verdict = target ? `  ${ratio.toFixed(2)} × (target ${target})` : ''
    return `  ${name.padEnd(28)} ${middle.padStart(8)} ms (${low}–${high})${verdict}${agrees === false ? '  ANSWERS DIFFER' : ''}`
  })
  return [title, ...lines, ''].join('\n')
}

/**
 * Puts results into docs/benchmarks.md, in the order of the works. What other works have had is kept, if it was measured
 * under the same circumstances.
 *
 * @param {string} circumstances machine and versions
 */
export async function writePage(results, order, circumstances) {
  const known = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {}
  const isComparable = known.circumstances === circumstances
  const all = new Map([...(isComparable ? known.results : []), ...results].map((result) => [result.id, result]))
  const sorted = order.flatMap((id) => all.get(id) ?? [])
  const json = `${JSON.stringify({ circumstances, results: sorted }, null, 1)}\n`
  await writeFileAtomically(RECORD, [Buffer.from(json)])
  await writeMeasured(PAGE, table(circumstances, sorted))
}

function table(circumstances, results) {
  const dates = [...new Set(results.map(({ date }) => date))].sort().join(', ')
  return [
    `${dates}. ${circumstances}`,
    '',
    '| work | bertkin | peer | the peer’s time | times as fast | target |',
    '| --- | --- | --- | --- | --- | --- |',
    ...results.flatMap(({ title, rows: [ours, ...peers] }) =>
      peers.map((peer, i) => {
        const own = i === 0 ? [title, `${milliseconds(ours.seconds[1])} ms`] : ['', '']
        return `| ${[...own, peer.name, ...verdict(peer), peer.target].join(' | ')} |`
      }),
    ),
  ].join('\n')
}

function verdict({ missing, seconds, ratio, target, agrees }) {
  if (missing) return ['missing', '–']
  const told = ratio >= target ? `**${ratio.toFixed(2)}**` : ratio.toFixed(2)
  return [`${milliseconds(seconds[1])} ms`, agrees ? told : `${told} (answers differ)`]
}
