// What the stages of the data pipeline are made of: streams that can be opened again at a saved place.

/** Items that belong together, and the place right after them. */
export interface Group<T, P> {
  readonly items: readonly T[]
  readonly position: P
}

/**
 * A stream of groups of items. `read(position)` gives exactly what an uninterrupted reading gives after the group with
 * that position; `position` is plain JSON.
 */
export interface Source<T, P> {
  read(from?: P): AsyncIterable<Group<T, P>>
}
