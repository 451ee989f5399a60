import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { CaseResult } from './case.js'
import { tokenizerCases } from './cases.node.js'

const golden = fileURLToPath(new URL('../../../shared/golden/tokenizers/', import.meta.url))

describe.skipIf(!existsSync(golden))('recorded tokenizations (needs ../shared/golden)', () => {
  it('agree in every line that can be run', async () => {
    const results: CaseResult[] = []
    for await (const result of tokenizerCases(golden)) results.push(result)
    expect(results.filter((result) => result.status === 'failed')).toEqual([])
    const passed = results.filter((result) => result.status === 'passed').map((result) => result.name)
    expect(passed).toEqual(
      expect.arrayContaining([
        'albert (tokenizer.json)',
        'albert (spiece.model)',
        'electra (tokenizer.json)',
        'electra (vocab.txt)',
        'roberta (tokenizer.json)',
        'roberta (vocab.json + merges.txt)',
        'spanbert (vocab.txt)',
      ]),
    )
  })
})
