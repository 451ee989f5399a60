// A pretraining run's loop, from the first step to the end.

import { CheckpointError } from '../checkpoint/index.js'
import { type Block, parseBlocksPosition } from '../data/index.node.js'
import { BertkinError } from '../errors.js'
import type { TrainedModel } from '../objective/index.js'
import type { MaskSampler, Rate, RateMeter } from '../recipe/index.js'
import {
  type Evaluation,
  restoreParameters,
  type StepReport,
  saveModels,
  saveTraining,
  type Trainer,
} from '../train/index.node.js'
import { preparedBatches } from './preparation.js'
import type { End, PretrainingOptions, PretrainingReporter } from './pretrainingOptions.js'
import type { RunJournal } from './runJournal.js'
import { checkpointsOf, type Progress, type RunNotes } from './runRecord.js'
import type { RunSetup } from './runSetup.js'

/** What a run works with. */
export interface RunParts {
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
export class PretrainingLoop {
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
    const over = isResumed ? (this.#usedUp() ?? this.#stalled()) : undefined
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
    const over = usedUp ?? this.#stalled()
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

  #stalled(): End | undefined {
    return this.#progress.worse >= (this.parts.options.patience ?? Number.POSITIVE_INFINITY) ? 'patience' : undefined
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
