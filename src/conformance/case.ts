// What conformance cases of all kinds have in common. They are read through folders, so that the same checks are gone
// through in Node and in a browser.

import { CheckpointError, type Folder } from '../checkpoint/index.js'

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

export const failed = (name: string, detail: string, error?: number): CaseResult => ({
  name,
  status: 'failed',
  detail,
  ...(error !== undefined && { error }),
})

/** What a case says of itself. */
export async function readCase<Case>(folder: Folder, fileName: string): Promise<Case> {
  const text = await folder.readText(fileName)
  if (text === undefined) throw new CheckpointError('file-missing', `${folder.name} has no ${fileName}`)
  return JSON.parse(text) as Case
}

/** A folder in a folder. */
export function within({ name, open, readText }: Folder, inner: string): Folder {
  const path = (file: string): string => `${inner}/${file}`
  return { name: `${name}/${inner}`, open: (file) => open(path(file)), readText: (file) => readText(path(file)) }
}
