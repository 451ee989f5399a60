// fill-mask: what stands behind each mask token, as the model would have it. Semantics of transformers' FillMaskPipeline.

import { BertkinError } from '../errors.js'
import type { Model } from '../model/index.js'
import type { Encoding, SpecialToken, Tokenizer } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import {
  checkOptionNames,
  encodeText,
  excerpt,
  outOfRange,
  type TaskContext,
  type TextOptions,
  warn,
} from './context.js'
import { largest, softmax } from './ranking.js'

export interface FillMaskOptions extends TextOptions {
  /** How many candidates for each mask; with `targets`, at most as many as there are. Default: 5. */
  readonly top_k?: number
  /**
   * Rank only these. One that is no token of the vocabulary stands for the first token it consists of, with a warning.
   * Scores stay what they are among all tokens.
   */
  readonly targets?: string | readonly string[]
}

/** A candidate for a mask. */
export interface FillMaskCandidate {
  /** Its probability among all tokens of the vocabulary. */
  score: number
  /** Its id. */
  token: number
  /** The token as text. */
  token_str: string
  /** The text with the candidate in place of the mask; if there are several masks, with the others and all special tokens. */
  sequence: string
}

/** The candidates for the mask, likeliest first; if the text has several masks, such a list for each, in order. */
export type FillMaskAnswer = FillMaskCandidate[] | FillMaskCandidate[][]

/**
 * Ranks what may stand at each mask token of each text. `pipeline('fill-mask', …)` is the usual way in.
 *
 * @returns an answer for each text, in order
 * @throws {BertkinError} `no-mask` if a text has none; `sequence-too-long`; `option-invalid`; `token-out-of-range` if
 *   tokenizer and model do not belong together
 * @see https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.FillMaskPipeline
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('bert'), await loadModel('bert')]
 * for await (const answer of fillMask({ tokenizer, model }, ['Paris is the [MASK] of France.'], { top_k: 1 })) {
 *   console.log(answer.flat()[0]?.token_str) // 'capital'
 * }
 */
export async function* fillMask(
  context: TaskContext,
  texts: Inputs<string>,
  options: FillMaskOptions = {},
): AsyncGenerator<FillMaskAnswer, void, undefined> {
  checkOptionNames('fill-mask', options, ['top_k', 'targets', 'truncation'])
  const { model, tokenizer } = context
  const mask = maskOf(tokenizer)
  const targets = options.targets === undefined ? undefined : targetIds(context, options.targets)
  const count = countOf(options.top_k ?? 5, targets?.length, model.config.vocabSize)
  const output = logitsName(model)

  const prepare = (text: string) => {
    const encoding = encodeText(context, text, options)
    const columns = columnsOf(encoding.ids, mask.id)
    if (columns.length === 0)
      throw noMask(text, mask, options.truncation === true && tokenizer.encodeIds(text).includes(mask.id))
    return { encoding, columns, length: encoding.length, outputs: columns.length }
  }
  const answer = async (items: readonly ReturnType<typeof prepare>[]): Promise<FillMaskAnswer[]> => {
    const at = items.flatMap(({ columns }, sequence) => columns.map((column) => [sequence, column] as const))
    const outputs = await model.run(
      items.map(({ encoding }) => encoding),
      { outputs: [output], at },
    )
    const { data, dims } = outputs[output]! // [masks, vocabulary]
    const width = dims[1]!
    let row = 0
    return items.map(({ encoding, columns }) => {
      const lists = columns.map((column) => {
        const logits = (data as Float32Array).subarray(row * width, ++row * width)
        const probability = softmax(logits)
        return largest(logits, count, targets).map((token) => ({
          score: probability(token),
          token,
          token_str: tokenizer.decode([token]),
          sequence: filled(tokenizer, encoding, column, token, columns.length === 1),
        }))
      })
      return lists.length === 1 ? lists[0]! : lists
    })
  }
  yield* inBatches(texts, prepare, answer, context)
}

/** The text with one mask filled in. */
function filled(
  tokenizer: Tokenizer,
  { ids }: Encoding,
  column: number,
  token: number,
  skipSpecialTokens: boolean,
): string {
  const pad = tokenizer.specialTokens.pad?.id
  const candidate = Array.from(ids, (id, i) => (i === column ? token : id)).filter((id) => id !== pad)
  return tokenizer.decode(candidate, { skipSpecialTokens })
}

function columnsOf(ids: Int32Array, token: number): number[] {
  const columns: number[] = []
  for (let i = ids.indexOf(token); i >= 0; i = ids.indexOf(token, i + 1)) columns.push(i)
  return columns
}

// A model for pretraining has a second output, and names the first one longer.
const logitsName = ({ head }: Model): string => (head === 'pretraining' ? 'prediction_logits' : 'logits')

function maskOf({ specialTokens }: Tokenizer): SpecialToken {
  if (specialTokens.mask) return specialTokens.mask
  throw new BertkinError('no-mask', 'fill-mask needs a tokenizer with a mask token, and this one has none')
}

function noMask(text: string, { token }: SpecialToken, wasCut: boolean): BertkinError {
  const what = wasCut ? `the ${token} of ${excerpt(text)} was cut off` : `there is no ${token} in ${excerpt(text)}`
  const hint = wasCut ? 'shorten the text before it' : `put ${token} where a word is to be found`
  return new BertkinError('no-mask', `${what}: ${hint}`)
}

function countOf(topK: number, targets: number | undefined, vocabSize: number): number {
  const most = targets ?? vocabSize
  const isWhole = Number.isInteger(topK) && topK >= 1
  if (isWhole && topK <= most) return topK
  if (isWhole && targets !== undefined) return targets
  throw new BertkinError('option-invalid', `top_k must be a whole number from 1 to ${vocabSize}, not ${topK}`)
}

/** The ids of the targets, each once. */
function targetIds(context: TaskContext, targets: string | readonly string[]): number[] {
  const { tokenizer, model } = context
  const { vocabSize } = model.config
  const ids = new Set<number>()
  for (const target of typeof targets === 'string' ? [targets] : targets) {
    if (typeof target !== 'string') throw new BertkinError('option-invalid', 'targets must be strings')
    const id = tokenizer.tokenToId(target) ?? tokenizer.encodeIds(target)[0]
    const token = id === undefined ? undefined : tokenizer.idToToken(id)
    if (id === undefined) warn(context, `the target ${excerpt(target)} has no tokens and is passed over`)
    else if (id >= vocabSize) throw outOfRange(token ?? '', id, vocabSize)
    else {
      if (token !== target) warn(context, `the target ${excerpt(target)} is not a token; "${token}" stands for it`)
      ids.add(id)
    }
  }
  if (ids.size > 0) return [...ids]
  throw new BertkinError('option-invalid', 'targets must hold at least one word that has a token')
}
