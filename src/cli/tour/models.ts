// The checkpoints that come with bertkin, and where they are.

import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { BertkinError } from '../../errors.js'
import { MODELS } from '../places.js'

/** Each kin as it was pretrained, and fine-tuned for one task. An ELECTRA's folder has both of its models. */
const NAMES = [
  ...['albert', 'albert-entities'],
  ...['roberta', 'roberta-intents'],
  ...['electra', 'electra-polarity'],
  ...['spanbert', 'spanbert-questions'],
] as const

export interface Models {
  /** A checkpoint's folder, as one would write it here. */
  path(name: (typeof NAMES)[number]): string
}

/**
 * The checkpoints in a folder.
 *
 * @param folder default: those that come with bertkin
 * @throws {BertkinError} `file-missing` if one is not there
 */
export function modelsIn(folder: string = MODELS): Models {
  const shown = relative('', folder)
  const near = shown.startsWith('..') ? folder : shown
  const missing = NAMES.find((name) => !existsSync(join(folder, name)))
  if (missing === undefined) return { path: (name) => join(near, name) }
  throw new BertkinError('file-missing', `${join(near, missing)} is not there: take the whole of bertkin's models/`)
}
