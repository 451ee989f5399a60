// span-infilling: what stands in the gaps of a text, as SpanBERT would have it (Joshi et al., 2019,
// https://arxiv.org/abs/1907.10529). Each token of a gap is predicted twice: by the masked language model, which sees the
// token's own place, and by the boundary head, which sees the two tokens beside the gap and nothing inside.

import { BertkinError } from '../errors.js'
import type { Place, SpanTarget } from '../model/index.js'
import type { Encoding, SpecialToken } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import { checkOptionNames, encodeText, excerpt, type TaskContext, type TextOptions } from './context.js'
import { largest, softmax } from './ranking.js'

export interface SpanInfillingOptions extends TextOptions {
  /** How many candidates for each token. Default: 5. */
  readonly top_k?: number
}

/** A candidate for a token. */
export interface InfillCandidate {
  /** Its probability among all tokens of the vocabulary. */
  score: number
  /** Its id. */
  token: number
  /** The token as text. */
  token_str: string
}

/** The candidates for one token of a gap, likeliest first. */
export interface InfilledToken {
  /** By both heads: the product of their probabilities, as the training loss has it, made to sum to 1 again. */
  both: InfillCandidate[]
  masked_lm: InfillCandidate[]
  /**
   * null where the head says nothing: a gap that begins or ends the text has no token beside it, and of a long one only the
   * first tokens are predicted.
   */
  span_boundary: InfillCandidate[] | null
}

/** A gap: mask tokens that stand together. */
export interface InfilledSpan {
  /** Where it begins in the text, in UTF-16 units, as `String.slice` counts. */
  start: number
  /** Where it ends. */
  end: number
  /** The likeliest tokens as text. */
  infill: string
  tokens: InfilledToken[]
}

/** A text with its gaps filled. */
export interface SpanInfillingAnswer {
  /** The text with the likeliest tokens in all gaps. */
  sequence: string
  spans: InfilledSpan[]
}

/**
 * Fills the gaps of each text. `pipeline('span-infilling', …)` is the usual way in.
 *
 * @returns an answer for each text, in order
 * @throws {BertkinError} `no-mask` if a text has none; `sequence-too-long`; `option-invalid`; `token-out-of-range` if
 *   tokenizer and model do not belong together; `not-finite` if the weights are damaged
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('spanbert'), await loadModel('spanbert', { head: 'span-boundary' })]
 * for await (const { sequence } of fillSpans({ tokenizer, model }, ['The [MASK] [MASK] of France is Paris.'])) {
 *   console.log(sequence) // 'The capital city of France is Paris.'
 * }
 */
