// How fast a run goes, and when it will be over.

import type { Runtime } from '../runtime/index.js'
import type { StepReport } from '../train/index.js'

/** How fast it goes. */
export interface Rate {
  readonly tokensPerSecond: number
  readonly secondsLeft: number
  /** Of what large matrix products reach on this machine, what the step's matrix products reached; 0 to 1. */
  readonly peakShare: number
  /** Floating-point operations of the step's matrix products. */
  readonly operations: number
}

/**
 * Speed and time left, from the last steps: what runs beside the training shows, what was long ago does not.
 *
 * @example
 * using runtime = await Runtime.open()
 * const meter = new RateMeter(1000, runtime, 1e11)
 */
export class RateMeter {
  readonly #recent: { readonly tokenCount: number; readonly seconds: number; readonly flops: number }[] = []
  #flopsBefore: number
  #peak: number

  /**
   * @param peak floating-point operations a second that the machine can do, as measured; a step that does more shows that
   *   it was busy with something else then
   */
  constructor(
    private readonly steps: number,
    private readonly runtime: Pick<Runtime, 'flops'>,
    peak: number,
  ) {
    this.#flopsBefore = runtime.flops
    this.#peak = peak
  }

  /** The next step begins; what was computed since the last one was an evaluation. */
  begin(): void {
    this.#flopsBefore = this.runtime.flops
  }

  /** @param mostSeconds when the run ends in any case */
  add({ tokenCount, seconds, step }: StepReport, mostSeconds: number): Rate {
    const operations = this.runtime.flops - this.#flopsBefore
    this.#peak = Math.max(this.#peak, operations / seconds)
    this.#recent.push({ tokenCount, seconds, flops: operations })
    if (this.#recent.length > 50) this.#recent.shift()
    const total = (field: 'tokenCount' | 'seconds' | 'flops'): number =>
      this.#recent.reduce((sum, { [field]: value }) => sum + value, 0)
    const secondsLeft = ((this.steps - step) * total('seconds')) / this.#recent.length
    return {
      tokensPerSecond: total('tokenCount') / total('seconds'),
      secondsLeft: Math.max(0, Math.min(secondsLeft, mostSeconds)),
      peakShare: total('flops') / total('seconds') / this.#peak,
      operations,
    }
  }
}
