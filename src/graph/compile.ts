// Expressions → ONNX. Every node is emitted once, inputs first; nodes that compute the same thing become one.

import { BertkinError } from '../errors.js'
import { type DimSource, Emitter, formatNumber } from './emitter.js'
import { topologicalOrder } from './gradient.js'
import type { Int8Weight } from './int8Weight.js'
import { encodeModel, itemSize, type OnnxInitializer, type OnnxValue } from './onnx.js'
import { isInput, isParameter, leafName } from './operators/leaf.js'
import { multiplications } from './operators/matmul.js'
import { type Dim, formatShape } from './shape.js'
import type { Node, Tensor } from './tensor.js'

/** Where a parameter's values are when it is not fed at every run. */
export interface StoredParameter extends Pick<OnnxInitializer, 'dtype' | 'data'> {
  /** The same in eight bits: what dense layers use in place of it, unless only ONNX's own operators are asked for. */
  readonly int8?: Int8Weight
}

export interface CompileOptions {
  /**
   * Parameters to store with the graph, by name: their bytes, or where they lie in a file. Any other parameter becomes
   * an input, as training needs it.
   */
  readonly stored?: (name: string) => StoredParameter | undefined
  /**
   * Use ONNX's own operators only, none of ONNX Runtime's: what engines other than it, and its own back ends for GPUs,
   * have kernels for. Default: false.
   */
  readonly standardOnly?: boolean
}

/** A graph that ONNX Runtime can open: the ModelProto's bytes and what goes in and out. */
export interface CompiledGraph {
  /** Put together at every access. */
  readonly bytes: Uint8Array
  /** The same in pieces: large stored parameters are among them as they were given. */
  readonly chunks: readonly Uint8Array[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** How many ONNX nodes there are: a cost that no machine changes. */
  readonly nodeCount: number
  /** Multiplications of each matrix product, as a product of dimensions: what a run costs is twice their sum, nearly. */
  readonly products: readonly Dim[]
}

/**
 * Compiles named outputs, and whatever they depend on, to an ONNX model.
 *
 * @throws {ShapeError} if a dimension is used that no input carries
 * @throws {BertkinError} `duplicate-name` if two different inputs or parameters share a name, or an output has the
 *   name of one; `parameter-mismatch` if a stored parameter has another size than its shape says
 *
 * @example
 * const x = input('x', 'float32', ['rows', 4])
 * const { bytes } = compile({ y: softmax(x) })
 */
export function compile(
  outputs: Readonly<Record<string, Tensor>>,
  { stored, standardOnly = false }: CompileOptions = {},
): CompiledGraph {
  const order = topologicalOrder(Object.values(outputs))
  const leaves = collectLeaves(order)
  for (const name of Object.keys(outputs)) {
    if (leaves.has(name)) throw new BertkinError('duplicate-name', `"${name}" is an input and an output; rename one`)
  }
  const taken = new Set([...leaves.keys(), ...Object.keys(outputs)])
  const emit = new Emitter(dimSources(leaves.values()), taken, standardOnly)
  const inputs: OnnxValue[] = []
  const names = new Map<Node, readonly string[]>()
  const leafNames = new Map<string, readonly string[]>()
  const known = new Map<string, readonly string[]>()
  const products: Dim[] = []

  for (const node of order) {
    const leaf = node.outputs[0]!
    const name = leafName(leaf)
    if (name !== undefined) {
      const { dtype, shape } = leaf
      const values = isParameter(leaf) ? stored?.(name) : undefined
      if (!leafNames.has(name)) {
        if (values) storeParameter(emit, name, shape as readonly number[], values)
        else inputs.push({ name, dtype, shape })
        const float = values && values.dtype !== 'float32' ? emit.cast(name, 'float32') : name
        if (values?.int8) emit.int8Weights.set(float, values.int8)
        leafNames.set(name, [float])
      }
      names.set(node, leafNames.get(name)!)
      continue
    }
    const inputNames = node.inputs.map((x) => names.get(x.node)![x.index]!)
    const key = `${node.operator.name}(${inputNames.join()})${JSON.stringify(node.attributes, exactNumbers) ?? ''}`
    let emitted = known.get(key)
    if (!emitted) {
      emitted = [node.operator.onnx(inputNames, node.attributes, emit, node)].flat()
      known.set(key, emitted)
      products.push(...multiplications(node))
    }
    names.set(node, emitted)
  }

  // An Identity gives each output its own name, also where one value is asked for twice or is an input itself.
  const nodes = [...emit.nodes]
  const results = Object.entries(outputs).map(([name, { node, index, dtype, shape }]) => {
    nodes.push({ type: 'Identity', inputs: [names.get(node)![index]!], outputs: [name] })
    return { name, dtype, shape }
  })
  const used = new Set(nodes.flatMap((node) => node.inputs))
  const initializers = emit.initializers.filter(({ name }) => used.has(name))
  const model = encodeModel({ nodes, initializers, inputs, outputs: results })
  return {
    get bytes() {
      return model.finish()
    },
    chunks: model.chunks(),
    inputs,
    outputs: results,
    nodeCount: nodes.length,
    products,
  }
}

/** For `JSON.stringify`, which would write −0 as 0 and every other number that is not finite as null. */
const exactNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${formatNumber(value)}`
    : value

function storeParameter(emit: Emitter, name: string, dims: readonly number[], values: StoredParameter): void {
  const { dtype, data } = values
  const expected = dims.reduce((product, dim) => product * dim, itemSize[dtype])
  if (data.length !== expected) {
    const message = `"${name}", ${dtype}${formatShape(dims)}, takes ${expected} bytes; ${data.length} are stored`
    throw new BertkinError('parameter-mismatch', message)
  }
  emit.initializers.push({ name, dims, dtype, data })
}

/** Inputs and parameters by name; two that disagree under one name are a mistake in the model. */
function collectLeaves(order: readonly Node[]): Map<string, Tensor> {
  const leaves = new Map<string, Tensor>()
  for (const { outputs } of order) {
    const leaf = outputs[0]!
    const name = leafName(leaf)
    if (name === undefined) continue
    const present = leaves.get(name)
    const describe = ({ node, dtype, shape }: Tensor): string => `${node.operator.name} ${dtype}${formatShape(shape)}`
    if (present && describe(present) !== describe(leaf)) {
      const message = `"${name}" is declared twice: ${describe(present)} and ${describe(leaf)}; give one another name`
      throw new BertkinError('duplicate-name', message)
    }
    leaves.set(name, leaf)
  }
  return leaves
}

/** The input and axis from which each symbolic dimension can be read. */
function dimSources(leaves: Iterable<Tensor>): Map<string, DimSource> {
  const sources = new Map<string, DimSource>()
  for (const leaf of leaves) {
    if (!isInput(leaf)) continue
    leaf.shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && !sources.has(dim)) sources.set(dim, { input: leafName(leaf)!, axis })
    })
  }
  return sources
}
