// Pretraining from raw text to a checkpoint folder: what the `pretrain` command and the tour have in common.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkFolder, recoverFolder, writeFolderAtomically } from '../checkpoint/index.js'
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
import { BertkinError } from '../errors.js'
import type { Sequence } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import { Runtime } from '../runtime/index.js'
import { type Tokenizer, trainWordPiece } from '../tokenizer/index.js'
import { type Evaluation, type StepReport, saveModels, Trainer } from '../train/index.js'
import { loadingOptions } from './downloads.js'
import { MaskSampler } from './maskSampler.js'
import { measurePeak } from './peak.js'
import { type Rate, RateMeter } from './rate.js'
import { makeRecipe, modelFolders, type RecipeName, type SizeName } from './recipes.js'
import { runFacts } from './runFacts.js'
import { RunJournal } from './runJournal.js'

/** Every setting of a run, in one block. */
export interface PretrainingOptions {
  /** Files and folders of text. */
  readonly texts: readonly string[]
  /** The run's folder. */
  readonly out: string
  readonly recipe: RecipeName
  readonly size: SizeName
  /** A folder with a tokenizer, or of an earlier run, or a hub id; default: one is trained on the texts. */
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
  /** Share of tokens that is predicted. */
  readonly maskProbability: number
  /** ELECTRA: factor of the discriminator's loss. */
  readonly discriminatorWeight: number
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
  /** The text's language as ISO 639 has it, for the model cards; default: none is named. */
  readonly language?: string
  /** The command that asked for the run, word by word, for its report. */
  readonly command?: readonly string[]
}

/** What a run tells on its way. */
export interface PretrainingReporter {
  /** A phase begins, or goes on: reading, vocabulary, compiling, … */
  phase(text: string): void
  step(report: StepReport, rate: Rate): void
  evaluation(step: number, evaluation: Evaluation): void
  /** A checkpoint of so many steps is being written; `saved` follows. */
  saving(directory: string, step: number): void
  saved(directory: string, step: number): void
}

export type { Rate } from './rate.js'

export interface PretrainingResult {
  readonly tokenizer: Tokenizer
  readonly evaluations: readonly { readonly step: number; readonly evaluation: Evaluation }[]
  /** Held-out text, for showing what was learnt. */
  readonly heldOut: Corpus
}

const EVALUATION_BATCH = 32
/** Steps between lines of metrics. */
const LOG_EVERY = 10

/** The trainer's own choices, where no option makes them. */
const TRAINING = {
  optimizer: 'AdamW, bias-corrected',
  betas: [0.9, 0.999],
  epsilon: 1e-6,
  schedule: 'linear warm-up, then linear to 0',
  'gradients clipped at norm': 1,
}

/** Runs it all. Bad input is refused before training starts; the last checkpoint is whole whenever the process ends. */
export async function pretrain(options: PretrainingOptions, reporter: PretrainingReporter): Promise<PretrainingResult> {
  const { seed, out } = options
  await checkBeforehand(options)
  reporter.phase('reading the texts')
  const corpus = await textCorpus(options.texts)
  const counts = await inspectCorpus(corpus)
  const heldOut = heldOutSplit(counts.documents, options.heldOutEvery)
  if (!heldOut) reporter.phase('there is one document only (blank lines separate them), so none is kept for evaluation')
  const tokenizer = await obtainTokenizer(options, corpus, counts.words, reporter)
  const { objective, packing } = makeRecipe(options.recipe, tokenizer, options)
  const isLearnable = ({ ids }: Sequence): boolean => Array.from(ids).some((id) => !tokenizer.specialIds.has(id))
  const stream: BlocksOptions = {
    encodeIds: (line) => tokenizer.encodeIds(line),
    pack: packing,
    seed,
    ...(heldOut && { heldOut }),
  }
  await checkLearnable(corpus, stream, isLearnable)
  const evaluationBatches = heldOut
    ? await readHeldOut(corpus, { ...stream, heldOut }, options.evaluationSequences, isLearnable)
    : []

  reporter.phase('building the model')
  using runtime = await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  using trainer = await Trainer.create(objective, runtime, options)
  const peak = await measurePeak(runtime)
  const sampler =
    heldOut &&
    (await MaskSampler.create(objective.models, trainer.parameters, runtime, {
      ...options,
      tokenizer,
      heldOut: splitHeldOut(corpus, heldOut).heldOut,
    }))
  await openRunFolder(out, objective.models)
  const facts = runFacts(options, counts, objective.models, { heldOutEvery: heldOut?.every, training: TRAINING })
  const journal = await RunJournal.start(out, facts, {
    language: options.language,
    maskToken: tokenizer.specialTokens.mask?.token,
  })
  const files = tokenizer.toFiles()
  const save = async (step: number): Promise<void> => {
    reporter.saving(out, step)
    const cards = new Map(
      await Promise.all(objective.models.map(async (model) => [model, await journal.cardFiles(model)] as const)),
    )
    await saveModels(objective.models, trainer.parameters, out, (model) => ({ ...files, ...cards.get(model) }))
    reporter.saved(out, step)
  }

  const evaluations: { step: number; evaluation: Evaluation }[] = []
  const evaluate = async (step: number): Promise<Evaluation> => {
    const evaluation = await trainer.evaluate(evaluationBatches)
    evaluations.push({ step, evaluation })
    await journal.evaluation(step, evaluation, await sampler?.sample())
    reporter.evaluation(step, evaluation)
    return evaluation
  }

  const rate = new RateMeter(options.steps, runtime, peak)
  const started = performance.now()
  let savedAt = started
  const examples = sequences(batches(blocks(corpus, stream), { batchSize: options.batchSize }), isLearnable)
  for await (const report of trainer.train(examples)) {
    const { step, applied } = report
    const secondsLeft = 60 * ((options.minutes ?? Infinity) - minutesSince(started))
    const isLast = step === options.steps || secondsLeft <= 0
    const speed = rate.add(report, secondsLeft)
    reporter.step(report, speed)
    await journal.step(report, step % LOG_EVERY === 0 || isLast, { peak_share: speed.peakShare })
    const isEvaluated = evaluationBatches.length > 0 && (step % options.evaluateEvery === 0 || isLast)
    const isSound = isEvaluated ? Number.isFinite((await evaluate(step)).loss) : applied
    if (isLast && !isSound) throw diverged(options)
    // Parameters that may be beyond help must not replace a checkpoint that is not.
    if (isLast || (isSound && minutesSince(savedAt) > options.saveMinutes)) {
      await save(step)
      savedAt = performance.now()
    }
    if (isLast) break
    rate.begin()
  }
  await journal.report()
  return { tokenizer, evaluations, heldOut: heldOut ? splitHeldOut(corpus, heldOut).heldOut : corpus }
}

