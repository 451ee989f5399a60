// A tokenizer from wherever a person would expect one.

import { CheckpointError, openFolder } from '../checkpoint/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import type { Tokenizer } from '../tokenizer/index.js'

/** The tokenizer of a folder; of a pretraining run's folder, that of its models. */
export async function loadTokenizerOf(location: string): Promise<Tokenizer> {
  try {
    return await loadTokenizer(location)
  } catch (error) {
    if (!(error instanceof CheckpointError && error.code === 'file-missing')) throw error
    const model = await openFolder(`${location}/generator`).catch(() => undefined)
    if (model === undefined) throw error
    return loadTokenizer(model)
  }
}
