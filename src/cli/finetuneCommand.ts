// bertkin finetune: a pretrained model and labelled examples → a model for a task.

import type { Command } from 'commander'
import pc from 'picocolors'
import { counted } from '../counted.js'
import { BertkinError } from '../errors.js'
import {
  type EpochEvaluation,
  type FinetuningOptions,
  type FinetuningPlan,
  type FinetuningReporter,
  type FinetuningTaskName,
  finetune,
  type Hyperparameters,
} from '../finetune/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import type { StepReport } from '../train/index.js'
import { loadingOptions } from './downloads.js'
import { describeFinetuning } from './finetuningCard.js'
import { checkpointsIn, openFinetuning, type SavedFinetuning, type Told } from './finetuningRecord.js'
import { goOnWith, onInterruption } from './interruption.js'
import {
  addDataOptions,
  type DataOptions,
  evaluationJson,
  LABELLED_DATA,
  metricName,
  metricValue,
  problemOption,
  readExamples,
  showEvaluation,
  taskArgument,
} from './labelledData.js'
import { checkOwnFolder, mergeOptions } from './mergeOptions.js'
import { MetricsLog } from './metricsLog.js'
import { MODEL, numberFrom, wholeNumber } from './options.js'
import { checkNotRunning } from './runLock.js'
import { bar, duration, integer, progressLine, say } from './terminal.js'

interface FinetuneValues extends DataOptions, Partial<Hyperparameters> {
  readonly model: string
  readonly train: readonly string[]
  readonly dev?: readonly string[]
  readonly heldOut?: number
  readonly out: string
  readonly tokenizer?: string
  readonly fromScratch?: boolean
  readonly freshLayers?: number
  readonly maxLength?: number
  readonly docStride?: number
  readonly nullThreshold?: number
  readonly dropout?: number
  readonly patience?: number
  readonly metric?: string
  readonly microBatchSize?: number
  readonly seed: number
  readonly saveMinutes: number
  readonly threads?: number
  readonly json?: boolean
}

/** As the command line has them: of a run that goes on, the others are known. */
type Given = Partial<FinetuneValues> & { readonly resume?: string }

/** What may change when a run goes on. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'patience',
  'saveMinutes',
  'threads',
  'json',
  'out',
  'train',
  'dev',
  'model',
])

const EXAMPLES = `
Where nothing is said, rates, epochs and batches are those of the model's own paper, adapted to its width.

Examples:
  bertkin finetune text-classification --model runs/electra --train train.jsonl --dev dev.jsonl --out runs/polarity
  bertkin finetune text-classification --model runs/electra --train sts.csv --problem-type regression --out runs/sts
  bertkin finetune token-classification --model runs/electra --train train.conll --dev dev.conll --out runs/names
  bertkin finetune question-answering --model runs/spanbert --train train.json --dev dev.json --out runs/qa
  bertkin finetune multiple-choice --model runs/albert --train race.jsonl --columns context=article --out runs/race
  bertkin finetune --resume runs/race`

export function addFinetuneCommand(program: Command): void {
  const command = program
    .command('finetune')
    .summary('train a model for a task on labelled data')
    .description('Fine-tunes a pretrained model for a task, and keeps the model of the best epoch.')
    .addArgument(taskArgument().argOptional())
    .option('--model <model>', MODEL)
    .option('--train <files...>', LABELLED_DATA)
    .option('--dev <files...>', 'labelled data that the model is judged by')
    .option('--held-out <share>', 'without --dev: the share of the training data to judge by', numberFrom(0, 0.9), 0.1)
    .option('--out <dir>', 'folder of the model and of metrics.jsonl')
    .option('--resume <dir>', 'go on with the run in this folder, which knows its task, files and options')
    .option('--tokenizer <model>', 'another tokenizer than the model’s own')
    .option('--from-scratch', 'begin with random weights: take the model’s configuration only')
    .option('--fresh-layers <n>', 'how many layers, from the top, begin anew, and the pooler with them', wholeNumber(0))
  addDataOptions(command)
    .addOption(problemOption())
    .option('--epochs <n>', 'how often to go through the data', wholeNumber())
    .option('--learning-rate <x>', 'its peak', numberFrom(0))
    .option('--batch-size <n>', 'examples in a step', wholeNumber())
    .option('--micro-batch-size <n>', 'examples in memory at once; the rest is accumulated', wholeNumber())
    .option('--warmup <share>', 'share of all steps until the learning rate’s peak', numberFrom(0, 1))
    .option('--weight-decay <x>', 'share of a weight taken away at the peak, times the learning rate', numberFrom(0))
    .option('--layer-decay <x>', 'factor of the learning rate from layer to layer downwards', numberFrom(0.01, 1))
    .option('--embedding-rate <x>', 'factor of the learning rate of the tables of embeddings', numberFrom(0, 100))
    .option('--dropout <p>', 'default: the model’s own', numberFrom(0, 0.9))
    .option('--max-length <n>', 'tokens in the longest sequence', wholeNumber(8))
    .option('--doc-stride <n>', 'question-answering: tokens that windows share', wholeNumber(0))
    .option('--null-threshold <x>', 'question-answering: no answer where it scores so much more', numberFrom(-1, 1))
    .option('--patience <n>', 'stop after so many epochs without a better model', wholeNumber())
    .option('--metric <name>', 'what makes a model the best; default: the task’s first')
    .option('--seed <n>', 'of everything random', wholeNumber(0), 0)
    .option('--save-minutes <x>', 'minutes between checkpoints; every epoch ends with one', numberFrom(0), 10)
    .option('--threads <n>', 'default: one per core', wholeNumber())
    .option('--json', 'for machines: the best model’s metrics as a line')
    .addHelpText('after', EXAMPLES)
    .action(async (task: FinetuningTaskName | undefined, given: Given) => {
      await runFinetuning(await toldBy(command, task, given))
    })
}

interface Run {
  readonly told: Told<FinetuneValues>
  /** What it goes on from. */
  readonly saved?: SavedFinetuning<FinetuneValues>
}

