// Golden models: every output of a checkpoint, compared with what PyTorch and transformers computed.

import { CheckpointError, type Folder, readSafetensorsHeader } from '../checkpoint/index.js'
import { loadModel, type Sequence } from '../model/index.js'
import type { Runtime, TensorData } from '../runtime/index.js'
import { type CaseResult, failed, readCase } from './case.js'

interface ModelCase {
  readonly architecture: string
  readonly outputs: readonly string[]
  readonly atol: number
  readonly rtol: number
}

/** Runs a case. */
export async function modelCase(folder: Folder, name: string, runtime: Runtime): Promise<CaseResult> {
  try {
    const golden = await readCase<ModelCase>(folder, 'case.json')
    const io = await readNumbers(folder, 'io.safetensors')
    const sequenceLength = io.get('in.input_ids')!.dims.at(-1)!
    const sequences = readSequences(io, sequenceLength)
    using model = await loadModel(folder, { runtime })
    if (model.report.missing.length > 0) return failed(name, `missing ${model.report.missing.join(', ')}`)
    const expected = new Map(
      [...io].filter(([key]) => key.startsWith('out.')).map(([key, value]) => [key.slice(4), value]),
    )
    if (expected.size === 0) return failed(name, 'the case expects nothing')
    const wanted = [...new Set([...expected.keys()].map((key) => key.split('.')[0]!))]
    const outputs = await model.run(sequences, { outputs: wanted })
    let error = 0
    for (const [key, value] of expected) {
      const output = outputs[key]
      if (!output) return failed(name, `nothing computes ${key}`)
      const compared = compare(output, value, io.get('in.attention_mask'), sequenceLength, golden)
      error = Math.max(error, compared.error)
      if (!compared.close) return failed(name, `${key} differs`, compared.error)
    }
    return { name, status: 'passed', error }
  } catch (problem) {
    if (problem instanceof CheckpointError && problem.code === 'config-unsupported') {
      return { name, status: 'skipped', detail: problem.message }
    }
    return failed(name, problem instanceof Error ? problem.message : String(problem))
  }
}

/** A tensor of a golden file: numbers of any type, and dimensions. */
export interface Numbers {
  readonly data: ArrayLike<number>
  readonly dims: readonly number[]
}

/** All tensors of a safetensors file. */
export async function readNumbers(folder: Folder, fileName: string): Promise<Map<string, Numbers>> {
  const source = await folder.open(fileName)
  if (!source) throw new CheckpointError('file-missing', `${folder.name} has no ${fileName}`)
  const file = await readSafetensorsHeader(source, `${folder.name}/${fileName}`)
  const tensors = new Map<string, Numbers>()
  for (const name of file.tensors.keys()) {
    const { data, shape } = await file.readTensor(name)
    tensors.set(name, { data: Array.from(data as ArrayLike<number>, Number), dims: shape })
  }
  return tensors
}

/** Sequences from `PREFIXinput_ids`, `…attention_mask` and `…token_type_ids`; leading axes are flattened. */
export function readSequences(tensors: ReadonlyMap<string, Numbers>, length: number, prefix = 'in.'): Sequence[] {
  const rows = (name: string): number[][] | undefined => {
    const data = tensors.get(`${prefix}${name}`)?.data
    return (
      data &&
      Array.from({ length: data.length / length }, (_, i) => Array.from(data).slice(i * length, (i + 1) * length))
    )
  }
  const [masks, types] = [rows('attention_mask'), rows('token_type_ids')]
  return rows('input_ids')!.map((ids, i) => ({
    ids,
    ...(masks && { attentionMask: masks[i]! }),
    ...(types && { typeIds: types[i]! }),
  }))
}

/** |a − b| ≤ atol + rtol·|b| wherever the tokens concerned are real: what stands at padding is nobody's promise. */
function compare(
  actual: TensorData,
  expected: Numbers,
  mask: Numbers | undefined,
  sequenceLength: number,
  { atol, rtol }: Pick<ModelCase, 'atol' | 'rtol'>,
): { close: boolean; error: number } {
  if (actual.data.length !== expected.data.length) return { close: false, error: Number.POSITIVE_INFINITY }
  const isReal = realElements(expected.dims, mask, sequenceLength)
  let close = true
  let error = 0
  for (let i = 0; i < expected.data.length; i++) {
    if (!isReal(i)) continue
    const [a, b] = [Number(actual.data[i]), expected.data[i]!]
    const difference = Math.abs(a - b)
    if (!(difference <= atol + rtol * Math.abs(b))) close = false
    error = Math.max(error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return { close, error }
}

/** Whether element i of an output concerns real tokens only: [batch, sequence, …], or [batch, heads, query, key]. */
function realElements(dims: readonly number[], mask: Numbers | undefined, length: number): (i: number) => boolean {
  if (!mask) return () => true
  const isAttention = dims.length === 4 && dims[2] === length && dims[3] === length
  if (!isAttention && !(dims.length >= 2 && dims[1] === length)) return () => true
  const width = isAttention ? 1 : dims.slice(2).reduce((product, dim) => product * dim, 1)
  return (i) => {
    if (!isAttention) return mask.data[Math.floor(i / width)] === 1
    const row = Math.floor(i / (dims[1]! * length * length)) * length
    return mask.data[row + (Math.floor(i / length) % length)] === 1 && mask.data[row + (i % length)] === 1
  }
}
