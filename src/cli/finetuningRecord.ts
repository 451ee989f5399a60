// What a fine-tuning writes down on its way: checkpoints that know what they were told, so that it can go on without being
// told anything again. They are below its folder, and go when it has come to its end.

import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CheckpointError, recoverFolder } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import {
  type EpochEvaluation,
  type FinetuningCheckpoints,
  type FinetuningProgress,
  type FinetuningTaskName,
  finetuningTasks,
} from '../finetune/index.js'
import { savedJson } from '../savedJson.js'
import { openTraining, restoreTraining, saveTraining, type TrainingCheckpoint } from '../train/index.node.js'
import { startRunFolder } from './runFolder.js'
import { claimRun } from './runLock.js'
import { checkpointsOf } from './runRecord.js'

/** What a run was told: the task, and the options of the command line; plain JSON. */
export interface Told<Values> {
  readonly task: FinetuningTaskName
  readonly values: Values
}

export interface SavedFinetuning<Values> {
  readonly told: Told<Values>
  readonly checkpoint: TrainingCheckpoint
  readonly progress: FinetuningProgress
  readonly inputs: string
}

/**
 * The last whole checkpoint of a fine-tuning.
 *
 * @throws {BertkinError} `file-missing` if there is none; `file-malformed` if what is written makes no sense
 */
export async function openFinetuning<Values>(out: string): Promise<SavedFinetuning<Values>> {
  await recoverFolder(out)
  const checkpoint = await openTraining(checkpointsOf(out))
  if (!checkpoint) {
    const message = `${out} has no checkpoint to resume from: it is not the folder of a fine-tuning, or that has ended`
    throw new CheckpointError('file-missing', message)
  }
  return { checkpoint, ...parseNotes<Values>(checkpoint.notes, join(checkpoint.folder, 'trainer.json')) }
}

/** A run's checkpoints in its folder, which is this process's until they are disposed of. `saved` is what it goes on from. */
export function checkpointsIn<Values>(
  out: string,
  told: Told<Values>,
  saveMinutes: number,
  saved?: SavedFinetuning<Values>,
): FinetuningCheckpoints & AsyncDisposable {
  let claim: AsyncDisposable | undefined
  let hash = saved?.inputs
  let savedAt = performance.now()
  return {
    async restore(trainer, inputs) {
      if (!saved) return undefined
      if (hashOf(inputs) !== hash) {
        const message = 'the examples, or how the tokenizer reads them, are not those that the run was made with'
        throw new BertkinError('resume-mismatch', `${message}: put them back, or start anew in another folder`)
      }
      await restoreTraining(trainer, saved.checkpoint)
      claim = await claimRun(out)
      return saved.progress
    },
    async begin(inputs) {
      hash = hashOf(inputs)
      await startRunFolder(out, [{ folder: '' }])
      claim = await claimRun(out)
    },
    isDue: () => performance.now() - savedAt > 60_000 * saveMinutes,
    async save(trainer, progress) {
      await saveTraining(checkpointsOf(out), trainer, { notes: { ...told, inputs: hash, progress } })
      savedAt = performance.now()
    },
    async remove() {
      await rm(checkpointsOf(out), { recursive: true, force: true })
    },
    async [Symbol.asyncDispose]() {
      await claim?.[Symbol.asyncDispose]()
    },
  }
}

function hashOf(inputs: readonly unknown[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(JSON.stringify(input))
  return hash.digest('hex')
}

function parseNotes<Values>(notes: unknown, name: string): Omit<SavedFinetuning<Values>, 'checkpoint'> {
  const wrong = (what: string): never => {
    throw new CheckpointError('file-malformed', `${name} is not of a run of "bertkin finetune": its ${what} is wrong`)
  }
  const { object, number, count } = savedJson(wrong)
  const { task, values, inputs, progress } = object(notes, 'notes')
  if (typeof task !== 'string' || !Object.hasOwn(finetuningTasks, task)) return wrong('task')
  const { evaluations, seconds } = object(progress, 'progress')
  if (!Array.isArray(evaluations)) return wrong('progress')
  return {
    // What is not looked at here is checked where it is used, as from the command line.
    told: { task: task as FinetuningTaskName, values: object(values, 'options') as Values },
    inputs: String(inputs),
    progress: {
      evaluations: evaluations.map((one) => parseEvaluation(object(one, 'progress'))),
      seconds: number(seconds, 'progress'),
    },
  }

  function parseEvaluation(one: Record<string, unknown>): EpochEvaluation {
    for (const key of ['epoch', 'step', 'examples']) count(one[key], 'progress')
    const metrics = Object.entries(object(one.metrics, 'progress'))
    // JSON has null for what is not a number.
    const numbers = Object.fromEntries(
      metrics.map(([key, value]) => [key, value === null ? Number.NaN : Number(value)]),
    )
    if (typeof one.main !== 'string' || !Object.hasOwn(numbers, one.main)) wrong('progress')
    return { ...(one as unknown as EpochEvaluation), loss: Number(one.loss ?? Number.NaN), metrics: numbers }
  }
}
