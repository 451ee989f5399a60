// From a pretrained checkpoint to a model for a task: the encoder's parameters by name, and a new head.

import {
  CheckpointError,
  createConfig,
  type EncoderConfig,
  type Folder,
  openWeights,
  type Weights,
} from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import {
  checkEncoder,
  defineModel,
  type Head,
  headFromConfig,
  kins,
  POOLER,
  readConfig,
  resolveModel,
} from '../model/index.js'
import type { ParameterStore } from '../train/index.js'
import type { LabelFields } from './task.js'

/** What training begins with. */
export interface StartingPoint {
  /** The checkpoint's, with the task's labels. */
  readonly config: EncoderConfig
  readonly head: Head
  /** Parameters that are not the checkpoint's, and start anew. */
  readonly fresh: readonly string[]
  /** What the checkpoint has beyond the model: its pretraining head, say. */
  readonly unused: readonly string[]
  /** Puts the checkpoint's values into parameters that were initialised already; the fresh ones stay as they are. */
  fill(parameters: ParameterStore): Promise<void>
}

export interface StartingOptions extends LabelFields {
  /** Take the configuration only; all parameters start anew. */
  readonly fromScratch?: boolean
  /**
   * How many of the encoder's layers, from the top, start anew, and the pooler with them; the embeddings stay in any case.
   * What pretraining taught the top layers about its own task can be worse than nothing for another one (Zhang et al.,
   * 2021, "Revisiting Few-sample BERT Fine-tuning", section 5). Default 0. ALBERT's layers share their parameters: of it,
   * none can.
   */
  readonly freshLayers?: number
  /** Of hidden states and attention, instead of the checkpoint's. */
  readonly dropout?: number
}

const LAYER = /^\w+\.encoder\.layer\.(\d+)\./

/**
 * Reads a checkpoint as the beginning of a model for another task. The head starts anew, unless the checkpoint has the
 * same one for the same labels in the same order.
 *
 * @throws {CheckpointError} `file-missing`, `parameter-missing` if the encoder is not complete, and others of the
 *   checkpoint's
 * @throws {BertkinError} `head-mismatch` for a kin without such a head; `option-invalid` if so many layers cannot start
 *   anew
 *
 * @example
 * const folder = await openFolder('runs/electra/discriminator')
 * const labels = { id2label: ['bad', 'good'], problemType: 'single_label_classification' } as const
 * const { config, fresh } = await readStartingPoint(folder, 'sequence-classification', labels)
 */
export async function readStartingPoint(
  folder: Folder,
  head: Head,
  { id2label, problemType, fromScratch = false, freshLayers = 0, dropout }: StartingOptions,
): Promise<StartingPoint> {
  const stored = await readConfig(folder)
  checkFreshLayers(freshLayers, stored)
  const config = createConfig({
    ...stored,
    id2label,
    numLabels: id2label.length,
    label2id: new Map(id2label.map((name, id) => [name, id])),
    problemType,
    ...(dropout !== undefined && { hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout }),
  })
  const paths = defineModel(config, head)
    .scope.declarations()
    .map(({ path }) => path)
  if (fromScratch) return { config, head, fresh: paths, unused: [], fill: async () => {} }
  const prefix = `${kins[config.modelType].basePrefix}.`
  const all = await openStoredWeights(folder)
  const isContinued = isSameTask(stored, head, id2label)
  const weights = isContinued ? all : without(all, new Set(paths.filter((path) => !path.startsWith(prefix))))
  const { resolved } = await resolveModel(config, head, weights)
  checkEncoder(folder, config, resolved)
  const isDropped = (path: string): boolean =>
    freshLayers > 0 && (POOLER.test(path) || Number(LAYER.exec(path)?.[1]) >= config.numHiddenLayers - freshLayers)
  const dropped = paths.filter((path) => resolved.found.has(path) && isDropped(path))
  return {
    config,
    head,
    fresh: [...resolved.missing, ...dropped],
    unused: [...resolved.unexpected, ...dropped.map((path) => resolved.found.get(path)!)],
    async fill(parameters) {
      for (const { path, start } of parameters.slots) {
        const name = resolved.found.get(path)
        if (name !== undefined && !isDropped(path)) parameters.values.set(await weights.readFloat32(name), start)
      }
    },
  }
}

function checkFreshLayers(count: number, { modelType, numHiddenLayers }: EncoderConfig): void {
  if (count === 0) return
  if (modelType === 'albert') {
    throw new BertkinError(
      'option-invalid',
      'the layers of an ALBERT share their parameters: none can start anew alone',
    )
  }
  if (Number.isInteger(count) && count > 0 && count <= numHiddenLayers) return
  const message = `freshLayers must be a whole number from 0 to ${numHiddenLayers}, not ${count}`
  throw new BertkinError('option-invalid', message)
}

async function openStoredWeights(folder: Folder): Promise<Weights> {
  try {
    return await openWeights(folder)
  } catch (error) {
    if (!(error instanceof CheckpointError && error.code === 'file-missing')) throw error
    const message = `${folder.name} has a configuration but no weights`
    const help = 'to train from random ones, say so with fromScratch (--from-scratch)'
    throw new CheckpointError('file-missing', `${message}: ${help}.`, { cause: error })
  }
}

function isSameTask(stored: EncoderConfig, head: Head, labels: readonly string[]): boolean {
  let own: Head | undefined
  try {
    own = headFromConfig(stored)
  } catch {
    return false // a class of no use here
  }
  return own === head && labels.length === stored.numLabels && labels.every((name, id) => stored.id2label[id] === name)
}

/** The same weights, as if they did not have these. */
function without(weights: Weights, hidden: ReadonlySet<string>): Weights {
  return {
    ...weights,
    names: () => [...weights.names()].filter((name) => !hidden.has(name)),
    has: (name) => !hidden.has(name) && weights.has(name),
  }
}