export async function* fillSpans(
  context: TaskContext,
  texts: Inputs<string>,
  options: SpanInfillingOptions = {},
): AsyncGenerator<SpanInfillingAnswer, void, undefined> {
  checkOptionNames('span-infilling', options, ['top_k', 'truncation'])
  const { model, tokenizer } = context
  const { vocabSize, maxPairTargets } = model.config
  const { top_k = 5 } = options
  if (!(Number.isInteger(top_k) && top_k >= 1 && top_k <= vocabSize)) {
    throw new BertkinError('option-invalid', `top_k must be a whole number from 1 to ${vocabSize}, not ${top_k}`)
  }
  const { mask } = tokenizer.specialTokens
  if (!mask) throw new BertkinError('no-mask', 'span-infilling needs a tokenizer with a mask token')

  const candidates = (logits: Float32Array): InfillCandidate[] => {
    const probability = softmax(logits)
    return largest(logits, top_k).map((token) => ({
      score: probability(token),
      token,
      token_str: tokenizer.decode([token]),
    }))
  }
  const prepare = (text: string) => {
    const encoding = encodeText(context, text, options)
    const gaps = gapsOf(encoding, mask)
    if (gaps.length === 0) throw noMask(text, mask)
    const outputs = 2 * gaps.reduce((sum, { columns }) => sum + columns.length, 0)
    return { encoding, gaps, length: encoding.length, outputs }
  }
  const answer = async (items: readonly ReturnType<typeof prepare>[]): Promise<SpanInfillingAnswer[]> => {
    const at = items.flatMap(({ gaps }, sequence) =>
      gaps.flatMap(({ columns }) => columns.map((column): Place => [sequence, column])),
    )
    const spanTargets = items.flatMap(({ gaps }, sequence) =>
      gaps.flatMap((gap) => targetsOf(gap, sequence, maxPairTargets)),
    )
    const sequences = items.map(({ encoding }) => encoding)
    const outputs = await model.run(sequences, { at, spanTargets })
    const masked = rowsOf(outputs.logits!.data as Float32Array, vocabSize) // [masks, vocabulary]
    const bounded = rowsOf(outputs.span_logits!.data as Float32Array, vocabSize) // [targets, vocabulary]
    return items.map(({ encoding, gaps }) => {
      const spans = gaps.map(({ columns, hasBoundaries }): InfilledSpan => {
        const tokens = columns.map((_, place): InfilledToken => {
          const own = masked()
          const beside = hasBoundaries && place < maxPairTargets ? bounded() : undefined
          const one = candidates(own)
          if (!beside) return { both: one, masked_lm: one, span_boundary: null }
          return { both: candidates(sumOfLogs(own, beside)), masked_lm: one, span_boundary: candidates(beside) }
        })
        const [[start], [, end]] = [encoding.offsets[columns[0]!]!, encoding.offsets[columns.at(-1)!]!]
        return { start, end, infill: tokenizer.decode(tokens.map(best)), tokens }
      })
      const filled = Int32Array.from(encoding.ids)
      gaps.forEach(({ columns }, gap) => {
        columns.forEach((column, i) => {
          filled[column] = best(spans[gap]!.tokens[i]!)
        })
      })
      return { sequence: tokenizer.decode(filled, { skipSpecialTokens: true }), spans }
    })
  }
  yield* inBatches(texts, prepare, answer, context)
}

/** Columns of mask tokens that stand together, and whether there is a token of the text on either side. */
interface Gap {
  readonly columns: readonly number[]
  readonly hasBoundaries: boolean
}

function gapsOf({ ids, specialTokensMask }: Encoding, mask: SpecialToken): Gap[] {
  const gaps: Gap[] = []
  for (let column = 0; column < ids.length; column++) {
    if (ids[column] !== mask.id) continue
    const first = column
    while (ids[column + 1] === mask.id) column++
    const columns = Array.from({ length: column - first + 1 }, (_, i) => first + i)
    // In training, too, [CLS] and [SEP] are no boundaries.
    const hasBoundaries = specialTokensMask[first - 1] === 0 && specialTokensMask[column + 1] === 0
    gaps.push({ columns, hasBoundaries })
  }
  return gaps
}

function targetsOf({ columns, hasBoundaries }: Gap, sequence: number, most: number): SpanTarget[] {
  if (!hasBoundaries) return []
  const [left, right] = [columns[0]! - 1, columns.at(-1)! + 1]
  return columns.slice(0, most).map((_, place) => ({ sequence, left, right, place }))
}

/** One row of a matrix after the other. */
function rowsOf(data: Float32Array, width: number): () => Float32Array {
  let row = 0
  return () => data.subarray(row * width, ++row * width)
}

/** Logits of the product of two distributions: a constant in either is of no matter to a softmax. */
const sumOfLogs = (a: Float32Array, b: Float32Array): Float32Array => a.map((logit, i) => logit + b[i]!)

const best = ({ both }: InfilledToken): number => both[0]!.token

function noMask(text: string, { token }: SpecialToken): BertkinError {
  const hint = `write ${token} once for every token that is to be found`
  return new BertkinError('no-mask', `there is no ${token} in ${excerpt(text)}: ${hint}`)
}
