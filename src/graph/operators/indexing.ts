// Rows taken and put by index: embedding tables, the rows that a head reads, and the grid that attention needs.

import type { Emitter } from '../emitter.js'
import { ShapeError } from '../errors.js'
import { dimProduct, type Shape, sameShape } from '../shape.js'
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

/**
 * Rows of `table` [rows, …] at `indices`, int32 or int64 [..]: the result is [.., …]. A row may be taken many times.
 *
 * @throws {DTypeError} if the indices are not whole numbers
 * @throws {ShapeError} if the table is a scalar
 *
 * @example
 * const hidden = input('hidden', 'float32', ['tokens', 256])
 * const chosen = gather(hidden, input('rows', 'int32', ['predictions'])) // [predictions, 256]
 */
export const gather = (table: Tensor, indices: Tensor): Tensor => applyGather([table, indices], undefined)

/**
 * An embedding look-up: rows of `table` [rows, width] at `ids` [..]. The row `paddingIndex`, if given, gets no gradient
 * through it, as in PyTorch's `Embedding(padding_idx=…)`; what reaches that row by other ways (a tied output
 * projection) stays.
 *
 * @example
 * const table = parameter('word_embeddings.weight', [30522, 128])
 * const words = embedding(table, input('inputIds', 'int32', ['tokens']), 0) // [tokens, 128]
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

/**
 * Slices of `data` at index tuples: `indices`, int32 or int64 [.., k], points into the first k axes. As ONNX’s
 * GatherND.
 *
 * @throws {ShapeError} unless k is known and `data` has that many axes
 *
 * @example
 * const logits = input('logits', 'float32', ['rows', 'classes'])
 * const picked = gatherNd(logits, input('places', 'int32', ['picks', 2])) // [picks]
 */
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
  // Not ScatterND, which can add as well: ONNX Runtime lets its threads add to one row at the same time and loses some of
  // it. ScatterElements adds one element after the other, in order, so the same sum comes out every time.
  onnx([indices, updates], { shape }, emit, call) {
    const { dtype } = call.outputs[0]!
    const depth = Number(call.inputs[0]!.shape.at(-1))
    const [rows, width] = [dimProduct(shape.slice(0, depth)), dimProduct(shape.slice(depth))]
    const column = emit.node('Reshape', [rowNumbers(indices!, shape.slice(0, depth), emit), emit.int64([-1, 1])])
    const flatUpdates = emit.node('Reshape', [updates!, emit.shape([-1, width])])
    const everywhere = emit.node('Expand', [column, emit.node('Shape', [flatUpdates])])
    const zeros = emit.cast(emit.node('ConstantOfShape', [emit.shape([rows, width])]), dtype)
    const sums = emit.node('ScatterElements', [zeros, everywhere, flatUpdates], {
      attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
    })
    return emit.node('Reshape', [sums, emit.shape(shape)])
  },
  gradient: ({ inputs: [indices] }, [dy]) => [undefined, gatherNd(dy!, indices!)],
})

/**
 * Zeros of `shape` with `updates` [.., …] added at index tuples `indices`, int32 or int64 [.., k]. What meets at one
 * place is summed, always in the same order.
 *
 * @throws {ShapeError} unless `updates` has the shape of what `gatherNd` would take from there
 *
 * @example
 * const counts = scatterAdd([3], constant([0, 2, 2], [3, 1], 'int32'), constant([1, 1, 1], [3])) // [1, 0, 2]
 */
export const scatterAdd = (shape: Shape, indices: Tensor, updates: Tensor): Tensor =>
  applyScatterAdd([indices, updates], { shape })

/** Index tuples [.., k] into `axes` → row numbers of the table in which these axes are one, int64. */
function rowNumbers(indices: string, axes: Shape, emit: Emitter): string {
  const strides = axes.map((_, i) => emit.dim(dimProduct(axes.slice(i + 1))))
  const stride = strides.length === 1 ? strides[0]! : emit.node('Concat', strides, { attributes: { axis: { int: 0 } } })
  const scaled = emit.node('Mul', [emit.cast(indices, 'int64'), stride])
  return emit.node('ReduceSum', [scaled, emit.int64([-1])])
}

