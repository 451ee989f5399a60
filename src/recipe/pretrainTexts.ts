// Pretraining from texts in memory to the files of a checkpoint, without a disk: what a page does. `bertkin pretrain` does
// the same from files, with checkpoints to resume from.

import type { FileContent } from '../checkpoint/index.js'
import { type Block, documentsOfText, inspectCorpus, memoryCorpus, splitHeldOut } from '../data/index.js'
import { BertkinError } from '../errors.js'
import { parameterCount } from '../model/index.js'
import type { MaskSample } from '../report/index.js'
import { Runtime } from '../runtime/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { type Evaluation, modelFiles, type StepReport, Trainer } from '../train/index.js'
import { type Assembly, assemble, checkLearnable, evaluationBatches, heldOutSplit, trainingSteps } from './assembly.js'
import { recipeDefaults } from './defaults.js'
import { MaskSampler } from './maskSampler.js'
import { type OptimizationOptions, trainerOptions } from './optimization.js'
import { type Rate, RateMeter } from './rate.js'
import type { RecipeChoices, RecipeName, RecipeOptions } from './recipes.js'
import type { SizeName } from './shape.js'
import { countedTokens } from './text.js'
import { linesOf, piecesOf, trainTokenizer } from './tokenizers.js'

/** Settings of a run; plain data. */
export interface TextPretrainingSettings extends OptimizationOptions, RecipeChoices {
  /** Default `electra`. */
  readonly recipe?: RecipeName
  /** Default `tiny`. */
  readonly size?: SizeName
  /** Entries of a vocabulary that is trained; default 4000. Small texts give fewer. */
  readonly vocabSize?: number
  /** Keep capital letters in a vocabulary that is trained. Default: the recipe's. */
  readonly cased?: boolean
  /** Default 1000. */
  readonly steps?: number
  /** Stop after so many minutes of steps, whatever their number. Default: no limit. */
  readonly minutes?: number
  /** Sequences in a step; default 16. */
  readonly batchSize?: number
  /** Sequences in one run of the graph; the rest is accumulated. Default: all. */
  readonly microBatchSize?: number
  /** Tokens in the longest sequence; default 64. */
  readonly maxLength?: number
  /** Its peak. Default: the size's, or LAMB's. */
  readonly learningRate?: number
  /** Steps until the peak; default: 5 % of all. */
  readonly warmup?: number
  /** Default: 0.1; LAMB: 0.01. */
  readonly weightDecay?: number
  /** Default 0. */
  readonly dropout?: number
  /** Share of tokens that is predicted; default 0.15. */
  readonly maskProbability?: number
  /** ELECTRA: factor of the discriminator's loss; default 50. */
  readonly discriminatorWeight?: number
  /** Default 0. */
  readonly seed?: number
  /** One document in so many is kept for evaluation; default 20. */
  readonly heldOutEvery?: number
  /** At most so many held-out sequences are evaluated; default 64. */
  readonly evaluationSequences?: number
  /** Steps between evaluations; default 100. */
  readonly evaluateEvery?: number
  /** Stop when so many evaluations in a row have brought nothing better. Default: never. */
  readonly patience?: number
}

export interface TextPretrainingOptions extends TextPretrainingSettings {
  /** Blank lines separate documents, each other line is a sentence or a paragraph. */
  readonly texts: readonly string[]
  /** Default: one is trained on the texts. */
  readonly tokenizer?: Tokenizer
  /** A device that is open already; it stays so. Default: one of its own. */
  readonly runtime?: Runtime
}

/** What is known before the first step; plain data. */
export interface TextPretrainingPlan {
  readonly recipe: RecipeName
  readonly steps: number
  readonly documents: number
  readonly words: number
  readonly vocabSize: number
  /** Of each model that is trained, by its folder ('' where there is one alone). */
  readonly models: readonly { readonly folder: string; readonly parameters: number }[]
  /** Whether there is text to judge the model by. */
  readonly isJudged: boolean
}