/** A new run, or one that goes on, with what is said anew. */
async function toldBy(command: Command, task: FinetuningTaskName | undefined, given: Given): Promise<Run> {
  const { resume, ...values } = given
  if (resume === undefined) {
    if (task === undefined) return command.error("error: missing required argument 'task'")
    for (const [name, flags] of [
      ['model', '--model <model>'],
      ['train', '--train <files...>'],
      ['out', '--out <dir>'],
    ] as const) {
      if (values[name] === undefined) command.error(`error: required option '${flags}' not specified`)
    }
    await checkNotRunning(values.out!)
    return { told: { task, values: values as FinetuneValues } }
  }
  checkOwnFolder(resume, values.out)
  await checkNotRunning(resume)
  const saved = await openFinetuning<FinetuneValues>(resume)
  if (task !== undefined && task !== saved.told.task) {
    throw new BertkinError('resume-mismatch', `the run in ${resume} is for ${saved.told.task}, not for ${task}`)
  }
  const isGiven = ([key]: [string, unknown]): boolean => command.getOptionValueSource(key) === 'cli'
  const anew: Partial<FinetuneValues> = Object.fromEntries(Object.entries(values).filter(isGiven))
  const merged = mergeOptions(saved.told.values, anew, (key) => CHANGEABLE.has(key))
  return { told: { task: saved.told.task, values: { ...merged, out: resume } }, saved }
}

async function runFinetuning({ told, saved }: Run): Promise<void> {
  const { task, values } = told
  if (task !== 'question-answering' && (values.docStride !== undefined || values.nullThreshold !== undefined)) {
    throw new BertkinError('option-invalid', '--doc-stride and --null-threshold are for question-answering')
  }
  const {
    train: trainPaths,
    dev: devPaths,
    heldOut,
    tokenizer,
    format,
    columns,
    labelNames,
    nullThreshold,
    ...settings
  } = values
  const train = await readExamples(task, trainPaths, values)
  const dev = devPaths && (await readExamples(task, devPaths, values))
  const loading = loadingOptions()
  await using checkpoints = checkpointsIn(values.out, told, values.saveMinutes, saved)
  const options = {
    ...settings,
    ...loading,
    train,
    ...(dev && { dev }),
    ...(nullThreshold !== undefined && { noAnswerThreshold: nullThreshold }),
    ...(heldOut !== undefined && { heldOutShare: heldOut }),
    ...(tokenizer !== undefined && { tokenizer: await loadTokenizer(tokenizer, loading) }),
    checkpoints,
  } as FinetuningOptions<FinetuningTaskName>
  using interruption = onInterruption({
    asked: () => say('stopping after this step, to save; once more to stop at once'),
    ended: () => say(`interrupted; if it has saved a checkpoint, ${goOnWith('finetune', values.out)}`),
  })
  const result = await finetune(task, options, {
    ...reporterFor(values, dev === undefined, saved?.checkpoint.state.step),
    training: () => interruption.defer(),
    isAskedToEnd: () => interruption.exitCode !== undefined,
  })
  if (result.end === 'interrupted') {
    say(`interrupted and saved; ${goOnWith('finetune', values.out)}`)
    process.exitCode = interruption.exitCode ?? 1
    return
  }
  const { best, plan, seconds } = result
  await describeFinetuning({ task, values, plan, step: best?.step ?? plan.steps, seconds })
  process.stderr.write(
    pc.dim(
      `· ${counted(plan.trainExamples, 'example')}, ${counted(plan.hyperparameters.epochs, 'epoch')}: ${duration(seconds)}\n`,
    ),
  )
  if (!best) return
  process.stderr.write(`best: epoch ${best.epoch}, ${metricName(best.main)} ${metricText(best)}, in ${values.out}\n`)
  process.stdout.write(values.json ? `${evaluationJson(best)}\n` : `${showEvaluation(best)}\n`)
}

