// What is said when a run is resumed, beside what it was begun with.

import { resolve } from 'node:path'
import { BertkinError } from '../errors.js'

/** @throws {BertkinError} `option-invalid` for an `out` that is not the folder of the run that goes on */
export function checkOwnFolder(resume: string, out: string | undefined): void {
  if (out === undefined || resolve(out) === resolve(resume)) return
  throw new BertkinError('option-invalid', 'a run goes on in its own folder: leave --out away')
}

/**
 * Saved options with those that are given anew.
 *
 * @param mayChange whether the run's numbers do not depend on an option
 * @throws {BertkinError} `resume-mismatch` for an option that differs and may not
 */
export function mergeOptions<Options extends object>(
  saved: Options,
  given: Partial<Options>,
  mayChange: (key: string) => boolean,
): Options {
  const before = new Map<string, unknown>(Object.entries(saved))
  for (const [key, now] of Object.entries(given)) {
    if (mayChange(key) || JSON.stringify(before.get(key)) === JSON.stringify(now)) continue
    const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    const was = before.get(key) === undefined ? 'without it' : `with ${JSON.stringify(before.get(key))}`
    throw new BertkinError(
      'resume-mismatch',
      `${flag} ${JSON.stringify(now)}: the run was made ${was}. Leave it out to resume, or start anew in another folder`,
    )
  }
  return { ...saved, ...given }
}
