// The golden pipelines, where they are: ../shared beside the repository.

import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CaseResult } from './case.js'
import { pipelineCases } from './pipelines.js'

const golden = '../shared/golden/pipelines'
const isThere = existsSync(golden)

test.skipIf(!isThere)(`golden pipelines${isThere ? '' : `: skipped, there is no ${golden}`}`, async () => {
  const results: CaseResult[] = []
  for await (const result of pipelineCases(golden)) results.push(result)
  expect(results.filter(({ status }) => status === 'failed')).toEqual([])
  const passed = results.filter(({ status }) => status === 'passed').map(({ name }) => name)
  expect(passed).toEqual(expect.arrayContaining(['electra-fill-mask', 'spanbert-fill-mask']))
})
