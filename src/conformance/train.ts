// Golden training: the losses of two batches, every gradient, and four steps of each optimizer, compared with what PyTorch
// computed from the same weights.

import { CheckpointError, type Folder } from '../checkpoint/index.js'
import type { Objective, ObjectiveGraph, PreparedBatch } from '../objective/index.js'
import type { Runtime } from '../runtime/index.js'
import { AdamW, Lamb, linearSchedule, type Optimizer, TrainingStep } from '../train/index.js'
import { type CaseResult, readCase } from './case.js'
import { type Numbers, readNumbers } from './models.js'
import { trainTask } from './trainTasks.js'

interface TrainCase {
  readonly kind: string
  readonly optimizer: {
    readonly lr: number
    readonly betas: readonly [number, number]
    readonly eps: number
    readonly weight_decay: number
    readonly clip: number
    readonly warmup: number
    readonly total: number
  }
}

/** Runs a case. */
export async function trainCase(folder: Folder, name: string, runtime: Runtime): Promise<CaseResult> {
  try {
    const { kind, optimizer } = await readCase<TrainCase>(folder, 'case.json')
    const task = await trainTask(folder, kind)
    if (!task) return { name, status: 'skipped', detail: `${kind} is not built yet` }
    const { define, prepare, caseName = (path) => path } = task
    const tensors = await readNumbers(folder, 'batches.safetensors')
    const batches = [0, 1].map((k) => prepare(tensors, k))
    return await compareTraining(folder, name, { define, batches, optimizer, runtime, caseName })
  } catch (problem) {
    if (problem instanceof CheckpointError && problem.code === 'config-unsupported') {
      return { name, status: 'skipped', detail: problem.message }
    }
    return { name, status: 'failed', detail: problem instanceof Error ? problem.message : String(problem) }
  }
}

interface Training {
  define(): ObjectiveGraph
  readonly batches: readonly PreparedBatch[]
  readonly optimizer: TrainCase['optimizer']
  readonly runtime: Runtime
  caseName(path: string): string
}

async function compareTraining(folder: Folder, name: string, training: Training): Promise<CaseResult> {
  const { define, batches, optimizer, runtime, caseName } = training
  const initial = await readNumbers(folder, 'model.safetensors')
  const expected = await readNumbers(folder, 'expected.safetensors')
  const objective: Objective<never> = {
    name,
    define,
    prepare: () => batches[0]!,
    meter: () => ({ add() {}, result: () => ({}) }),
    models: [],
  }
  const step = await TrainingStep.create(objective, runtime)
  try {
    const unknown = setWeights(step, initial, caseName)
    if (unknown !== undefined) return { name, status: 'failed', detail: `the case has no parameter ${unknown}` }
    const worst = new Worst(caseName)
    for (const k of [1, 0]) {
      const { loss, parts } = await step.accumulate([batches[k]!], 0)
      worst.relative(`loss.${k}`, [loss], expected.get(`loss.${k}`)!.data)
      for (const [part, value] of Object.entries(parts)) {
        const reference = expected.get(`loss.${k}.${part}`)
        if (reference) worst.relative(`loss.${k}.${part}`, [value], reference.data)
      }
    }
    worst.parameters(step, step.gradients, expected, 'grad.')
    for (const [optimizerName, Kind] of Object.entries({ adamw: AdamW, lamb: Lamb })) {
      const losses = expected.get(`${optimizerName}.losses`)
      if (!losses) continue
      setWeights(step, initial, caseName)
      const used = new Kind(step.store.slots, {
        betas: optimizer.betas,
        epsilon: optimizer.eps,
        weightDecay: optimizer.weight_decay,
      })
      worst.relative(`${optimizerName}.losses`, await fourSteps(step, batches, used, optimizer), losses.data)
      worst.parameters(step, step.store.values, expected, `${optimizerName}.param.`)
    }
    return worst.result(name)
  } finally {
    step.dispose()
  }
}

/** Sets every parameter; the name of one that the case lacks, if there is one. */
function setWeights(
  step: TrainingStep,
  initial: ReadonlyMap<string, Numbers>,
  caseName: Training['caseName'],
): string | undefined {
  for (const { path, start } of step.store.slots) {
    const values = initial.get(caseName(path))
    if (!values) return caseName(path)
    step.store.values.set(values.data, start)
  }
  return undefined
}

/** Steps on batches 0, 1, 0, 1; their losses. */
async function fourSteps(
  step: TrainingStep,
  batches: readonly PreparedBatch[],
  used: Optimizer,
  { lr, clip, warmup, total }: TrainCase['optimizer'],
): Promise<number[]> {
  const schedule = linearSchedule({ warmup, total })
  const losses: number[] = []
  for (const [i, k] of [0, 1, 0, 1].entries()) {
    const learningRate = lr * schedule(i + 1)
    const { loss } = await step.run([batches[k]!], used, { learningRate, maximalNorm: clip, dropoutSeed: 0 })
    losses.push(loss)
  }
  return losses
}

/** Keeps the largest error, and the first thing that is too far off. */
class Worst {
  #error = 0
  #problem: string | undefined

  constructor(private readonly caseName: Training['caseName']) {}

  relative(what: string, actual: readonly number[], expected: ArrayLike<number>): void {
    this.#compare(what, actual, expected, (b) => 1e-4 * Math.abs(b))
  }

  /** Every parameter-shaped tensor of the case, each of which must be there on both sides. */
  parameters(step: TrainingStep, values: Float32Array, expected: ReadonlyMap<string, Numbers>, prefix: string): void {
    const names = new Set(step.store.slots.map(({ path }) => `${prefix}${this.caseName(path)}`))
    for (const name of expected.keys()) {
      if (name.startsWith(prefix) && !names.has(name)) this.#problem ??= `nothing computes ${name}`
    }
    for (const { path, start, end } of step.store.slots) {
      const name = `${prefix}${this.caseName(path)}`
      const reference = expected.get(name)
      if (!reference) this.#problem ??= `the case has no ${name}`
      else this.#compare(name, values.subarray(start, end), reference.data, (b) => 1e-4 + 1e-3 * Math.abs(b))
    }
  }

  result(name: string): CaseResult {
    if (this.#problem) return { name, status: 'failed', error: this.#error, detail: this.#problem }
    return { name, status: 'passed', error: this.#error }
  }

  #compare(
    what: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    tolerance: (b: number) => number,
  ): void {
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(actual[i]! - expected[i]!)
      if (!(difference <= tolerance(expected[i]!))) this.#problem ??= `${what} differs by ${difference}`
      this.#error = Math.max(this.#error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
    }
  }
}
