// Drawing one class for each row from its probabilities, inside the graph.

import {
  add,
  cast,
  concat,
  cumSum,
  gatherNd,
  less,
  mul,
  range,
  reduceSum,
  reshape,
  scalar,
  sub,
  type Tensor,
  where,
  zeros,
} from '../graph/index.js'

const BLOCK = 128

/**
 * Draws a class for each row by inversion: the first class at which the running sum of probabilities exceeds the row's
 * uniform number. The same distribution as the argmax with Gumbel noise of ELECTRA's code, for one random number a row
 * in place of one for every word of the vocabulary.
 *
 * The sum runs over blocks first and then inside the block that was hit, so that nothing as wide as the vocabulary is
 * summed up element after element.
 *
 * @param probabilities [rows, classes], each row summing to 1
 * @param uniforms [rows], in [0, 1)
 * @returns class indices, int32 [rows]
 */
export function sampleRows(probabilities: Tensor, uniforms: Tensor): Tensor {
  const [rows, classes] = [probabilities.shape[0]!, Number(probabilities.shape[1])]
  const blocks = Math.ceil(classes / BLOCK)
  const padding = blocks * BLOCK - classes
  const padded = padding === 0 ? probabilities : concat([probabilities, zeros([rows, padding])], 1)
  const blocked = reshape(padded, [rows, blocks, BLOCK])

  const runningBlocks = cumSum(reduceSum(blocked, [2])) // [rows, blocks]
  const target = reshape(uniforms, [rows, 1])
  const block = countBelow(runningBlocks, target, blocks - 1) // [rows]

  const inside = gatherNd(blocked, pairWithRow(block)) // [rows, BLOCK]
  // What the blocks before the one that was hit add up to; nothing, if it is the first.
  const previous = gatherNd(
    runningBlocks,
    pairWithRow(where(less(scalar(0, 'int32'), block), sub(block, scalar(1, 'int32')), block)),
  )
  const before = where(less(scalar(0, 'int32'), block), previous, scalar(0))
  const place = countBelow(cumSum(inside), sub(target, reshape(before, [rows, 1])), BLOCK - 1) // [rows]
  const drawn = add(mul(block, scalar(BLOCK, 'int32')), place)
  // Rounding may leave a running sum short of 1, and the draw behind it: then the last class is meant.
  return where(less(drawn, scalar(classes, 'int32')), drawn, scalar(classes - 1, 'int32'))
}

/** How many of a row's running sums its target has passed: the place of the first that it has not; at most `last`. */
function countBelow(running: Tensor, target: Tensor, last: number): Tensor {
  const passed = sub(scalar(1, 'int32'), cast(less(target, running), 'int32'))
  const count = reduceSum(passed, [1])
  return where(less(count, scalar(last, 'int32')), count, scalar(last, 'int32'))
}

/** [rows] → [rows, 2]: each index with its row number before it. */
function pairWithRow(index: Tensor): Tensor {
  const rows = index.shape[0]!
  return concat([reshape(range([rows]), [rows, 1]), reshape(index, [rows, 1])], 1)
}
