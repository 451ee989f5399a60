// The result of one conformance case, whatever its kind.

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
