// Models whose dense layers compute in eight bits: near those of float32, from memory and mapped from a file.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random } from '../random.js'
import { Runtime } from '../runtime/index.js'
import { loadModel } from './index.js'
import { checkpointFiles, everyModel, memoryFolder, randomSequences, tinyConfig } from './testing/tinyModels.js'

let directory: string
let runtime: Runtime
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bertkin-int8-'))
  runtime = await Runtime.open()
})
afterAll(() => {
  runtime.dispose()
  rmSync(directory, { recursive: true })
})

it.each(everyModel)('%s for %s answers nearly as in float32', async (modelType, head) => {
  const config = tinyConfig(modelType)
  const folder = memoryFolder(checkpointFiles(config, head))
  const sequences = randomSequences([9, 4], config, new Random(2))
  using exact = await loadModel(folder, { head, runtime })
  using rounded = await loadModel(folder, { head, runtime, weights: 'int8' })
  const expected = await exact.run(sequences)
  const found = await rounded.run(sequences)
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const [name, { data, dims }] of Object.entries(expected)) {
    expect(found[name]!.dims).toEqual(dims)
    const size = (values: Float32Array) => Math.hypot(...values)
    const difference = (data as Float32Array).map((value, i) => value - Number(found[name]!.data[i]))
    expect(size(difference)).toBeGreaterThan(0)
    expect(size(difference)).toBeLessThan(0.15 * size(data as Float32Array))
  }
})

it('answers the same from memory and from a file, and keeps what the file has not', async () => {
  const config = tinyConfig('albert')
  const files = checkpointFiles(config, 'base') // no head of masked-lm
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
  const sequences = randomSequences([7], config, new Random(1))
  const options = { head: 'masked-lm', runtime, weights: 'int8' } as const
  using mapped = await loadModel(directory, options)
  using read = await loadModel(memoryFolder(files), options)
  expect(mapped.report.missing.length).toBeGreaterThan(0)
  expect(await mapped.run(sequences)).toEqual(await read.run(sequences))
})

it('refuses weights of other kinds', async () => {
  const folder = memoryFolder(checkpointFiles(tinyConfig('bert'), 'base'))
  for (const weights of ['int4', 'INT8', 8, null]) {
    await expect(loadModel(folder, { runtime, weights: weights as 'int8' })).rejects.toMatchObject({
      code: 'option-invalid',
      message: `weights can be float32 or int8, not ${weights}`,
    })
  }
})
