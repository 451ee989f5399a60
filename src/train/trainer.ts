// The training loop. It knows neither the objective nor the model: it takes batches of examples, makes steps, and tells
// whoever iterates over it how each one went.

import { BertkinError } from '../errors.js'
import type { Meter, Objective, ObjectiveGraph, PreparedBatch } from '../objective/index.js'
import { Random } from '../random.js'
import { type CompiledFunction, type Runtime, selectFeeds, type TensorData } from '../runtime/index.js'
import { AdamW, type AdamWOptions } from './adamw.js'
import { firstDifference, shortly } from './difference.js'
import type { Optimizer, OptimizerFactory } from './optimizer.js'
import type { ParameterStore } from './parameterStore.js'
import { type ExampleBatch, type MicroBatch, prepareSteps } from './prepareSteps.js'
import { linearSchedule, type Schedule } from './schedule.js'
import { initialState, type TrainerState } from './trainerState.js'
import { countFeeds, type StepResult, TrainingStep } from './trainingStep.js'

/** Every hyper-parameter of a run. Defaults are ELECTRA-small's where a run of hours does not call for others. */
export interface TrainerOptions extends AdamWOptions {
  /** Optimizer steps in all: where the learning rate reaches 0. */
  readonly steps: number
  /** Peak learning rate. Default 5e-4. */
  readonly learningRate?: number
  /** Steps until the peak. Default: 5 % of `steps`. */
  readonly warmup?: number
  /** Replaces warm-up and linear decay. */
  readonly schedule?: Schedule
  /** Default: AdamW with the options beside this one. */
  readonly optimizer?: OptimizerFactory
  /** Gradients are scaled down to this global norm; `Infinity` switches it off. Default 1. */
  readonly maximalNorm?: number
  /** Examples in one run of the graph; a step with more is split, and its gradients are summed. Default: all. */
  readonly microBatchSize?: number
  /** Of initial weights, masking and dropout. Default 0. */
  readonly seed?: number
  /** Told within a step of several micro-batches how far it is. */
  readonly onMicroBatch?: (progress: StepProgress) => void
}

/** How far a step is: `done` of its `of` micro-batches. */
export interface StepProgress {
  readonly step: number
  readonly done: number
  readonly of: number
}

/** A step that is not finite now and then is skipped; so many in a row, and the parameters are beyond help. */
const MOST_SKIPPED = 10

/** How a step went. */
export interface StepReport extends StepResult {
  /** From 1. */
  readonly step: number
  readonly learningRate: number
  /** Time of the step, batch preparation included. */
  readonly seconds: number
}

/** Means over held-out examples: the loss, its parts, and what the objective's meter measures. */
export type Evaluation = Readonly<Record<string, number>>

/**
 * Trains an objective.
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * async function* examples() { while (true) yield [{ ids: [101, 7592, 2088, 102] }] }
 * for await (const { step, loss } of trainer.train(examples())) console.log(step, loss)
 * await saveModels(objective.models, trainer.parameters, 'runs/first')
 */
export class Trainer<Example> {
  readonly #optimizer: Optimizer
  readonly #schedule: Schedule
  #state: TrainerState = initialState
  #evaluation: { readonly compiled: CompiledFunction; readonly parts: ObjectiveGraph['parts'] } | undefined

  private constructor(
    private readonly objective: Objective<Example>,
    private readonly runtime: Runtime,
    private readonly options: KnownOptions,
    private readonly step: TrainingStep,
  ) {
    this.#schedule = scheduleOf(options)
    this.#optimizer = options.optimizer?.(step.store.slots) ?? new AdamW(step.store.slots, options)
  }

  /** @throws {BertkinError} `option-invalid` for impossible options; whatever building the graph raises */
  static async create<Example>(
    objective: Objective<Example>,
    runtime: Runtime,
    options: TrainerOptions,
  ): Promise<Trainer<Example>> {
    const known = withDefaults(options)
    checkOptions(known)
    const step = await TrainingStep.create(objective, runtime, { seed: known.seed })
    return new Trainer(objective, runtime, known, step)
  }

  get parameters(): ParameterStore {
    return this.step.store
  }

  /** Where the run stands: right after the last step that was reported. Plain JSON if the data's positions are. */
  get state(): TrainerState {
    return this.#state
  }

