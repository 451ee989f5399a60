// npm run golden -- [KIND] [DIR]: every case folder in DIR against the reference numbers; without a kind, all kinds.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseResult } from './case.js'
import { modelCases, pipelineCases, tokenizerCases, trainCases } from './cases.node.js'

/** Every kind of golden numbers, and what runs it. */
export const goldenKinds: Readonly<Record<string, (dir: string) => AsyncGenerator<CaseResult>>> = {
  models: (dir) => modelCases(dir),
  train: trainCases,
  tokenizers: tokenizerCases,
  pipelines: pipelineCases,
}

const DEFAULT_ROOT = '../shared/golden'

/** Runs one kind, or all below the default folder; prints a line a case. Returns the process's exit code. */
async function main(kind: string | undefined, dir: string | undefined): Promise<number> {
  const kinds = kind === undefined ? Object.keys(goldenKinds) : [kind]
  let passed = 0
  let failed = 0
  for (const name of kinds) {
    const run = goldenKinds[name]
    if (!run) return refuse(`there is no kind "${name}"; choose ${Object.keys(goldenKinds).join(', ')}`)
    const folder = dir ?? join(DEFAULT_ROOT, name)
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return refuse(`${folder} is not a folder`)
    for await (const result of run(folder)) {
      console.log(describe(name, result))
      if (result.status === 'passed') passed++
      if (result.status === 'failed') failed++
    }
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 || passed === 0 ? 1 : 0
}

function describe(kind: string, { name, status, error, detail }: CaseResult): string {
  const largest = error === undefined ? '' : `  largest error ${error.toExponential(1)}`
  return `${status.padEnd(7)}  ${kind}/${name}${largest}${detail ? `  ${detail}` : ''}`
}

function refuse(message: string): number {
  console.error(`error: ${message}`)
  return 1
}

process.exitCode = await main(process.argv[2], process.argv[3])
