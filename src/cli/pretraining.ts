// Pretraining from raw text to a checkpoint folder: what the `pretrain` command and the tour have in common.
//
// A run's folder holds the models as Hugging Face folders, what runJournal.ts writes (metrics, report.html, …), and
// `checkpoints/` to resume from. While the run goes on, the models are those of the last checkpoint; once it has ended,
// those of the best evaluation on held-out text, by the objective's `measure`.

import { join } from 'node:path'
import { checkFolder, checkNotSource } from '../checkpoint/index.js'
import { type Block, type Corpus, splitHeldOut } from '../data/index.node.js'
import { BertkinError } from '../errors.js'
import {
  checkRecipe,
  fillFromCheckpoints,
  MaskSampler,
  modelFolders,
  optimizationFacts,
  RateMeter,
  type RecipeName,
  trainerOptions,
  warmupOf,
} from '../recipe/index.js'
import { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { type Evaluation, restoreTraining, Trainer } from '../train/index.node.js'
import { givenFolders } from './givenModel.js'
import { measurePeak } from './peak.js'
import { PretrainingLoop } from './pretrainingLoop.js'
import type { End, PretrainingOptions, PretrainingReporter } from './pretrainingOptions.js'
import { runFacts } from './runFacts.js'
import { startRunFolder } from './runFolder.js'
import { RunJournal } from './runJournal.js'
import { checkNotRunning, claimRun } from './runLock.js'
import { openRun, type SavedRun } from './runRecord.js'
import { type RunSetup, setUpRun } from './runSetup.js'

export interface PretrainingResult {
  readonly tokenizer: Tokenizer
  readonly evaluations: readonly { readonly step: number; readonly evaluation: Evaluation }[]
  /** Held-out text, for showing what was learnt. */
  readonly heldOut: Corpus
  /** Why it ended. */
  readonly end: End
}

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
  const parts = { options, reporter, setup, trainer, journal, rate, sampler }
  const loop = new PretrainingLoop(parts, saved?.notes.progress)
  const end = await loop.train(saved !== undefined)
  await journal.report()
  return { tokenizer, evaluations: loop.evaluations, heldOut: unseen ?? corpus, end }
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
