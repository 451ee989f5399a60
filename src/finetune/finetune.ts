// Fine-tuning: a pretrained encoder and labelled examples become a checkpoint for a task. Everything that can be wrong
// with them is found before the first step.

import { checkFolder, recoverFolder, writeFolderAtomically } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { Runtime } from '../runtime/index.js'
import { AdamW, embeddingRate, layerwiseDecay, modelFiles, saveModels, Trainer } from '../train/index.js'
import { currentModel } from './currentModel.js'
import { type EpochPosition, epochBatches } from './epochs.js'
import { prepare, type Setup } from './prepare.js'
import type {
  EpochEvaluation,
  FeatureOf,
  FinetuningOptions,
  FinetuningProgress,
  FinetuningReporter,
  FinetuningResult,
} from './run.js'
import type { FinetuningTaskName, TaskEvaluation } from './task.js'

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
  const setup = await prepare(name, options, reporter)
  const { plan } = setup
  reporter.planned?.(plan)
  reporter.phase?.('building the model')
  using own = options.runtime
    ? undefined
    : await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  const runtime = options.runtime ?? own!
  using trainer = await makeTrainer(setup, options, runtime)
  const { checkpoints } = options
  const inputs = [...setup.features, ...setup.devFeatures]
  const before = await checkpoints?.restore(trainer, inputs)
  const run = new Run(setup, trainer, runtime, options, reporter, before)
  if (before) {
    reporter.phase?.(`going on after step ${trainer.state.step}`)
  } else {
    await setup.start.fill(trainer.parameters)
    await run.checkMetric()
    if (typeof options.out === 'string') await openFolderForRun(options.out)
    await checkpoints?.begin(inputs)
  }
  const end = await run.train()
  if (end !== 'interrupted') await checkpoints?.remove()
  const { evaluations, best, seconds } = run
  return { plan, evaluations, best, end, seconds }
}

/** The loop around the trainer's: it judges, keeps the best model, saves and knows when to end. */
class Run<Name extends FinetuningTaskName> {
  readonly evaluations: EpochEvaluation[]
  readonly #started = performance.now()

  constructor(
    private readonly setup: Setup<Name>,
    private readonly trainer: Trainer<FeatureOf<Name>>,
    private readonly runtime: Runtime,
    private readonly options: FinetuningOptions<Name>,
    private readonly reporter: FinetuningReporter,
    private readonly before: FinetuningProgress = { evaluations: [], seconds: 0 },
  ) {
    this.evaluations = [...before.evaluations]
  }

  get best(): EpochEvaluation | undefined {
    return this.evaluations.findLast(({ isBest }) => isBest)
  }

  /** Those before a resume included. */
  get seconds(): number {
    return this.before.seconds + (performance.now() - this.#started) / 1000
  }

  /** A metric that there is not is found out before anything is written. */
  async checkMetric(): Promise<void> {
    if (this.options.metric !== undefined && this.setup.dev.length > 0) await this.#judge(0)
  }

  async train(): Promise<FinetuningResult['end']> {
    const { setup, trainer, options, reporter } = this
    const { plan } = setup
    const { checkpoints } = options
    reporter.training?.()
    for await (const report of trainer.train(this.#batches())) {
      const { step } = report
      await reporter.step?.(report, plan, Math.ceil(step / plan.stepsPerEpoch))
      const isEpoch = step % plan.stepsPerEpoch === 0
      if (isEpoch) await this.#endEpoch(step / plan.stepsPerEpoch)
      const isInterrupted = reporter.isAskedToEnd?.() ?? false
      if (isEpoch || isInterrupted || checkpoints?.isDue()) {
        await checkpoints?.save(trainer, { evaluations: this.evaluations, seconds: this.seconds })
      }
      if (this.#hasStalled()) return 'patience'
      if (isInterrupted && step < plan.steps) return 'interrupted'
    }
    return 'epochs'
  }

  /** From the beginning, or from where a checkpoint was made; none, if that had nothing left to do. */
  #batches() {
    const { setup, trainer, options } = this
    const { batchSize, epochs } = setup.plan.hyperparameters
    const from = trainer.state.position as EpochPosition | undefined
    const isOver = this.#hasStalled()
    return epochBatches(setup.features, { batchSize, epochs: isOver ? 0 : epochs, seed: options.seed ?? 0 }, from)
  }

  async #endEpoch(epoch: number): Promise<void> {
    const { setup, reporter } = this
    if (setup.dev.length === 0) {
      if (epoch === setup.plan.hyperparameters.epochs) await this.#saveModel(epoch)
      return
    }
    const judged = await this.#judge(epoch)
    const evaluation = { ...judged, isBest: this.best === undefined || rankOf(judged) > rankOf(this.best) }
    this.evaluations.push(evaluation)
    await reporter.evaluation?.(evaluation)
    if (evaluation.isBest) await this.#saveModel(epoch)
  }

  #hasStalled(): boolean {
    const { patience = Number.POSITIVE_INFINITY } = this.options
    return this.best !== undefined && this.evaluations.at(-1)!.epoch - this.best.epoch >= patience
  }

  async #saveModel(epoch: number): Promise<void> {
    const { setup, trainer, options, reporter } = this
    const { out } = options
    const { models } = setup.objective
    const files = setup.tokenizer.toFiles()
    if (typeof out === 'string') {
      await saveModels(models, trainer.parameters, out, files)
      reporter.saved?.(out, epoch)
    } else for (const model of models) await out(modelFiles(model, trainer.parameters, files), epoch)
  }

  async #judge(epoch: number): Promise<Omit<EpochEvaluation, 'isBest'>> {
    const { setup, trainer, runtime, options } = this
    const { task, plan, tokenizer, dev, devFeatures } = setup
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
    return { ...evaluation, main, loss: loss!, epoch, step: epoch * plan.stepsPerEpoch }
  }
}

/** A correlation may be no number: nothing is worse. */
const rankOf = ({ metrics, main }: TaskEvaluation): number => {
  const value = metrics[main]!
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
}

/** Makes the folder of the result ready: what is logged there must not make it look like somebody else's. */
async function openFolderForRun(out: string): Promise<void> {
  await recoverFolder(out)
  if ((await checkFolder(out)) === 'nothing') await writeFolderAtomically(out, {})
}

function makeTrainer<Name extends FinetuningTaskName>(
  { objective, plan }: Setup<Name>,
  { seed = 0, microBatchSize }: FinetuningOptions<Name>,
  runtime: Runtime,
): Promise<Trainer<FeatureOf<Name>>> {
  const { learningRate, warmup, weightDecay, layerDecay, embeddingRate: rate } = plan.hyperparameters
  return Trainer.create(objective, runtime, {
    steps: plan.steps,
    learningRate,
    warmup: Math.ceil(warmup * plan.steps),
    optimizer(slots) {
      const [ofLayer, ofTable] = [layerwiseDecay(slots, layerDecay), embeddingRate(rate)]
      return new AdamW(slots, { weightDecay, rateFactor: (slot) => ofLayer(slot) * ofTable(slot) })
    },
    seed,
    ...(microBatchSize !== undefined && { microBatchSize }),
  })
}

const inBatchesOf = <Item>(items: readonly Item[], size: number): (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
