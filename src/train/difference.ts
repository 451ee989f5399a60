// What two descriptions differ in: for saying why a run cannot be resumed with other settings.

/** The first place where two values of plain JSON differ, and what is there; undefined if they are equal. */
export interface Difference {
  /** Keys from the outside to the inside, joined by dots; '' for the values themselves. */
  readonly path: string
  readonly saved: unknown
  readonly now: unknown
}

/**
 * Compares as JSON would write the values: what is undefined is not there. Depth is bounded by that of `now`.
 *
 * @example
 * firstDifference({ seed: 1, optimizer: { name: 'lamb' } }, { seed: 1, optimizer: { name: 'adamw' } })?.path // 'optimizer.name'
 */
export function firstDifference(saved: unknown, now: unknown, path = ''): Difference | undefined {
  if (isObject(saved) && isObject(now)) {
    for (const key of new Set([...Object.keys(now), ...Object.keys(saved)])) {
      const inner = path === '' ? key : `${path}.${key}`
      const found = firstDifference(own(saved, key), own(now, key), inner)
      if (found) return found
    }
    return Array.isArray(saved) === Array.isArray(now) ? undefined : { path, saved, now }
  }
  return Object.is(plain(saved), plain(now)) ? undefined : { path, saved, now }
}

/** A value of a difference for a message: on one line, and not too long. */
export function shortly(value: unknown): string {
  if (value === undefined) return 'none'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const own = (object: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Numbers that JSON does not have are written as null; −0 as 0. */
const plain = (value: unknown): unknown =>
  typeof value === 'number' ? (Number.isFinite(value) ? value + 0 : null) : value