  /** What each buffer of the optimizer holds for each parameter, under `buffer.path`: with the parameters and `state`, all. */
  get optimizerTensors(): Readonly<Record<string, TensorData<Float32Array>>> {
    const { buffers } = this.#optimizer.state
    return Object.assign(
      {},
      ...Object.entries(buffers).map(([name, buffer]) => this.parameters.views(buffer, (path) => `${name}.${path}`)),
    ) as Record<string, TensorData<Float32Array>>
  }

  /** All that a run's numbers depend on, its data apart, as plain JSON: it must be the same for a resume to be exact. */
  get settings(): Readonly<Record<string, unknown>> {
    const { learningRate, maximalNorm, microBatchSize, seed } = this.options
    const shapes = Object.fromEntries(this.parameters.slots.map(({ path, shape }) => [path, shape]))
    return {
      objective: this.objective.name,
      models: this.objective.models.map(({ folder, head, config }) => ({ folder, head, config })),
      parameters: shapes,
      optimizer: { name: this.#optimizer.name, ...this.#optimizer.settings },
      learningRate,
      // A schedule is a function: it is known by what it says.
      schedule: Object.fromEntries(SAMPLED_STEPS.map((step) => [`step ${step}`, this.#schedule(step)])),
      maximalNorm: maximalNorm === Number.POSITIVE_INFINITY ? 'none' : maximalNorm,
      microBatchSize,
      seed,
    }
  }

  /**
   * Refuses what was saved by a run with other settings.
   *
   * @throws {BertkinError} `resume-mismatch`, naming the first setting that differs
   */
  checkSettings(saved: unknown): void {
    const difference = firstDifference(saved, this.settings)
    if (!difference) return
    const { path, saved: before, now } = difference
    const message = `the run was made with another ${path || 'configuration'}: ${shortly(before)}, not ${shortly(now)}`
    throw new BertkinError('resume-mismatch', `${message}. Resume with the same settings, or start anew`)
  }

  /** Goes on from `state`; parameters and `optimizerTensors` must have been filled with what was saved with it. */
  restore(state: TrainerState): void {
    this.#state = state
    this.#optimizer.state.stepCount = state.optimizerSteps
  }

  /**
   * Makes a step of each batch until `steps` are done or the batches end. Everything random in step n depends on the
   * seed and on n alone. Steps whose loss or gradients are not finite change nothing. After `restore`, batches must
   * begin where `state.position` says.
   *
   * @throws {BertkinError} `not-finite` after ten such steps in a row
   */
  async *train(batches: AsyncIterable<ExampleBatch<Example>>): AsyncGenerator<StepReport> {
    const { seed, microBatchSize } = this.options
    const options = { seed, firstStep: this.#state.step + 1, ...(microBatchSize !== undefined && { microBatchSize }) }
    yield* this.trainPrepared(prepareSteps(this.objective, batches, options))
  }

  /**
   * As `train`, of micro-batches that `prepareSteps` made with this trainer's seed and micro-batch size, in another
   * thread perhaps.
   *
   * @throws {BertkinError} as `train`; `option-invalid` if they do not begin at the step after `state.step`
   */
  async *trainPrepared(microBatches: AsyncIterable<MicroBatch>): AsyncGenerator<StepReport> {
    const { steps, learningRate: peak, maximalNorm, onMicroBatch } = this.options
    const stream = microBatches[Symbol.asyncIterator]()
    try {
      let started = performance.now()
      while (this.#state.step < steps) {
        const next = await stream.next()
        if (next.done) return
        const { of, counts, dropoutSeed, position } = next.value
        const step = this.#nextStep(next.value)
        const learningRate = peak * this.#schedule(step)
        const result = await this.step.run({ counts, batches: stepBatches(next.value, stream) }, this.#optimizer, {
          learningRate,
          maximalNorm,
          dropoutSeed,
          ...(of > 1 && onMicroBatch && { onMicroBatch: (done) => onMicroBatch({ step, done, of }) }),
        })
        const { skipped, skippedInARow } = this.#state
        this.#state = {
          step,
          skipped: skipped + Number(!result.applied),
          skippedInARow: result.applied ? 0 : skippedInARow + 1,
          optimizerSteps: this.#optimizer.state.stepCount,
          position,
        }
        yield { ...result, step, learningRate, seconds: (performance.now() - started) / 1000 }
        started = performance.now()
        if (this.#state.skippedInARow >= MOST_SKIPPED) throw beyondHelp(this.#state.skippedInARow, peak)
      }
    } finally {
      await stream.return?.()
    }
  }

  #nextStep({ step, index }: MicroBatch): number {
    const expected = this.#state.step + 1
    if (step === expected && index === 0) return step
    const message = `the batches go on with step ${step}, but the trainer with step ${expected}`
    throw new BertkinError('option-invalid', `${message}: give prepareSteps the right firstStep`)
  }

  /** Evaluates the parameters as they are, without dropout; the same seed masks the same tokens every time. */
  async evaluate(batches: readonly (readonly Example[])[], seed = 1): Promise<Evaluation> {
    if (batches.length === 0) throw new BertkinError('option-invalid', 'evaluation needs at least one batch')
    this.#evaluation ??= await this.#compileEvaluation()
    const { compiled, parts } = this.#evaluation
    const meter: Meter = this.objective.meter()
    const sums: Record<string, number> = {}
    const counts: Record<string, number> = {}
    for (const [i, examples] of batches.entries()) {
      const batch = this.objective.prepare(examples, new Random(seed, i))
      const available = {
        ...batch.feeds,
        ...countFeeds(batch.counts),
        ...this.parameters.views(this.parameters.values),
      }
      const outputs = await compiled.run(selectFeeds(compiled, available))
      meter.add(outputs, batch)
      for (const [part, count] of Object.entries(batch.counts)) {
        sums[part] = (sums[part] ?? 0) + Number(outputs[`part.${part}`]!.data[0])
        counts[part] = (counts[part] ?? 0) + count
      }
    }
    const means = Object.keys(parts).map((part) => [part, sums[part]! / (counts[part] || 1)] as const)
    const loss = means.reduce((total, [part, mean]) => total + parts[part]!.weight * mean, 0)
    const named = Object.fromEntries(means.map(([part, mean]) => [`${part}_loss`, mean]))
    return { loss, ...named, ...meter.result() }
  }

  async #compileEvaluation() {
    const { outputs, parts } = this.objective.define({})
    const sums = Object.fromEntries(Object.entries(parts).map(([part, { sum }]) => [`part.${part}`, sum]))
    return { compiled: await this.runtime.compile({ ...outputs, ...sums }), parts }
  }

  dispose(): void {
    this.step.dispose()
    this.#evaluation?.compiled.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** A step's batches: the first, which was looked at already, and the rest from the stream that it came from. */
async function* stepBatches(first: MicroBatch, stream: AsyncIterator<MicroBatch>): AsyncGenerator<PreparedBatch> {
  yield first.batch
  for (let index = 1; index < first.of; index++) {
    const next = await stream.next()
    if (next.done || next.value.step !== first.step || next.value.index !== index) {
      throw new BertkinError(
        'option-invalid',
        `step ${first.step} has ${first.of} micro-batches, but ends after ${index}`,
      )
    }
    yield next.value.batch
  }
}

function beyondHelp(skipped: number, peak: number): BertkinError {
  const message = `loss or gradients were not finite in ${skipped} steps in a row`
  return new BertkinError('not-finite', `${message}: lower the learning rate (${peak}), or warm up for longer`)
}

/** Where a schedule is looked at to tell it from others: 1, 2, 4, …, 2²¹. */
const SAMPLED_STEPS = Array.from({ length: 22 }, (_, i) => 2 ** i)

const scheduleOf = ({ steps, warmup = Math.ceil(steps * 0.05), schedule }: TrainerOptions): Schedule =>
  schedule ?? linearSchedule({ warmup, total: steps })

/** With the defaults of those that are needed in several places. */
type KnownOptions = TrainerOptions & Required<Pick<TrainerOptions, 'learningRate' | 'maximalNorm' | 'seed'>>

const withDefaults = ({ learningRate = 5e-4, maximalNorm = 1, seed = 0, ...others }: TrainerOptions): KnownOptions => ({
  ...others,
  learningRate,
  maximalNorm,
  seed,
})

/** Refuses what no run can be made with, before anything is built. */
function checkOptions(options: KnownOptions): void {
  const { steps, learningRate, maximalNorm, microBatchSize = 1 } = options
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  if (!(Number.isInteger(steps) && steps > 0)) refuse(`steps must be a positive whole number, not ${steps}`)
  if (!(learningRate >= 0 && Number.isFinite(learningRate))) {
    refuse(`learningRate must be a number from 0 up, not ${learningRate}`)
  }
  if (!(maximalNorm > 0)) refuse(`maximalNorm must be above 0, not ${maximalNorm}`)
  if (!(Number.isInteger(microBatchSize) && microBatchSize > 0)) {
    refuse(`microBatchSize must be a positive whole number, not ${microBatchSize}`)
  }
  scheduleOf(options)
}