/** What a run tells on its way. Everything may be left out. */
export interface TextPretrainingReporter {
  phase?(text: string): void
  planned?(plan: TextPretrainingPlan): void
  step?(report: StepReport, rate: Pick<Rate, 'tokensPerSecond' | 'secondsLeft'>): void
  /** `samples`: held-out sentences with a word hidden, as the model would fill them; none where it fills no masks. */
  evaluation?(step: number, evaluation: Evaluation, samples: readonly MaskSample[]): void
  /** After every step; the run goes on when it is done. */
  between?(): Promise<void>
  /** Whether somebody wants the run to end after this step. */
  isAskedToEnd?(): boolean
}

export interface TextPretrainingResult {
  /** Of the best model on held-out text, or of the last: a checkpoint's files by name; ELECTRA's lie in two folders. */
  readonly files: Readonly<Record<string, FileContent>>
  readonly evaluations: readonly { readonly step: number; readonly evaluation: Evaluation }[]
  /** Of the model in `files`. */
  readonly step: number
  /** Why it ended: all steps or minutes were used, nothing got better for a while, or somebody wanted it. */
  readonly end: 'steps' | 'minutes' | 'patience' | 'asked'
}

/**
 * Pretrains a model on texts.
 *
 * @throws {BertkinError} `text-empty`, `option-invalid`, `not-finite` if training diverges; what tokenizers throw
 *
 * @example
 * const { files } = await pretrainTexts(
 *   { texts: ['Tom has a dog.\n\nIt is night.'], recipe: 'bert', size: 'micro', steps: 100 },
 *   { step: ({ step, loss }) => console.log(step, loss) },
 * )
 * await writeFolderAtomically('runs/tom', files)
 */
export async function pretrainTexts(
  { texts, tokenizer: given, runtime: open, ...settings }: TextPretrainingOptions,
  reporter: TextPretrainingReporter = {},
): Promise<TextPretrainingResult> {
  const options = withDefaults(settings)
  const corpus = memoryCorpus(texts.flatMap(documentsOfText))
  const { documents, words } = await inspectCorpus(corpus)
  if (!given) reporter.phase?.(`learning a vocabulary of ${options.vocabSize} ${piecesOf(options.recipe)}`)
  const tokenizer = given ?? (await trainTokenizer(options.recipe, linesOf(corpus), options))
  await reporter.between?.()
  const heldOut = heldOutSplit(documents, options.heldOutEvery)
  const counted = await countedTokens(options.recipe, options, corpus, tokenizer)
  const assembly = assemble(corpus, tokenizer, { ...options, ...counted }, heldOut)
  await checkLearnable(assembly)
  const judgedBy = await evaluationBatches(assembly, options.evaluationSequences)
  const { objective, optimization } = assembly.recipe
  reporter.phase?.('building the model')
  using own = open ? undefined : await Runtime.open()
  const runtime = open ?? own!
  using trainer = await Trainer.create(objective, runtime, {
    ...{ steps: options.steps, learningRate: options.learningRate, seed: options.seed },
    ...(options.microBatchSize !== undefined && { microBatchSize: options.microBatchSize }),
    ...trainerOptions(options, optimization),
  })
  reporter.planned?.({
    ...{ recipe: options.recipe, steps: options.steps, documents, words, vocabSize: tokenizer.vocabSize },
    models: objective.models.map(({ folder, config, head }) => ({ folder, parameters: parameterCount(config, head) })),
    isJudged: judgedBy.length > 0,
  })
  const unseen = heldOut ? splitHeldOut(corpus, heldOut).heldOut : corpus
  const source = { tokenizer, heldOut: unseen, seed: options.seed, maxLength: options.maxLength }
  const sampler = await MaskSampler.create(objective.models, trainer.parameters, runtime, source)
  try {
    return await new Run(options, assembly, trainer, { runtime, judgedBy, sampler, reporter }).train()
  } finally {
    sampler?.dispose()
  }
}

type Options = ReturnType<typeof withDefaults>

/** Small texts, a page, minutes. */
function withDefaults(settings: TextPretrainingSettings) {
  const { recipe = 'electra', size = 'tiny', optimizer } = settings
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  return {
    ...{ vocabSize: 4000, steps: 1000, batchSize: 16, maxLength: 64, dropout: 0, maskProbability: 0.15 },
    ...{ discriminatorWeight: 50, seed: 0, heldOutEvery: 20, evaluationSequences: 64, evaluateEvery: 100 },
    ...recipeDefaults({ recipe, size, ...(optimizer && { optimizer }) }),
    ...(given as TextPretrainingSettings),
    ...{ recipe, size },
  } satisfies Omit<RecipeOptions, 'tokenCounts'>
}