const minutesSince = (time: number): number => (performance.now() - time) / 60_000

/** What would only be found out after reading, or after training. */
async function checkBeforehand({ out, recipe, steps, warmup = 0 }: PretrainingOptions): Promise<void> {
  if (warmup > steps) {
    throw new BertkinError(
      'option-invalid',
      `a warm-up of ${warmup} steps is longer than a run of ${steps}: shorten it`,
    )
  }
  for (const folder of modelFolders[recipe]) await checkFolder(join(out, folder))
}

/** Refuses texts that have not one word that the tokenizer knows: there would be nothing to predict. */
async function checkLearnable(
  corpus: Corpus,
  stream: BlocksOptions,
  isLearnable: (sequence: Sequence) => boolean,
): Promise<void> {
  for await (const block of blocks(corpus, { ...stream, epochs: 1, shuffleWindow: 1 })) if (isLearnable(block)) return
  const message = 'the tokenizer knows no word of the texts: train one on them by leaving out --tokenizer'
  throw new BertkinError('text-empty', message)
}

function diverged({ learningRate }: PretrainingOptions): BertkinError {
  const message = 'the loss is not a finite number at the end of the run, so it was not saved'
  return new BertkinError('not-finite', `${message}: lower the learning rate (${learningRate}), or warm up for longer`)
}

/** Makes the run's folder ready for what is written of the run. */
async function openRunFolder(out: string, models: readonly TrainedModel[]): Promise<void> {
  if (models.some(({ folder }) => folder === '')) {
    // It will be replaced by a checkpoint: it must be known as one before anything else is in it.
    await recoverFolder(out)
    if ((await checkFolder(out)) === 'nothing') await writeFolderAtomically(out, {})
  }
  await mkdir(out, { recursive: true }).catch((cause: Error) => {
    throw new BertkinError('file-write', `Cannot write ${out}: ${cause.message}`, { cause })
  })
}

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
  if (tokenizer !== undefined) return loadTokenizer(tokenizer, loadingOptions())
  reporter.phase(`learning a vocabulary of ${vocabSize} word pieces from ${words.toLocaleString('en-US')} words`)
  const trained = await trainWordPiece(lines(corpus), { vocabSize, lowercase: !cased, modelMaxLength: maxLength })
  if (trained.vocabSize < vocabSize) reporter.phase(`the texts have no more than ${trained.vocabSize} word pieces`)
  return trained
}

async function* lines(corpus: Corpus): AsyncGenerator<string> {
  for await (const document of corpus.documents()) yield* document.lines
}

/** The first held-out blocks, as evaluation batches of equal size. */
async function readHeldOut(
  corpus: Corpus,
  options: BlocksOptions,
  limit: number,
  isLearnable: (sequence: Sequence) => boolean,
): Promise<(readonly Sequence[])[]> {
  const stream = blocks(corpus, {
    ...options,
    epochs: 1,
    shuffleWindow: 1,
    heldOut: { ...options.heldOut, part: 'held-out' },
  })
  const kept: (readonly Sequence[])[] = []
  let missing = limit
  for await (const batch of sequences(batches(stream, { batchSize: EVALUATION_BATCH }), isLearnable)) {
    kept.push(batch.slice(0, missing))
    missing -= batch.length
    if (missing <= 0) break
  }
  return kept
}

/** Batches without the sequences that have nothing to predict: unknown words and special tokens only. */
async function* sequences(
  source: ReturnType<typeof batches>,
  isLearnable: (sequence: Sequence) => boolean,
): AsyncGenerator<readonly Sequence[]> {
  for await (const { blocks: rows } of source) {
    const learnable = rows.filter(isLearnable)
    if (learnable.length > 0) yield learnable
  }
}
