// A training that goes on while people look at other rooms: what it has told so far, and how to hold and end it.

import type {
  BrowserWorker,
  FileSet,
  ModelSource,
  RemoteFinetuningOptions,
  RemotePretrainingOptions,
} from 'bertkin/browser'
import type { MaskSample } from 'bertkin/report'
import { newWorker, problemText } from '../../engine.js'

export type Phase = 'idle' | 'preparing' | 'running' | 'paused' | 'stopping' | 'done' | 'failed'

/** A point of the curve; a loss on text that is not trained on is there at evaluations only. */
export interface Point {
  readonly step: number
  readonly loss: number | null
  readonly heldOut: number | null
}

export interface SamplesAt {
  readonly step: number
  readonly samples: readonly MaskSample[]
}

/** Whatever a run is, for those who hold it. */
interface Run {
  readonly result: Promise<{ readonly files: FileSet }>
  pause(): void
  resume(): void
  stop(): void
}

export class TrainingSession {
  phase: Phase = 'idle'
  /** What it is doing, or what went wrong. */
  message = ''
  steps = 0
  step = 0
  points: Point[] = []
  samples: SamplesAt[] = []
  /** Metrics of the last evaluation. */
  metrics: Readonly<Record<string, number>> = {}
  files: FileSet | undefined
  #run: Run | undefined
  #worker: BrowserWorker | undefined
  readonly #listeners = new Set<() => void>()

  /** Tells of every change; gives back what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get isBusy(): boolean {
    return ['preparing', 'running', 'paused', 'stopping'].includes(this.phase)
  }

  pretrain(texts: readonly string[], options: RemotePretrainingOptions): void {
    this.#begin((worker) =>
      worker.pretrain(texts, {
        ...options,
        ...this.#telling(),
        onPlan: ({ steps, words, vocabSize, models }) => {
          const sizes = models.map(
            ({ folder, parameters }) => `${folder || 'model'} ${(parameters / 1e6).toFixed(1)} M`,
          )
          this.#start(steps, `${words.toLocaleString('en')} words, ${vocabSize} pieces, ${sizes.join(', ')}`)
        },
        onStep: ({ step, loss }, { tokensPerSecond, secondsLeft }) =>
          this.#add(
            { step, loss, heldOut: null },
            `${Math.round(tokensPerSecond).toLocaleString('en')} tokens a second, ${timeLeft(secondsLeft)}`,
          ),
        onEvaluation: (step, evaluation, samples) => {
          this.samples.push({ step, samples })
          this.#evaluated(step, evaluation.loss ?? null, numbersIn(evaluation))
        },
      }),
    )
  }

  finetune(task: 'text-classification', source: ModelSource, options: RemoteFinetuningOptions): void {
    this.#begin((worker) =>
      worker.finetune(task, source, {
        ...options,
        ...this.#telling(),
        onPlan: ({ steps, trainExamples, devExamples }) =>
          this.#start(steps, `${trainExamples} examples to learn from, ${devExamples} to be judged by`),
        onStep: ({ step, loss }, epoch) => this.#add({ step, loss, heldOut: null }, `epoch ${epoch}`),
        onEvaluation: ({ step, loss, metrics }) => this.#evaluated(step, loss, numbersIn(metrics)),
      }),
    )
  }

  pause(): void {
    this.#run?.pause()
    this.#become('paused')
  }

  resume(): void {
    this.#run?.resume()
    this.#become('running')
  }

  /** Ends it; what has been learnt stays. */
  stop(): void {
    this.#run?.stop()
    this.#become('stopping')
  }

  #telling() {
    return {
      onPhase: (text: string) => this.#become('preparing', `${text} …`),
      onWarning: (text: string) => this.#become(this.phase, text),
    }
  }

  #begin(open: (worker: BrowserWorker) => Run): void {
    // One of its own, so that models can be asked meanwhile.
    this.#worker ??= newWorker()
    Object.assign(this, { points: [], samples: [], metrics: {}, files: undefined, steps: 0, step: 0 })
    this.#become('preparing', 'starting …')
    const run = open(this.#worker)
    this.#run = run
    run.result.then(
      ({ files }) => {
        const isEmpty = Object.keys(files.files).length === 0
        this.files = isEmpty ? undefined : files
        this.#become('done', isEmpty ? 'It was stopped before there was a model to keep.' : 'The model is ready.')
      },
      (error: unknown) => this.#become('failed', problemText(error)),
    )
  }

  #start(steps: number, message: string): void {
    this.steps = steps
    this.#become('running', message)
  }

  #add(point: Point, message: string): void {
    this.step = point.step
    this.points.push(point)
    if (this.phase === 'preparing') this.phase = 'running'
    this.#become(this.phase, message)
  }

  #evaluated(step: number, loss: number | null, metrics: Readonly<Record<string, number>>): void {
    this.metrics = metrics
    const at = this.points.findIndex((point) => point.step === step)
    if (at >= 0) this.points[at] = { ...this.points[at]!, heldOut: loss }
    else this.points.push({ step, loss: null, heldOut: loss })
    this.#become(this.phase)
  }

  #become(phase: Phase, message = this.message): void {
    this.phase = phase
    this.message = message
    for (const listener of this.#listeners) listener()
  }
}

const numbersIn = (values: object): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))

function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return ''
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s left` : `${Math.round(seconds / 60)} minutes left`
}
