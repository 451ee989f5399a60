// Pretraining from raw text to a checkpoint folder: what the `pretrain` command and the tour have in common.

import { appendFile, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { checkFolder, recoverFolder, writeFolderAtomically } from '../checkpoint/index.js'
import {
  type Block,
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
import type { TrainedModel } from '../objective/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import {
  AdamW,
  type Evaluation,
  Lamb,
  type StepReport,
  saveModels,
  Trainer,
  type TrainerOptions,
} from '../train/index.js'
import { loadingOptions } from './downloads.js'
import {
  checkRecipe,
  makeRecipe,
  modelFolders,
  type RecipeChoices,
  type RecipeName,
  type RecipeOptimization,
  type SizeName,
} from './recipes.js'
import { countedTokens, recipeText } from './recipeText.js'
import { piecesOf, trainTokenizer } from './recipeTokenizers.js'

/** Every setting of a run, in one block. */
export interface PretrainingOptions extends RecipeChoices {
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
const METRICS = 'metrics.jsonl'
const EARLIER_METRICS = 'metrics.earlier.jsonl'

/** Runs it all. Bad input is refused before training starts; the last checkpoint is whole whenever the process ends. */
export async function pretrain(options: PretrainingOptions, reporter: PretrainingReporter): Promise<PretrainingResult> {
  const { seed, out } = options
  await checkBeforehand(options)
  reporter.phase('reading the texts')
  const corpus = await textCorpus(options.texts)
  const { documents, words } = await inspectCorpus(corpus)
  const heldOut = heldOutSplit(documents, options.heldOutEvery)
  if (!heldOut) reporter.phase('there is one document only (blank lines separate them), so none is kept for evaluation')
  const tokenizer = await obtainTokenizer(options, corpus, words, reporter)
  const counted = await countedTokens(options.recipe, options, corpus, tokenizer)
  const recipe = makeRecipe(options.recipe, tokenizer, { ...options, ...counted })
  const { objective, packing } = recipe
  const text = recipeText(corpus, recipe, options)
  const isLearnable = ({ ids }: Block): boolean => Array.from(ids).some((id) => !tokenizer.specialIds.has(id))
  const stream: BlocksOptions = {
    encodeIds: (line) => tokenizer.encodeIds(line),
    pack: packing,
    seed,
    ...(options.staticMasks !== undefined && { copies: options.staticMasks }),
    ...(heldOut && { heldOut }),
  }
  await checkLearnable(text, stream, isLearnable)
  const evaluationBatches = heldOut
    ? await readHeldOut(text, { ...stream, heldOut }, options.evaluationSequences, isLearnable)
    : []

  reporter.phase('building the model')
  using runtime = await Runtime.open(options.threads === undefined ? {} : { threads: options.threads })
  using trainer = await Trainer.create(objective, runtime, { ...options, ...optimizerOf(recipe.optimization, options) })
  const files = tokenizer.toFiles()
  const save = async (step: number): Promise<void> => {
    reporter.saving(out, step)
    await saveModels(objective.models, trainer.parameters, out, files)
    reporter.saved(out, step)
  }

  const evaluations: { step: number; evaluation: Evaluation }[] = []
  const evaluate = async (step: number): Promise<Evaluation> => {
    const evaluation = await trainer.evaluate(evaluationBatches)
    evaluations.push({ step, evaluation })
    await log(out, { step, ...evaluation })
    reporter.evaluation(step, evaluation)
    return evaluation
  }

  const rate = new RateMeter(options.steps)
  const started = performance.now()
  let savedAt = started
  await openRunFolder(out, objective.models)
  const examples = sequences(batches(blocks(text, stream), { batchSize: options.batchSize }), isLearnable)
  for await (const report of trainer.train(examples)) {
    const { step, applied } = report
    const secondsLeft = 60 * ((options.minutes ?? Infinity) - minutesSince(started))
    const isLast = step === options.steps || secondsLeft <= 0
    reporter.step(report, rate.add(report, secondsLeft))
    if (step % 10 === 0 || isLast) await log(out, metrics(report))
    const isEvaluated = evaluationBatches.length > 0 && (step % options.evaluateEvery === 0 || isLast)
    const isSound = isEvaluated ? Number.isFinite((await evaluate(step)).loss) : applied
    if (isLast && !isSound) throw diverged(options)
    // Parameters that may be beyond help must not replace a checkpoint that is not.
    if (isLast || (isSound && minutesSince(savedAt) > options.saveMinutes)) {
      await save(step)
      savedAt = performance.now()
    }
    if (isLast) break
  }
  return { tokenizer, evaluations, heldOut: heldOut ? splitHeldOut(corpus, heldOut).heldOut : corpus }
}

/** A recipe's optimizer as the trainer takes it. */
function optimizerOf(recipe: RecipeOptimization, { weightDecay }: PretrainingOptions): Partial<TrainerOptions> {
  const { optimizer, adamBetas, adamEpsilon, biasCorrection = true, decayAll, clip = 1, ...rest } = recipe
  const { epsilonBeforeCorrection = false } = rest
  const moments = {
    ...{ weightDecay, biasCorrection, epsilonBeforeCorrection },
    ...(adamBetas && { betas: adamBetas }),
    ...(adamEpsilon !== undefined && { epsilon: adamEpsilon }),
    ...(decayAll && { decays: () => true }),
  }
  return {
    maximalNorm: clip === 0 ? Number.POSITIVE_INFINITY : clip,
    optimizer: (slots) => (optimizer === 'lamb' ? new Lamb(slots, moments) : new AdamW(slots, moments)),
  }
}

const minutesSince = (time: number): number => (performance.now() - time) / 60_000

/** What would only be found out after reading, or after training. */
async function checkBeforehand(options: PretrainingOptions): Promise<void> {
  const { out, recipe, steps, warmup = 0 } = options
  checkRecipe(recipe, options)
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
  isLearnable: (block: Block) => boolean,
): Promise<void> {
  for await (const block of blocks(corpus, { ...stream, epochs: 1, shuffleWindow: 1 })) if (isLearnable(block)) return
  const message = 'the tokenizer knows no word of the texts: train one on them by leaving out --tokenizer'
  throw new BertkinError('text-empty', message)
}

function diverged({ learningRate }: PretrainingOptions): BertkinError {
  const message = 'the loss is not a finite number at the end of the run, so it was not saved'
  return new BertkinError('not-finite', `${message}: lower the learning rate (${learningRate}), or warm up for longer`)
}

/** Makes the run's folder ready for its metrics; those of an earlier run get another name. */
async function openRunFolder(out: string, models: readonly TrainedModel[]): Promise<void> {
  if (models.some(({ folder }) => folder === '')) {
    // It will be replaced by a checkpoint: it must be known as one before anything else is in it.
    await recoverFolder(out)
    if ((await checkFolder(out)) === 'nothing') await writeFolderAtomically(out, {})
  }
  await writing(out, async () => {
    await mkdir(out, { recursive: true })
    await rename(join(out, METRICS), join(out, EARLIER_METRICS)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  })
}

/** Says of a system's error what could not be written. */
async function writing(path: string, write: () => Promise<void>): Promise<void> {
  await write().catch((cause: Error) => {
    throw new BertkinError('file-write', `Cannot write ${path}: ${cause.message}`, { cause })
  })
}

/** One document in `every` is held out, or in as many as there are; a single document is all for training. */
function heldOutSplit(documents: number, every: number): HeldOutOptions | undefined {
  return documents < 2 ? undefined : { every: Math.min(every, documents) }
}

async function obtainTokenizer(
  options: PretrainingOptions,
  corpus: Corpus,
  words: number,
  reporter: PretrainingReporter,
): Promise<Tokenizer> {
  const { recipe, tokenizer, vocabSize } = options
  if (tokenizer !== undefined) return loadTokenizer(tokenizer, loadingOptions())
  const pieces = piecesOf(recipe)
  reporter.phase(`learning a vocabulary of ${vocabSize} ${pieces} from ${words.toLocaleString('en-US')} words`)
  const trained = await trainTokenizer(recipe, lines(corpus), options)
  if (trained.vocabSize < vocabSize) reporter.phase(`the texts have no more than ${trained.vocabSize} ${pieces}`)
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
  isLearnable: (block: Block) => boolean,
): Promise<(readonly Block[])[]> {
  const stream = blocks(corpus, {
    ...options,
    epochs: 1,
    shuffleWindow: 1,
    heldOut: { ...options.heldOut, part: 'held-out' },
  })
  const kept: (readonly Block[])[] = []
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
  isLearnable: (block: Block) => boolean,
): AsyncGenerator<readonly Block[]> {
  for await (const { blocks: rows } of source) {
    const learnable = rows.filter(isLearnable)
    if (learnable.length > 0) yield learnable
  }
}

/** A line of metrics.jsonl. */
async function log(out: string, line: Readonly<Record<string, number>>): Promise<void> {
  const path = join(out, METRICS)
  await writing(path, () => appendFile(path, `${JSON.stringify(line)}\n`))
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

  /** @param mostSeconds when the run ends in any case */
  add({ tokenCount, seconds, step }: StepReport, mostSeconds: number): Rate {
    this.#recent.push({ tokenCount, seconds })
    if (this.#recent.length > 50) this.#recent.shift()
    const total = this.#recent.reduce((sum, { seconds: s }) => sum + s, 0)
    const tokens = this.#recent.reduce((sum, { tokenCount: t }) => sum + t, 0)
    const secondsLeft = ((this.steps - step) * total) / this.#recent.length
    return { tokensPerSecond: tokens / total, secondsLeft: Math.min(secondsLeft, mostSeconds) }
  }
}
