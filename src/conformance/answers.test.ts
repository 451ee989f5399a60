// question-answering and text-classification as the last transformers has them that has both, where BERTKIN_PYTHON4 names
// a Python with torch and transformers 4.57.6.

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

const tokenizers = fileURLToPath(new URL('../../../shared/tokenizers', import.meta.url))
const python = existsSync(tokenizers) ? process.env.BERTKIN_PYTHON4 : undefined
const reason = python ? '' : ' (skipped: BERTKIN_PYTHON4 names no Python with transformers 4.57.6, or no ../shared)'

test.skipIf(!python)(`fresh questions and texts to classify${reason}`, { timeout: 600_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'bertkin-fresh-'))
  try {
    const script = fileURLToPath(new URL('./testing/freshAnswers.py', import.meta.url))
    await promisify(execFile)(python!, [script, root, '31', tokenizers])
    const results: CaseResult[] = []
    for await (const result of pipelineCases(join(root, 'golden/pipelines'))) results.push(result)
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
    expect(results).toHaveLength(20)
  } finally {
    await rm(root, { recursive: true })
  }
})
