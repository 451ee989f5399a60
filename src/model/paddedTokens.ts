// Batches as the rest of the world lays them out: grids of ids with padding, under the names that transformers has for
// them. Every cell of the grid is a row here, so all of the layout is done by reshaping, and what comes out at padding is
// what transformers computes there.

import {
  add,
  cast,
  cumSum,
  type Dim,
  dimProduct,
  equal,
  expand,
  input,
  mul,
  not,
  reshape,
  scalar,
  sizeOf,
  sub,
  type Tensor,
} from '../graph/index.js'
import { paddingIdx } from './batch.js'
import { kins } from './definition.js'
import type { Head, HeadContext } from './heads.js'
import { maskBias, type TokenInputs } from './tokens.js'

/** Inputs of a padded batch, and the way from rows to outputs shaped as transformers has them. */
export interface PaddedInputs {
  readonly tokens: TokenInputs
  /** [batch·sequence, …] → [batch, sequence, …]; for multiple choice [batch·choices, 1] → [batch, choices] */
  shaped(output: Tensor): Tensor
}

/**
 * Declares `input_ids`, `attention_mask` and, where the kin tells segments apart, `token_type_ids`: int64
 * [batch_size, sequence_length], or [batch_size, num_choices, sequence_length] for multiple choice. Positions are
 * derived from them in the graph.
 */
export function paddedTokenInputs(config: HeadContext['config'], head: Head): PaddedInputs {
  const hasChoices = head === 'multiple-choice'
  const leading: readonly Dim[] = hasChoices ? ['batch_size', 'num_choices'] : ['batch_size']
  const [batch, sequence] = [dimProduct(leading), 'sequence_length']
  const rows = dimProduct([batch, sequence])
  const grid = (name: string): Tensor => reshape(input(name, 'int64', [...leading, sequence]), [batch, sequence])
  const ids = grid('input_ids')
  const types = kins[config.modelType].withoutSegments ? whole(0, [batch, sequence]) : grid('token_type_ids')
  const tokens: TokenInputs = {
    batch,
    sequence,
    inputIds: reshape(ids, [rows]),
    tokenTypeIds: reshape(types, [rows]),
    positionIds: reshape(positions(ids, paddingIdx(config), [batch, sequence]), [rows]),
    firstRows: reshape(mul(ordinals(batch), sizeOf(sequence, 'int64')), [batch]),
    attentionBias: reshape(maskBias(grid('attention_mask')), [batch, 1, 1, sequence]),
    toGrid: (x) => reshape(x, [batch, sequence, ...x.shape.slice(1)]),
    toRows: (x) => reshape(x, [rows, ...x.shape.slice(2)]),
  }
  const shaped = (output: Tensor): Tensor => {
    if (output.shape[0] === rows) return tokens.toGrid(output)
    return hasChoices ? reshape(output, leading) : output
  }
  return { tokens, shaped }
}

/** Columns from 0; or counted over what is no padding, from behind the padding's id, as RoBERTa has them. */
function positions(ids: Tensor, padding: number | undefined, shape: readonly [Dim, Dim]): Tensor {
  if (padding === undefined) return expand(ordinals(shape[1]), shape)
  const counted = cast(not(equal(ids, scalar(padding, 'int64'))), 'int64') // [batch, sequence]
  return add(mul(cumSum(counted), counted), scalar(padding, 'int64'))
}

const whole = (value: number, shape: readonly Dim[]): Tensor => expand(scalar(value, 'int64'), shape)

/** 0, 1, 2, …: [1, dim] */
const ordinals = (dim: Dim): Tensor => sub(cumSum(whole(1, [1, dim])), scalar(1, 'int64'))
