// Before a fine-tuning's first step: everything that can be wrong with its data and its model is found here.

import { checkFolder, checkNotSource, type EncoderConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { checkTokenizer, maxSequenceLength, readConfig } from '../model/index.js'
import type { Objective } from '../objective/index.js'
import { loadTokenizer, modelFolderFor } from '../pipeline/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { holdOut, stepsPerEpoch } from './epochs.js'
import { defaultHyperparameters, type Hyperparameters } from './hyperparameters.js'
import type { ExampleOf, FeatureOf, FinetuningOptions, FinetuningPlan, FinetuningReporter } from './run.js'
import { readStartingPoint, type StartingPoint } from './startingPoint.js'
import { checkTokenTypes, type FinetuningTaskName } from './task.js'
import { type TaskNamed, taskNamed } from './tasks.js'

/** What a fine-tuning works with. */
export interface Setup<Name extends FinetuningTaskName> {
  readonly task: TaskNamed<Name>
  readonly plan: FinetuningPlan
  readonly start: StartingPoint
  readonly objective: Objective<FeatureOf<Name>>
  readonly tokenizer: Tokenizer
  readonly features: readonly FeatureOf<Name>[]
  readonly dev: readonly ExampleOf<Name>[]
  readonly devFeatures: readonly FeatureOf<Name>[]
}

/** Reads, checks and plans; nothing is written. */
export async function prepare<Name extends FinetuningTaskName>(
  name: Name,
  options: FinetuningOptions<Name>,
  { phase }: FinetuningReporter,
): Promise<Setup<Name>> {
  const task = taskNamed(name)
  const { fromScratch = false, freshLayers = 0, dropout, onProgress } = options
  checkOptions(options)
  if (typeof options.out === 'string') await checkFolder(options.out)
  const folder = await modelFolderFor('discriminator', options.model, { ...(onProgress && { onProgress }) })
  if (typeof options.out === 'string') await checkNotSource(folder, options.out)
  const stored = await readConfig(folder)
  const labels = continued(stored, task.labelsOf(options.train, options))
  const { train, dev } = split(options)
  task.checkKnown(dev, labels)
  const tokenizer = options.tokenizer ?? (await loadTokenizer(folder))
  checkTokenizer(tokenizer, stored)
  const start = await readStartingPoint(folder, task.head, {
    ...labels,
    fromScratch,
    freshLayers,
    ...(dropout !== undefined && { dropout }),
  })
  const { config } = start
  const context = { ...options, tokenizer, config, maxLength: lengthOf(task, config, tokenizer, options.maxLength) }
  phase?.('reading the examples')
  const features = task.features(train, context)
  // What is cut of these is said when they are read for evaluation.
  const devFeatures = task.features(dev, { ...context, onWarning: () => {} })
  checkTokenTypes([...features, ...devFeatures], config)
  const hyperparameters = hyperparametersOf(name, config, options)
  const perEpoch = stepsPerEpoch(features.length, hyperparameters.batchSize)
  const plan = {
    config,
    hyperparameters,
    maxLength: context.maxLength,
    trainExamples: train.length,
    devExamples: dev.length,
    features: features.length,
    stepsPerEpoch: perEpoch,
    steps: perEpoch * hyperparameters.epochs,
    fresh: start.fresh,
    unused: start.unused,
  }
  return { task, plan, start, objective: task.objective(config), tokenizer, features, dev, devFeatures }
}

function checkOptions<Name extends FinetuningTaskName>(options: FinetuningOptions<Name>): void {
  const { train, dev, heldOutShare = 0.1, maxLength, docStride, patience = 1, epochs = 1 } = options
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  if (train.examples.length === 0) throw new BertkinError('data-empty', 'there are no training examples')
  if (dev?.examples.length === 0) throw new BertkinError('data-empty', 'there are no examples to judge the model by')
  if (!(heldOutShare >= 0 && heldOutShare < 1)) refuse(`heldOutShare must be from 0 to below 1, not ${heldOutShare}`)
  if (!dev && heldOutShare > 0 && train.examples.length < 2) refuse('one example alone cannot be divided: give dev')
  if (!(Number.isInteger(epochs) && epochs > 0)) refuse(`epochs must be a positive whole number, not ${epochs}`)
  if (!(Number.isInteger(patience) && patience > 0)) refuse(`patience must be a positive whole number, not ${patience}`)
  if (docStride !== undefined && !(docStride >= 0 && docStride < (maxLength ?? Number.POSITIVE_INFINITY))) {
    refuse(`docStride must be from 0 to below maxLength, not ${docStride}`)
  }
}

/** The checkpoint's own order of labels, if it has the same ones: it may have learnt them already. */
function continued<Labels extends { readonly id2label: readonly string[] }>(
  stored: EncoderConfig,
  labels: Labels,
): Labels {
  const own = new Set(stored.id2label)
  const isSame = own.size === labels.id2label.length && labels.id2label.every((name) => own.has(name))
  return isSame ? { ...labels, id2label: stored.id2label } : labels
}

function split<Name extends FinetuningTaskName>({
  train,
  dev,
  heldOutShare = 0.1,
  seed = 0,
}: FinetuningOptions<Name>): { train: readonly ExampleOf<Name>[]; dev: readonly ExampleOf<Name>[] } {
  if (dev) return { train: train.examples, dev: dev.examples }
  if (heldOutShare === 0) return { train: train.examples, dev: [] }
  const { kept, heldOut } = holdOut(train.examples, heldOutShare, seed)
  return { train: kept, dev: heldOut }
}

function lengthOf(
  { maxLength: usual }: { readonly maxLength: number },
  config: EncoderConfig,
  tokenizer: Tokenizer,
  asked: number | undefined,
): number {
  const most = maxSequenceLength(config)
  if (asked === undefined) return Math.min(usual, most, tokenizer.modelMaxLength ?? most)
  if (Number.isInteger(asked) && asked >= 8 && asked <= most) return asked
  throw new BertkinError('option-invalid', `maxLength must be a whole number from 8 to ${most}, not ${asked}`)
}

function hyperparametersOf<Name extends FinetuningTaskName>(
  name: Name,
  config: EncoderConfig,
  options: FinetuningOptions<Name>,
): Hyperparameters {
  const usual = defaultHyperparameters(config, name, options)
  const { learningRate, epochs, batchSize, warmup, weightDecay, layerDecay, embeddingRate } = options
  const given = { learningRate, epochs, batchSize, warmup, weightDecay, layerDecay, embeddingRate }
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const all = { ...usual, ...chosen }
  if (all.warmup >= 0 && all.warmup <= 1) return all
  throw new BertkinError('option-invalid', `warmup is a share of all steps, from 0 to 1, not ${all.warmup}`)
}
