// Golden training: the losses of two batches, every gradient, and four AdamW steps, compared with what PyTorch computed
// from the same weights.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CheckpointError, openFolder } from '../checkpoint/index.js'
import { batchFor, defineModel, type Head, kins, readConfig, selectRows } from '../model/index.js'
import {
  defineReplacedTokenDetection,
  maskedLmSum,
  type Objective,
  type ObjectiveGraph,
  type PreparedBatch,
  predictionInputs,
  questionAnsweringSum,
  sequenceClassificationSum,
  tokenClassificationSum,
} from '../objective/index.js'
import { Runtime, type TensorData } from '../runtime/index.js'
import { AdamW, linearSchedule, TrainingStep } from '../train/index.js'
import { type CaseResult, caseFolders } from './case.js'
import { type Numbers, readNumbers, readSequences } from './models.js'

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

/** Runs every case folder below `goldenDir`, in order of name. */
export async function* trainCases(goldenDir: string): AsyncGenerator<CaseResult> {
  using runtime = await Runtime.open()
  for (const name of await caseFolders(goldenDir)) yield await trainCase(join(goldenDir, name), name, runtime)
}

async function trainCase(dir: string, name: string, runtime: Runtime): Promise<CaseResult> {
  try {
    const { kind, optimizer } = JSON.parse(await readFile(join(dir, 'case.json'), 'utf8')) as TrainCase
    const task = tasks[kind.slice(kind.indexOf('-') + 1)]
    if (!task) return { name, status: 'skipped', detail: `${kind} is not built yet` }
    const { define, prepare } = await task(dir)
    const tensors = await readNumbers(dir, 'batches.safetensors')
    const batches = [0, 1].map((k) => prepare(tensors, k))
    return await compareTraining(dir, name, { define, batches, optimizer, runtime })
  } catch (problem) {
    if (problem instanceof CheckpointError && problem.code === 'config-unsupported') {
      return { name, status: 'skipped', detail: problem.message }
    }
    return { name, status: 'failed', detail: problem instanceof Error ? problem.message : String(problem) }
  }
}

// ── what each kind of case trains ───────────────────────────────────────────────────────────────────────────────────

interface Task {
  define(): ObjectiveGraph
  prepare(tensors: ReadonlyMap<string, Numbers>, batch: number): PreparedBatch
}

type TaskBuilder = (dir: string) => Promise<Task>

const tasks: Readonly<Record<string, TaskBuilder>> = {
  mlm: (dir) =>
    headTask(dir, 'masked-lm', {
      define(context) {
        const { rows, labels } = predictionInputs()
        const { apply } = kins[context.config.modelType].heads['masked-lm']!
        return maskedLmSum(apply(selectRows(context.encoded, rows), context).logits!, labels).sum
      },
      prepare: (tensors, k) => predictionsAt(tensors.get(`${k}.labels`)!),
    }),
  classification: (dir) =>
    headTask(dir, 'sequence-classification', {
      define: ({ outputs, config }) => sequenceClassificationSum(outputs, config),
      prepare: (tensors, k) => intFeeds({ labels: tensors.get(`${k}.labels`)! }),
    }),
  tokens: (dir) =>
    headTask(dir, 'token-classification', {
      define: ({ outputs }) => tokenClassificationSum(outputs),
      prepare: (tensors, k) => intFeeds({ labels: tensors.get(`${k}.labels`)! }),
    }),
  qa: (dir) =>
    headTask(dir, 'question-answering', {
      define: ({ outputs, tokens }) => questionAnsweringSum(outputs, tokens),
      prepare: (tensors, k) =>
        intFeeds({
          startPositions: tensors.get(`${k}.start_positions`)!,
          endPositions: tensors.get(`${k}.end_positions`)!,
        }),
    }),
  rtd: replacedTokenTask,
}

/** One model, one loss. Padding is computed too: transformers' losses of some heads run over it. */
async function headTask(
  dir: string,
  head: Head,
  {
    define,
    prepare,
  }: {
    define(definition: ReturnType<typeof defineModel>): ReturnType<typeof tokenClassificationSum>
    prepare(tensors: ReadonlyMap<string, Numbers>, batch: number): Record<string, TensorData<Int32Array>>
  },
): Promise<Task> {
  const config = await readConfig(await openFolder(dir))
  return {
    define() {
      const definition = defineModel(config, head)
      return {
        parts: { loss: { sum: define(definition), weight: 1 } },
        parameters: definition.scope.declarations(),
        outputs: {},
      }
    },
    prepare(tensors, k) {
      const { feeds, tokenCount } = batchFor(config, readSequences(tensors, lengthOf(tensors), `${k}.`), {
        keepPadding: true,
      })
      const extra = prepare(tensors, k)
      const counted = (extra.labels ?? extra.startPositions)!.data.filter((label) => label !== -100).length
      return { feeds: { ...feeds, ...extra }, counts: { loss: counted }, tokenCount }
    },
  }
}

