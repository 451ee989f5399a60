// What a trainer must remember, beside its parameters and its optimizer's buffers, to go on exactly where it stopped.

import { CheckpointError } from '../checkpoint/index.js'

/** Where a run stands, right after a step; plain JSON. */
export interface TrainerState {
  /** Steps made, skipped ones included. */
  readonly step: number
  /** Steps that changed nothing because loss or gradients were not finite: in all, and in a row up to here. */
  readonly skipped: number
  readonly skippedInARow: number
  /** The optimizer's own count. */
  readonly optimizerSteps: number
  /** Where the data goes on, as the batches said; undefined if they did not. */
  readonly position: unknown
}

export const initialState: TrainerState = {
  step: 0,
  skipped: 0,
  skippedInARow: 0,
  optimizerSteps: 0,
  position: undefined,
}

/**
 * A state as it was read from a file.
 *
 * @param name what messages call the file
 * @throws {CheckpointError} `file-malformed` if it is none
 */
export function parseTrainerState(value: unknown, name: string): TrainerState {
  const counts = ['step', 'skipped', 'skippedInARow', 'optimizerSteps'] as const
  const fields: Partial<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const isCount = (field: unknown): field is number => Number.isSafeInteger(field) && Number(field) >= 0
  const wrong = counts.find((key) => !isCount(fields[key]))
  if (wrong) throw new CheckpointError('file-malformed', `${name} has no valid "${wrong}": it is not a trainer's state`)
  const [step, skipped, skippedInARow, optimizerSteps] = counts.map((key) => Number(fields[key]))
  return {
    step: step!,
    skipped: skipped!,
    skippedInARow: skippedInARow!,
    optimizerSteps: optimizerSteps!,
    position: fields.position,
  }
}
