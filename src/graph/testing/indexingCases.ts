// Cases of rows taken and put by index.

import type { Shape } from '../index.js'
import * as op from '../operators/index.js'
import { at, build, elementwise, type NdArray, sizeOfDims, sum } from './array.js'
import type { Case } from './check.js'
import { below, fixed, float, normal } from './draw.js'

const gatherReference = (table: NdArray, indices: NdArray): NdArray =>
  build([...indices.dims, ...table.dims.slice(1)], (index) => {
    const row = at(indices, index.slice(0, indices.dims.length))
    return at(table, [row, ...index.slice(indices.dims.length)])
  })

const indexTuples = (indices: NdArray): number[][] => {
  const depth = indices.dims.at(-1)!
  const count = sizeOfDims(indices.dims.slice(0, -1))
  return Array.from({ length: count }, (_, i) => indices.data.slice(i * depth, (i + 1) * depth))
}

const gatherNdReference = (data: NdArray, indices: NdArray): NdArray => {
  const inner = data.dims.slice(indices.dims.at(-1)!)
  const slices = indexTuples(indices).flatMap((tuple) => build(inner, (rest) => at(data, [...tuple, ...rest])).data)
  return { dims: [...indices.dims.slice(0, -1), ...inner], data: slices }
}

const scatterReference = (dims: readonly number[], indices: NdArray, updates: NdArray): NdArray => {
  const tuples = indexTuples(indices)
  const depth = indices.dims.at(-1)!
  const size = sizeOfDims(dims.slice(depth))
  return build(dims, (index) => {
    const inner = index.slice(depth).reduce((flat, i, axis) => flat * dims[depth + axis]! + i, 0)
    const meets = tuples.map((tuple, t) =>
      tuple.every((i, axis) => i === index[axis]) ? updates.data[t * size + inner]! : 0,
    )
    return sum(meets)
  })
}

/** Places in a grid of 2 × 3, no two the same, whatever the seed. */
const cells = fixed([4, 2], 'int32', inTurn([1, 2, 0, 1, 0, 0, 1, 0]))

function inTurn(values: readonly number[]): () => number {
  let drawn = 0
  return () => values[drawn++ % values.length]!
}

export const indexingCases: Case[] = [
  ...([['n'], [2, 'm'], [], [1]] as Shape[]).flatMap((shape, i): Case[] => [
    {
      operator: 'Gather',
      title: `rows at [${shape}]`,
      inputs: [float([4, 3]), fixed(shape, i % 2 ? 'int64' : 'int32', below(4))],
      apply: op.gather,
      reference: gatherReference,
    },
    {
      operator: 'DropGradientAt',
      title: `an embedding with a padding row at [${shape}]`,
      inputs: [float([4, 3]), fixed(shape, i % 2 ? 'int64' : 'int32', below(4))],
      apply: (table, ids) => op.embedding(table!, ids!, 1),
      reference: gatherReference,
      differentiated: (frozen, [table, ids]) => {
        const rows = build(table!.dims, (index) => at(index[0] === 1 ? frozen[0]! : table!, index))
        return gatherReference(rows, ids!)
      },
    },
  ]),
  {
    operator: 'Gather',
    title: 'elements of a vector',
    inputs: [float([5]), fixed(['n', 2], 'int32', below(5))],
    apply: op.gather,
    reference: gatherReference,
  },
  ...[1, 2, 3].flatMap((depth): Case[] => [
    {
      operator: 'GatherND',
      title: `${depth} axes`,
      inputs: [float([3, 3, 2]), fixed(['n', depth], 'int32', below(2))],
      apply: op.gatherNd,
      reference: gatherNdReference,
    },
    {
      operator: 'ScatterAdd',
      title: `${depth} axes, places that meet`,
      inputs: [fixed(['n', depth], depth === 1 ? 'int64' : 'int32', below(2)), float(['n', ...[3, 3, 2].slice(depth)])],
      apply: (indices, updates) => op.scatterAdd([3, 3, 2], indices!, updates!),
      reference: (indices, updates) => scatterReference([3, 3, 2], indices!, updates!),
    },
  ]),
  {
    operator: 'ScatterAdd',
    title: 'to a grid whose size is known only when it runs',
    inputs: [fixed([4, 2], 'int32', below(1)), float([4, 3]), float(['n', 'm', 3])],
    apply: (indices, rows, grid) => op.add(op.scatterAdd(['n', 'm', 3], indices!, rows!), grid!),
    reference: (indices, rows, grid) =>
      elementwise((a, b) => a + b)(scatterReference(grid!.dims, indices!, rows!), grid!),
  },
  {
    operator: 'GatherCells',
    title: 'rows of a grid',
    inputs: [float([2, 3, 2]), cells],
    apply: op.gatherCells,
    reference: gatherNdReference,
  },
  {
    operator: 'ScatterCells',
    title: 'rows to a grid',
    inputs: [cells, float([4, 2])],
    apply: (indices, rows) => op.scatterCells([2, 3, 2], indices!, rows!),
    reference: (indices, rows) => scatterReference([2, 3, 2], indices!, rows!),
  },
  {
    operator: 'AddAtLabel',
    title: 'a value a row',
    inputs: [fixed(['n', 4], 'float32', normal), fixed(['n'], 'int32', below(4)), fixed(['n'], 'float32', normal)],
    apply: op.addAtLabel,
    reference: (x, labels, values) =>
      build(x!.dims, ([i, j]) => at(x!, [i!, j!]) + (labels!.data[i!] === j ? values!.data[i!]! : 0)),
  },
]
