// Rows taken and put by index: embedding tables, the rows that a head reads, and the grid that attention needs.

import { ShapeError } from '../errors.js'
import { type Shape, sameShape } from '../shape.js'
import { defineSingle, requireDType, type Tensor } from '../tensor.js'
import { cast, equal, where } from './elementwise.js'
import { scalar } from './leaf.js'
import { reshape } from './shape.js'

const applyGather = defineSingle<undefined>({
  name: 'Gather',
  infer([table, indices]) {
    requireDType('Gather', [indices!], 'int32', 'int64')
    if (table!.shape.length === 0) throw new ShapeError('Gather', 'a scalar has no rows', [table!.shape])
    return { dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] }
  },
  onnx: (inputs, _, emit) => emit.node('Gather', inputs, { attributes: { axis: { int: 0 } } }),
  gradient: ({ inputs: [table, indices] }, [dy]) => [
    scatterAdd(table!.shape, reshape(indices!, [...indices!.shape, 1]), dy!),
    undefined,
  ],
})

/** Rows of `table` [rows, …] at `indices` [..]: the result is [.., …]. A row may be taken many times. */
export const gather = (table: Tensor, indices: Tensor): Tensor => applyGather([table, indices], undefined)

/**
 * An embedding look-up. The row `paddingIndex`, if given, gets no gradient through it, as in PyTorch's
 * `Embedding(padding_idx=…)`; what reaches that row by other ways (a tied output projection) stays.
 */
export function embedding(table: Tensor, ids: Tensor, paddingIndex?: number): Tensor {
  const rows = gather(table, ids)
  return paddingIndex === undefined ? rows : dropGradientAt(rows, ids, paddingIndex)
}

const applyDropGradientAt = defineSingle<{ id: number }>({
  name: 'DropGradientAt',
  infer: ([rows]) => rows!,
  onnx: ([rows]) => rows!,
  gradient: ({ inputs: [, ids], attributes: { id } }, [dy]) => [
    where(reshape(equal(ids!, scalar(id, ids!.dtype)), [...ids!.shape, 1]), scalar(0), dy!),
    undefined,
  ],
})
const dropGradientAt = (rows: Tensor, ids: Tensor, id: number): Tensor => applyDropGradientAt([rows, ids], { id })

const applyGatherNd = defineSingle<undefined>({
  name: 'GatherND',
  infer([data, indices]) {
    requireDType('GatherND', [indices!], 'int32', 'int64')
    const depth = indices!.shape.at(-1)
    if (typeof depth !== 'number' || depth > data!.shape.length) {
      throw new ShapeError('GatherND', 'the indices’ last dimension says how many axes they index', [
        data!.shape,
        indices!.shape,
      ])
    }
    return { dtype: data!.dtype, shape: [...indices!.shape.slice(0, -1), ...data!.shape.slice(depth)] }
  },
  onnx: ([data, indices], _, emit) => emit.node('GatherND', [data!, emit.cast(indices!, 'int64')]),
  gradient: ({ inputs: [data, indices] }, [dy]) => [scatterAdd(data!.shape, indices!, dy!), undefined],
})

/** Slices of `data` at index tuples: `indices` [.., k] points into the first k axes. */
export const gatherNd = (data: Tensor, indices: Tensor): Tensor => applyGatherNd([data, indices], undefined)

const applyScatterAdd = defineSingle<{ shape: Shape }>({
  name: 'ScatterAdd',
  infer([indices, updates], { shape }) {
    requireDType('ScatterAdd', [indices!], 'int32', 'int64')
    const depth = Number(indices!.shape.at(-1))
    const expected = [...indices!.shape.slice(0, -1), ...shape.slice(depth)]
    if (!sameShape(updates!.shape, expected)) {
      throw new ShapeError('ScatterAdd', `updates must be [${expected.join(', ')}]`, [updates!.shape])
    }
    return { dtype: updates!.dtype, shape }
  },
  onnx([indices, updates], { shape }, emit, call) {
    const data = emit.cast(emit.node('ConstantOfShape', [emit.shape(shape)]), call.outputs[0]!.dtype)
    const inputs = [data, emit.cast(indices!, 'int64'), updates!]
    return emit.node('ScatterND', inputs, { attributes: { reduction: { string: 'add' } } })
  },
  gradient: ({ inputs: [indices] }, [dy]) => [undefined, gatherNd(dy!, indices!)],
})

/** Zeros of `shape` with `updates` added at index tuples `indices` [.., k]; what meets at one place is summed. */
export const scatterAdd = (shape: Shape, indices: Tensor, updates: Tensor): Tensor =>
  applyScatterAdd([indices, updates], { shape })

const applyAddAtLabel = defineSingle<undefined>({
  name: 'AddAtLabel',
  infer([x, labels, values]) {
    requireDType('AddAtLabel', [labels!], 'int32', 'int64')
    const rows = x!.shape.slice(0, 1)
    if (x!.shape.length !== 2 || !sameShape(labels!.shape, rows) || !sameShape(values!.shape, rows)) {
      throw new ShapeError('AddAtLabel', 'x is rows × classes, labels and values are rows', [
        x!.shape,
        labels!.shape,
        values!.shape,
      ])
    }
    return { dtype: x!.dtype, shape: x!.shape }
  },
  onnx([x, labels, values], _, emit) {
    const column = emit.int64([-1, 1])
    const inputs = [x!, emit.node('Reshape', [labels!, column]), emit.node('Reshape', [values!, column])]
    return emit.node('ScatterElements', inputs, {
      attributes: { axis: { int: 1 }, reduction: { string: 'add' } },
    })
  },
})

/** `x` [rows, classes] with `values[i]` added at column `labels[i]` of each row. Its own gradient is not needed. */
export const addAtLabel = (x: Tensor, labels: Tensor, values: Tensor): Tensor =>
  applyAddAtLabel([x, labels, cast(values, x.dtype)], undefined)

/** Zeros with `rows` put at `indices`: what `gatherNd` at the same indices takes back. */
export const scatterRows = (shape: Shape, indices: Tensor, rows: Tensor): Tensor => scatterAdd(shape, indices, rows)
