// A checkpoint as an ONNX model that stands alone: for transformers.js, optimum, or ONNX Runtime in any language.

import {
  type EncoderConfig,
  type Folder,
  type LocationOptions,
  narrowInRange,
  openCheckpoint,
  openWeights,
  type ResolvedParameters,
  type Weights,
} from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { compile, type OnnxValue, parametersOf, type StoredParameter, type Tensor } from '../graph/index.js'
import { className, headFromConfig } from './definition.js'
import type { Head } from './heads.js'
import { readConfig, resolveModel } from './load.js'
import { paddedTokenInputs } from './paddedTokens.js'
import { type ParameterDeclaration, parameterSize } from './parameters.js'

export interface OnnxExportOptions extends LocationOptions {
  /** What the model is used for; default: what config.json's `architectures` says. */
  readonly head?: Head
  /** How weights are stored; half precision takes half the room. It is computed in float32 in any case. Default: float32. */
  readonly dtype?: 'float32' | 'float16'
  /** Weights in a file of their own beside the model. Default: only where both are too large for one, near 2 GB. */
  readonly externalData?: boolean
}

/** An exported model, ready to be written. */
export interface OnnxExport {
  /** `model.onnx` or `model_fp16.onnx`, and where weights lie outside, that name with `_data`; each in pieces. */
  readonly files: Readonly<Record<string, Iterable<Uint8Array> | AsyncIterable<Uint8Array>>>
  /** The checkpoint's, with the class that was exported. */
  readonly config: EncoderConfig
  readonly head: Head
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** Outputs of the head that were left out because the checkpoint lacks what they are computed from. */
  readonly omitted: readonly string[]
}

/** Protobuf's limit is 2 GB a message; this much is left for the graph. */
const LARGEST_INSIDE = 2 ** 31 - 2 ** 26
/** Tensors in a file of their own begin at multiples of this, so that they can be mapped into memory. */
const ALIGNMENT = 4096

/**
 * Exports a checkpoint to ONNX, with the inputs and outputs of transformers' class: `input_ids`, `attention_mask` and
 * (not RoBERTa) `token_type_ids`, int64 [batch_size, sequence_length], for multiple choice
 * [batch_size, num_choices, sequence_length]; `logits`, `last_hidden_state`, `start_logits`, …, float32. Only ONNX's own
 * operators are used (opset 21). SpanBERT's boundary head takes `leftRows`, `rightRows` and `places` besides, where a
 * token's row is its sequence's number times `sequence_length` plus its column.
 *
 * @param location a local folder (Node), a URL, the id of a model on the Hugging Face hub, or an open folder
 * @throws {CheckpointError} if files are missing, malformed, or contradict each other; `not-finite` if a weight is too
 *   large for half precision
 * @throws {BertkinError} `head-mismatch` if this kin has no such head; `parameter-missing` if the checkpoint lacks what
 *   every output is computed from
 *
 * @example
 * const { files } = await exportOnnx('checkpoints/bert', { head: 'masked-lm' })
 * for (const [name, chunks] of Object.entries(files)) await writeFileAtomically(`out/onnx/${name}`, chunks)
 */
export async function exportOnnx(location: string | Folder, options: OnnxExportOptions = {}): Promise<OnnxExport> {
  const { dtype = 'float32' } = options
  const folder = typeof location === 'string' ? await openCheckpoint(location, options) : location
  const stored = await readConfig(folder)
  const weights = await openWeights(folder)
  const head = options.head ?? headFromConfig(stored)
  const { tokens, shaped } = paddedTokenInputs(stored, head)
  const { definition, resolved } = await resolveModel(stored, head, weights, { tokens })
  const config = { ...stored, architectures: [className(stored, head)] }
  const { outputs, omitted } = trainedOutputs(
    definition.outputs,
    resolved.missing,
    className(stored, head),
    folder.name,
  )
  const needed = parametersOf(Object.values(outputs))
  const declarations = definition.scope.declarations().filter(({ path }) => needed.has(path))
  const width = dtype === 'float16' ? 2 : 4
  const total = declarations.reduce((sum, declaration) => sum + width * parameterSize(declaration), 0)
  const name = dtype === 'float16' ? 'model_fp16.onnx' : 'model.onnx'
  const read = (declaration: ParameterDeclaration) => readBytes(declaration, resolved, weights, dtype)

  const outside = (options.externalData ?? total > LARGEST_INSIDE) ? layOut(declarations, width) : undefined
  const values = new Map<string, StoredParameter>()
  for (const declaration of declarations) {
    const place = outside?.places.get(declaration.path)
    const data = place === undefined ? await read(declaration) : { location: `${name}_data`, ...place }
    values.set(declaration.path, { dtype, data })
  }
  const tensors = Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, shaped(output)]))
  const graph = compile(tensors, { stored: (path) => values.get(path), standardOnly: true })
  const files = {
    ...(outside && { [`${name}_data`]: dataChunks(declarations, outside.places, read) }),
    [name]: graph.chunks,
  }
  return { files, config, head, inputs: graph.inputs, outputs: graph.outputs, omitted }
}

/** Those outputs that are computed from what the checkpoint has. */
function trainedOutputs(
  outputs: Readonly<Record<string, Tensor>>,
  missing: readonly string[],
  architecture: string,
  where: string,
) {
  const kept: Record<string, Tensor> = {}
  const omitted: string[] = []
  for (const [name, output] of Object.entries(outputs)) {
    const needed = parametersOf([output])
    if (missing.some((path) => needed.has(path))) omitted.push(name)
    else kept[name] = output
  }
  if (Object.keys(kept).length > 0) return { outputs: kept, omitted }
  const message = `${where} lacks ${missing[0]} of ${architecture}: name a head that it was trained for`
  throw new BertkinError('parameter-missing', message)
}

type Place = { readonly offset: number; readonly length: number }

function layOut(declarations: readonly ParameterDeclaration[], width: number) {
  const places = new Map<string, Place>()
  let end = 0
  for (const declaration of declarations) {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT
    const length = width * parameterSize(declaration)
    places.set(declaration.path, { offset, length })
    end = offset + length
  }
  return { places }
}

/** The weights one after the other, each read when its turn comes. */
async function* dataChunks(
  declarations: readonly ParameterDeclaration[],
  places: ReadonlyMap<string, Place>,
  read: (declaration: ParameterDeclaration) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let position = 0
  for (const declaration of declarations) {
    const { offset, length } = places.get(declaration.path)!
    if (offset > position) yield new Uint8Array(offset - position)
    yield await read(declaration)
    position = offset + length
  }
}

async function readBytes(
  { path }: ParameterDeclaration,
  { found }: ResolvedParameters,
  weights: Weights,
  dtype: 'float32' | 'float16',
): Promise<Uint8Array> {
  const values = await weights.readFloat32(found.get(path)!)
  const stored = dtype === 'float16' ? narrowInRange(values, 'F16', path) : values
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
}
