// All cases of a kind: the folders below one on a disk.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openFolder } from '../checkpoint/index.js'
import { type Device, Runtime } from '../runtime/index.js'
import type { CaseResult } from './case.js'
import { modelCase } from './models.js'
import { pipelineCase } from './pipelines.js'
import { tokenizerCase } from './tokenizers.js'
import { trainCase } from './train.js'

/** The case folders below `goldenDir`, in order of name. What else lies there, a README say, is no case. */
async function caseFolders(goldenDir: string): Promise<string[]> {
  const entries = await readdir(goldenDir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort()
}

/** Runs every case of a model below `goldenDir`. */
export async function* modelCases(goldenDir: string, device?: Device): AsyncGenerator<CaseResult> {
  using runtime = await Runtime.open(device ? { device } : {})
  for (const name of await caseFolders(goldenDir)) {
    yield await modelCase(await openFolder(join(goldenDir, name)), name, runtime)
  }
}

/** Runs every case of training below `goldenDir`. */
export async function* trainCases(goldenDir: string): AsyncGenerator<CaseResult> {
  using runtime = await Runtime.open()
  for (const name of await caseFolders(goldenDir)) {
    yield await trainCase(await openFolder(join(goldenDir, name)), name, runtime)
  }
}

/**
 * Runs every case of a pipeline below `goldenDir`, with the tokenizers in `<goldenDir>/../../tokenizers`. Tasks, models
 * and tokenizers that are not built are skipped.
 *
 * @example
 * for await (const result of pipelineCases('../shared/golden/pipelines')) console.log(result.name, result.status)
 */
export async function* pipelineCases(goldenDir: string): AsyncGenerator<CaseResult> {
  using runtime = await Runtime.open()
  const tokenizers = await openFolder(join(goldenDir, '..', '..', 'tokenizers'))
  for (const name of await caseFolders(goldenDir)) {
    yield await pipelineCase(await openFolder(join(goldenDir, name)), name, tokenizers, runtime)
  }
}

/**
 * Yields a result for each folder `<name>` of `goldenDir` and each form of `<goldenDir>/../../tokenizers/<name>`. A form
 * whose algorithm is not built is skipped. Throws only if a folder cannot be read.
 *
 * @example
 * for await (const result of tokenizerCases('../shared/golden/tokenizers')) console.log(result.name, result.status)
 */
export async function* tokenizerCases(goldenDir: string): AsyncGenerator<CaseResult> {
  for (const name of await caseFolders(goldenDir)) {
    const home = await openFolder(join(goldenDir, '..', '..', 'tokenizers', name))
    yield* tokenizerCase(await openFolder(join(goldenDir, name)), name, home)
  }
}
