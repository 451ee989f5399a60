// Checkpoints of training, from which a run goes on bit for bit: folders `step-00001200` with the trainer's state, the
// parameters and the optimizer's buffers. Each is written beside its place and renamed, so it is whole or not there.

import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  CheckpointError,
  type Folder,
  openFolder,
  readSafetensorsHeader,
  recoverFolder,
  type SafetensorsFile,
  safetensorsChunks,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import type { TensorData } from '../runtime/index.js'
import type { Trainer } from './trainer.js'
import { parseTrainerState, type TrainerState } from './trainerState.js'

const STATE = 'trainer.json'
const PARAMETERS = 'parameters.safetensors'
const OPTIMIZER = 'optimizer.safetensors'
const FORMAT = 1
/** Bytes; a state is a few hundred KB, most of it parameter names and what a packer had not used yet. */
const LONGEST_STATE = 2 ** 28
const FOLDER = /^step-(\d{8,15})$/
/** What a process left that died while it wrote or removed such a folder. */
const LEFTOVER = /^\.(step-\d{8,15})\.(bertkin-old$|bertkin-new-|removed$)/

/** A checkpoint of training on disk, its tensors not yet read. */
export interface TrainingCheckpoint {
  readonly folder: string
  readonly state: TrainerState
  /** The trainer's settings as they were. */
  readonly settings: unknown
  /** What the caller saved beside them; plain JSON. */
  readonly notes: unknown
  /** Newer ones that are damaged, and so are passed over: what is wrong with them. */
  readonly damaged: readonly string[]
}

export interface SaveTrainingOptions {
  /** Plain JSON to keep with the state. */
  readonly notes?: unknown
  /** More files for the folder, a tokenizer's say. */
  readonly files?: Readonly<Record<string, string>>
  /** How many of the latest checkpoints stay. Default 2. */
  readonly keep?: number
  /** The step of a checkpoint that stays however old it is: the best one's. */
  readonly best?: number | undefined
}

/**
 * Writes a checkpoint of where a trainer stands to `directory/step-…`, and removes those that need not be kept.
 *
 * @param directory a folder for nothing but such checkpoints; it is made if it is not there
 * @returns the checkpoint's folder
 * @throws {CheckpointError} `file-write`; earlier checkpoints are then still there
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * using runtime = await Runtime.open()
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * await saveTraining('runs/mine/checkpoints', trainer)
 */
export async function saveTraining<Example>(
  directory: string,
  trainer: Trainer<Example>,
  { notes = null, files = {}, keep = 2, best }: SaveTrainingOptions = {},
): Promise<string> {
  const { state, settings } = trainer
  const folder = join(directory, `step-${String(state.step).padStart(8, '0')}`)
  await writeFolderAtomically(folder, {
    ...files,
    [STATE]: `${JSON.stringify({ format: FORMAT, state, settings, notes })}\n`,
    [PARAMETERS]: safetensorsChunks(toWrite(trainer.parameters.views(trainer.parameters.values))),
    [OPTIMIZER]: safetensorsChunks(toWrite(trainer.optimizerTensors)),
  })
  await removeOld(directory, state.step, keep, best)
  return folder
}

/**
 * The newest checkpoint in `directory` that is whole; undefined if there is none. Heals what a process left that died
 * while it wrote.
 *
 * @throws {CheckpointError} `file-read` if the folder cannot be read; `file-malformed` if there are checkpoints, but all
 *   are damaged
 *
 * @example
 * const checkpoint = await openTraining('runs/mine/checkpoints')
 * console.log(checkpoint?.state.step ?? 'nothing to resume')
 */
export async function openTraining(directory: string): Promise<TrainingCheckpoint | undefined> {
  await cleanUp(directory)
  const damaged: string[] = []
  for (const { folder } of await listCheckpoints(directory)) {
    try {
      return { ...(await openCheckpointFolder(folder)), damaged }
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error
      damaged.push(error.message)
    }
  }
  if (damaged.length === 0) return undefined
  throw new CheckpointError('file-malformed', `${directory} has no checkpoint that is whole: ${damaged[0]}`)
}

/**
 * Puts a trainer where a checkpoint was made: its next step is, bit for bit, the one that the saved run made next.
 *
 * @throws {BertkinError} `resume-mismatch` if the trainer has other settings; nothing is changed then
 * @throws {CheckpointError} `file-missing`, `file-truncated`, `parameter-missing`, `parameter-mismatch`
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * using runtime = await Runtime.open()
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * const checkpoint = await openTraining('runs/mine/checkpoints')
 * if (checkpoint) await restoreTraining(trainer, checkpoint)
 */
export async function restoreTraining<Example>(
  trainer: Trainer<Example>,
  { folder, state, settings }: Pick<TrainingCheckpoint, 'folder' | 'state' | 'settings'>,
): Promise<void> {
  trainer.checkSettings(settings)
  const opened = await openFolder(folder)
  await readInto(trainer.parameters.views(trainer.parameters.values), await openTensors(opened, PARAMETERS))
  await readInto(trainer.optimizerTensors, await openTensors(opened, OPTIMIZER))
  trainer.restore(state)
}

