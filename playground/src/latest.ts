// People type faster than models answer: only the newest question counts.

/** Which answer is still wanted. */
export interface Turn {
  /** Whether a newer question has come. */
  isOld(): boolean
}

/**
 * A function that runs `work` for the newest input: one at a time, and of those that wait only the last.
 *
 * @param pause milliseconds to wait for a newer one
 */
export function latest<Input>(work: (input: Input, turn: Turn) => Promise<void>, pause = 150): (input: Input) => void {
  let newest = 0
  let running = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (input) => {
    const own = ++newest
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(() => (own === newest ? work(input, { isOld: () => own !== newest }) : undefined))
    }, pause)
  }
}
