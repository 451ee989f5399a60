// ALBERT's masking of n-grams (Lan et al., 2019, section 3.1, and the published code's create_masked_lm_predictions):
// up to three words in a row, shorter ones more often.

import { BertkinError } from '../errors.js'
import type { Random } from '../random.js'
import {
  checkMasking,
  type Masked,
  type Masking,
  type MaskingOptions,
  maskedAt,
  replacement,
  roundHalfToEven,
} from './masking.js'
import { checkWords, type Word, type WordVocabulary, wordsOf } from './words.js'

export interface NgramMaskingOptions extends MaskingOptions {
  /** The most words in an n-gram; a length n is drawn with a probability proportional to 1/n. Default 3. */
  readonly mostWords?: number
  /** The most tokens predicted in a sequence, whatever its length. Default: no limit. The published script's is 20. */
  readonly maxPredictions?: number
}

/**
 * ALBERT's masking: words are visited in random order, and at each an n-gram of 1, 2 or 3 words begins (0.545, 0.273,
 * 0.182), a shorter one where the longer would exceed the budget, none where a token of it is already chosen.
 *
 * The budget is max(1, round(0.15 · tokens)), special ones counted, and never exceeded, so that it is met exactly only
 * where a word is left that fits. Special tokens are not chosen but do not part words: an n-gram may reach from one
 * segment into the next. Each chosen *token* by itself becomes [MASK] (80 %), a random token (10 %), or stays. Where no
 * word fits the budget, which the published code leaves without a prediction, the shortest is chosen.
 *
 * @throws {BertkinError} `option-invalid` for impossible shares or limits, or a `startsWord` of another length
 *
 * @example
 * const vocabulary = {
 *   vocabSize: 30000, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]), startsWord: new Uint8Array(30000).fill(1),
 * }
 * const objective = maskedLm(createConfig({ modelType: 'albert' }), ngramMasking(vocabulary))
 */
export function ngramMasking(vocabulary: WordVocabulary, options: NgramMaskingOptions = {}): Masking {
  const { mostWords = 3, maxPredictions = Number.POSITIVE_INFINITY } = options
  checkMasking(vocabulary, options)
  checkWords(vocabulary)
  if (!(Number.isInteger(mostWords) && mostWords >= 1)) {
    throw new BertkinError('option-invalid', `mostWords must be a whole number from 1 up, not ${mostWords}`)
  }
  if (!(maxPredictions >= 1)) {
    throw new BertkinError('option-invalid', `maxPredictions must be at least 1, not ${maxPredictions}`)
  }
  return (ids, random) => maskNgrams(ids, random, vocabulary, { ...options, mostWords, maxPredictions })
}

type Settings = NgramMaskingOptions & Required<Pick<NgramMaskingOptions, 'mostWords' | 'maxPredictions'>>

function maskNgrams(ids: ArrayLike<number>, random: Random, vocabulary: WordVocabulary, settings: Settings): Masked {
  const { mostWords, maxPredictions, maskProbability = 0.15 } = settings
  const words = wordsOf(ids, vocabulary)
  const budget = Math.min(maxPredictions, Math.max(1, roundHalfToEven(maskProbability * ids.length)))
  const chosen = new Set<number>()
  for (const first of random.shuffle(words.map((_, i) => i))) {
    if (chosen.size >= budget) break
    const length = drawLength(mostWords, random)
    const ngram = longestThatFits(words.slice(first, first + length), budget - chosen.size)
    if (ngram.some((position) => chosen.has(position))) continue
    for (const position of ngram) chosen.add(position)
  }
  if (chosen.size === 0 && words.length > 0) for (const position of columns(shortest(words))) chosen.add(position)
  return maskedAt(ids, chosen, replacement(vocabulary, random, settings))
}

/** n from 1 to `most` with probability (1/n) / (1 + 1/2 + … + 1/most). */
function drawLength(most: number, random: Random): number {
  let total = 0
  for (let n = 1; n <= most; n++) total += 1 / n
  let rest = random.uniform() * total
  for (let n = 1; n < most; n++) {
    rest -= 1 / n
    if (rest < 0) return n
  }
  return most
}

/** The tokens of as many of these words as have no more than `room` tokens together, from the first on. */
function longestThatFits(words: readonly Word[], room: number): number[] {
  const tokens: number[] = []
  for (const word of words) {
    if (tokens.length + word.end - word.start > room) break
    tokens.push(...columns(word))
  }
  return tokens
}

const columns = ({ start, end }: Word): number[] => Array.from({ length: end - start }, (_, i) => start + i)

const shortest = (words: readonly Word[]): Word =>
  words.reduce((best, word) => (word.end - word.start < best.end - best.start ? word : best))
