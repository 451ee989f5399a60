// What an operator's ONNX form is written with: nodes, small constants, and shapes whose dimensions are known only
// when the graph runs (taken from the graph inputs that carry them).

import { ShapeError } from './errors.js'
import type { Int8Weight } from './int8Weight.js'
import { type OnnxAttribute, type OnnxInitializer, type OnnxNode, onnxDType } from './onnx.js'
import { type Dim, dimFactors, type Shape } from './shape.js'
import type { DType } from './tensor.js'

export interface NodeOptions {
  readonly domain?: 'com.microsoft'
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  /** How many outputs the node has; 1 unless said. */
  readonly outputs?: number
}

/** Where a symbolic dimension can be read: an input's name and the axis that carries it. */
export interface DimSource {
  readonly input: string
  readonly axis: number
}

export class Emitter {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxInitializer[] = []
  /** Weights of dense layers that are there in eight bits, by the parameter's name. */
  readonly int8Weights = new Map<string, Int8Weight>()
  readonly #dimSources: ReadonlyMap<string, DimSource>
  readonly #taken: ReadonlySet<string>
  readonly #known = new Map<string, string>()
  #count = 0

  /**
   * @param taken the names of the graph's inputs, parameters and outputs, which no value in between may have
   * @param standardOnly whether ONNX Runtime's own operators are to be done without
   */
  constructor(
    dimSources: ReadonlyMap<string, DimSource>,
    taken: ReadonlySet<string> = new Set(),
    readonly standardOnly = false,
  ) {
    this.#dimSources = dimSources
    this.#taken = taken
  }

  /** Emits a node; returns the name of its output, or of its first output if it has several. */
  node(type: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.nodeOutputs(type, inputs, options)[0]!
  }

  /** Emits a node with several outputs and returns all their names. */
  nodeOutputs(type: string, inputs: readonly string[], { domain, attributes, outputs = 1 }: NodeOptions): string[] {
    const stem = this.#fresh(type)
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? stem : `${stem}.${i}`))
    this.nodes.push({ type, inputs, outputs: names, ...(domain && { domain }), ...(attributes && { attributes }) })
    return names
  }

  /** Converts the element type. */
  cast(value: string, dtype: DType): string {
    return this.node('Cast', [value], { attributes: { to: { int: onnxDType[dtype] } } })
  }

  /** A constant of any element type; equal ones are stored once. */
  constant(dtype: DType, shape: readonly number[], values: readonly number[]): string {
    return this.#once(`${dtype}:${shape.join('x')}:${values.map(formatNumber).join(',')}`, (name) => {
      this.initializers.push({ name, dtype, dims: shape, data: encodeValues(dtype, values) })
      return name
    })
  }

  /** A dense layer's weight in eight bits, if there is one: the names of its values [in, out] and scales [out]. */
  int8Weight(name: string): { readonly values: string; readonly scales: string } | undefined {
    const weight = this.int8Weights.get(name)
    if (!weight) return undefined
    const { values, scales } = weight
    const [out, width] = [scales.length, values.length / scales.length]
    const stored = (key: string, dtype: 'int8' | 'float32', dims: readonly number[], data: Int8Array | Float32Array) =>
      this.#once(`${key}:${name}`, (fresh) => {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        this.initializers.push({ name: fresh, dtype, dims, data: bytes })
        return fresh
      })
    return {
      values: stored('int8', 'int8', [width, out], values),
      scales: stored('scales', 'float32', [out], scales),
    }
  }

  /** A constant int64 vector; equal ones are stored once. */
  int64(values: readonly number[]): string {
    return this.constant('int64', [values.length], values)
  }

  /** A shape as an int64 vector: a constant where every dimension is known, else put together from input shapes. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.int64(shape as readonly number[])
    return this.#once(`shape:${shape.join(',')}`, () => {
      const parts = shape.map((dim) => this.dim(dim))
      return parts.length === 1 ? parts[0]! : this.node('Concat', parts, { attributes: { axis: { int: 0 } } })
    })
  }

  /** One dimension as an int64 vector of length 1. */
  dim(dim: Dim): string {
    return this.#once(`dim:${dim}`, () => {
      const { size, names } = dimFactors(dim)
      if (names.length === 0) return this.int64([size])
      const factors = names.map((name) => this.#symbol(name))
      if (size !== 1) factors.push(this.int64([size]))
      return factors.reduce((product, factor) => this.node('Mul', [product, factor]))
    })
  }

  #symbol(name: string): string {
    return this.#once(`symbol:${name}`, () => {
      const source = this.#dimSources.get(name)
      if (!source) throw new ShapeError('compile', `no graph input carries the dimension "${name}"`, [[name]])
      const { input, axis } = source
      return this.node('Shape', [input], { attributes: { start: { int: axis }, end: { int: axis + 1 } } })
    })
  }

  #once(key: string, make: (freshName: string) => string): string {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = make(this.#fresh('constant'))
    this.#known.set(key, name)
    return name
  }

  #fresh(stem: string): string {
    const name = `${stem}_${this.#count++}`
    return this.#taken.has(name) ? this.#fresh(stem) : name
  }
}

/** A number's digits, with the sign of zero kept. */
export const formatNumber = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

function encodeValues(dtype: DType, values: readonly number[]): Uint8Array {
  switch (dtype) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer)
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer)
    case 'uint32':
      return new Uint8Array(Uint32Array.from(values).buffer)
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    case 'bool':
      return Uint8Array.from(values)
  }
}
