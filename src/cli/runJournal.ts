// What a run writes about itself into its folder: run.json, metrics.jsonl, samples.jsonl, TensorBoard's events and
// report.html; and the model cards of what it leaves.

import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { TrainedModel } from '../objective/index.js'
import {
  CARD_MARK,
  eventFileStart,
  lastValue,
  type MaskSample,
  type Metrics,
  modelCard,
  type RunFacts,
  restartEvent,
  scalarsEvent,
} from '../report/index.js'
import type { Evaluation, StepReport } from '../train/index.js'
import { MetricsLog, wholeLines, writing } from './metricsLog.js'
import { readRun, SAMPLES, upTo, writeFacts, writeReport } from './runReport.js'

/** Events of earlier runs go here, which to TensorBoard is a run of its own. */
const EARLIER = 'earlier'
const EVENTS = /^events\.out\.tfevents\./

export interface JournalOptions {
  /** The tokenizer's mask, for the cards' examples. */
  readonly maskToken?: string | undefined
  /** The text's language, for the cards. */
  readonly language?: string | undefined
  /** What was trained further, for the cards. */
  readonly baseModel?: string | undefined
}

/** What was trained on up to a step. */
export interface Spent {
  readonly tokens: number
  /** In steps, without evaluations and the like. */
  readonly stepSeconds: number
}

/** Writes down how a run goes. */
export class RunJournal {
  readonly #events: string
  #step = 0
  #tokens: number
  #seconds: number

  private constructor(
    private readonly out: string,
    private readonly facts: RunFacts,
    private readonly options: JournalOptions,
    private readonly log: MetricsLog,
    { tokens, stepSeconds }: Spent,
  ) {
    this.#tokens = tokens
    this.#seconds = stepSeconds
    const host = hostname().replace(/[^\w.-]/g, '_')
    this.#events = join(out, `events.out.tfevents.${Math.floor(now())}.${host}.${process.pid}.0`)
  }

