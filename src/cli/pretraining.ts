// Pretraining from raw text to a checkpoint folder: what the `pretrain` command and the tour have in common.

import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BlocksOptions,
  batches,
  blocks,
  type Corpus,
  type HeldOutOptions,
  inspectCorpus,
  splitHeldOut,
  textCorpus,
} from '../data/index.node.js'
import type { Sequence } from '../model/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import { Runtime } from '../runtime/index.js'
import { type Tokenizer, trainWordPiece } from '../tokenizer/index.js'
import { type Evaluation, type StepReport, saveModels, Trainer } from '../train/index.js'
import { makeRecipe, type RecipeName, type SizeName } from './recipes.js'

/** Every setting of a run, in one block. */
export interface PretrainingOptions {
  /** Files and folders of text. */
  readonly texts: readonly string[]
  /** The run's folder. */
  readonly out: string
  readonly recipe: RecipeName
  readonly size: SizeName
  /** A folder with a tokenizer; default: one is trained on the texts. */
  readonly tokenizer?: string
  /** Entries of a vocabulary that is trained. */
  readonly vocabSize: number
  /** Keep capital letters in a vocabulary that is trained. */
  readonly cased: boolean
  readonly steps: number
  /** Stop after so many minutes of training, whatever the step; default: no limit. */
  readonly minutes?: number
  /** Sequences in a step. */
  readonly batchSize: number
  /** Sequences in one run of the graph; the rest is accumulated. */
  readonly microBatchSize: number
  /** Tokens in the longest sequence. */
  readonly maxLength: number
  readonly learningRate: number
  /** Steps until the learning rate's peak; default: 5 % of all. */
  readonly warmup?: number
  readonly weightDecay: number
  readonly dropout: number
  readonly seed: number
  /** One document in so many is kept for evaluation. */
  readonly heldOutEvery: number
  /** At most so many held-out sequences are evaluated. */
  readonly evaluationSequences: number
  /** Steps between evaluations. */
  readonly evaluateEvery: number
  /** Minutes between checkpoints; the last step writes one in any case. */
  readonly saveMinutes: number
  readonly threads?: number
}

/** What a run tells on its way. */
export interface PretrainingReporter {
  /** A phase begins, or goes on: reading, vocabulary, compiling, … */
  phase(text: string): void
  step(report: StepReport, rate: Rate): void
  evaluation(step: number, evaluation: Evaluation): void
  saved(directory: string): void
}

/** How fast it goes. */
export interface Rate {
  readonly tokensPerSecond: number
  readonly secondsLeft: number
}

export interface PretrainingResult {
  readonly tokenizer: Tokenizer
  readonly evaluations: readonly { readonly step: number; readonly evaluation: Evaluation }[]
  /** Held-out text, for showing what was learnt. */
  readonly heldOut: Corpus
}

const EVALUATION_BATCH = 32

/** Runs it all. Bad input is refused before training starts; the last checkpoint is whole whenever the process ends. */
export async function pretrain(options: PretrainingOptions, reporter: PretrainingReporter): Promise<PretrainingResult> {
  const { seed, out } = options
  reporter.phase('reading the texts')
  const corpus = await textCorpus(options.texts)
  const { documents, words } = await inspectCorpus(corpus)
  const heldOut = heldOutSplit(documents, options.heldOutEvery)
  const tokenizer = await obtainTokenizer(options, corpus, words, reporter)
  const { objective, packing } = makeRecipe(options.recipe, tokenizer, options)
  const stream: BlocksOptions = {
    encodeIds: (line) => tokenizer.encodeIds(line),
    pack: packing,
    seed,
    ...(heldOut && { heldOut }),
  }
  const evaluationBatches = heldOut
    ? await readHeldOut(corpus, { ...stream, heldOut }, options.evaluationSequences)
    : []

  reporter.phase('building the model')
  await mkdir(out, { recursive: true })
  using runtime = await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  using trainer = await Trainer.create(objective, runtime, options)
  const files = tokenizer.toFiles()
  const save = async (): Promise<void> => {
    await saveModels(objective.models, trainer.parameters, out, files)
    reporter.saved(out)
  }

  const evaluations: { step: number; evaluation: Evaluation }[] = []
  const evaluate = async (step: number): Promise<void> => {
    const evaluation = await trainer.evaluate(evaluationBatches)
    evaluations.push({ step, evaluation })
    await log(out, { step, ...evaluation })
    reporter.evaluation(step, evaluation)
  }

  const rate = new RateMeter(options.steps)
  const started = performance.now()
  let savedAt = started
  const examples = sequences(batches(blocks(corpus, stream), { batchSize: options.batchSize }))
  for await (const report of trainer.train(examples)) {
    reporter.step(report, rate.add(report))
    const isLast = report.step === options.steps || minutesSince(started) >= (options.minutes ?? Infinity)
    if (report.step % 10 === 0 || isLast) await log(out, metrics(report))
    if (heldOut && (report.step % options.evaluateEvery === 0 || isLast)) await evaluate(report.step)
    if (isLast) break
    if (minutesSince(savedAt) > options.saveMinutes) {
      await save()
      savedAt = performance.now()
    }
  }
  await save()
  return { tokenizer, evaluations, heldOut: heldOut ? splitHeldOut(corpus, heldOut).heldOut : corpus }
}

