// bertkin pretrain: raw text → a checkpoint folder.

import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { onInterruption } from './interruption.js'
import { languageCode, numberFrom, wholeNumber } from './options.js'
import { type PretrainingOptions, type PretrainingReporter, pretrain } from './pretraining.js'
import { RECIPES, SIZES } from './recipes.js'
import { bar, duration, endProgressLine, integer, type ProgressLine, progressLine } from './terminal.js'

export function addPretrainCommand(program: Command): void {
  program
    .command('pretrain')
    .summary('train a model on your own text')
    .description('Pretrains a model on files and folders of UTF-8 text (blank lines separate documents).')
    .argument('<texts...>', 'text files, or folders of .txt files')
    .requiredOption('--out <dir>', 'the run’s folder: checkpoints, metrics and report.html')
    .addOption(new Option('--recipe <name>', 'what to train').choices(RECIPES).default('electra'))
    .addOption(new Option('--size <name>', 'layers and widths').choices(Object.keys(SIZES)).default('mini'))
    .option('--tokenizer <model>', 'use the tokenizer of this folder or hub id; default: train one on the texts')
    .option('--vocab-size <n>', 'entries of a vocabulary that is trained', wholeNumber(100), 8000)
    .option('--cased', 'keep capital letters in a vocabulary that is trained')
    .option('--steps <n>', 'optimizer steps', wholeNumber(), 10_000)
    .option('--minutes <x>', 'stop after so many minutes of training; default: no limit', numberFrom(0))
    .option('--batch-size <n>', 'sequences in a step', wholeNumber(), 16)
    .option('--micro-batch-size <n>', 'sequences in memory at once; the rest is accumulated', wholeNumber(), 32)
    .option('--max-length <n>', 'tokens in the longest sequence', wholeNumber(8), 128)
    .option('--learning-rate <x>', 'its peak', numberFrom(0), 5e-4)
    .option('--warmup <n>', 'steps until the peak; default: 5 % of all', wholeNumber(0))
    .option(
      '--weight-decay <x>',
      'share of a weight taken away at the peak, times the learning rate',
      numberFrom(0),
      0.01,
    )
    .option('--dropout <p>', 'share of activations dropped', numberFrom(0, 0.99), 0)
    .option('--mask-probability <p>', 'share of tokens that is predicted', numberFrom(0.01, 0.9), 0.15)
    .option('--discriminator-weight <x>', 'ELECTRA: factor of the discriminator’s loss', numberFrom(0), 50)
    .option('--seed <n>', 'of everything random', wholeNumber(0), 0)
    .option('--held-out-every <n>', 'keep one document in so many for evaluation', wholeNumber(2), 100)
    .option('--evaluation-sequences <n>', 'evaluate on at most so many of them', wholeNumber(), 512)
    .option('--evaluate-every <n>', 'steps between evaluations', wholeNumber(), 500)
    .option('--save-minutes <x>', 'minutes between checkpoints; 0: after every step', numberFrom(0), 10)
    .option('--threads <n>', 'default: one per core', wholeNumber())
    .option('--language <code>', 'of the text, for the model cards: en, de, …; default: none is named', languageCode)
    .addHelpText('after', '\nExample:\n  bertkin pretrain my-texts/ --out runs/mine --vocab-size 8000 --steps 5000')
    .action(async (texts: string[], options: Omit<PretrainingOptions, 'texts' | 'cased'> & { cased?: boolean }) => {
      const reporter = consoleReporter(options.steps)
      let saved = 'this run has saved no checkpoint yet'
      using interruption = onInterruption(() => {
        endProgressLine()
        process.stderr.write(`interrupted: ${saved}\n`)
      })
      await pretrain(
        { cased: false, ...options, texts, command: ['bertkin', ...process.argv.slice(2)] },
        {
          ...reporter,
          saving: () => interruption.hold(),
          saved(directory, step) {
            reporter.saved(directory, step)
            saved = `the last checkpoint is in ${directory}, of step ${step}`
            interruption.release()
          },
        },
      )
    })
}

/** Shows a run on standard error: phases, a progress bar, evaluations. */
export function consoleReporter(steps: number, line: ProgressLine = progressLine()): PretrainingReporter {
  const print = (text: string): void => {
    line.end()
    process.stderr.write(`${text}\n`)
  }
  return {
    phase: (text) => print(pc.dim(`· ${text}`)),
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
    saving: () => {},
    saved: (directory, step) => print(pc.dim(`· saved ${directory} at step ${step}`)),
  }
}

/** What a person wants to know of an evaluation, in one line. */
function describeEvaluation(evaluation: Readonly<Record<string, number>>): string {
  const { mlm_loss, mlm_unigram_entropy, mlm_accuracy, rtd_loss, rtd_auc, rtd_accuracy } = evaluation
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
  return parts.join(', ')
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
