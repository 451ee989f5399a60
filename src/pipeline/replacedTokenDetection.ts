// replaced-token-detection: which tokens of a text do not belong there. What ELECTRA's discriminator is trained to tell
// (Clark et al., 2020, https://arxiv.org/abs/2003.10555, section 2).

import { BertkinError } from '../errors.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import { type Inputs, inBatches } from './batching.js'
import { checkOptionNames, encodeText, type TaskContext, type TextOptions } from './context.js'
import { sigmoid } from './ranking.js'

export interface ReplacedTokenDetectionOptions extends TextOptions {
  /** Scores above this count as replaced. Default: 0.5. */
  readonly threshold?: number
}

/** A word, and whether it looks out of place. A punctuation mark is a word of its own. */
export interface DetectedWord {
  /** The text from `start` to `end`. */
  word: string
  /** The probability that it was replaced; of a word, the highest of its tokens. */
  score: number
  /** Whether the score is above the threshold. */
  replaced: boolean
  /** Where it begins in the text, in UTF-16 units, as `String.slice` counts. */
  start: number
  /** Where it ends. */
  end: number
}

/** A token, and whether it looks out of place. */
export interface DetectedToken extends DetectedWord {
  /** The token as the vocabulary has it: `##ing`. */
  token: string
}

/** A text's tokens and words in order, special tokens left out. */
export interface ReplacedTokenDetectionAnswer {
  tokens: DetectedToken[]
  words: DetectedWord[]
}

/**
 * Judges every token of each text. `pipeline('replaced-token-detection', …)` is the usual way in.
 *
 * @returns an answer for each text, in order; without tokens for a text that has none
 * @throws {BertkinError} `sequence-too-long`; `option-invalid`; `token-out-of-range` if tokenizer and model do not belong
 *   together; `not-finite` if the weights are damaged
 *
 * @example
 * const [tokenizer, model] = [await loadTokenizer('electra'), await loadModel('electra')]
 * for await (const { words } of detectReplacedTokens({ tokenizer, model }, ['The chef ate the meal.'])) {
 *   console.log(words.filter(({ replaced }) => replaced).map(({ word }) => word)) // ['ate']
 * }
 */
export async function* detectReplacedTokens(
  context: TaskContext,
  texts: Inputs<string>,
  options: ReplacedTokenDetectionOptions = {},
): AsyncGenerator<ReplacedTokenDetectionAnswer, void, undefined> {
  checkOptionNames('replaced-token-detection', options, ['threshold', 'truncation'])
  const { model, tokenizer } = context
  const { threshold = 0.5 } = options
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new BertkinError('option-invalid', `threshold must be a number from 0 to 1, not ${threshold}`)
  }

  const prepare = (text: string) => {
    const encoding = encodeText(context, text, options)
    return { text, encoding, columns: ownColumns(encoding, tokenizer), length: encoding.length, outputs: 0 }
  }
  const answer = async (items: readonly ReturnType<typeof prepare>[]): Promise<ReplacedTokenDetectionAnswer[]> => {
    const nonempty = items.filter(({ columns }) => columns.length > 0)
    const at = nonempty.flatMap(({ columns }, sequence) => columns.map((column) => [sequence, column] as const))
    // Texts without tokens of their own need no model.
    const logits = at.length === 0 ? [] : await run(nonempty, at)
    let row = 0
    return items.map(({ text, encoding, columns }) => {
      const tokens = columns.map((column): DetectedToken => {
        const [start, end] = encoding.offsets[column]!
        const score = sigmoid(Number(logits[row++]))
        const token = encoding.tokens[column]!
        return { token, word: text.slice(start, end), score, replaced: score > threshold, start, end }
      })
      return { tokens, words: wordsOf(tokens, columns, encoding.wordIds, text) }
    })
  }
  const run = async (items: readonly ReturnType<typeof prepare>[], at: readonly (readonly [number, number])[]) => {
    const sequences = items.map(({ encoding }) => encoding)
    const { logits } = await model.run(sequences, { outputs: ['logits'], at }) // [tokens asked for]
    return logits!.data
  }
  yield* inBatches(texts, prepare, answer, context)
}

/** Where the text's own tokens are: not those that the template added, nor special ones that the text spells out. */
function ownColumns({ ids, specialTokensMask }: Encoding, { specialIds, specialTokens }: Tokenizer): number[] {
  const unknown = specialTokens.unk?.id // stands for a word of the text
  const isOwn = (id: number, i: number): boolean =>
    specialTokensMask[i] === 0 && (id === unknown || !specialIds.has(id))
  return Array.from(ids.keys()).filter((i) => isOwn(ids[i]!, i))
}

function wordsOf(
  tokens: readonly DetectedToken[],
  columns: readonly number[],
  wordIds: readonly (number | null)[],
  text: string,
): DetectedWord[] {
  const words: DetectedWord[] = []
  tokens.forEach(({ token: _, ...part }, i) => {
    const current = words.at(-1)
    if (current && wordIds[columns[i]!] === wordIds[columns[i - 1]!]) {
      current.score = Math.max(current.score, part.score)
      current.replaced ||= part.replaced
      current.end = part.end
      current.word = text.slice(current.start, current.end)
    } else words.push({ ...part })
  })
  return words
}
