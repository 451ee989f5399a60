// What a worker does to train: the same training as in Node, step by step, so that the page is heard in between.

import { type FileSet, fileSetOf } from '../checkpoint/index.js'
import { readDatasetTexts } from '../data/index.js'
import { type FinetuningOptions, type FinetuningTaskName, finetune } from '../finetune/index.js'
import { loadTokenizer } from '../pipeline/index.js'
import { pretrainTexts } from '../recipe/index.js'
import type { StepReport } from '../train/index.js'
import { checkWanted, nextTask } from './nextTask.js'
import { openSource } from './openSource.js'
import type { CallContext, Handlers } from './service.js'
import type { TrainingStepEvent } from './trainingProtocol.js'

export const trainingMethods: Pick<Handlers, 'pretrain' | 'finetune'> = {
  async pretrain({ texts, settings, tokenizer: source, options, name }, context) {
    const control = controlOf(context)
    const tokenizer = source === undefined ? undefined : await loadTokenizer(await openSource(source, options, context))
    const runtime = await context.service.runtime()
    const { send } = context
    let steps = 0
    const { files, ...result } = await pretrainTexts(
      { ...settings, texts, runtime, ...(tokenizer && { tokenizer }) },
      {
        phase: (text) => send({ kind: 'phase', text }),
        planned(plan) {
          steps = plan.steps
          send({ kind: 'planned', plan })
        },
        step: (report, { tokensPerSecond, secondsLeft }) =>
          send({ kind: 'step', step: told(report, steps), tokensPerSecond, secondsLeft }),
        evaluation: (step, evaluation, samples) => send({ kind: 'evaluation', step, evaluation, samples }),
        between: () => control.turn(),
        isAskedToEnd: () => control.isStopped,
      },
    )
    return { ...result, files: await fileSetOf(name, files) }
  },

  async finetune({ task, source, options, train, dev, data, settings, name }, context) {
    const control = controlOf(context)
    const { send } = context
    const runtime = await context.service.runtime()
    let files: FileSet = { name, files: {} }
    const given: FinetuningOptions<FinetuningTaskName> = {
      ...settings,
      model: await openSource(source, options, context),
      train: await readDatasetTexts(task, train, data),
      ...(dev && { dev: await readDatasetTexts(task, dev, data) }),
      runtime,
      onWarning: (message) => send({ kind: 'warning', message }),
      async out(contents) {
        files = await fileSetOf(name, contents)
      },
    }
    const result = await finetune(task, given, {
      phase: (text) => send({ kind: 'phase', text }),
      planned: (plan) => send({ kind: 'planned', plan }),
      async step(report, { steps }, epoch) {
        send({ kind: 'step', step: told(report, steps), epoch })
        await control.turn()
      },
      evaluation: (evaluation) => send({ kind: 'evaluation', evaluation }),
      isAskedToEnd: () => control.isStopped,
    })
    return { ...result, files }
  },
}

function told(report: StepReport, steps: number): TrainingStepEvent {
  const { step, loss, parts, learningRate, gradientNorm, applied, tokenCount, seconds } = report
  return { step, steps, loss, parts, learningRate, gradientNorm, applied, tokenCount, seconds }
}

/** What the page wants of a run that is under way. */
interface Control {
  readonly isStopped: boolean
  /** Hears the page; returns when the run may go on. @throws {BertkinError} `cancelled` */
  turn(): Promise<void>
}

function controlOf<Event>({ signal, onSignal }: CallContext<Event>): Control {
  let [isPaused, isStopped] = [false, false]
  let wake = (): void => {}
  onSignal((told) => {
    if (told === 'stop') isStopped = true
    isPaused = told === 'pause'
    wake()
  })
  signal.addEventListener('abort', () => wake())
  return {
    get isStopped() {
      return isStopped
    },
    async turn() {
      await nextTask()
      while (isPaused && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      checkWanted(signal)
    },
  }
}