async function replacedTokenTask(dir: string): Promise<Task> {
  const read = async (model: string) => readConfig(await openFolder(join(dir, model)))
  const configs = { generator: await read('generator'), discriminator: await read('discriminator') }
  return {
    define: () => defineReplacedTokenDetection(configs, {}, {}, 'given'),
    prepare(tensors, k) {
      const sequences = readSequences(tensors, lengthOf(tensors), `${k}.`)
      const batch = batchFor(configs.discriminator, sequences)
      const length = lengthOf(tensors)
      const rowsOf = (name: string): TensorData<Int32Array> => {
        const { data } = tensors.get(`${k}.${name}`)!
        const real = Int32Array.from({ length: batch.tokenCount }, (_, row) => {
          return data[batch.cells[row * 2]! * length + batch.cells[row * 2 + 1]!]!
        })
        return { data: real, dims: [real.length] }
      }
      const labels = rowsOf('labels')
      const predictions = predictionsAt(labels)
      // The original ids are not given, but where they differ from the corrupted ones they are the labels.
      const originalIds = {
        ...labels,
        data: rowsOf('corrupted_ids').data.map((id, row) => (labels.data[row] === -100 ? id : labels.data[row]!)),
      }
      const feeds = { ...batch.feeds, ...predictions, originalIds, corruptedIds: rowsOf('corrupted_ids') }
      return {
        feeds,
        counts: { mlm: predictions.labels!.data.length, rtd: batch.tokenCount },
        tokenCount: batch.tokenCount,
      }
    },
  }
}

const lengthOf = (tensors: ReadonlyMap<string, Numbers>): number => tensors.get('0.input_ids')!.dims.at(-1)!

/** Rows whose label counts, and these labels. */
function predictionsAt({ data }: Numbers): Record<string, TensorData<Int32Array>> {
  const rows = Array.from(data, (_, row) => row).filter((row) => data[row] !== -100)
  const column = (values: number[]): TensorData<Int32Array> => ({
    data: Int32Array.from(values),
    dims: [values.length],
  })
  return { predictedRows: column(rows), labels: column(rows.map((row) => data[row]!)) }
}

const intFeeds = (numbers: Readonly<Record<string, Numbers>>): Record<string, TensorData<Int32Array>> =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, { data }]) => [name, { data: Int32Array.from(data), dims: [data.length] }]),
  )

// ── comparison ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Training {
  define(): ObjectiveGraph
  readonly batches: readonly PreparedBatch[]
  readonly optimizer: TrainCase['optimizer']
  readonly runtime: Runtime
}

async function compareTraining(dir: string, name: string, training: Training): Promise<CaseResult> {
  const { define, batches, optimizer, runtime } = training
  const initial = await readNumbers(dir, 'model.safetensors')
  const expected = await readNumbers(dir, 'expected.safetensors')
  const objective: Objective<never> = {
    name,
    define,
    prepare: () => batches[0]!,
    meter: () => ({ add() {}, result: () => ({}) }),
    models: [],
  }
  const step = await TrainingStep.create(objective, runtime)
  try {
    for (const { path, start } of step.store.slots) {
      const values = initial.get(path)
      if (!values) return { name, status: 'failed', detail: `the case has no parameter ${path}` }
      step.store.values.set(values.data, start)
    }
    const worst = new Worst()
    for (const k of [1, 0]) {
      const { loss, parts } = await step.accumulate([batches[k]!], 0)
      worst.relative(`loss.${k}`, [loss], expected.get(`loss.${k}`)!.data)
      for (const [part, value] of Object.entries(parts)) {
        const reference = expected.get(`loss.${k}.${part}`)
        if (reference) worst.relative(`loss.${k}.${part}`, [value], reference.data)
      }
    }
    worst.parameters(step, step.gradients, expected, 'grad.')

    const adamw = new AdamW(step.store.slots, {
      betas: optimizer.betas,
      epsilon: optimizer.eps,
      weightDecay: optimizer.weight_decay,
    })
    const schedule = linearSchedule(optimizer)
    const losses: number[] = []
    for (const [i, k] of [0, 1, 0, 1].entries()) {
      const learningRate = optimizer.lr * schedule(i + 1)
      const { loss } = await step.run([batches[k]!], adamw, {
        learningRate,
        maximalNorm: optimizer.clip,
        dropoutSeed: 0,
      })
      losses.push(loss)
    }
    worst.relative('adamw.losses', losses, expected.get('adamw.losses')!.data)
    worst.parameters(step, step.store.values, expected, 'adamw.param.')
    return worst.result(name)
  } finally {
    step.dispose()
  }
}

/** Keeps the largest error, and the first thing that is too far off. */
class Worst {
  #error = 0
  #problem: string | undefined

  relative(what: string, actual: readonly number[], expected: ArrayLike<number>): void {
    this.#compare(what, actual, expected, (b) => 1e-4 * Math.abs(b))
  }

  /** Every parameter-shaped tensor of the case, each of which must be there on both sides. */
  parameters(step: TrainingStep, values: Float32Array, expected: ReadonlyMap<string, Numbers>, prefix: string): void {
    const names = new Set(step.store.slots.map(({ path }) => `${prefix}${path}`))
    for (const name of expected.keys()) {
      if (name.startsWith(prefix) && !names.has(name)) this.#problem ??= `nothing computes ${name}`
    }
    for (const { path, start, end } of step.store.slots) {
      const reference = expected.get(`${prefix}${path}`)
      if (!reference) this.#problem ??= `the case has no ${prefix}${path}`
      else
        this.#compare(`${prefix}${path}`, values.subarray(start, end), reference.data, (b) => 1e-4 + 1e-3 * Math.abs(b))
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
