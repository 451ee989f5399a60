// What the tests of loaded models share: a runtime and a folder, for as long as a test file runs, and a tiny BERT.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { Random } from '../../random.js'
import { Runtime } from '../../runtime/index.js'
import { type Head, loadModel } from '../index.js'
import { checkpointFiles, memoryFolder, randomSequences, randomTensors, tinyConfig } from './tinyModels.js'

export const directory = mkdtempSync(join(tmpdir(), 'bertkin-model-'))
export const runtime = await Runtime.open({ threads: 1 })
afterAll(() => {
  runtime.dispose()
  rmSync(directory, { recursive: true, force: true })
})

export const bert = tinyConfig('bert')
export const sequences = randomSequences([5, 9, 3], bert, new Random(1))

/** A model whose weights lie in memory. */
export const load = (head: Head = 'masked-lm', config = bert, tensors = randomTensors(config, head)) =>
  loadModel(memoryFolder(checkpointFiles(config, head, tensors)), { runtime, head })