interface Surroundings {
  readonly runtime: Runtime
  readonly judgedBy: Awaited<ReturnType<typeof evaluationBatches>>
  readonly sampler: MaskSampler | undefined
  readonly reporter: TextPretrainingReporter
}

/** The loop around the trainer's: it judges, remembers the best parameters, and knows when to end. */
class Run {
  readonly #evaluations: { readonly step: number; readonly evaluation: Evaluation }[] = []
  #seconds = 0
  #best: { readonly step: number; readonly loss: number; readonly values: Float32Array } | undefined
  #worse = 0

  constructor(
    private readonly options: Options,
    private readonly assembly: Assembly,
    private readonly trainer: Trainer<Block>,
    private readonly around: Surroundings,
  ) {}

  async train(): Promise<TextPretrainingResult> {
    const { options, assembly, trainer, around } = this
    const { batchSize, microBatchSize = batchSize, seed, steps } = options
    const rate = new RateMeter(steps, around.runtime, Number.POSITIVE_INFINITY)
    for await (const report of trainer.trainPrepared(trainingSteps(assembly, { seed, batchSize, microBatchSize }))) {
      this.#seconds += report.seconds
      const { tokensPerSecond, secondsLeft } = rate.add(report, this.#secondsLeft())
      around.reporter.step?.(report, { tokensPerSecond, secondsLeft })
      await around.reporter.between?.()
      const end = await this.#afterStep(report)
      if (end) return this.#result(report, end)
    }
    throw new BertkinError('text-empty', 'the texts came to an end') // they are read over and over
  }

  async #afterStep({ step }: StepReport): Promise<TextPretrainingResult['end'] | undefined> {
    const { options, around } = this
    const over = step >= options.steps ? 'steps' : this.#secondsLeft() <= 0 ? 'minutes' : undefined
    const asked = around.reporter.isAskedToEnd?.() ? 'asked' : undefined
    if (around.judgedBy.length > 0 && (step % options.evaluateEvery === 0 || over || asked)) await this.#evaluate(step)
    const hasStalled = this.#worse >= (options.patience ?? Number.POSITIVE_INFINITY)
    return over ?? (hasStalled ? 'patience' : asked)
  }

  async #evaluate(step: number): Promise<void> {
    const { trainer, assembly, around } = this
    const evaluation = await trainer.evaluate(around.judgedBy)
    this.#evaluations.push({ step, evaluation })
    const loss = evaluation[assembly.recipe.objective.measure ?? 'loss'] ?? Number.NaN
    if (loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY)) {
      this.#best = { step, loss, values: trainer.parameters.values.slice() }
      this.#worse = 0
    } else this.#worse++
    around.reporter.evaluation?.(step, evaluation, (await around.sampler?.sample()) ?? [])
  }

  #secondsLeft(): number {
    return 60 * (this.options.minutes ?? Number.POSITIVE_INFINITY) - this.#seconds
  }

  #result({ step, applied }: StepReport, end: TextPretrainingResult['end']): TextPretrainingResult {
    const { trainer, assembly } = this
    if (this.#best) trainer.parameters.values.set(this.#best.values)
    else if (!applied) throw diverged(this.options)
    const tokenizerFiles = assembly.tokenizer.toFiles()
    const files: Record<string, FileContent> = {}
    for (const model of assembly.recipe.objective.models) {
      for (const [name, content] of Object.entries(modelFiles(model, trainer.parameters, tokenizerFiles))) {
        files[model.folder ? `${model.folder}/${name}` : name] = content
      }
    }
    return { files, evaluations: this.#evaluations, step: this.#best?.step ?? step, end }
  }
}

function diverged({ learningRate }: Options): BertkinError {
  const message = 'the loss is not a finite number at the end of the run'
  return new BertkinError('not-finite', `${message}: lower the learning rate (${learningRate}), or warm up for longer`)
}