const metricText = ({ metrics, main }: EpochEvaluation): string => metricValue(main, metrics[main]!)

/** Shows a run on standard error, and keeps its metrics. */
function reporterFor({ out }: FinetuneValues, isHeldOut: boolean, resumedAt?: number): FinetuningReporter {
  const line = progressLine()
  // Begun with its first line: what is refused before leaves the metrics of an earlier run where they are.
  let opening: Promise<MetricsLog> | undefined
  const log = async (values: Readonly<Record<string, number>>): Promise<void> => {
    opening ??= resumedAt === undefined ? MetricsLog.start(out) : MetricsLog.resume(out, resumedAt)
    await (await opening).add(values)
  }
  const print = (text: string): void => {
    line.end()
    process.stderr.write(`${text}\n`)
  }
  const started = { at: 0, step: resumedAt ?? 0 }
  return {
    phase: (text) => print(pc.dim(`· ${text}`)),
    planned(plan) {
      for (const text of describePlan(plan, isHeldOut)) print(pc.dim(`· ${text}`))
    },
    async step(report, plan, epoch) {
      started.at ||= performance.now() - 1000 * report.seconds
      const { step, loss, applied, tokenCount, seconds } = report
      const left = ((performance.now() - started.at) / 1000 / (step - started.step)) * (plan.steps - step)
      const skipped = applied ? '' : pc.red('  skipped: not finite')
      const speed = `${integer(tokenCount / seconds)} tokens/s  ${duration(left)} left`
      line.show(
        `${bar(step / plan.steps)} epoch ${epoch}/${plan.hyperparameters.epochs}  ${step}/${plan.steps}  loss ${pc.bold(loss.toFixed(3))}  ${speed}${skipped}`,
        step === plan.steps,
      )
      if (step % 10 === 0 || step === plan.steps) await log(stepMetrics(report))
    },
    async evaluation(evaluation) {
      const { epoch, step, loss, metrics, main, isBest } = evaluation
      const others = Object.entries(metrics).filter(([name]) => name !== main)
      const shown = [[main, metrics[main]!] as const, ...others.slice(0, 3)]
      const text = shown.map(([name, value]) => `${metricName(name)} ${metricValue(name, value)}`).join(', ')
      print(`  ${pc.dim(`epoch ${epoch}:`)} ${text}, loss ${loss.toFixed(3)}${isBest ? pc.dim(' (best)') : ''}`)
      await log({ step, epoch, loss, ...metrics })
    },
    saved: (directory) => print(pc.dim(`· saved ${directory}`)),
  }
}

function describePlan(plan: FinetuningPlan, isHeldOut: boolean): string[] {
  const { hyperparameters: h, config, fresh, unused, trainExamples, devExamples, features } = plan
  const judged = devExamples === 0 ? 'none to judge by' : `${devExamples} to judge by${isHeldOut ? ' (held out)' : ''}`
  const read = features === trainExamples ? '' : `, read as ${features} sequences`
  const labels = config.id2label.length > 8 ? `${config.id2label.length} labels` : config.id2label.join(', ')
  const rate = `learning rate ${Number(h.learningRate.toPrecision(3))}, warm-up ${100 * h.warmup} %`
  const factors = [
    ...(h.layerDecay < 1 ? [`, layer decay ${h.layerDecay}`] : []),
    ...(h.embeddingRate !== 1 ? [`, embeddings ${h.embeddingRate} times as fast`] : []),
  ]
  const decay = `weight decay ${h.weightDecay}${factors.join('')}`
  return [
    `${counted(trainExamples, 'example')}${read}, ${judged}; labels: ${labels}`,
    `${counted(h.epochs, 'epoch')} of ${counted(plan.stepsPerEpoch, 'step')} of ${h.batchSize}, ${rate}, ${decay}, at most ${plan.maxLength} tokens`,
    fresh.length === 0 ? 'all parameters are the checkpoint’s' : `new parameters: ${listed(fresh)}`,
    ...(unused.length > 0 ? [`not used: ${listed(unused)}`] : []),
  ]
}

const listed = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

function stepMetrics({ step, loss, learningRate, gradientNorm, tokenCount, seconds }: StepReport) {
  return {
    step,
    train_loss: loss,
    learning_rate: learningRate,
    gradient_norm: gradientNorm,
    tokens_per_second: tokenCount / seconds,
  }
}
