// Models that are disposed of, whenever that is, and one that could not be opened.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWeights, writeFolderAtomically } from '../checkpoint/index.js'
import { Runtime } from '../runtime/index.js'
import { loadModel, Model, readConfig, resolveModel } from './index.js'
import { checkpointFiles, memoryFolder } from './testing/tinyModels.js'
import { bert, directory, load, runtime, sequences } from './testing/tinyRuntime.js'

describe('disposal', () => {
  it('ends the model, also on a runtime that goes on, and may be repeated', async () => {
    const model = await load()
    await model.run(sequences)
    model.dispose()
    model.dispose()
    await expect(model.run(sequences)).rejects.toMatchObject({ code: 'disposed' })
    using other = await load()
    expect((await other.run(sequences)).logits).toBeDefined()
  })

  it('during the first call leaves no rejection behind: that call alone answers or fails', async () => {
    const folder = join(directory, 'disposed-early')
    await writeFolderAtomically(folder, checkpointFiles(bert, 'masked-lm'))
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      for (const options of [{}, { runtime }]) {
        const model = await loadModel(folder, options)
        const answer = model.run(sequences).catch((error: unknown) => error)
        model.dispose()
        const result = await answer
        if (result instanceof Error) expect(result).toMatchObject({ code: 'disposed' })
        else expect(result).toHaveProperty('logits')
        await expect(model.run(sequences)).rejects.toMatchObject({ code: 'disposed' })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })

  it('during the first call frees what opens later', async () => {
    const opened: Awaited<ReturnType<Runtime['compile']>>[] = []
    using own = await Runtime.open({ threads: 1 })
    const compile = own.compile.bind(own)
    own.compile = async (...args) => {
      const compiled = await compile(...args)
      opened.push(compiled)
      return compiled as never
    }
    const model = await loadModel(memoryFolder(checkpointFiles(bert, 'masked-lm')), { runtime: own })
    const answer = model.run(sequences).catch(() => undefined)
    model.dispose()
    await answer
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(opened).toHaveLength(1)
    await expect(opened[0]!.run({})).rejects.toMatchObject({ code: 'disposed' })
  })
})

it('a model that could not be opened is opened anew at the next call', async () => {
  const files = checkpointFiles(bert, 'masked-lm')
  const folder = memoryFolder(files)
  const weights = await openWeights(folder)
  let broken = true
  const failing = {
    ...weights,
    readFloat32: (name: string) => (broken ? Promise.reject(new Error('the disk')) : weights.readFloat32(name)),
  }
  const { definition, resolved } = await resolveModel(await readConfig(folder), 'masked-lm', failing)
  using model = new Model(definition, failing, resolved, runtime, undefined)
  await expect(model.run(sequences)).rejects.toThrow('the disk')
  broken = false
  expect((await model.run(sequences)).logits).toBeDefined()
})
