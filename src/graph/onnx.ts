// ONNX's ModelProto, written field by field (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): the field
// numbers below are that file's.

import { ProtobufWriter } from '../protobuf.js'
import { type Dim, dimFactors } from './shape.js'
import type { DType } from './tensor.js'

export type OnnxAttribute = { int: number } | { float: number } | { ints: readonly number[] } | { string: string }

export interface OnnxNode {
  readonly type: string
  /** '' is ONNX's own domain; 'com.microsoft' holds ONNX Runtime's fused operators. */
  readonly domain?: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** A constant: its bytes, or where they lie in a file beside the model. */
export interface OnnxInitializer {
  readonly name: string
  readonly dtype: DType | 'float16' | 'bfloat16' | 'int8'
  readonly dims: readonly number[]
  readonly data: Uint8Array | { readonly location: string; readonly offset: number; readonly length: number }
}

export interface OnnxValue {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** Opset 21 has everything the operator table uses; IR version 10 belongs to it. */
const OPSET = 21
const IR_VERSION = 10

/** TensorProto.DataType. */
export const onnxDType = {
  float32: 1,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
  bfloat16: 16,
} as const

/** Bytes an element takes. */
export const itemSize: Readonly<Record<keyof typeof onnxDType, number>> = {
  float32: 4,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  uint32: 4,
  bfloat16: 2,
}

const EXTERNAL = 1

export function encodeModel(graph: OnnxGraph): ProtobufWriter {
  const writer = new ProtobufWriter()
    .int(1, IR_VERSION)
    .string(2, 'bertkin')
    .message(7, (w) => writeGraph(w, graph))
    .message(8, (opset) => opset.string(1, '').int(2, OPSET))
  const foreign = new Set(graph.nodes.flatMap(({ domain }) => domain ?? []))
  for (const domain of foreign) writer.message(8, (opset) => opset.string(1, domain).int(2, 1))
  return writer
}

function writeGraph(writer: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) writer.message(1, (w) => writeNode(w, node))
  writer.string(2, 'bertkin')
  for (const initializer of graph.initializers) writer.message(5, (w) => writeInitializer(w, initializer))
  for (const value of graph.inputs) writer.message(11, (w) => writeValue(w, value))
  for (const value of graph.outputs) writer.message(12, (w) => writeValue(w, value))
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const name of node.inputs) writer.string(1, name)
  for (const name of node.outputs) writer.string(2, name)
  writer.string(3, node.outputs[0] ?? '').string(4, node.type)
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    writer.message(5, (w) => writeAttribute(w, name, attribute))
  }
  if (node.domain) writer.string(7, node.domain)
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  writer.string(1, name)
  if ('int' in attribute) writer.int(3, attribute.int).int(20, 2)
  else if ('float' in attribute) writer.float(2, attribute.float).int(20, 1)
  else if ('string' in attribute) writer.string(4, attribute.string).int(20, 3)
  else {
    for (const value of attribute.ints) writer.int(8, value)
    writer.int(20, 7)
  }
}

function writeInitializer(writer: ProtobufWriter, { name, dtype, dims, data }: OnnxInitializer): void {
  for (const dim of dims) writer.int(1, dim)
  writer.int(2, onnxDType[dtype]).string(8, name)
  if (data instanceof Uint8Array) {
    writer.bytes(9, data)
    return
  }
  const entries = { location: data.location, offset: String(data.offset), length: String(data.length) }
  for (const [key, value] of Object.entries(entries)) writer.message(13, (w) => w.string(1, key).string(2, value))
  writer.int(14, EXTERNAL)
}

function writeValue(writer: ProtobufWriter, { name, dtype, shape }: OnnxValue): void {
  writer.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, onnxDType[dtype]).message(2, (dims) => {
        for (const dim of shape) {
          dims.message(1, (w) =>
            dimFactors(dim).names.length === 0 ? w.int(1, Number(dim)) : w.string(2, String(dim)),
          )
        }
      }),
    ),
  )
}
