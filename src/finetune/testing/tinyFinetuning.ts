// What the tests of fine-tuning share: tiny checkpoints, examples that can only be learnt by heart, and settings for both.

import { join } from 'node:path'
import type { TextExample } from '../../data/index.js'
import { type TinyOptions, temporaryFolder, writeTinyCheckpoint } from '../../pipeline/testing/tinyCheckpoint.js'
import { Random } from '../../random.js'
import { type FinetuningOptions, type FinetuningReporter, type FinetuningTaskName, finetune } from '../index.js'

/** A checkpoint to begin with: a BERT, if nothing else is said. */
export const start = async (options: TinyOptions = {}): Promise<string> =>
  writeTinyCheckpoint(join(await temporaryFolder(), 'start'), {
    ...options,
    config: {
      initializerRange: 0.3,
      hiddenSize: 16,
      intermediateSize: 32,
      hiddenDropoutProb: 0,
      attentionProbsDropoutProb: 0,
      summaryLastDropout: 0,
      ...options.config,
    },
  })

/** A dataset as readers give it. */
export const data = <Example>(examples: readonly Example[]) => ({ examples, columns: {} })

/** Enough for the slowest; patience ends the others sooner. */
export const settings = {
  threads: 1,
  heldOutShare: 0,
  epochs: 40,
  batchSize: 5,
  learningRate: 0.01,
  layerDecay: 1,
  warmup: 0.1,
}

export async function run<Name extends FinetuningTaskName>(
  name: Name,
  options: Pick<FinetuningOptions<Name>, 'train'> & Partial<FinetuningOptions<Name>>,
  reporter: FinetuningReporter = {},
) {
  const out = join(await temporaryFolder(), 'out')
  const model = options.model ?? (await start())
  const all: FinetuningOptions<Name> = { ...settings, dev: options.train, out, ...options, model }
  return { out, ...(await finetune(name, all, reporter)) }
}

export const random = new Random(3)
export const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!
export const WORDS = ['the', 'cat', 'dog', 'sat', 'on', 'mat', 'a', 'big', 'is', 'paris', 'of', 'france', 'capital']
export const sentence = (length: number): string[] => Array.from({ length }, () => pick(WORDS))

/** 20 sentences whose labels follow from nothing: they can only be learnt by heart. */
export const texts: readonly TextExample[] = Array.from({ length: 20 }, (_, i) => ({
  text: sentence(4 + (i % 7)).join(' '),
  label: ['bad', 'fair', 'good'][i % 3]!,
}))
