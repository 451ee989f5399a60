// Static masking, as BERT was trained (Liu et al., 2019, section 4.1): the data is there several times, each copy masked
// once and for all. Nothing is stored here: a copy's masks are functions of their seed.

import { mix } from '../data/index.js'
import { Random } from '../random.js'
import type { Masking } from './masking.js'

/**
 * Makes a masking static: what is masked depends on the seed, the example's copy and its ids alone, not on when it is
 * seen. With `copies: k` in the options of `blocks`, epoch e reads copy e mod k, whose blocks and masks are then those of
 * epoch e − k. (BERT: 10 copies in 40 epochs.)
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * const masking = staticMasking(tokenMasking(vocabulary), { seed: 42 })
 * masking([101, 7592, 2088, 102], new Random(1), 3) // the mask of copy 3; the given Random plays no part
 */
export function staticMasking(masking: Masking, { seed = 0 }: { readonly seed?: number } = {}): Masking {
  return (ids, _, copy = 0) => masking(ids, new Random(mix(seed, copy, ...Array.from(ids))), copy)
}
