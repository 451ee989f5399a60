// Words with labels: names, parts of speech.

import { counted } from '../counted.js'
import { assertLabelsKnown, collectLabels, type TokenExample } from '../data/index.js'
import { classificationScores, entityScores } from '../metric/index.js'
import type { Model } from '../model/index.js'
import { type LabelledTokens, NO_LABEL, tokenClassification as objective } from '../objective/index.js'
import { inBatches } from '../pipeline/index.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import { labelIds, type PlacedLabel } from './labels.js'
import {
  type EvaluationContext,
  type FeatureContext,
  type FeatureOptions,
  type FinetuningTask,
  lengthFor,
  type TaskEvaluation,
  tell,
} from './task.js'

export const tokenClassification: FinetuningTask<TokenExample, LabelledTokens> = {
  head: 'token-classification',
  maxLength: 128,
  labelsOf: (train) => ({ id2label: collectLabels(train, { order: 'name' }), problemType: undefined }),
  checkKnown: (examples, { id2label }) => assertLabelsKnown(examples, id2label),
  features: tokenFeatures,
  objective,
  evaluate,
}

/** A stretch of a sentence, as the model reads it. */
interface WordWindow {
  readonly encoding: Encoding
  /** For each token the sentence's word that begins with it; −1 for the others, and for special tokens. */
  readonly wordOfToken: Int32Array
}

/**
 * Sentences as the model reads them: the words with spaces between them, as a text of the pipeline's would have them. The
 * first piece of each word has its label, all other tokens have none. A sentence that is too long is read in several
 * stretches, each from a word's beginning.
 *
 * @throws {DatasetError} `label-unknown` for a label that the model does not have
 *
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const config = createConfig({ modelType: 'electra', id2label: ['O', 'B-PER'] })
 * const examples = [{ words: ['Merkel', 'spoke'], labels: ['B-PER', 'O'] }]
 * tokenFeatures(examples, { tokenizer, config, maxLength: 128 })[0]?.labels // −100, 1, −100, 0, −100
 */
export function tokenFeatures(examples: readonly TokenExample[], context: FeatureContext): LabelledTokens[] {
  const ids = labelIds(labelsIn(examples), context.config)
  const features: LabelledTokens[] = []
  for (const [i, windows] of wordWindows(examples, context).entries()) {
    const labels = examples[i]!.labels.map((label) => ids.get(label)!)
    for (const { encoding, wordOfToken } of windows) {
      const own = wordOfToken.map((word) => (word < 0 ? NO_LABEL : labels[word]!))
      if (own.some((label) => label !== NO_LABEL)) {
        features.push({ ids: encoding.ids, typeIds: encoding.typeIds, labels: own })
      }
    }
  }
  return features
}

function* labelsIn(examples: readonly TokenExample[]): Generator<PlacedLabel> {
  for (const { labels, lines, place } of examples) {
    for (const [i, label] of labels.entries()) {
      const line = lines?.[i]
      yield { label, place: place && line !== undefined ? { ...place, line } : place }
    }
  }
}

/** The stretches of every sentence; says how many there are of more than one. */
function wordWindows(
  examples: readonly TokenExample[],
  { tokenizer, maxLength, onWarning }: FeatureOptions & { readonly tokenizer: Tokenizer },
): WordWindow[][] {
  const windows = examples.map(({ words }) => windowsOf(words, tokenizer, maxLength))
  const long = windows.filter(({ length }) => length > 1).length
  if (long > 0) {
    const message = `${long} of ${counted(examples.length, 'sentence')} had more than ${maxLength} tokens`
    tell({ ...(onWarning && { onWarning }) }, `${message} and were read in stretches`)
  }
  return windows
}

function windowsOf(words: readonly string[], tokenizer: Tokenizer, maxLength: number): WordWindow[] {
  const whole = readWords(words, 0, words.length, tokenizer)
  if (whole.encoding.length <= maxLength) return [whole]
  const windows: WordWindow[] = []
  for (let start = 0; start < words.length; ) {
    const end = furthestWord(words, start, tokenizer, maxLength)
    windows.push(readWords(words, start, end, tokenizer, maxLength))
    start = end
  }
  return windows
}

/** The word before which a stretch from `start` must end; a word that is too long by itself is cut. */
function furthestWord(words: readonly string[], start: number, tokenizer: Tokenizer, maxLength: number): number {
  // No word has less than no tokens, so the whole rest may fit; halving finds the most that do.
  let [fits, tooMany] = [start + 1, words.length + 1]
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1
    const { length } = tokenizer.encode(words.slice(start, middle).join(' '))
    if (length <= maxLength) fits = middle
    else tooMany = middle
  }
  return fits
}

