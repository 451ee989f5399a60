// Texts as vectors: the encoder's last hidden states, and one vector made of them.

import { BertkinError } from '../errors.js'
import type { Model } from '../model/index.js'
import type { Encoding } from '../tokenizer/index.js'

/** How a text's token vectors become one: its first token's ([CLS]), the mean of all, or not at all. */
export const POOLINGS = ['none', 'cls', 'mean'] as const

export type Pooling = (typeof POOLINGS)[number]

/** What the tasks below read of a model, so that heads and poolers need not be there. */
export const VECTOR_OUTPUTS = ['last_hidden_state'] as const

/**
 * The vector of each token of each text, special tokens included: as transformers' `last_hidden_state`.
 *
 * @returns views of [tokens, hidden], text by text
 */
export async function tokenVectors(model: Model, encodings: readonly Encoding[]): Promise<Float32Array[][]> {
  const nonempty = encodings.filter(({ length }) => length > 0) // there is nothing to run without tokens
  if (nonempty.length === 0) return encodings.map(() => [])
  const { last_hidden_state } = await model.run(nonempty, { outputs: VECTOR_OUTPUTS })
  const [, sequence = 0, hidden = 0] = last_hidden_state!.dims // [batch, sequence, hidden]
  const data = finite(last_hidden_state!.data as Float32Array)
  let row = 0
  return encodings.map(({ length }) => {
    if (length === 0) return []
    const first = row++ * sequence
    return Array.from({ length }, (_, i) => data.subarray((first + i) * hidden, (first + i + 1) * hidden))
  })
}

/**
 * One vector for each text. The mean is over all its tokens, special ones included, as sentence-transformers has it
 * (Reimers & Gurevych, 2019, https://arxiv.org/abs/1908.10084, section 3).
 *
 * @param encodings each of at least one token
 * @returns [texts, hidden]
 */
export async function textVectors(
  model: Model,
  encodings: readonly Encoding[],
  pooling: Exclude<Pooling, 'none'>,
): Promise<Float32Array[]> {
  if (pooling === 'mean') return (await tokenVectors(model, encodings)).map(mean)
  const at = encodings.map((_, i) => [i, 0] as const)
  const { last_hidden_state } = await model.run(encodings, { outputs: VECTOR_OUTPUTS, at }) // [batch, hidden]
  const hidden = last_hidden_state!.dims[1]!
  const data = finite(last_hidden_state!.data as Float32Array)
  return encodings.map((_, i) => data.subarray(i * hidden, (i + 1) * hidden))
}

/** [tokens, hidden] → [hidden]; summed in 64 bits. */
function mean(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from(vectors[0]!, (_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length)
}

/** The vector at length 1; one of nothing but zeros stays. As PyTorch's `normalize`. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.max(Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)), 1e-12)
  return vector.map((value) => value / length)
}

function finite(values: Float32Array): Float32Array {
  if (values.every(Number.isFinite)) return values
  throw new BertkinError('not-finite', 'the model gave vectors that are not numbers: are its weights damaged?')
}

/** Refuses a text without any token where one vector is asked for: there is nothing to make it of. */
export function checkTokens({ length }: Encoding): void {
  if (length > 0) return
  throw new BertkinError('text-empty', 'a text without tokens has no vector: leave it out, or use pooling "none"')
}

/** Refuses a way of pooling that is none of `known`. */
export function checkPooling<Known extends Pooling>(
  pooling: Pooling,
  known: readonly Known[],
): asserts pooling is Known {
  if (known.some((name) => name === pooling)) return
  throw new BertkinError('option-invalid', `pooling must be ${known.join(', ')}; not ${JSON.stringify(pooling)}`)
}
