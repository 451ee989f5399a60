// One step of training: loss and gradients by one compiled function, summed over micro-batches, clipped, applied.

import { BertkinError } from '../errors.js'
import { grad, input, type Tensor } from '../graph/index.js'
import { countInput, type Objective, type PreparedBatch, totalLoss } from '../objective/index.js'
import { type CompiledFunction, type Feeds, type Runtime, selectFeeds, type TensorData } from '../runtime/index.js'
import { clipScale, globalNorm } from './clip.js'
import type { Optimizer } from './optimizer.js'
import { ParameterStore } from './parameterStore.js'

/** What a step tells: the loss and its parts, each the mean over its predictions. */
export interface StepResult {
  readonly loss: number
  readonly parts: Readonly<Record<string, number>>
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number
  readonly tokenCount: number
  /** False if the loss or a gradient was not finite; then nothing was changed. */
  readonly applied: boolean
}

/** The micro-batches of a step, one at a time, and how many predictions they make together. */
export interface StepBatches {
  readonly counts: Readonly<Record<string, number>>
  readonly batches: Iterable<PreparedBatch> | AsyncIterable<PreparedBatch>
}

/** What differs from step to step. */
export interface StepSettings {
  readonly learningRate: number
  readonly maximalNorm: number | undefined
  readonly dropoutSeed: number
  readonly onMicroBatch?: (done: number) => void
}

/**
 * Where several workers would meet: counts are summed before a step, gradients after it. Alone, both do nothing.
 */
export interface Collective {
  sumCounts(counts: Record<string, number>): Promise<void>
  sumGradients(gradients: Float32Array): Promise<void>
}

const alone: Collective = { sumCounts: async () => {}, sumGradients: async () => {} }

const gradientName = (path: string): string => `gradient.${path}`
const partName = (part: string): string => `part.${part}`

/**
 * Loss and gradients of an objective as one function, and the buffers they work on.
 *
 * @example
 * const vocabulary = { vocabSize: 8000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) }
 * const objective = maskedLm(createConfig({ modelType: 'bert', vocabSize: 8000 }), vocabulary)
 * const step = await TrainingStep.create(objective, await Runtime.open(), { seed: 42 })
 * const batch = objective.prepare([{ ids: [2, 57, 1203, 9, 3] }], new Random(1))
 * const optimizer = new AdamW(step.store.slots)
 * const { loss } = await step.run([batch], optimizer, { learningRate: 1e-4, maximalNorm: 1, dropoutSeed: 1 })
 */
export class TrainingStep {
  readonly store: ParameterStore
  readonly gradients: Float32Array
  /** What one of several micro-batches adds; there once it is needed. */
  #microGradients: Float32Array | undefined

  private constructor(
    store: ParameterStore,
    private readonly compiled: CompiledFunction,
    private readonly weights: Readonly<Record<string, number>>,
    private readonly collective: Collective,
  ) {
    this.store = store
    this.gradients = new Float32Array(store.values.length)
  }

  /**
   * Builds, differentiates and compiles an objective; parameters start from `seed`.
   */
  static async create<Example>(
    objective: Objective<Example>,
    runtime: Runtime,
    { seed = 0, collective = alone }: { seed?: number; collective?: Collective } = {},
  ): Promise<TrainingStep> {
    const seedInput = input('dropoutSeed', 'uint32', [1])
    let streams = 0
    const { parts, parameters } = objective.define({ dropout: { seed: seedInput, nextStream: () => streams++ } })
    const gradients = grad(
      totalLoss(parts),
      parameters.map(({ tensor }) => tensor),
    )
    const outputs: Record<string, Tensor> = {}
    for (const [name, { sum }] of Object.entries(parts)) outputs[partName(name)] = sum
    parameters.forEach(({ path }, i) => {
      outputs[gradientName(path)] = gradients[i]!
    })
    const store = new ParameterStore(parameters)
    store.initialize(parameters, seed)
    const weights = Object.fromEntries(Object.entries(parts).map(([name, { weight }]) => [name, weight]))
    return new TrainingStep(store, await runtime.compile(outputs), weights, collective)
  }