const minutesSince = (time: number): number => (performance.now() - time) / 60_000

/** One document in `every` is held out, or in as many as there are; a single document is all for training. */
function heldOutSplit(documents: number, every: number): HeldOutOptions | undefined {
  return documents < 2 ? undefined : { every: Math.min(every, documents) }
}

async function obtainTokenizer(
  { tokenizer, vocabSize, cased, maxLength }: PretrainingOptions,
  corpus: Corpus,
  words: number,
  reporter: PretrainingReporter,
): Promise<Tokenizer> {
  if (tokenizer !== undefined) return loadTokenizer(tokenizer)
  reporter.phase(`learning a vocabulary of ${vocabSize} word pieces from ${words.toLocaleString('en-US')} words`)
  return trainWordPiece(lines(corpus), { vocabSize, lowercase: !cased, modelMaxLength: maxLength })
}

async function* lines(corpus: Corpus): AsyncGenerator<string> {
  for await (const document of corpus.documents()) yield* document.lines
}

/** The first held-out blocks, as evaluation batches of equal size. */
async function readHeldOut(corpus: Corpus, options: BlocksOptions, limit: number): Promise<Sequence[][]> {
  const stream = blocks(corpus, {
    ...options,
    epochs: 1,
    shuffleWindow: 1,
    heldOut: { ...options.heldOut, part: 'held-out' },
  })
  const kept: Sequence[][] = []
  for await (const batch of sequences(batches(stream, { batchSize: EVALUATION_BATCH }))) {
    kept.push([...batch])
    if (kept.length * EVALUATION_BATCH >= limit) break
  }
  return kept
}

async function* sequences(source: ReturnType<typeof batches>): AsyncGenerator<readonly Sequence[]> {
  for await (const { blocks: rows } of source) yield rows
}

/** A line of metrics.jsonl. */
async function log(out: string, line: Readonly<Record<string, number>>): Promise<void> {
  await appendFile(join(out, 'metrics.jsonl'), `${JSON.stringify(line)}\n`)
}

function metrics({
  step,
  loss,
  parts,
  learningRate,
  gradientNorm,
  tokenCount,
  seconds,
}: StepReport): Record<string, number> {
  const named = Object.fromEntries(Object.entries(parts).map(([part, value]) => [`train_${part}_loss`, value]))
  const rate = { learning_rate: learningRate, gradient_norm: gradientNorm, tokens_per_second: tokenCount / seconds }
  return { step, train_loss: loss, ...named, ...rate }
}

/** Tokens a second and time left, from the last steps: what runs beside the training shows, what was long ago does not. */
class RateMeter {
  readonly #recent: { readonly tokenCount: number; readonly seconds: number }[] = []

  constructor(private readonly steps: number) {}

  add({ tokenCount, seconds, step }: StepReport): Rate {
    this.#recent.push({ tokenCount, seconds })
    if (this.#recent.length > 50) this.#recent.shift()
    const total = this.#recent.reduce((sum, { seconds: s }) => sum + s, 0)
    const tokens = this.#recent.reduce((sum, { tokenCount: t }) => sum + t, 0)
    return { tokensPerSecond: tokens / total, secondsLeft: ((this.steps - step) * total) / this.#recent.length }
  }
}
