// How fast a run goes, and when it will be over.

import type { StepReport } from '../train/index.js'

/** How fast it goes. */
export interface Rate {
  readonly tokensPerSecond: number
  readonly secondsLeft: number
}

/** Tokens a second and time left, from the last steps: what runs beside the training shows, what was long ago does not. */
export class RateMeter {
  readonly #recent: { readonly tokenCount: number; readonly seconds: number }[] = []

  constructor(private readonly steps: number) {}

  /** @param mostSeconds when the run ends in any case */
  add({ tokenCount, seconds, step }: StepReport, mostSeconds: number): Rate {
    this.#recent.push({ tokenCount, seconds })
    if (this.#recent.length > 50) this.#recent.shift()
    const total = this.#recent.reduce((sum, { seconds: s }) => sum + s, 0)
    const tokens = this.#recent.reduce((sum, { tokenCount: t }) => sum + t, 0)
    const secondsLeft = ((this.steps - step) * total) / this.#recent.length
    return { tokensPerSecond: tokens / total, secondsLeft: Math.max(0, Math.min(secondsLeft, mostSeconds)) }
  }
}
