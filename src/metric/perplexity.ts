// How many equally likely tokens a language model hesitates between.

import { BertkinError } from '../errors.js'
import { assertPaired } from './check.js'

/**
 * exp of the mean loss: `losses` are negative log-likelihoods in nats, of single tokens; or means over several, whose
 * numbers are `counts` then, so that every token counts the same.
 *
 * It is Infinity where the mean loss is (or is above 709), and NaN where a loss is.
 *
 * @throws BertkinError 'shape-mismatch' if there are not as many counts as losses; 'data-empty' for no tokens;
 *   'option-invalid' for a negative count
 * @example
 * perplexity([Math.log(2), Math.log(8)]) // 4
 * perplexity([Math.log(2), Math.log(8)], [300, 100]) // 2.83: 300 tokens in the first batch, 100 in the second
 */
export function perplexity(losses: ArrayLike<number>, counts?: ArrayLike<number>): number {
  if (counts !== undefined) assertPaired(losses, counts)
  let tokens = 0
  let sum = 0
  for (let i = 0; i < losses.length; i++) {
    const count = counts?.[i] ?? 1
    if (!(count >= 0)) throw new BertkinError('option-invalid', `A count of tokens is ${count}; it must be 0 or more.`)
    if (count === 0) continue
    tokens += count
    sum += count * losses[i]!
  }
  if (tokens === 0) throw new BertkinError('data-empty', 'There are no tokens to take the perplexity of.')
  return Math.exp(sum / tokens)
}
