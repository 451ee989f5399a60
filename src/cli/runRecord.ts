// What a run writes down beside the trainer's state, so that it can go on without being told anything again.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { CheckpointError, openFolder, recoverFolder } from '../checkpoint/index.js'
import { RECIPES, SIZES } from '../recipe/index.js'
import { savedJson } from '../savedJson.js'
import { openTraining, type TrainingCheckpoint } from '../train/index.node.js'
import { mergeOptions } from './mergeOptions.js'
import type { PretrainingOptions } from './pretrainingOptions.js'
import type { CorpusIdentity } from './runCorpus.js'
import type { Spent } from './runJournal.js'

/** Options without those that say where a run is, whether it is resumed, and in which words it was asked for. */
export type RunOptions = Omit<PretrainingOptions, 'out' | 'resume' | 'command'>

/** How a run is doing on held-out text, and how long it has been training. */
export interface Progress {
  readonly best?: { readonly step: number; readonly loss: number; readonly tokens?: number }
  /** Evaluations since the best one. */
  readonly worse: number
  readonly seconds: number
  /** For metrics and model cards. */
  readonly spent?: Spent
}

/** Kept in every checkpoint; plain JSON. */
export interface RunNotes {
  readonly options: RunOptions
  readonly corpus: CorpusIdentity & { readonly documents: number }
  readonly tokenizer: { readonly files: readonly string[]; readonly sha256: string }
  readonly progress: Progress
}

export interface SavedRun {
  readonly checkpoint: TrainingCheckpoint
  readonly notes: RunNotes
  readonly tokenizerFiles: Readonly<Record<string, string>>
}

/** Where a run's checkpoints are. */
export const checkpointsOf = (out: string): string => join(out, 'checkpoints')

/**
 * The last whole checkpoint of a run, and what is written in it.
 *
 * @throws {BertkinError} `file-missing` if there is none; `file-malformed` if what is written makes no sense
 */
export async function openRun(out: string): Promise<SavedRun> {
  await recoverFolder(out)
  const checkpoint = await openTraining(checkpointsOf(out))
  if (!checkpoint) {
    const message = `${out} has no checkpoint to resume from: is it the folder of a pretraining run?`
    throw new CheckpointError('file-missing', message)
  }
  const notes = parseNotes(checkpoint.notes, join(checkpoint.folder, 'trainer.json'))
  const folder = await openFolder(checkpoint.folder)
  const tokenizerFiles: Record<string, string> = {}
  for (const name of notes.tokenizer.files) {
    const text = await folder.readText(name)
    if (text === undefined) throw new CheckpointError('file-missing', `${join(folder.name, name)} is not there`)
    tokenizerFiles[name] = text
  }
  return { checkpoint, notes, tokenizerFiles }
}

/** A tokenizer is known by its files. */
export function tokenizerHash(files: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
}

function parseNotes(value: unknown, name: string): RunNotes {
  const wrong = (what: string): never => {
    throw new CheckpointError('file-malformed', `${name} is not of a run of "bertkin pretrain": its ${what} is wrong`)
  }
  const { object, number, count, texts } = savedJson(wrong)

  const { options, corpus, tokenizer, progress } = object(value, 'notes')
  const known = object(options, 'options')
  texts(known.texts, 'texts')
  if (!RECIPES.some((recipe) => recipe === known.recipe)) wrong('recipe')
  if (typeof known.size !== 'string' || !Object.hasOwn(SIZES, known.size)) wrong('size')
  for (const key of NUMBERS) number(known[key], key)
  if (known.configs !== undefined) texts(known.configs, 'configs')
  const { files, bytes, sha256, documents } = object(corpus, 'corpus')
  if (known.language !== undefined && typeof known.language !== 'string') wrong('language')
  const { best, worse, seconds, spent } = object(progress, 'progress')
  const ofTokenizer = object(tokenizer, 'tokenizer')
  const bestOf = (from: Record<string, unknown>) => ({
    step: count(from.step, 'best'),
    loss: number(from.loss, 'best'),
    ...(from.tokens !== undefined && { tokens: number(from.tokens, 'best') }),
  })
  const spentOf = (from: Record<string, unknown>): Spent => ({
    tokens: number(from.tokens, 'progress'),
    stepSeconds: number(from.stepSeconds, 'progress'),
  })
  return {
    options: known as unknown as RunOptions, // what is not looked at here is checked where it is used, as from the command line
    corpus: {
      files: count(files, 'corpus'),
      bytes: count(bytes, 'corpus'),
      documents: count(documents, 'corpus'),
      sha256: String(sha256),
    },
    tokenizer: { files: texts(ofTokenizer.files, 'tokenizer'), sha256: String(ofTokenizer.sha256) },
    progress: {
      worse: count(worse, 'progress'),
      seconds: number(seconds, 'progress'),
      ...(best !== undefined && { best: bestOf(object(best, 'best')) }),
      ...(spent !== undefined && { spent: spentOf(object(spent, 'progress')) }),
    },
  }
}

const NUMBERS = [
  ...['steps', 'batchSize', 'microBatchSize', 'maxLength', 'learningRate', 'weightDecay', 'dropout', 'maskProbability'],
  ...['discriminatorWeight', 'seed', 'heldOutEvery', 'evaluationSequences', 'evaluateEvery', 'saveMinutes'],
] as const

/** What may change when a run goes on, since its numbers do not depend on it. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  ...['minutes', 'patience', 'saveMinutes', 'saveEvery', 'keep', 'threads', 'worker', 'texts', 'tokenizer', 'language'],
])

/**
 * A run's options with those that are given anew.
 *
 * @param given what was said on resuming
 * @throws {BertkinError} `resume-mismatch` for an option that differs and may not
 */
export const mergeRunOptions = (saved: RunOptions, given: Partial<RunOptions>): RunOptions =>
  // Under a constant learning rate, the end is nothing but the end.
  mergeOptions(saved, given, (key) => CHANGEABLE.has(key) || (key === 'steps' && saved.schedule === 'constant'))
