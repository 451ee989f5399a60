// Fine-tuning: a pretrained encoder and labelled examples become a checkpoint for a task. Everything that can be wrong
// with them is found before the first step.

import {
  checkFolder,
  type EncoderConfig,
  type Folder,
  type LocationOptions,
  recoverFolder,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import type { Dataset } from '../data/index.js'
import { BertkinError } from '../errors.js'
import { maxSequenceLength, readConfig } from '../model/index.js'
import type { Objective } from '../objective/index.js'
import { loadTokenizer, modelFolderFor } from '../pipeline/index.js'
import { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { AdamW, layerwiseDecay, type StepReport, saveModels, Trainer } from '../train/index.js'
import { currentModel } from './currentModel.js'
import { epochBatches, holdOut, stepsPerEpoch } from './epochs.js'
import { defaultHyperparameters, type Hyperparameters } from './hyperparameters.js'
import { readStartingPoint, type StartingPoint } from './startingPoint.js'
import {
  checkTokenizer,
  type EvaluationOptions,
  type FinetuningTaskName,
  type FinetuningTasks,
  type LabelOptions,
  type TaskEvaluation,
} from './task.js'
import { type TaskNamed, taskNamed } from './tasks.js'

type ExampleOf<Name extends FinetuningTaskName> = FinetuningTasks[Name]['example']
type FeatureOf<Name extends FinetuningTaskName> = FinetuningTasks[Name]['feature']

export interface FinetuningOptions<Name extends FinetuningTaskName>
  extends Partial<Hyperparameters>,
    LabelOptions,
    EvaluationOptions,
    Pick<LocationOptions, 'onProgress'> {
  /** What to begin with: a checkpoint's folder, URL or hub id, or the folder of a pretraining run. */
  readonly model: string | Folder
  /** Default: the model's own. */
  readonly tokenizer?: Tokenizer
  readonly train: Dataset<ExampleOf<Name>>
  /** What the model is judged by. Default: a share of the training examples, which are not trained on then. */
  readonly dev?: Dataset<ExampleOf<Name>>
  /** That share, without `dev`; 0: the model is not judged, and the last one is kept. Default 0.1. */
  readonly heldOutShare?: number
  /** Folder of the best model. */
  readonly out: string
  /** Begin with random parameters: only the configuration is the checkpoint's. Default false. */
  readonly fromScratch?: boolean
  /** Instead of the checkpoint's. */
  readonly dropout?: number
  /** Stop after so many epochs without a better model. Default: train all epochs. */
  readonly patience?: number
  /** The metric that decides which model is the best; more is better. Default: the task's first. */
  readonly metric?: string
  /** Examples in one run of the graph; the rest of a step is accumulated. Default: all. */
  readonly microBatchSize?: number
  /** Of the new head, the order of examples, dropout, and what is held out. Default 0. */
  readonly seed?: number
  readonly threads?: number
}

/** What is known before the first step. */
export interface FinetuningPlan {
  readonly config: EncoderConfig
  readonly hyperparameters: Hyperparameters
  readonly maxLength: number
  readonly trainExamples: number
  readonly devExamples: number
  /** Examples as the model reads them: windows of passages, stretches of sentences. */
  readonly features: number
  readonly stepsPerEpoch: number
  readonly steps: number
  /** Parameters that start anew. */
  readonly fresh: readonly string[]
  /** Parameters of the checkpoint that are not used. */
  readonly unused: readonly string[]
}

/** What a run tells on its way. Everything may be left out. */
export interface FinetuningReporter {
  phase?(text: string): void
  planned?(plan: FinetuningPlan): void
  /** `epoch` counts from 1. */
  step?(report: StepReport, plan: FinetuningPlan, epoch: number): void | Promise<void>
  /** After an epoch; `loss` is that of the examples the model is judged by. */
  evaluation?(evaluation: EpochEvaluation): void | Promise<void>
  saved?(directory: string, epoch: number): void
}

export interface EpochEvaluation extends TaskEvaluation {
  readonly epoch: number
  readonly step: number
  readonly loss: number
  /** Whether it is the best so far. */
  readonly isBest: boolean
}

export interface FinetuningResult {
  readonly plan: FinetuningPlan
  readonly evaluations: readonly EpochEvaluation[]
  /** Of the model that was kept; undefined if none was judged. */
  readonly best: EpochEvaluation | undefined
  readonly seconds: number
}

/**
 * Fine-tunes a checkpoint for a task and leaves the best model of all epochs as a Hugging Face checkpoint.
 *
 * @throws {DatasetError} for labels of `dev` that `train` does not have, and what else is wrong with the examples
 * @throws {BertkinError} `token-out-of-range` for a tokenizer of another model; `option-invalid`; `head-mismatch`;
 *   `not-finite` if training diverges; and the errors of loading a checkpoint
 *
 * @example
 * const train = await readDataset('text-classification', 'train.jsonl')
 * const dev = await readDataset('text-classification', 'dev.jsonl')
 * const options = { model: 'runs/electra', train, dev, out: 'runs/polarity', epochs: 3 }
 * const { best } = await finetune('text-classification', options)
 * console.log(best?.metrics.accuracy)
 */
export async function finetune<Name extends FinetuningTaskName>(
  name: Name,
  options: FinetuningOptions<Name>,
  reporter: FinetuningReporter = {},
): Promise<FinetuningResult> {
  const started = performance.now()
  const setup = await prepare(name, options, reporter)
  const { plan } = setup
  reporter.planned?.(plan)
  reporter.phase?.('building the model')
  using runtime = await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  using trainer = await makeTrainer(setup, options, runtime)
  await setup.start.fill(trainer.parameters)
  await openFolderForRun(options.out)

  const evaluations: EpochEvaluation[] = []
  let best: EpochEvaluation | undefined
  const save = async (epoch: number): Promise<void> => {
    await saveModels(setup.objective.models, trainer.parameters, options.out, setup.tokenizer.toFiles())
    reporter.saved?.(options.out, epoch)
  }
  // A metric that there is not is found out before training.
  if (options.metric !== undefined && setup.dev.length > 0)
    await judge(setup, trainer, runtime, { epoch: 0, step: 0, options })
  const { batchSize, epochs } = plan.hyperparameters
  const batches = epochBatches(setup.features, { batchSize, epochs, seed: options.seed ?? 0 })
  for await (const report of trainer.train(examplesOf(batches))) {
    const epoch = Math.ceil(report.step / plan.stepsPerEpoch)
    await reporter.step?.(report, plan, epoch)
    if (report.step % plan.stepsPerEpoch !== 0) continue
    if (setup.dev.length === 0) {
      if (report.step === plan.steps) await save(epoch)
      continue
    }
    const evaluation = await judge(setup, trainer, runtime, { epoch, step: report.step, options })
    const isBest = rankOf(evaluation) > (best ? rankOf(best) : Number.NEGATIVE_INFINITY) || best === undefined
    evaluations.push({ ...evaluation, isBest })
    await reporter.evaluation?.({ ...evaluation, isBest })
    if (isBest) {
      best = { ...evaluation, isBest }
      await save(epoch)
    }
    if (epoch - best!.epoch >= (options.patience ?? Number.POSITIVE_INFINITY)) break
  }
  return { plan, evaluations, best, seconds: (performance.now() - started) / 1000 }
}

/** A correlation may be no number: nothing is worse. */
const rankOf = ({ metrics, main }: TaskEvaluation): number => {
  const value = metrics[main]!
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
}

async function* examplesOf<Feature>(
  batches: AsyncIterable<{ readonly examples: readonly Feature[] }>,
): AsyncGenerator<readonly Feature[]> {
  for await (const { examples } of batches) yield examples
}

// ── before the first step ───────────────────────────────────────────────────────────────────────────────────────────

interface Setup<Name extends FinetuningTaskName> {
  readonly task: TaskNamed<Name>
  readonly plan: FinetuningPlan
  readonly start: StartingPoint
  readonly objective: Objective<FeatureOf<Name>>
  readonly tokenizer: Tokenizer
  readonly features: readonly FeatureOf<Name>[]
  readonly dev: readonly ExampleOf<Name>[]
  readonly devFeatures: readonly FeatureOf<Name>[]
}

async function prepare<Name extends FinetuningTaskName>(
  name: Name,
  options: FinetuningOptions<Name>,
  { phase }: FinetuningReporter,
): Promise<Setup<Name>> {
  const task = taskNamed(name)
  const { fromScratch = false, dropout, onProgress } = options
  checkOptions(options)
  await checkFolder(options.out)
  const folder = await modelFolderFor('discriminator', options.model, { ...(onProgress && { onProgress }) })
  checkOut(folder, options.out)
  const stored = await readConfig(folder)
  const labels = continued(stored, task.labelsOf(options.train, options))
  const { train, dev } = split(options)
  task.checkKnown(dev, labels)
  const tokenizer = options.tokenizer ?? (await loadTokenizer(folder))
  checkTokenizer(tokenizer, stored)
  const start = await readStartingPoint(folder, task.head, {
    ...labels,
    fromScratch,
    ...(dropout !== undefined && { dropout }),
  })
  const { config } = start
  const context = { ...options, tokenizer, config, maxLength: lengthOf(task, config, tokenizer, options.maxLength) }
  phase?.('reading the examples')
  const features = task.features(train, context)
  // What is cut of these is said when they are read for evaluation.
  const devFeatures = task.features(dev, { ...context, onWarning: () => {} })
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

/** The checkpoint that training begins with is not replaced by what comes of it. */
function checkOut(folder: Folder, out: string): void {
  const plain = (path: string): string => path.replace(/^\.\//, '').replace(/\/+$/, '')
  if (plain(folder.name) !== plain(out)) return
  throw new BertkinError('option-invalid', `${out} is the model to begin with: choose another folder for the result`)
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
  const { learningRate, epochs, batchSize, warmup, weightDecay, layerDecay } = options
  const given = { learningRate, epochs, batchSize, warmup, weightDecay, layerDecay }
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const all = { ...usual, ...chosen }
  if (all.warmup >= 0 && all.warmup <= 1) return all
  throw new BertkinError('option-invalid', `warmup is a share of all steps, from 0 to 1, not ${all.warmup}`)
}

/** Makes the folder of the result ready: what is logged there must not make it look like somebody else's. */
async function openFolderForRun(out: string): Promise<void> {
  await recoverFolder(out)
  if ((await checkFolder(out)) === 'nothing') await writeFolderAtomically(out, {})
}

// ── training and judging ────────────────────────────────────────────────────────────────────────────────────────────

function makeTrainer<Name extends FinetuningTaskName>(
  { objective, plan }: Setup<Name>,
  { seed = 0, microBatchSize }: FinetuningOptions<Name>,
  runtime: Runtime,
): Promise<Trainer<FeatureOf<Name>>> {
  const { learningRate, warmup, weightDecay, layerDecay } = plan.hyperparameters
  return Trainer.create(objective, runtime, {
    steps: plan.steps,
    learningRate,
    warmup: Math.ceil(warmup * plan.steps),
    optimizer: (slots) => new AdamW(slots, { weightDecay, rateFactor: layerwiseDecay(slots, layerDecay) }),
    seed,
    ...(microBatchSize !== undefined && { microBatchSize }),
  })
}

async function judge<Name extends FinetuningTaskName>(
  { task, plan, tokenizer, dev, devFeatures }: Setup<Name>,
  trainer: Trainer<FeatureOf<Name>>,
  runtime: Runtime,
  at: { readonly epoch: number; readonly step: number; readonly options: FinetuningOptions<Name> },
): Promise<Omit<EpochEvaluation, 'isBest'>> {
  const { epoch, step, options } = at
  using model = await currentModel(trainer.parameters, plan.config, task.head, runtime)
  const evaluation = await task.evaluate(dev, {
    ...options,
    // The same is cut in every epoch: once is enough to say so.
    ...(epoch !== 1 && { onWarning: () => {} }),
    maxLength: plan.maxLength,
    model,
    tokenizer,
  })
  const { metric: main = evaluation.main } = options
  if (!Object.hasOwn(evaluation.metrics, main)) {
    const known = Object.keys(evaluation.metrics).join(', ')
    throw new BertkinError('option-invalid', `there is no metric "${main}"; there are ${known}`)
  }
  const { loss } = await trainer.evaluate(inBatchesOf(devFeatures, plan.hyperparameters.batchSize))
  return { ...evaluation, main, loss: loss!, epoch, step }
}

const inBatchesOf = <Item>(items: readonly Item[], size: number): (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
