// bertkin pretrain: raw text → a checkpoint folder.

import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { BertkinError } from '../errors.js'
import { RECIPES, recipeDefaults, SIZES } from '../recipe/index.js'
import { lookAtModel } from './givenModel.js'
import { goOnWith, onInterruption } from './interruption.js'
import { checkOwnFolder } from './mergeOptions.js'
import { addOptimizationOptions } from './optimizationOptions.js'
import { languageCode, numberFrom, wholeNumber } from './options.js'
import { pretrain } from './pretraining.js'
import type { PretrainingOptions, PretrainingReporter } from './pretrainingOptions.js'
import { addRecipeOptions } from './recipeOptions.js'
import { checkNotRunning } from './runLock.js'
import { mergeRunOptions, openRun, type RunOptions } from './runRecord.js'
import { bar, duration, integer, type ProgressLine, progressLine, say } from './terminal.js'

const EXAMPLES = `
Example:
  bertkin pretrain my-texts/ --out runs/mine --vocab-size 8000 --steps 5000
  bertkin pretrain --resume runs/mine
  bertkin pretrain law-texts/ --model bert-base-uncased --out runs/law --steps 2000

The run's folder holds the models with their cards, metrics.jsonl, report.html, events for TensorBoard, and checkpoints/,
from which --resume goes on as if the run had never been stopped. While it runs, the models are those of the last checkpoint; when it has ended, of the best evaluation.`

export function addPretrainCommand(program: Command): void {
  const command = program
    .command('pretrain')
    .summary('train a model on your own text')
    .description('Pretrains a model on files and folders of UTF-8 text (blank lines separate documents).')
    .argument('[texts...]', 'text files, or folders of .txt files')
    .option('--out <dir>', 'the run’s folder: models, checkpoints, metrics and report.html')
    .option('--resume <dir>', 'go on with the run in this folder, which knows its texts and options')
    .addOption(new Option('--recipe <name>', 'what to train').choices(RECIPES).default('electra'))
    .addOption(new Option('--size <name>', 'layers and widths').choices(Object.keys(SIZES)).default('mini'))
    .option('--model <model>', 'train this checkpoint further: its folder or hub id; default: a new model')
    .option(
      '--tokenizer <model>',
      'use the tokenizer of this folder or hub id; default: the model’s, or one trained on the texts',
    )
    .option('--vocab-size <n>', 'entries of a vocabulary that is trained', wholeNumber(100), 8000)
    .option('--cased', 'keep capital letters in a vocabulary that is trained; default for spanbert')
    .option('--no-cased', 'do not')
    .option('--steps <n>', 'optimizer steps', wholeNumber(), 10_000)
    .option('--minutes <x>', 'stop after so many minutes of training; default: no limit', numberFrom(0))
    .option('--patience <n>', 'stop after so many evaluations without a better held-out loss', wholeNumber())
    .option('--batch-size <n>', 'sequences in a step', wholeNumber(), 16)
    .option('--micro-batch-size <n>', 'sequences in memory at once; the rest is accumulated', wholeNumber(), 32)
    .option('--max-length <n>', 'tokens in the longest sequence', wholeNumber(8), 128)
    .option(
      '--learning-rate <x>',
      'its peak; default: 0.002 (micro, tiny), 0.001 (mini), 0.0005 (small), 0.0002 (base); lamb: 0.002',
      numberFrom(0),
    )
    .option('--warmup <n>', 'steps until the peak; default: 5 % of all', wholeNumber(0))
    .option(
      '--weight-decay <x>',
      'share of a weight taken away at the peak, times the learning rate; default: 0.1, lamb: 0.01',
      numberFrom(0),
    )
  addRecipeOptions(command)
  addOptimizationOptions(command)
    .option('--dropout <p>', 'share of activations dropped', numberFrom(0, 0.99), 0)
    .option('--mask-probability <p>', 'share of tokens that is predicted', numberFrom(0.01, 0.9), 0.15)
    .option('--discriminator-weight <x>', 'ELECTRA: factor of the discriminator’s loss', numberFrom(0), 50)
    .option('--seed <n>', 'of everything random', wholeNumber(0), 0)
    .option('--held-out-every <n>', 'keep one document in so many for evaluation', wholeNumber(2), 100)
    .option('--evaluation-sequences <n>', 'evaluate on at most so many of them', wholeNumber(), 512)
    .option('--evaluate-every <n>', 'steps between evaluations', wholeNumber(), 500)
    .option('--save-minutes <x>', 'minutes between checkpoints; 0: after every step', numberFrom(0), 10)
    .option('--save-every <n>', 'steps between checkpoints; default: the minutes alone decide', wholeNumber())
    .option('--keep <n>', 'how many of the last checkpoints to keep, besides the best; default: 2', wholeNumber())
    .option('--no-worker', 'prepare batches in the main thread, not beside it')
    .option('--threads <n>', 'default: one per core', wholeNumber())
    .option('--language <code>', 'of the text, for the model cards: en, de, …; default: none is named', languageCode)
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], values: Values) => {
      const { options, step } = await optionsOf(command, texts, values)
      await runPretraining(options, step)
    })
}

