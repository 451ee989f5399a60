// A shuffle for streams too long to hold. Windows of the stream are shuffled one by one; a saved place is then nothing
// but "so many items into the window that begins here", and resuming reads that window again and shuffles it again.

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import { mix } from './mix.js'
import type { Group, Source } from './source.js'

/** A place in a shuffled stream; plain JSON if P is. */
export interface ShufflePosition<P> {
  /** Where the source's window begins; null: at its beginning. */
  readonly start: P | null
  /** The window's number. */
  readonly window: number
  /** Items of the window already given. */
  readonly index: number
}

export interface ShuffleOptions {
  /** Items per window; 1 keeps the source's order. */
  readonly window: number
  readonly seed: number
}

/**
 * Shuffles a source in windows of at least `window` items (whole groups of the source), each item in its own group.
 *
 * Every item is given once, at most about `window` places from where it was. Each window's order depends on the seed
 * and the window's number only, so a resumed stream goes on with the same items in the same order. Memory and the work
 * of resuming: one window.
 *
 * @throws BertkinError 'option-invalid' if `window` is not a positive integer
 * @example
 * const numbers: Source<number, number> = {
 *   async *read(from = 0) { for (let i = from; i < 10; i++) yield { items: [i], position: i + 1 } },
 * }
 * for await (const { items } of shuffled(numbers, { window: 4, seed: 42 }).read()) console.log(items)
 */
export function shuffled<T, P>(source: Source<T, P>, options: ShuffleOptions): Source<T, ShufflePosition<P>> {
  const { window: size, seed } = options
  if (!Number.isInteger(size) || size < 1) {
    throw new BertkinError('option-invalid', `The shuffle window must be a positive integer, not ${size}.`)
  }

  type Place = ShufflePosition<P>

  /** Shuffles and gives one window, which begins at `place.start` and ends at `end`. */
  function* give(items: T[], place: Place, end: P): Generator<Group<T, Place>> {
    if (size > 1) new Random(mix(seed, place.window)).shuffle(items)
    for (let i = place.index; i < items.length; i++) {
      const last = i === items.length - 1
      yield { items: [items[i]!], position: last ? after(place, end) : { ...place, index: i + 1 } }
    }
  }
  const after = (place: Place, end: P): Place => ({ start: end, window: place.window + 1, index: 0 })

  return {
    async *read(from?: Place): AsyncGenerator<Group<T, Place>> {
      let place = from ?? { start: null, window: 0, index: 0 }
      let items: T[] = []
      let end = place.start
      for await (const group of source.read(place.start ?? undefined)) {
        for (const item of group.items) items.push(item)
        end = group.position
        if (items.length < size) continue
        yield* give(items, place, end)
        place = after(place, end)
        items = []
      }
      if (end !== null) yield* give(items, place, end)
    },
  }
}
