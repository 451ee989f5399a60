// What a run wrote about itself, read back, and the report that is made of it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { type Metrics, parseMetrics, parseRunFacts, parseSamples, type RunFacts, reportPage } from '../report/index.js'

const RUN = 'run.json'
const METRICS = 'metrics.jsonl'
export const SAMPLES = 'samples.jsonl'
const REPORT = 'report.html'

/** What was measured up to a step. */
export const upTo = (metrics: Metrics, step: number): Metrics =>
  new Map([...metrics].map(([name, points]) => [name, points.filter(([at]) => at <= step)] as const))

export const writeFacts = (out: string, facts: RunFacts): Promise<void> =>
  writeText(join(out, RUN), `${JSON.stringify(facts, undefined, 2)}\n`)

/** What a run wrote about itself. Files that are not there are empty. */
export async function readRun(out: string) {
  const read = async (name: string): Promise<string> =>
    readFile(join(out, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw new BertkinError('file-read', `Cannot read ${join(out, name)}: ${error.message}`, { cause: error })
    })
  return {
    facts: parseRunFacts(await read(RUN)),
    metrics: parseMetrics(await read(METRICS)),
    samples: parseSamples(await read(SAMPLES)),
  }
}

/**
 * Makes a run's report.html from what it wrote about itself.
 *
 * @returns the report's path
 * @throws {BertkinError} `file-missing` if the folder is no run's
 */
export async function writeReport(out: string): Promise<string> {
  const content = await readRun(out)
  if (content.metrics.size === 0 && content.facts.models.length === 0) {
    throw new BertkinError('file-missing', `${out} has no ${METRICS} and no ${RUN}: is it the folder of a run?`)
  }
  const path = join(out, REPORT)
  await writeText(path, reportPage(content))
  return path
}

export const writeText = (path: string, text: string): Promise<void> =>
  writeFileAtomically(path, [new TextEncoder().encode(text)])
