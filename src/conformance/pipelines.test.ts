// The golden pipelines, where they are: ../shared beside the repository.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { CaseResult } from './case.js'
import { pipelineCases } from './cases.node.js'

const golden = '../shared/golden/pipelines'
const isThere = existsSync(golden)

async function collect(dir: string): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for await (const result of pipelineCases(dir)) results.push(result)
  return results
}

test.skipIf(!isThere)(`golden pipelines${isThere ? '' : `: skipped, there is no ${golden}`}`, async () => {
  const results = await collect(golden)
  expect(results.filter(({ status }) => status === 'failed')).toEqual([])
  const passed = results.filter(({ status }) => status === 'passed').map(({ name }) => name)
  const tasks = [
    ...['fill-mask', 'question-answering', 'text-classification', 'token-classification', 'feature-extraction'],
  ]
  expect(passed).toEqual(expect.arrayContaining(tasks.flatMap((task) => [`electra-${task}`, `spanbert-${task}`])))
})

const python = process.env.BERTKIN_PYTHON
const reason = python ? '' : ' (skipped: BERTKIN_PYTHON names no Python with torch and transformers)'

test.skipIf(!python || !isThere)(
  `fresh pipelines on other texts and weights${reason}`,
  { timeout: 600_000 },
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'bertkin-fresh-'))
    try {
      const script = fileURLToPath(new URL('./testing/freshPipelines.py', import.meta.url))
      await promisify(execFile)(python!, [script, root, '23', join(golden, '../../tokenizers'), 'electra', 'spanbert'])
      const results = await collect(join(root, 'golden/pipelines'))
      expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
      expect(results).toHaveLength(14)
    } finally {
      await rm(root, { recursive: true })
    }
  },
)