type Values = Omit<PretrainingOptions, 'texts' | 'resume' | 'out'> & {
  readonly out?: string
  readonly resume?: string
}

interface Asked {
  readonly options: PretrainingOptions
  /** Of the checkpoint that there is; 0: none. */
  readonly step: number
}

/** The options of a new run, or of one that goes on, with what is said anew. */
async function optionsOf(command: Command, texts: readonly string[], values: Values): Promise<Asked> {
  const { resume, out, ...settings } = values
  if (resume === undefined) {
    if (texts.length === 0) command.error("error: missing required argument 'texts': text files, or folders of them")
    if (out === undefined) command.error("error: required option '--out <dir>' not specified: the run’s folder")
    // Where nothing is said, a recipe may have its own; commander has a default for a --no-… alone.
    const { worker, ...rest } = settings
    const chosen = Object.entries({ worker }).filter(([key]) => isGiven(command, key))
    const given = await givenBy(command, settings)
    const defaults = recipeDefaults({ ...settings, ...given })
    return { options: { ...defaults, ...rest, ...given, ...Object.fromEntries(chosen), texts, out }, step: 0 }
  }
  checkOwnFolder(resume, out)
  await checkNotRunning(resume)
  const { notes, checkpoint } = await openRun(resume)
  const said = Object.entries(settings).filter(([key]) => isGiven(command, key))
  const given: Partial<RunOptions> = Object.fromEntries(said)
  const merged = mergeRunOptions(notes.options, texts.length > 0 ? { ...given, texts } : given)
  return { options: { ...merged, out: resume, resume: true }, step: checkpoint.state.step }
}

/** What follows from the model that is trained further; nothing for a new one. */
async function givenBy(command: Command, { model, recipe, tokenizer }: Values) {
  if (model === undefined) return {}
  if (isGiven(command, 'size'))
    command.error('error: a model that is trained further has its own size: leave out --size')
  const own = await lookAtModel(model, isGiven(command, 'recipe') ? recipe : undefined)
  return { ...own, tokenizer: tokenizer ?? model }
}

/** Whether an option was said, and is not the default. */
const isGiven = (command: Command, key: string): boolean => command.getOptionValueSource(key) === 'cli'

