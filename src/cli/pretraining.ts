// Pretraining from raw text to a checkpoint folder: what the `pretrain` command and the tour have in common.
//
// A run's folder holds the models as Hugging Face folders, what runJournal.ts writes (metrics, report.html, …), and
// `checkpoints/` to resume from. While the run goes on, the models are those of the last checkpoint; once it has ended,
// those of the best evaluation on held-out text, by the objective's `measure`.

import { join } from 'node:path'
import { CheckpointError, checkFolder, checkNotSource } from '../checkpoint/index.js'
import type { Block, Corpus } from '../data/index.node.js'
import { parseBlocksPosition, splitHeldOut } from '../data/index.node.js'
import { BertkinError } from '../errors.js'
import type { TrainedModel } from '../objective/index.js'
import {
  checkRecipe,
  fillFromCheckpoints,
  MaskSampler,
  modelFolders,
  type OptimizationOptions,
  optimizationFacts,
  type Rate,
  RateMeter,
  type RecipeChoices,
  type RecipeName,
  type SizeName,
  trainerOptions,
  warmupOf,
} from '../recipe/index.js'
import { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import {
  type Evaluation,
  restoreParameters,
  restoreTraining,
  type StepProgress,
  type StepReport,
  saveModels,
  saveTraining,
  Trainer,
} from '../train/index.node.js'
import { givenFolders } from './givenModel.js'
import { measurePeak } from './peak.js'
import { preparedBatches } from './preparation.js'
import { runFacts } from './runFacts.js'
import { startRunFolder } from './runFolder.js'
import { RunJournal } from './runJournal.js'
import { checkNotRunning, claimRun } from './runLock.js'
import { checkpointsOf, openRun, type Progress, type RunNotes, type SavedRun } from './runRecord.js'
import { type RunSetup, setUpRun } from './runSetup.js'

/** Every setting of a run, in one block. */
export interface PretrainingOptions extends OptimizationOptions, RecipeChoices {
  /** Files and folders of text. */
  readonly texts: readonly string[]
  /** The run's folder. */
  readonly out: string
  /** Go on from the last checkpoint in `out`; the other options must be those of the run (see `mergeRunOptions`). */
  readonly resume?: boolean
  readonly recipe: RecipeName
  readonly size: SizeName
  /** A checkpoint's folder or hub id that is trained further; `configs` are its own. Default: a new model. */
  readonly model?: string
  /** A folder with a tokenizer, or of an earlier run, or a hub id; default: one is trained on the texts. */
  readonly tokenizer?: string
  /** Entries of a vocabulary that is trained. */
  readonly vocabSize: number
  /** Keep capital letters in a vocabulary that is trained. */
  readonly cased: boolean
  readonly steps: number
  /** Stop after so many minutes of training, those before a resume included, whatever the step; default: no limit. */
  readonly minutes?: number
  /** Sequences in a step. */
  readonly batchSize: number
  /** Sequences in one run of the graph; the rest is accumulated. */
  readonly microBatchSize: number
  /** Tokens in the longest sequence. */
  readonly maxLength: number
  readonly learningRate: number
  /** Steps until the learning rate's peak; default: 5 % of all. */
  readonly warmup?: number
  readonly weightDecay: number
  readonly dropout: number
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** ELECTRA: factor of the discriminator's loss. */
  readonly discriminatorWeight: number
  readonly seed: number
  /** One document in so many is kept for evaluation. */
  readonly heldOutEvery: number
  /** At most so many held-out sequences are evaluated. */
  readonly evaluationSequences: number
  /** Steps between evaluations. */
  readonly evaluateEvery: number
  /** Stop when so many evaluations in a row have brought no better held-out loss; default: never. */
  readonly patience?: number
  /** Minutes between checkpoints; the last step and the best evaluation write one in any case. */
  readonly saveMinutes: number
  /** Steps between checkpoints, whatever the minutes; default: the minutes alone decide. */
  readonly saveEvery?: number
  /** How many of the last checkpoints to keep, besides the best one; default 2. */
  readonly keep?: number
  /** Prepare batches in a thread of their own, while the engine computes; default true. */
  readonly worker?: boolean
  readonly threads?: number
  /** The text's language as ISO 639 has it, for the model cards; default: none is named. */
  readonly language?: string
  /** The command that asked for the run, word by word, for its report. */
  readonly command?: readonly string[]
}

/** What a run tells on its way. */
export interface PretrainingReporter {
  /** A phase begins, or goes on: reading, vocabulary, compiling, … */
  phase(text: string): void
  /** Training begins: from here on, signals are answered by the run. */
  training(): void
  /** Within a step of several micro-batches. */
  progress(progress: StepProgress): void
  step(report: StepReport, rate: Rate): void
  evaluation(step: number, evaluation: Evaluation): void
  /** The models in `directory` are those of this step now; `isBest` if they were put in place of the last ones. */
  saved(directory: string, step: number, isBest: boolean): void
  /** Whether somebody wants the run to save and end. */
  isAskedToEnd(): boolean
}

export type { Rate } from '../recipe/index.js'

export interface PretrainingResult {
  readonly tokenizer: Tokenizer
  readonly evaluations: readonly { readonly step: number; readonly evaluation: Evaluation }[]
  /** Held-out text, for showing what was learnt. */
  readonly heldOut: Corpus
  /** Why it ended. */
  readonly end: End
}

/** All steps or minutes were used, nothing got better for a while, or somebody wanted it. */
export type End = 'steps' | 'minutes' | 'patience' | 'interrupted'

/** Runs it all. Bad input is refused before training starts; the last checkpoint is whole whenever the process ends. */
export async function pretrain(given: PretrainingOptions, reporter: PretrainingReporter): Promise<PretrainingResult> {
  await checkBeforehand(given)
  await checkNotRunning(given.out)
  const options = { ...given, warmup: warmupOf(given) }
  const saved = options.resume ? await openRun(options.out) : undefined
  for (const problem of saved?.checkpoint.damaged ?? []) reporter.phase(`passed over a damaged checkpoint: ${problem}`)
  const setup = await setUpRun(options, saved, reporter)
  reporter.phase('building the model')
  using runtime = await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  using trainer = await Trainer.create(setup.recipe.objective, runtime, {
    steps: options.steps,
    learningRate: options.learningRate,
    microBatchSize: options.microBatchSize,
    seed: options.seed,
    ...trainerOptions(options, setup.recipe.optimization),
    onMicroBatch: (progress) => reporter.progress(progress),
  })
  if (saved) {
    await restoreTraining(trainer, saved.checkpoint)
    reporter.phase(`going on after step ${trainer.state.step}`)
  } else {
    if (options.model !== undefined) await beginWith(options.model, options.recipe, trainer, setup, reporter)
    await startRunFolder(options.out, setup.recipe.objective.models)
  }
  await using _claim = await claimRun(options.out)
  const journal = await openJournal(options, setup, trainer, saved)
  const { tokenizer, corpus, heldOut } = setup
  const unseen = heldOut && splitHeldOut(corpus, heldOut).heldOut
  const { models } = setup.recipe.objective
  const source = unseen && { tokenizer, heldOut: unseen, seed: options.seed, maxLength: options.maxLength }
  const sampler = source && (await MaskSampler.create(models, trainer.parameters, runtime, source))
  const rate = new RateMeter(options.steps, runtime, await measurePeak(runtime))
  const run = new Run({ options, reporter, setup, trainer, journal, rate, sampler }, saved?.notes.progress)
  const end = await run.train(saved !== undefined)
  await journal.report()
  return { tokenizer, evaluations: run.evaluations, heldOut: unseen ?? corpus, end }
}

/** Puts the weights of a checkpoint into the trainer, in place of random ones. */
async function beginWith(
  model: string,
  recipe: RecipeName,
  { parameters }: Trainer<Block>,
  setup: RunSetup,
  reporter: PretrainingReporter,
): Promise<void> {
  const fresh = await fillFromCheckpoints(setup.recipe.objective.models, await givenFolders(recipe, model), parameters)
  const anew = fresh.length > 0 ? `; it lacks ${fresh.join(', ')}, which start anew` : ''
  reporter.phase(`going on from the weights of ${model}${anew}`)
}

/** Begins to write down how the run goes, or goes on with it. */
async function openJournal(
  options: PretrainingOptions,
  { recipe, texts, heldOut, tokenizer }: RunSetup,
  trainer: Trainer<Block>,
  saved: SavedRun | undefined,
): Promise<RunJournal> {
  const training = optimizationFacts(options, recipe.optimization, trainer.settings)
  const facts = runFacts(options, texts, recipe.objective.models, { heldOutEvery: heldOut?.every, training })
  const { language, model: baseModel } = options
  const cards = { language, baseModel, maskToken: tokenizer.specialTokens.mask?.token }
  if (!saved) return RunJournal.start(options.out, facts, cards)
  return RunJournal.resume(options.out, trainer.state.step, facts, cards, saved.notes.progress.spent)
}

/** What would only be found out after reading, or after training. */
async function checkBeforehand(options: PretrainingOptions): Promise<void> {
  const { out, recipe, steps, warmup = 0, model, resume = false } = options
  checkRecipe(recipe, options)
  if (model !== undefined && !resume) {
    for (const given of await givenFolders(recipe, model)) {
      for (const folder of modelFolders[recipe]) await checkNotSource(given, join(out, folder))
    }
  }
  if (warmup > steps) {
    throw new BertkinError(
      'option-invalid',
      `a warm-up of ${warmup} steps is longer than a run of ${steps}: shorten it`,
    )
  }
  for (const folder of modelFolders[recipe]) await checkFolder(join(out, folder))
}

/** What a run works with. */
interface RunParts {
  readonly options: PretrainingOptions
  readonly reporter: PretrainingReporter
  readonly setup: RunSetup
  readonly trainer: Trainer<Block>
  readonly journal: RunJournal
  readonly rate: RateMeter
  /** Undefined where there is nothing to fill masks with. */
  readonly sampler: MaskSampler | undefined
}

/** Steps between lines of metrics. */
const LOG_EVERY = 10

/** The loop around the trainer's: it logs, evaluates, saves and knows when to end. */
class Run {
  readonly evaluations: { readonly step: number; readonly evaluation: Evaluation }[] = []
  #progress: Progress
  readonly #started = performance.now()
  #savedAt = this.#started

  constructor(
    private readonly parts: RunParts,
    before: Progress = { worse: 0, seconds: 0 },
  ) {
    this.#progress = before
  }

  async train(isResumed: boolean): Promise<End> {
    const { trainer, reporter, rate } = this.parts
    const over = isResumed ? (this.#usedUp() ?? (this.#hasStalled() ? 'patience' : undefined)) : undefined
    if (over) {
      await this.#saveBest()
      return over
    }
    reporter.training()
    rate.begin()
    for await (const report of trainer.trainPrepared(preparedBatches(this.#job()))) {
      const speed = rate.add(report, this.#secondsLeft())
      reporter.step(report, speed)
      const end = await this.#afterStep(report, speed)
      if (end === 'interrupted') return end
      if (end) {
        await this.#saveBest()
        return end
      }
      rate.begin()
    }
    throw new BertkinError('text-empty', 'the texts came to an end') // they are read over and over
  }

  #job() {
    const { options, setup, trainer } = this.parts
    const { step, position } = trainer.state
    const from = position === undefined ? undefined : parseBlocksPosition(position, checkpointsOf(options.out))
    const { tokenizerFiles, tokenCounts, heldOut, notes } = setup
    return { options: notes.options, tokenizerFiles, tokenCounts, heldOut, position: from, firstStep: step + 1 }
  }

  async #afterStep(report: StepReport, { peakShare, operations }: Rate): Promise<End | undefined> {
    const { options, trainer, setup, journal, reporter } = this.parts
    const { step, applied } = report
    const usedUp = this.#usedUp()
    const isEvaluated = setup.evaluationBatches.length > 0 && (step % options.evaluateEvery === 0 || !!usedUp)
    await journal.step(report, step % LOG_EVERY === 0 || !!usedUp, {
      peak_share: peakShare,
      step_operations: operations,
      skipped_steps: trainer.state.skipped,
    })
    let isSound = applied
    let isBest = false
    if (isEvaluated) {
      const evaluation = await this.#evaluate(step)
      isSound = Number.isFinite(evaluation.loss)
      const loss = evaluation[setup.recipe.objective.measure ?? 'loss'] ?? Number.NaN
      isBest = loss < (this.#progress.best?.loss ?? Number.POSITIVE_INFINITY)
      this.#progress = isBest
        ? { ...this.#progress, best: { step, loss, tokens: journal.spent.tokens }, worse: 0 }
        : { ...this.#progress, worse: this.#progress.worse + 1 }
    }
    const over = usedUp ?? (this.#hasStalled() ? 'patience' : undefined)
    const end = over ?? (reporter.isAskedToEnd() ? 'interrupted' : undefined)
    if (over && !isSound) throw diverged(options)
    // Parameters that may be beyond help must not replace a checkpoint that is not.
    if (isSound && (end || isBest || this.#isTimeToSave(step))) {
      await this.#saveCheckpoint()
      if (!over) await this.#saveModels(step, false)
    }
    return end
  }

  #usedUp(): End | undefined {
    if (this.parts.trainer.state.step >= this.parts.options.steps) return 'steps'
    return this.#secondsLeft() <= 0 ? 'minutes' : undefined
  }

  #hasStalled(): boolean {
    return this.#progress.worse >= (this.parts.options.patience ?? Number.POSITIVE_INFINITY)
  }

  #isTimeToSave(step: number): boolean {
    const { saveMinutes, saveEvery } = this.parts.options
    const minutes = (performance.now() - this.#savedAt) / 60_000
    return minutes > saveMinutes || (saveEvery !== undefined && step % saveEvery === 0)
  }

  /** Training before a resume counts. */
  #seconds(): number {
    return this.#progress.seconds + (performance.now() - this.#started) / 1000
  }

  #secondsLeft(): number {
    return 60 * (this.parts.options.minutes ?? Number.POSITIVE_INFINITY) - this.#seconds()
  }

  async #evaluate(step: number): Promise<Evaluation> {
    const { trainer, setup, journal, sampler, reporter } = this.parts
    const evaluation = await trainer.evaluate(setup.evaluationBatches)
    this.evaluations.push({ step, evaluation })
    await journal.evaluation(step, evaluation, await sampler?.sample())
    reporter.evaluation(step, evaluation)
    return evaluation
  }

  async #saveCheckpoint(): Promise<void> {
    const { options, setup, trainer, journal } = this.parts
    const progress = { ...this.#progress, seconds: this.#seconds(), spent: journal.spent }
    const notes: RunNotes = { ...setup.notes, progress }
    await journal.flush()
    await saveTraining(checkpointsOf(options.out), trainer, {
      notes,
      files: setup.tokenizerFiles,
      best: progress.best?.step,
      ...(options.keep !== undefined && { keep: options.keep }),
    })
    this.#savedAt = performance.now()
  }

  /** At the run's end: the models of the best evaluation, if the last step is not it. */
  async #saveBest(): Promise<void> {
    const { trainer, options, reporter } = this.parts
    const { step } = trainer.state
    const best = this.#progress.best?.step ?? step
    if (best !== step) {
      try {
        await restoreParameters(trainer, checkpointsOf(options.out), best)
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error
        reporter.phase(`the best checkpoint cannot be read, so the last one is used: ${error.message}`)
        return this.#saveModels(step, false)
      }
    }
    await this.#saveModels(best, best !== step)
  }

  async #saveModels(step: number, isBest: boolean): Promise<void> {
    const { setup, trainer, options, journal, reporter } = this.parts
    const { models } = setup.recipe.objective
    const { best } = this.#progress
    const cards = await journal.cardFiles(models, step, best?.step === step ? best.tokens : undefined)
    const filesOf = (model: TrainedModel) => ({ ...setup.tokenizerFiles, ...cards.get(model) })
    await saveModels(models, trainer.parameters, options.out, filesOf)
    reporter.saved(options.out, step, isBest)
  }
}

function diverged({ learningRate }: PretrainingOptions): BertkinError {
  const message = 'the loss is not a finite number at the end of the run, so it was not saved'
  return new BertkinError('not-finite', `${message}: lower the learning rate (${learningRate}), or warm up for longer`)
}
