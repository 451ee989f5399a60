// How fast a download goes, by its last seconds: what was slow before does not count any more.

const SECONDS = 3

/** A download's speed. */
export class TransferRate {
  readonly #seen: { readonly bytes: number; readonly at: number }[] = []

  /**
   * @param bytes that are there now
   * @param at seconds on any clock
   * @returns bytes a second; 0 at the beginning
   */
  at(bytes: number, at: number = performance.now() / 1000): number {
    this.#seen.push({ bytes, at })
    while (this.#seen.length > 2 && this.#seen[1]!.at <= at - SECONDS) this.#seen.shift()
    const [first] = this.#seen
    return at > first!.at ? (bytes - first!.bytes) / (at - first!.at) : 0
  }
}
