// Runs compiled graphs. `Runtime.open` chooses a device, `compile` makes a function of a graph, `run` calls it.

import type { InferenceSession } from 'onnxruntime-web'
import { openBackend } from '#runtime/backend'
import {
  type CompileOptions,
  compile,
  type Dim,
  type DType,
  dimFactors,
  dimSize,
  formatShape,
  type OnnxValue,
  type Tensor,
} from '../graph/index.js'
import type { Backend, BackendOptions, Device, DeviceChoice } from './backend.js'
import { RuntimeError } from './errors.js'

/** Elements of a tensor outside the graph, row-major. Booleans are bytes. */
export type TensorArray = Float32Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array

/** A tensor outside the graph: its elements and its dimensions. */
export interface TensorData<Data extends TensorArray = TensorArray> {
  readonly data: Data
  readonly dims: readonly number[]
}

/** What a function is called with, by the names of its graph's inputs. */
export type Feeds = Readonly<Record<string, TensorData>>

/** Which device, with how many threads, and where its files are. */
export type RuntimeOptions = BackendOptions

export interface FunctionOptions extends CompileOptions {
  /** Folder that stored parameters' file locations are relative to; they are mapped into memory, not read. */
  readonly externalDataFolder?: string
  /**
   * Rearrange stored weights for speed while opening. Worth it where a function runs often; off, opening a mapped
   * checkpoint takes milliseconds and no memory. Default: false for mapped weights, true otherwise.
   */
  readonly prepack?: boolean
}

/**
 * A device that runs graphs.
 *
 * @example
 * using runtime = await Runtime.open({ device: 'cpu' })
 * const x = input('x', 'float32', ['n'])
 * using double = await runtime.compile({ y: add(x, x) })
 * const { y } = await double.run({ x: { data: new Float32Array([1, 2]), dims: [2] } })
 */
export class Runtime {
  readonly #functions = new Set<CompiledFunction>()
  #disposed = false
  #flops = 0

  private constructor(private readonly backend: Backend) {}

  get device(): Device {
    return this.backend.choice.device
  }

  /** The device, its threads, and why it is this one. */
  get choice(): DeviceChoice {
    return this.backend.choice
  }

