// JSON that an earlier process wrote down, as it comes back: it may have been damaged, or be of something else.

/** Each gives back what it was given if that is what it should be, and fails otherwise. */
export interface SavedJson {
  object(value: unknown, what: string): Record<string, unknown>
  number(value: unknown, what: string): number
  /** A whole number from 0 up. */
  count(value: unknown, what: string): number
  texts(value: unknown, what: string): readonly string[]
}

/**
 * Looks at saved JSON value by value.
 *
 * @param wrong throws an error that says what is wrong
 */
export function savedJson(wrong: (what: string) => never): SavedJson {
  return {
    object: (value, what) => (typeof value === 'object' && value !== null ? { ...value } : wrong(what)),
    number: (value, what) => (typeof value === 'number' && Number.isFinite(value) ? value : wrong(what)),
    count: (value, what) => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : wrong(what)),
    texts: (value, what) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : wrong(what),
  }
}