  /** The number of ONNX nodes of forward and backward pass. */
  get nodeCount(): number {
    return this.compiled.nodeCount
  }

  /**
   * Computes the gradients of one step into `gradients`. The loss of several micro-batches is that of all their
   * predictions together, not the mean of their means.
   *
   * @param batches in memory, or a stream of them with the counts of all: then there is never more than one at a time
   * @param dropoutSeed another for every step; micro-batches derive theirs from it
   * @param onMicroBatch told after each micro-batch how many are done
   */
  async accumulate(
    batches: readonly PreparedBatch[] | StepBatches,
    dropoutSeed: number,
    onMicroBatch: (done: number) => void = () => {},
  ): Promise<Omit<StepResult, 'applied'>> {
    const source = 'counts' in batches ? batches : { counts: sumOfCounts(batches), batches }
    const counts = { ...source.counts }
    await this.collective.sumCounts(counts)
    const parts: Record<string, number> = {}
    let tokenCount = 0
    let done = 0
    for await (const batch of source.batches) {
      if (done === 1) this.#microGradients ??= new Float32Array(this.gradients.length)
      const into = done === 0 ? this.gradients : this.#microGradients!
      const results = await this.#run(batch, counts, dropoutSeed + done, into)
      if (done > 0) addInPlace(this.gradients, into)
      for (const part of Object.keys(this.weights)) {
        parts[part] = (parts[part] ?? 0) + Number(results[partName(part)]!.data[0]) / (counts[part] || 1)
      }
      tokenCount += batch.tokenCount
      onMicroBatch(++done)
    }
    if (done === 0) throw new BertkinError('option-invalid', 'a step needs at least one example')
    await this.collective.sumGradients(this.gradients)
    const loss = Object.entries(parts).reduce((sum, [part, value]) => sum + this.weights[part]! * value, 0)
    return { loss, parts, gradientNorm: globalNorm(this.gradients), tokenCount }
  }

  /** A whole step: accumulate, clip to `maximalNorm` if given, update. Non-finite steps change nothing. */
  async run(
    batches: readonly PreparedBatch[] | StepBatches,
    optimizer: Optimizer,
    { learningRate, maximalNorm, dropoutSeed, onMicroBatch }: StepSettings,
  ): Promise<StepResult> {
    const result = await this.accumulate(batches, dropoutSeed, onMicroBatch)
    const applied = Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm)
    if (applied) {
      const scale = maximalNorm === undefined ? 1 : clipScale(result.gradientNorm, maximalNorm)
      optimizer.step(this.store.values, this.gradients, learningRate, scale)
    }
    return { ...result, applied }
  }

  dispose(): void {
    this.compiled.dispose()
  }

  #run(
    batch: PreparedBatch,
    counts: Readonly<Record<string, number>>,
    dropoutSeed: number,
    gradients: Float32Array,
  ): Promise<Record<string, TensorData>> {
    const available: Record<string, TensorData> = {
      ...batch.feeds,
      ...this.store.views(this.store.values),
      ...countFeeds(counts),
      dropoutSeed: { data: Uint32Array.of(dropoutSeed), dims: [1] },
    }
    return this.compiled.run(selectFeeds(this.compiled, available), this.store.views(gradients, gradientName))
  }
}

/** The counts of a step as graph inputs. A part without predictions is divided by 1: its sum is 0. */
export const countFeeds = (counts: Readonly<Record<string, number>>): Feeds =>
  Object.fromEntries(
    Object.entries(counts).map(([part, count]) => [countInput(part), { data: Float32Array.of(count || 1), dims: [1] }]),
  )

/** How many predictions batches make together, by loss part. */
export function sumOfCounts(batches: Iterable<PreparedBatch>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const batch of batches) addCounts(counts, batch.counts)
  return counts
}

/** Adds to counts in place. */
export function addCounts(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [part, count] of Object.entries(counts)) sums[part] = (sums[part] ?? 0) + count
}

function addInPlace(sum: Float32Array, addend: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += addend[i]!
}