/**
 * Reads the parameters of the checkpoint of one step into a trainer, nothing else: to evaluate or save the best.
 *
 * @throws {CheckpointError} `file-missing` if there is none; as {@link restoreTraining}
 *
 * @example
 * const vocabulary = { vocabSize: 30522, maskTokenId: 103, specialTokenIds: new Set([0, 100, 101, 102, 103]) }
 * using runtime = await Runtime.open()
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), vocabulary)
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * await restoreParameters(trainer, 'runs/mine/checkpoints', 800)
 */
export async function restoreParameters<Example>(
  trainer: Trainer<Example>,
  directory: string,
  step: number,
): Promise<void> {
  const found = (await listCheckpoints(directory)).find((checkpoint) => checkpoint.step === step)
  if (!found) throw new CheckpointError('file-missing', `${directory} has no checkpoint of step ${step}`)
  const file = await openTensors(await openFolder(found.folder), PARAMETERS)
  await readInto(trainer.parameters.views(trainer.parameters.values), file)
}

/** Newest first. */
async function listCheckpoints(directory: string): Promise<{ readonly step: number; readonly folder: string }[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new CheckpointError('file-read', `Cannot read ${directory}: ${cause.message}`, { cause })
  })
  return names
    .flatMap((name) => (FOLDER.test(name) ? [{ step: Number(name.slice(5)), folder: join(directory, name) }] : []))
    .sort((a, b) => b.step - a.step)
}

async function openCheckpointFolder(folder: string): Promise<Omit<TrainingCheckpoint, 'damaged'>> {
  const opened = await openFolder(folder)
  const name = join(folder, STATE)
  const source = await opened.open(STATE)
  if (source === undefined) throw new CheckpointError('file-missing', `${name} is not there`)
  if (source.byteLength > LONGEST_STATE) throw new CheckpointError('file-malformed', `${name} is too large`)
  const content = parseJson((await opened.readText(STATE))!, name)
  if (content.format !== FORMAT) {
    const message = `${name} is of format ${String(content.format).slice(0, 20)}, and only ${FORMAT} is known`
    throw new CheckpointError('file-malformed', message)
  }
  const state = parseTrainerState(content.state, name)
  // Their headers tell whether the files are as long as they should be.
  await openTensors(opened, PARAMETERS)
  await openTensors(opened, OPTIMIZER)
  return { folder, state, settings: content.settings, notes: content.notes }
}

function parseJson(text: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // told below
  }
  throw new CheckpointError('file-malformed', `${name} is not a JSON object`)
}

async function openTensors(folder: Folder, fileName: string): Promise<SafetensorsFile> {
  const name = join(folder.name, fileName)
  const source = await folder.open(fileName)
  if (source === undefined) throw new CheckpointError('file-missing', `${name} is not there`)
  return readSafetensorsHeader(source, name)
}

async function readInto(targets: Readonly<Record<string, TensorData>>, file: SafetensorsFile): Promise<void> {
  // All is looked at before anything is changed.
  for (const [name, { dims }] of Object.entries(targets)) {
    const { dtype, shape } = file.info(name)
    if (dtype === 'F32' && shape.length === dims.length && shape.every((size, i) => size === dims[i])) continue
    const message = `${file.fileName} has "${name}" as ${dtype} [${shape.join(', ')}], not F32 [${dims.join(', ')}]`
    throw new CheckpointError('parameter-mismatch', message)
  }
  for (const [name, { data }] of Object.entries(targets)) {
    if (!(data instanceof Float32Array)) throw new BertkinError('dtype-mismatch', `"${name}" is not float32`)
    data.set(await file.readFloat32(name))
  }
}

const toWrite = (tensors: Readonly<Record<string, TensorData<Float32Array>>>) =>
  Object.entries(tensors).map(([name, { data, dims }]) => ({ name, dtype: 'F32' as const, shape: dims, data }))

/** Newer ones than `latest` can only be damaged: they were passed over, and do not count. */
async function removeOld(directory: string, latest: number, keep: number, best: number | undefined): Promise<void> {
  const present = (await listCheckpoints(directory)).filter(({ step }) => step <= latest)
  for (const { step, folder } of present.slice(Math.max(1, keep))) if (step !== best) await remove(directory, folder)
  await cleanUp(directory)
}

// Removing takes many steps; a kill between them must not leave half a checkpoint under a checkpoint's name.
async function remove(directory: string, folder: string): Promise<void> {
  const gone = join(directory, `.${basename(folder)}.removed`)
  await rm(gone, { recursive: true, force: true }).catch(() => undefined)
  await rename(folder, gone).catch(() => undefined)
  await rm(gone, { recursive: true, force: true }).catch(() => undefined)
}

/** One process at a time writes to a run, so whatever is unfinished was left by one that died. */
async function cleanUp(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const [, target, kind] = LEFTOVER.exec(name) ?? []
    if (target === undefined || kind === undefined) continue
    if (kind === 'bertkin-old') await recoverFolder(join(directory, target))
    else if ((await lstat(join(directory, name))).isDirectory()) {
      await rm(join(directory, name), { recursive: true, force: true }).catch(() => undefined)
    }
  }
}