  /** Begins a run in a folder that is there; what an earlier one wrote gets other names. */
  static async start(out: string, facts: RunFacts, options: JournalOptions = {}): Promise<RunJournal> {
    const log = await MetricsLog.start(out)
    const journal = new RunJournal(out, facts, options, log, { tokens: 0, stepSeconds: 0 })
    await writing(out, async () => {
      await rename(join(out, SAMPLES), join(out, SAMPLES.replace('.', '.earlier.'))).catch(unlessAbsent)
      await setEventsAside(out)
      await writeFile(journal.#events, eventFileStart(now()))
    })
    await writeFacts(out, facts)
    return journal
  }

  /**
   * Goes on with a run from after a step: what was written of later ones does not count any more.
   *
   * @param facts of the run as it goes on; what it was when it started, and its data, is taken from run.json
   * @param spent up to the step; default: what is written down of it
   */
  static async resume(
    out: string,
    step: number,
    facts: RunFacts,
    options: JournalOptions = {},
    spent?: Spent,
  ): Promise<RunJournal> {
    const log = await MetricsLog.resume(out, step)
    await wholeLines(join(out, SAMPLES))
    const before = await readRun(out)
    const { title, command, started, data } = before.facts
    const all = before.facts.models.length > 0 ? { ...facts, title, command, started, data } : facts
    const known = upTo(before.metrics, step)
    const written = { tokens: lastValue(known, 'tokens') ?? 0, stepSeconds: lastValue(known, 'seconds') ?? 0 }
    const journal = new RunJournal(out, all, options, log, spent ?? written)
    journal.#step = step
    await writing(out, async () => {
      await writeFile(journal.#events, eventFileStart(now()))
      await appendFile(journal.#events, restartEvent(step + 1, now()))
    })
    await writeFacts(out, all)
    return journal
  }

  /** Up to the last step. */
  get spent(): Spent {
    return { tokens: this.#tokens, stepSeconds: this.#seconds }
  }

  /**
   * Takes a step into account; writes it down if `isLogged`.
   *
   * @param more numbers to write beside the step's own
   */
  async step(report: StepReport, isLogged: boolean, more: Readonly<Record<string, number>> = {}): Promise<void> {
    this.#step = report.step
    this.#tokens += report.tokenCount
    this.#seconds += report.seconds
    if (!isLogged) return
    const { step, loss, parts, learningRate, gradientNorm, tokenCount, seconds } = report
    const losses = Object.fromEntries(Object.entries(parts).map(([part, value]) => [`train_${part}_loss`, value]))
    await this.#log(step, 'train', {
      train_loss: loss,
      ...losses,
      learning_rate: learningRate,
      gradient_norm: gradientNorm,
      tokens_per_second: tokenCount / seconds,
      ...more,
      tokens: this.#tokens,
      seconds: Number(this.#seconds.toFixed(3)),
    })
  }

  /** Writes down an evaluation and how masks were filled, and the report with it. */
  async evaluation(step: number, evaluation: Evaluation, samples: readonly MaskSample[] = []): Promise<void> {
    await this.#log(step, 'held-out', evaluation)
    if (samples.length > 0) await append(join(this.out, SAMPLES), { step, samples })
    await writeReport(this.out)
  }

  /** Writes the report. */
  report(): Promise<string> {
    return writeReport(this.out)
  }

  /** Returns once the metrics are on the disk, for a checkpoint must not be ahead of them. */
  flush(): Promise<void> {
    return this.log.flush()
  }

  /**
   * README.md for the folder of each model; nothing where somebody has written one of their own.
   *
   * @param step whose weights they are: the last one, or that of the best evaluation
   * @param tokens trained on up to there; default: what is known of it
   */
  async cardFiles(
    models: readonly TrainedModel[],
    step: number,
    tokens = step === this.#step ? this.#tokens : undefined,
  ): Promise<ReadonlyMap<TrainedModel, Readonly<Record<string, string>>>> {
    const metrics = new Map(upTo((await readRun(this.out)).metrics, step))
    if (tokens !== undefined) metrics.set('tokens', [[step, tokens]])
    return new Map(
      await Promise.all(models.map(async (model) => [model, await this.#cardFile(model, step, metrics)] as const)),
    )
  }

  async #cardFile(
    { folder, config, head }: TrainedModel,
    step: number,
    metrics: Metrics,
  ): Promise<Readonly<Record<string, string>>> {
    const present = await readFile(join(this.out, folder, 'README.md'), 'utf8').catch(() => CARD_MARK)
    if (!present.includes(CARD_MARK)) return {}
    const name = folder === '' ? basename(resolve(this.out)) : `${basename(resolve(this.out))}/${folder}`
    const { maskToken, language, baseModel } = this.options
    const card = modelCard({
      ...{ name, config, head, facts: this.facts, metrics, step, runStep: this.#step },
      ...(maskToken !== undefined && { maskToken }),
      ...(language !== undefined && { language }),
      ...(baseModel !== undefined && { baseModel }),
    })
    return { 'README.md': card }
  }

  async #log(step: number, group: string, values: Readonly<Record<string, number>>): Promise<void> {
    await this.log.add({ step, ...values })
    await this.#tell(step, group, values)
  }

  /** To TensorBoard. */
  async #tell(step: number, group: string, values: Readonly<Record<string, number>>): Promise<void> {
    const tags = Object.entries(values).map(([name, value]) => [`${group}/${name.replace(/^train_/, '')}`, value])
    const event = scalarsEvent(step, now(), Object.fromEntries(tags))
    await writing(this.#events, () => appendFile(this.#events, event))
  }
}

async function setEventsAside(out: string): Promise<void> {
  const names = (await readdir(out)).filter((name) => EVENTS.test(name))
  if (names.length > 0) await mkdir(join(out, EARLIER), { recursive: true })
  for (const name of names) await rename(join(out, name), join(out, EARLIER, name))
}

const now = (): number => Date.now() / 1000

const append = (path: string, line: unknown): Promise<void> =>
  writing(path, () => appendFile(path, `${JSON.stringify(line)}\n`))

function unlessAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
