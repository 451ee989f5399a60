// Seeded random numbers for data order, masking, initial weights and sampling: SplitMix64's little brother on
// 32-bit integers ("sfc32", Doty-Humphrey's PractRand), small enough to save and restore with a checkpoint.

/** What `Random.state` returns: four unsigned 32-bit integers. */
export type RandomState = readonly [number, number, number, number]

/**
 * A seeded stream of random numbers, the same on every machine. `state` can be saved and given back to `restore`.
 *
 * @example
 * const random = new Random(42)
 * random.uniform()   // in [0, 1)
 * random.below(6)    // 0, 1, … or 5
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter: number

  /** @param seed any integer; streams of different `stream` values under one seed are independent */
  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / 2 ** 32) >>> 0
    this.#c = stream >>> 0
    this.#counter = 1
    for (let i = 0; i < 15; i++) this.uint32()
  }

  /** A saved stream, where it stood. */
  static restore(state: RandomState): Random {
    const random = new Random(0)
    ;[random.#a, random.#b, random.#c, random.#counter] = state
    return random
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter]
  }

  /** A uniform integer in [0, 2³²). */
  uint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) >>> 0
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0
    this.#b = (this.#c + (this.#c << 3)) >>> 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) >>> 0
    return result >>> 0
  }

  /** A uniform number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.uint32() / 2 ** 32
  }

  /** A uniform integer in [0, bound), without modulo bias worth measuring (bound ≤ 2³²). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** A normal deviate with mean 0 and deviation 1 (Box and Muller's method, one of its two values). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / 2 ** 32))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Shuffles in place, every order equally likely (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]!
      items[i] = items[j]!
      items[j] = item
    }
    return items
  }
}
