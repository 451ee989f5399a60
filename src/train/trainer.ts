// The training loop. It knows neither the objective nor the model: it takes batches of examples, makes steps, and tells
// whoever iterates over it how each one went.

import { BertkinError } from '../errors.js'
import type { Meter, Objective, ObjectiveGraph } from '../objective/index.js'
import { Random } from '../random.js'
import type { CompiledFunction, Runtime } from '../runtime/index.js'
import { AdamW, type AdamWOptions } from './adamw.js'
import type { Optimizer, OptimizerFactory } from './optimizer.js'
import type { ParameterStore } from './parameterStore.js'
import { linearSchedule, type Schedule } from './schedule.js'
import { countFeeds, type StepResult, selectFeeds, TrainingStep } from './trainingStep.js'

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
  #evaluation: { readonly compiled: CompiledFunction; readonly parts: ObjectiveGraph['parts'] } | undefined

  private constructor(
    private readonly objective: Objective<Example>,
    private readonly runtime: Runtime,
    private readonly options: TrainerOptions,
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
    checkOptions(options)
    const { seed = 0 } = options
    const step = await TrainingStep.create(objective, runtime, { seed })
    return new Trainer(objective, runtime, options, step)
  }

  get parameters(): ParameterStore {
    return this.step.store
  }

  /**
   * Makes a step of each batch until `steps` are done or the batches end. Everything random in step n depends on the
   * seed and on n alone. Steps whose loss or gradients are not finite change nothing.
   *
   * @throws {BertkinError} `not-finite` after ten such steps in a row
   */
  async *train(batches: AsyncIterable<readonly Example[]>): AsyncGenerator<StepReport> {
    const { steps, learningRate: peak = 5e-4, maximalNorm = 1, microBatchSize, seed = 0 } = this.options
    let started = performance.now()
    let step = 0
    let skipped = 0
    for await (const examples of batches) {
      step++
      const random = new Random(seed, step)
      const micro = chunks(examples, microBatchSize ?? Math.max(1, examples.length))
      const prepared = micro.map((chunk) => this.objective.prepare(chunk, random))
      const learningRate = peak * this.#schedule(step)
      const dropoutSeed = random.uint32()
      const result = await this.step.run(prepared, this.#optimizer, { learningRate, maximalNorm, dropoutSeed })
      const now = performance.now()
      yield { ...result, step, learningRate, seconds: (now - started) / 1000 }
      started = performance.now()
      skipped = result.applied ? 0 : skipped + 1
      if (skipped >= MOST_SKIPPED) {
        const message = `loss or gradients were not finite in ${skipped} steps in a row`
        throw new BertkinError('not-finite', `${message}: lower the learning rate (${peak}), or warm up for longer`)
      }
      if (step >= steps) return
    }
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

const scheduleOf = ({ steps, warmup = Math.ceil(steps * 0.05), schedule }: TrainerOptions): Schedule =>
  schedule ?? linearSchedule({ warmup, total: steps })

/** Refuses what no run can be made with, before anything is built. */
function checkOptions(options: TrainerOptions): void {
  const { steps, learningRate = 5e-4, maximalNorm = 1, microBatchSize = 1 } = options
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

function chunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
