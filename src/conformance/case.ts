// What conformance cases of all kinds have in common: where they are, and what comes of one.

import { readdir } from 'node:fs/promises'

/** One line of a conformance run. */
export interface CaseResult {
  /** The case's name, as its folder is called. */
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** The largest error, where the case compares numbers. */
  readonly error?: number
  /** What a person should know: counts, the first difference, why it was skipped. */
  readonly detail?: string
}

/** The case folders below `goldenDir`, in order of name. What else lies there, a README say, is no case. */
export async function caseFolders(goldenDir: string): Promise<string[]> {
  const entries = await readdir(goldenDir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort()
}