/** Words from `start` to before `end` as one text, and which of its tokens begin words. */
function readWords(
  words: readonly string[],
  start: number,
  end: number,
  tokenizer: Tokenizer,
  maxLength = Number.POSITIVE_INFINITY,
): WordWindow {
  const text = words.slice(start, end).join(' ')
  const whole = tokenizer.encode(text)
  const encoding = whole.length > maxLength ? tokenizer.encode(text, { truncation: { maxLength } }) : whole
  const wordAt = new Int32Array(text.length + 1).fill(-1) // by UTF-16 unit; −1 at the spaces between words
  let place = 0
  for (let word = start; word < end; word++) {
    wordAt.fill(word, place, place + words[word]!.length)
    place += words[word]!.length + 1
  }
  const wordOfToken = new Int32Array(encoding.length).fill(-1)
  let last = -1
  for (let token = 0; token < encoding.length; token++) {
    if (encoding.specialTokensMask[token] === 1) continue
    const [from, to] = [encoding.packedOffsets[2 * token]!, encoding.packedOffsets[2 * token + 1]!]
    const word = wordOf(wordAt, from, to)
    if (word <= last) continue
    wordOfToken[token] = word
    last = word
  }
  return { encoding, wordOfToken }
}

/** The first word that a token has a part of. One that is nothing but the space before a word belongs to that word. */
function wordOf(wordAt: Int32Array, from: number, to: number): number {
  for (let unit = from; unit <= to && unit < wordAt.length; unit++) {
    if (wordAt[unit]! >= 0 && (unit < to || unit === from || wordAt[unit - 1]! < 0)) return wordAt[unit]!
  }
  return -1
}

// ── evaluation ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Tags with which entities begin or go on. */
const ENTITY_TAG = /^[BIESLU]-/

async function evaluate(examples: readonly TokenExample[], context: EvaluationContext): Promise<TaskEvaluation> {
  const { config } = context.model
  const { labelNames = config.id2label } = context
  const ids = labelIds(labelsIn(examples), config, labelNames)
  const expected = examples.map(({ labels }) => labels.map((label) => labelNames[ids.get(label)!]!))
  const predicted = await predict(examples, context, labelNames)
  const { length } = examples
  if (labelNames.some((name) => ENTITY_TAG.test(name))) {
    const { micro, macro, accuracy, labels } = entityScores(predicted, expected)
    const { f1, precision, recall } = micro
    return { metrics: { f1, precision, recall, macro_f1: macro.f1, accuracy }, main: 'f1', examples: length, labels }
  }
  const { accuracy, macro, labels } = classificationScores(predicted.flat(), expected.flat())
  return { metrics: { accuracy, macro_f1: macro.f1 }, main: 'accuracy', examples: length, labels }
}

/** What a word without a token is taken for: what is nothing in particular, where there is such a label. */
const restLabel = (names: readonly string[]): string => (names.includes('O') ? 'O' : names[0]!)

async function predict(
  examples: readonly TokenExample[],
  context: EvaluationContext,
  names: readonly string[],
): Promise<string[][]> {
  const { model, batchTokens } = context
  const windows = wordWindows(examples, { ...context, maxLength: lengthFor(context) })
  const predicted = examples.map(({ words }) => words.map(() => restLabel(names)))
  const items = windows.flatMap((own, sentence) => own.map((window) => ({ ...window, sentence })))
  const prepare = (item: (typeof items)[number]) => ({ ...item, length: item.encoding.length, outputs: 0 })
  const answer = (batch: readonly ReturnType<typeof prepare>[]) => labelsOfWords(model, batch)
  let next = 0
  for await (const found of inBatches(items, prepare, answer, { ...(batchTokens !== undefined && { batchTokens }) })) {
    const { sentence } = items[next++]!
    for (const [word, id] of found) predicted[sentence]![word] = names[id]!
  }
  return predicted
}

/** For each stretch, its words with the number of each one's likeliest label. */
async function labelsOfWords(model: Model, windows: readonly WordWindow[]): Promise<[word: number, id: number][][]> {
  const places = windows.map(({ wordOfToken }) => [...wordOfToken.keys()].filter((token) => wordOfToken[token]! >= 0))
  const at = places.flatMap((tokens, sequence) => tokens.map((token) => [sequence, token] as const))
  if (at.length === 0) return windows.map(() => [])
  const sequences = windows.map(({ encoding }) => encoding)
  const { logits } = await model.run(sequences, { outputs: ['logits'], at }) // [words, labels]
  const width = logits!.dims[1]!
  let row = 0
  return windows.map(({ wordOfToken }, i) =>
    places[i]!.map((token) => {
      const scores = (logits!.data as Float32Array).subarray(row * width, ++row * width)
      return [wordOfToken[token]!, scores.indexOf(Math.max(...scores))]
    }),
  )
}