  /** @throws {RuntimeError} `engine-missing` or `device-unavailable` */
  static async open(options: RuntimeOptions = {}): Promise<Runtime> {
    const { threads } = options
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new RuntimeError('option-invalid', `threads must be a positive whole number, not ${threads}`)
    }
    return new Runtime(await openBackend(options))
  }

  /**
   * Compiles named outputs to a function of the graph's inputs.
   *
   * @throws {RuntimeError} `device-unavailable` if the engine refuses the graph on this device
   */
  async compile<Name extends string>(
    outputs: Readonly<Record<Name, Tensor>>,
    { externalDataFolder, prepack = externalDataFolder === undefined, ...options }: FunctionOptions = {},
  ): Promise<CompiledFunction<Name>> {
    const graph = compile(outputs, options)
    if (this.#disposed) throw new RuntimeError('disposed', 'this runtime has been disposed; open another')
    const { engine, native, sessionOptions } = this.backend
    const create = (): Promise<InferenceSession> =>
      engine.InferenceSession.create(graph.bytes, {
        ...sessionOptions,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4, // what goes wrong is thrown
        extra: {
          session: {
            set_denormal_as_zero: '1',
            ...(!prepack && { disable_prepacking: '1' }),
            ...(externalDataFolder && { model_external_initializers_file_folder_path: externalDataFolder }),
          },
        },
      })
    const session = await (native ? create() : inTurn(create)).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RuntimeError('device-unavailable', `the graph could not be opened on ${this.device}: ${reason}`, {
        cause,
      })
    })
    const compiled: CompiledFunction<Name> = new CompiledFunction<Name>(session, this.backend, graph, {
      disposed: () => this.#functions.delete(compiled),
      ran: (flops) => {
        this.#flops += flops
      },
    })
    this.#functions.add(compiled)
    return compiled
  }

  /**
   * Floating-point operations of all matrix products that this runtime's functions have computed so far: two for every
   * multiplication, as is the custom. What else is computed is a few per cent of that, and not counted.
   */
  get flops(): number {
    return this.#flops
  }

  /** Frees every function that is still open; no more can be compiled. */
  dispose(): void {
    this.#disposed = true
    for (const compiled of this.#functions) compiled.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

interface FunctionSignature {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodeCount: number
  readonly products: readonly Dim[]
}

/** What a function tells its runtime. */
interface Listener {
  disposed(): void
  ran(flops: number): void
}

/**
 * A graph opened on a device: a function from named tensors to named tensors. Holds native memory until disposed.
 *
 * @example
 * using runtime = await Runtime.open()
 * using double: CompiledFunction<'y'> = await runtime.compile({ y: mul(input('x', 'float32', ['n']), scalar(2)) })
 * const { y } = await double.run({ x: { data: Float32Array.of(1, 2), dims: [2] } })
 */
export class CompiledFunction<Name extends string = string> {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** ONNX nodes before the engine's own optimizations. */
  readonly nodeCount: number
  /** How often each product of named dimensions is multiplied; '' are the products of numbers alone. */
  readonly #multiplications: ReadonlyMap<string, number>
  #session: InferenceSession | undefined
  #running = 0

  constructor(
    session: InferenceSession,
    private readonly backend: Backend,
    signature: FunctionSignature,
    private readonly listener: Listener,
  ) {
    this.#session = session
    this.inputs = signature.inputs
    this.outputs = signature.outputs
    this.nodeCount = signature.nodeCount
    this.#multiplications = gathered(signature.products)
  }

  /**
   * Runs the function.
   *
   * @param feeds one tensor for every input; a dimension with one name must have one size
   * @param into arrays that outputs are written to in place of new ones, by output name (their dims must be known)
   * @throws {RuntimeError} `bad-feed` for missing or misshapen tensors, and for values that an operator refuses, such
   *   as an index out of range; `disposed` after `dispose()`
   */
  async run(feeds: Feeds, into: Readonly<Record<string, TensorData>> = {}): Promise<Record<Name, TensorData>> {
    const session = this.#session
    if (!session) throw new RuntimeError('disposed', 'this function has been disposed; compile it again')
    const sizes = checkFeeds(this.inputs, feeds)
    checkTargets(this.outputs, into, sizes)
    const tensors = Object.fromEntries(
      this.inputs.map((value) => [value.name, this.#tensor(value, feeds[value.name]!)]),
    )
    const targets = new Map(Object.entries(into))
    const fetches = this.outputs.map((value) => {
      const target = this.backend.native ? targets.get(value.name) : undefined
      return [value.name, target ? this.#tensor(value, target) : null] as const
    })
    const results = await this.#call(() => session.run(tensors, Object.fromEntries(fetches), { logSeverityLevel: 4 }))
    this.listener.ran(this.#flops(sizes))
    const answers = this.outputs.map(({ name }) => {
      const { data, dims } = results[name] as { data: TensorArray; dims: readonly number[] }
      const target = targets.get(name)
      if (target && !this.backend.native) copyInto(target.data, data)
      return [name, target ?? { data, dims }]
    })
    return Object.fromEntries(answers) as Record<Name, TensorData>
  }

  #flops(sizes: ReadonlyMap<string, number>): number {
    let sum = 0
    for (const [names, factor] of this.#multiplications) sum += 2 * factor * (names === '' ? 1 : dimSize(names, sizes))
    return sum
  }

  #tensor({ dtype }: OnnxValue, { data, dims }: TensorData): InstanceType<Backend['engine']['Tensor']> {
    return new this.backend.engine.Tensor(dtype, data, dims)
  }

  /** Keeps the session open while it runs, and turns the engine's errors into bertkin's. */
  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    const session = this.#session
    this.#running++
    try {
      return await (this.backend.native ? run() : inTurn(run))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RuntimeError('bad-feed', `the engine refused the feeds: ${reason}`, { cause })
    } finally {
      if (--this.#running === 0 && !this.#session) await session?.release()
    }
  }

  /** Frees the native memory, once the calls under way have ended; doing it twice is harmless. */
  dispose(): void {
    if (this.#running === 0) void this.#session?.release()
    this.#session = undefined
    this.listener.disposed()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** Sums of products that differ in their numbers alone. */
function gathered(products: readonly Dim[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const product of products) {
    const { size, names } = dimFactors(product)
    const key = names.join('*')
    sums.set(key, (sums.get(key) ?? 0) + size)
  }
  return sums
}

let lastCall: Promise<unknown> = Promise.resolve()

/** WebAssembly's one memory takes one call at a time, whichever function it is of. */
function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  const result = lastCall.then(run)
  lastCall = result.catch(() => undefined)
  return result
}

function copyInto(target: TensorArray, source: TensorArray): void {
  ;(target as { set(values: TensorArray): void }).set(source)
}

const arrayTypes: Readonly<Record<DType, { readonly name: string }>> = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
}

/** Says what is wrong with a feed before native code sees it; returns the sizes of the named dimensions. */
function checkFeeds(inputs: readonly OnnxValue[], feeds: Feeds): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const value of inputs) {
    if (!Object.hasOwn(feeds, value.name) || feeds[value.name] === undefined) refuse(`input "${value.name}" is missing`)
    checkElements('input', value, feeds[value.name]!)
    const { dims } = feeds[value.name]!
    value.shape.forEach((dim, axis) => {
      const size = dims[axis]
      if (typeof dim === 'string' && size !== undefined && !sizes.has(dim)) sizes.set(dim, size)
    })
  }
  for (const value of inputs) checkDims('input', value, feeds[value.name]!, sizes)
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((value) => value.name === name)) refuse(`there is no input "${name}"`)
  }
  return sizes
}

/** The same for the arrays that outputs are to be written to. */
function checkTargets(outputs: readonly OnnxValue[], into: Feeds, sizes: ReadonlyMap<string, number>): void {
  for (const [name, target] of Object.entries(into)) {
    const value = outputs.find((output) => output.name === name) ?? refuse(`there is no output "${name}"`)
    checkElements('output', value, target)
    checkDims('output', value, target, sizes)
  }
}

function checkElements(
  kind: string,
  { name, dtype }: OnnxValue,
  tensor: Partial<TensorData>,
): asserts tensor is TensorData {
  const { data, dims } = tensor
  if (data === undefined || !Array.isArray(dims)) {
    refuse(`${kind} "${name}" needs data and dims`)
  }
  const expected = arrayTypes[dtype]
  if (data.constructor !== expected)
    refuse(`${kind} "${name}" takes a ${expected.name}, not a ${data.constructor.name}`)
  const whole = dims.every((dim) => Number.isInteger(dim) && dim >= 0)
  const elements = dims.reduce((product, dim) => product * dim, 1)
  if (!whole || elements !== data.length)
    refuse(`${kind} "${name}" has ${data.length} elements, not ${formatShape(dims)}`)
}

function checkDims(
  kind: string,
  { name, shape }: OnnxValue,
  { dims }: TensorData,
  sizes: ReadonlyMap<string, number>,
): void {
  // A product is known by its names, where inputs carry them; else by what the first input that has it says.
  const expected = shape.map((dim) => {
    const product = dimSize(dim, sizes)
    return Number.isNaN(product) ? sizes.get(String(dim)) : product
  })
  if (dims.length === shape.length && dims.every((dim, i) => dim === expected[i])) return
  const meant = shape.map((dim, i) => (typeof dim === 'string' ? `${dim} = ${expected[i] ?? '?'}` : dim))
  refuse(`${kind} "${name}" must be ${formatShape(meant)}, not ${formatShape(dims)}`)
}

function refuse(message: string): never {
  throw new RuntimeError('bad-feed', message)
}

/**
 * Of what is available, what a function takes: a model without second segments, say, does without their ids.
 *
 * @example
 * using runtime = await Runtime.open()
 * using compiled = await runtime.compile({ twice: add(input('x', 'float32', [1]), input('x', 'float32', [1])) })
 * const available: Feeds = { x: { data: Float32Array.of(1), dims: [1] }, y: { data: Float32Array.of(2), dims: [1] } }
 * await compiled.run(selectFeeds(compiled, available)) // of `y` it knows nothing
 */
export const selectFeeds = (compiled: CompiledFunction, available: Feeds): Feeds =>
  Object.fromEntries(compiled.inputs.flatMap(({ name }) => (available[name] ? [[name, available[name]]] : [])))
