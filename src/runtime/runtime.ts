// Runs compiled graphs. `Runtime.open` chooses a device, `compile` makes a function of a graph, `run` calls it.

import type { InferenceSession } from 'onnxruntime-web'
import { openBackend } from '#runtime/backend'
import { type CompileOptions, compile, type DType, formatShape, type OnnxValue, type Tensor } from '../graph/index.js'
import type { Backend, Device } from './backend.js'
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

export interface RuntimeOptions {
  /** 'cpu' (Node's default), 'wasm' (browsers' default) or 'webgpu'. */
  readonly device?: Device
  /** Threads for one function call; default: one per core. */
  readonly threads?: number
}

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

  private constructor(
    readonly device: Device,
    private readonly backend: Backend,
  ) {}

  /** @throws {RuntimeError} `engine-missing` or `device-unavailable` */
  static async open(options: RuntimeOptions = {}): Promise<Runtime> {
    const { threads } = options
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new RuntimeError('option-invalid', `threads must be a positive whole number, not ${threads}`)
    }
    const backend = await openBackend(options)
    return new Runtime(backend.device, backend)
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
    const { engine, sessionOptions } = this.backend
    const session = await engine.InferenceSession.create(graph.bytes, {
      ...sessionOptions,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        session: {
          set_denormal_as_zero: '1',
          ...(!prepack && { disable_prepacking: '1' }),
          ...(externalDataFolder && { model_external_initializers_file_folder_path: externalDataFolder }),
        },
      },
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new RuntimeError('device-unavailable', `the graph could not be opened on ${this.device}: ${reason}`, {
        cause,
      })
    })
    const compiled: CompiledFunction<Name> = new CompiledFunction<Name>(session, engine.Tensor, graph, () =>
      this.#functions.delete(compiled),
    )
    this.#functions.add(compiled)
    return compiled
  }

  /** Frees every function that is still open. */
  dispose(): void {
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
}

/** A graph opened on a device: a function from named tensors to named tensors. Holds native memory until disposed. */
export class CompiledFunction<Name extends string = string> {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** ONNX nodes before the engine's own optimizations. */
  readonly nodeCount: number
  #session: InferenceSession | undefined

  constructor(
    session: InferenceSession,
    private readonly TensorClass: Backend['engine']['Tensor'],
    signature: FunctionSignature,
    private readonly onDispose: () => void,
  ) {
    this.#session = session
    this.inputs = signature.inputs
    this.outputs = signature.outputs
    this.nodeCount = signature.nodeCount
  }

  /**
   * Runs the function.
   *
   * @param feeds one tensor for every input; a dimension with one name must have one size
   * @param into arrays that outputs are written to in place of new ones, by output name (their dims must be known)
   * @throws {RuntimeError} `bad-feed` for missing or misshapen tensors, `disposed` after `dispose()`
   */
  async run(feeds: Feeds, into: Readonly<Record<string, TensorData>> = {}): Promise<Record<Name, TensorData>> {
    if (!this.#session) throw new RuntimeError('disposed', 'this function has been disposed; compile it again')
    checkFeeds(this.inputs, feeds)
    const tensors = Object.fromEntries(
      this.inputs.map((value) => [value.name, this.#tensor(value, feeds[value.name]!)]),
    )
    const fetches = Object.fromEntries(
      this.outputs.map((value) => [value.name, into[value.name] ? this.#tensor(value, into[value.name]!) : null]),
    )
    const results = await this.#session.run(tensors, fetches)
    return Object.fromEntries(
      this.outputs.map(({ name }) => {
        const { data, dims } = results[name]!
        return [name, into[name] ?? { data: data as TensorArray, dims }]
      }),
    ) as Record<Name, TensorData>
  }

  #tensor({ dtype }: OnnxValue, { data, dims }: TensorData): InstanceType<Backend['engine']['Tensor']> {
    return new this.TensorClass(dtype, data, dims)
  }

  /** Frees the native memory; doing it twice is harmless. */
  dispose(): void {
    void this.#session?.release()
    this.#session = undefined
    this.onDispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

const arrayTypes: Readonly<Record<DType, { readonly name: string }>> = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
}

/** Says what is wrong with a feed before native code sees it. */
function checkFeeds(inputs: readonly OnnxValue[], feeds: Feeds): void {
  const sizes = new Map<string, number>()
  const refuse = (message: string): never => {
    throw new RuntimeError('bad-feed', message)
  }
  for (const { name, dtype, shape } of inputs) {
    const feed = feeds[name] ?? refuse(`input "${name}" is missing`)
    const { data, dims } = feed
    const expected = arrayTypes[dtype]
    if (data.constructor !== expected)
      refuse(`input "${name}" takes a ${expected.name}, not a ${data.constructor.name}`)
    const elements = dims.reduce((product, dim) => product * dim, 1)
    if (elements !== data.length) refuse(`input "${name}" has ${data.length} elements, not ${formatShape(dims)}`)
    const fits = dims.length === shape.length && dims.every((dim, i) => sizeAgrees(shape[i]!, dim, sizes))
    if (!fits) refuse(`input "${name}" must be ${formatShape(shape)}, not ${formatShape(dims)}`)
  }
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((value) => value.name === name)) refuse(`there is no input "${name}"`)
  }
}

/** A known dimension must be equal; a named one takes its size from the first tensor that has it. */
function sizeAgrees(dim: number | string, size: number, sizes: Map<string, number>): boolean {
  if (typeof dim === 'number') return dim === size
  const known = sizes.get(dim)
  if (known === undefined) sizes.set(dim, size)
  return known === undefined || known === size
}
