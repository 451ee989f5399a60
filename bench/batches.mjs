// What is trained on in the comparisons: tokens at random, masked already, so that all contestants learn the same.

import { Random } from '../dist/random.js'

const SHARE = 0.15
/** No special token of any kin's vocabulary is this or below; what stands for [MASK] is. */
const LAST_SPECIAL = 9
const MASK = 4

/** Sequences of tokens, 15 % of them masked: single ones, or in spans with a token on either side. */
export function maskedSequences(count, vocabSize, { length = 128, spans = false, pairs = false } = {}) {
  const random = new Random(3)
  return Array.from({ length: count }, (_, b) => {
    const original = randomIds(length, vocabSize, random)
    const places = spans ? spanPlaces(length, random) : original.map((_, i) => i).filter(() => random.uniform() < SHARE)
    const isMasked = new Set(places)
    const masked = {
      ids: original.map((id, i) => (isMasked.has(i) ? MASK : id)),
      positions: places,
      labels: places.map((i) => original[i]),
    }
    return pairs ? { ...masked, typeIds: original.map((_, i) => (i < length / 2 ? 0 : 1)), label: b % 2 } : masked
  })
}

/** For bertkin's objectives: of a sequence that is masked already, what is masked. */
export const givenMasking = (sequences) => (ids) => sequences.find((sequence) => sequence.ids === ids)

/** Of spans of three, one in every twenty tokens. */
const spanPlaces = (length, random) =>
  Array.from({ length: Math.floor(length / 20) }, (_, i) => 20 * i + 2 + random.below(14)).flatMap((start) => [
    start,
    start + 1,
    start + 2,
  ])

/** Sequences of given lengths with a label each. */
export function labelledSequences(lengths, vocabSize) {
  const random = new Random(4)
  return lengths.map((length, b) => ({ ids: randomIds(length, vocabSize, random), label: b % 2 }))
}

/** Windows of given lengths, an answer of two tokens in each. */
export function answeredWindows(lengths, vocabSize) {
  const random = new Random(5)
  return lengths.map((length) => {
    const start = random.below(length - 1)
    return { ids: randomIds(length, vocabSize, random), start, end: start + 1 }
  })
}

const randomIds = (length, vocabSize, random) =>
  Array.from({ length }, () => LAST_SPECIAL + 1 + random.below(vocabSize - LAST_SPECIAL - 1))