async function runPretraining(options: PretrainingOptions, step: number): Promise<void> {
  const reporter = consoleReporter(options.steps)
  const goOn = goOnWith('pretrain', options.out)
  let saved = step // the last checkpoint's
  const lastSaved = (): string =>
    saved > 0 ? `the last checkpoint is of step ${saved}; ${goOn}` : 'this run has saved no checkpoint yet'
  using interruption = onInterruption({
    asked: () => say('stopping after this step, to save; once more to stop at once'),
    ended: () => say(`interrupted: ${lastSaved()}`),
  })
  try {
    const command = ['bertkin', ...process.argv.slice(2)]
    const { end } = await pretrain(
      { ...options, command },
      {
        ...reporter,
        training: () => interruption.defer(),
        isAskedToEnd: () => interruption.exitCode !== undefined,
        saved(directory, step, isBest) {
          reporter.saved(directory, step, isBest)
          saved = Math.max(saved, step)
        },
      },
    )
    if (end === 'interrupted') {
      say(`interrupted: ${lastSaved()}`)
      process.exitCode = interruption.exitCode ?? 1
    } else if (end === 'patience') say(`ended: ${options.patience} evaluations in a row brought nothing better`)
  } catch (error) {
    const isLost = saved > 0 && error instanceof BertkinError && error.code !== 'not-finite'
    throw isLost ? new BertkinError(error.code, `${error.message} ${sentence(lastSaved())}`, { cause: error }) : error
  }
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

/** Shows a run on standard error: phases, a progress bar, evaluations. */
export function consoleReporter(steps: number, line: ProgressLine = progressLine()): PretrainingReporter {
  const print = (text: string): void => {
    line.end()
    process.stderr.write(`${text}\n`)
  }
  return {
    phase: (text) => print(pc.dim(`· ${text}`)),
    training: () => {},
    isAskedToEnd: () => false,
    progress: ({ step, done, of }) =>
      line.show(`${bar((step - 1 + done / of) / steps)} ${step}/${steps}  micro-batch ${integer(done)}/${integer(of)}`),
    step({ step, parts, applied }, { tokensPerSecond, secondsLeft, peakShare }) {
      const losses = Object.entries(parts).map(([part, value]) => `${part} ${pc.bold(value.toFixed(3))}`)
      const speed = `${integer(tokensPerSecond)} tokens/s (${Math.round(100 * peakShare)} % of peak)`
      const skipped = applied ? '' : pc.red('  skipped: not finite')
      line.show(
        `${bar(step / steps)} ${step}/${steps}  ${losses.join('  ')}  ${speed}  ${duration(secondsLeft)} left${skipped}`,
        step === steps,
      )
    },
    evaluation(step, evaluation) {
      print(`  ${pc.dim(`step ${step}, held-out:`)} ${describeEvaluation(evaluation)}`)
    },
    saved: (directory, step, isBest) =>
      print(pc.dim(`· saved ${directory} at step ${step}${isBest ? ', the best on held-out text' : ''}`)),
  }
}

/** What a person wants to know of an evaluation, in one line. */
function describeEvaluation(evaluation: Readonly<Record<string, number>>): string {
  const { mlm_loss, mlm_unigram_entropy, mlm_accuracy, rtd_loss, rtd_auc, rtd_accuracy } = evaluation
  const { sop_accuracy, sop_majority, nsp_accuracy, nsp_majority, sbo_loss, sbo_accuracy } = evaluation
  const parts: string[] = []
  if (mlm_loss !== undefined && mlm_unigram_entropy !== undefined) {
    const below = mlm_unigram_entropy - mlm_loss
    const against = `${Math.abs(below).toFixed(2)} ${below >= 0 ? 'below' : 'above'} unigram entropy`
    parts.push(`masked loss ${mlm_loss.toFixed(3)} (${against})`, `accuracy ${percent(mlm_accuracy!)}`)
  }
  if (rtd_loss !== undefined) {
    parts.push(
      `detection loss ${rtd_loss.toFixed(3)}`,
      `AUC ${rtd_auc!.toFixed(3)}`,
      `accuracy ${percent(rtd_accuracy!)}`,
    )
  }
  const share = (accuracy: number, majority = 0): string =>
    `accuracy ${percent(accuracy)} (always the same: ${percent(majority)})`
  if (sop_accuracy !== undefined) parts.push(`sentence order ${share(sop_accuracy, sop_majority)}`)
  if (nsp_accuracy !== undefined) parts.push(`next sentence ${share(nsp_accuracy, nsp_majority)}`)
  if (sbo_accuracy !== undefined) {
    parts.push(`boundary loss ${sbo_loss!.toFixed(3)}`, `accuracy ${percent(sbo_accuracy)}`)
  }
  return parts.join(', ')
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