const applyGatherCells = defineSingle<undefined>({
  name: 'GatherCells',
  infer([grid, cells]) {
    requireCells('GatherCells', grid!.shape, cells!)
    return { dtype: grid!.dtype, shape: [cells!.shape[0]!, ...grid!.shape.slice(2)] }
  },
  onnx: ([grid, cells], _, emit) => emit.node('GatherND', [grid!, emit.cast(cells!, 'int64')]),
  gradient: ({ inputs: [grid, cells] }, [dy]) => [scatterCells(grid!.shape, cells!, dy!), undefined],
})

/**
 * The rows of `grid` [a, b, …] at `cells`, int32 or int64 [rows, 2], no two of which are the same: [rows, …].
 *
 * @throws {ShapeError} unless the grid has two axes or more and the cells are rows × 2
 *
 * @example
 * const grid = input('grid', 'float32', ['batch', 'sequence', 256])
 * const rows = gatherCells(grid, input('cells', 'int32', ['tokens', 2])) // [tokens, 256]
 */
export const gatherCells = (grid: Tensor, cells: Tensor): Tensor => applyGatherCells([grid, cells], undefined)

const applyScatterCells = defineSingle<{ shape: Shape }>({
  name: 'ScatterCells',
  infer([cells, rows], { shape }) {
    requireCells('ScatterCells', shape, cells!)
    const expected = [cells!.shape[0]!, ...shape.slice(2)]
    if (!sameShape(rows!.shape, expected)) {
      throw new ShapeError('ScatterCells', `rows must be [${expected.join(', ')}]`, [rows!.shape])
    }
    return { dtype: rows!.dtype, shape }
  },
  onnx([cells, rows], { shape }, emit, call) {
    const zeros = emit.cast(emit.node('ConstantOfShape', [emit.shape(shape)]), call.outputs[0]!.dtype)
    return emit.node('ScatterND', [zeros, emit.cast(cells!, 'int64'), rows!])
  },
  gradient: ({ inputs: [cells] }, [dy]) => [undefined, gatherCells(dy!, cells!)],
})

/**
 * Zeros of `shape` [a, b, …] with `rows` [rows, …] put at `cells`, int32 or int64 [rows, 2], no two of which are the
 * same.
 *
 * @throws {ShapeError} unless the shapes are like those of `gatherCells`
 *
 * @example
 * const cells = input('cells', 'int32', ['tokens', 2])
 * const grid = scatterCells(['batch', 'sequence', 256], cells, input('rows', 'float32', ['tokens', 256]))
 */
export const scatterCells = (shape: Shape, cells: Tensor, rows: Tensor): Tensor =>
  applyScatterCells([cells, rows], { shape })

function requireCells(operator: string, grid: Shape, cells: Tensor): void {
  requireDType(operator, [cells], 'int32', 'int64')
  if (grid.length < 2 || cells.shape.length !== 2 || cells.shape[1] !== 2) {
    throw new ShapeError(operator, 'a grid has two axes or more, and cells are rows × 2', [grid, cells.shape])
  }
}

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

/**
 * `x` [rows, classes] with `values[i]` added at column `labels[i]` of each row i; `labels` is int32 or int64 [rows],
 * `values` is [rows]. Has no gradient.
 *
 * @throws {ShapeError} if the shapes are others
 *
 * @example
 * addAtLabel(constant([0, 0, 0, 0], [2, 2]), constant([1, 0], [2], 'int32'), constant([5, 6], [2])) // [[0, 5], [6, 0]]
 */
export const addAtLabel = (x: Tensor, labels: Tensor, values: Tensor): Tensor =>
  applyAddAtLabel([x, labels, cast(values, x.dtype)], undefined)
